/** One service of the sandbox's GitOps repository, already on the route-weighted template and at rest. */
export type FleetService = {
  readonly name: string;
  /** Several have a folder each, `apps/<name>/<target>/`; a single one's files lie in `apps/<name>/`. */
  readonly targets: readonly FleetTarget[];
  readonly image: string;
  readonly replicas: number;
  /** The commit that the template is pinned to. */
  readonly revision: string;
};

export type FleetTarget = { readonly name: string; readonly namespace: string };

/** Where the files of a place live: of a service, or of a target of one that has several, `shop/prod-eu`. */
export function pathsOf(place: string): {
  readonly canary: string;
  readonly stable: string;
  readonly route: string;
  readonly state: string;
} {
  return {
    canary: `apps/${place}/deployment.yaml`,
    stable: `apps/${place}/tidegate/stable.yaml`,
    route: `apps/${place}/tidegate/route.yaml`,
    state: `.tidegate/services/${serviceOf(place)}.yaml`,
  };
}

/** The service of a place. */
export function serviceOf(place: string): string {
  return place.split("/")[0] ?? place;
}

/** The places of a service, one a target. */
export function placesOf({ name, targets }: Pick<FleetService, "name" | "targets">): readonly string[] {
  return targets.map((target) => placeOf(name, target, targets.length));
}

function placeOf(name: string, target: FleetTarget, of: number): string {
  return of === 1 ? name : `${name}/${target.name}`;
}

/** The files of one service: what its people own, what Tidegate owns, and its state. */
export function filesOf(service: FleetService): ReadonlyMap<string, string> {
  const { name, targets, image, replicas } = service;
  const files = targets.flatMap((target) => {
    const place = placeOf(name, target, targets.length);
    const paths = pathsOf(place);
    const instance: Instance = { name, namespace: target.namespace, image, replicas };
    return [
      [paths.canary, canaryOf(instance)],
      [`apps/${place}/services.yaml`, servicesOf(instance)],
      [paths.stable, stableOf(instance)],
      [paths.route, routeOf(instance)],
    ] as const;
  });
  return new Map([...files, [pathsOf(name).state, stateOf(service)]]);
}

type Instance = Pick<FleetService, "name" | "image" | "replicas"> & { readonly namespace: string };

function canaryOf({ name, namespace, image }: Instance): string {
  return `# The version that is bumped here runs as the canary; stable is pinned in tidegate/stable.yaml.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}-canary
  namespace: ${namespace}
  labels: { app: ${name}, track: canary }
spec:
  replicas: 0 # Tidegate's
  selector:
    matchLabels: { app: ${name}, track: canary }
  template:
    metadata:
      labels: { app: ${name}, track: canary }
${podOf(name, image)}`;
}

function stableOf({ name, namespace, image, replicas }: Instance): string {
  return `# Written by Tidegate.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: { app: ${name}, track: stable }
spec:
  replicas: ${replicas}
  selector:
    matchLabels: { app: ${name}, track: stable }
  template:
    metadata:
      labels: { app: ${name}, track: stable }
${podOf(name, image)}`;
}

function podOf(name: string, image: string): string {
  return `    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports:
            - { name: http, containerPort: 8080 }
          readinessProbe:
            httpGet: { path: /healthz, port: http }
          resources:
            requests: { cpu: 250m, memory: 256Mi }
`;
}

function servicesOf({ name, namespace }: Instance): string {
  return [name, `${name}-canary`]
    .map(
      (service, index) => `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: ${namespace}
spec:
  selector: { app: ${name}, track: ${index === 0 ? "stable" : "canary"} }
  ports:
    - { name: http, port: 80, targetPort: http }
`,
    )
    .join("---\n");
}

function routeOf({ name, namespace }: Instance): string {
  return `# Written by Tidegate.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  parentRefs:
    - name: public
  hostnames:
    - ${name}.shop.example.com
  rules:
    - backendRefs:
        - name: ${name}
          port: 80
          weight: 100
        - name: ${name}-canary
          port: 80
          weight: 0
`;
}

function stateOf({ name, targets, image, revision }: FleetService): string {
  const places = placesOf({ name, targets }).map((place) => ({ place, ...pathsOf(place) }));
  const sorted = targets.toSorted((one, two) => (one.name < two.name ? -1 : 1));
  const entries = sorted.map((target) => targetOf(name, target, { of: targets.length, image }));
  return `# Written by Tidegate.
version: 1
template: { name: canary-gateway-api, revision: ${revision} }
owned:
${places.map(({ place }) => `  - apps/${place}/tidegate/\n`).join("")}claims:
${places.map(({ canary }) => `  - { path: ${canary}, at: spec.replicas }\n`).join("")}targets:
${entries.join("")}blocked: []
holds: []
heard: 0
`;
}

type Rest = { readonly of: number; readonly image: string };

function targetOf(name: string, target: FleetTarget, { of, image }: Rest): string {
  const { canary, stable, route } = pathsOf(placeOf(name, target, of));
  return `  ${target.name}:
    namespace: ${target.namespace}
    manifests: { canary: ${canary}, stable: ${stable}, route: ${route} }
    arms: { canary: ${name}-canary, stable: ${name} }
    weight: 0
    stable: "${image}"
`;
}
