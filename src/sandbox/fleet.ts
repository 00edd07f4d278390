import { ROUTES, type RouteKind } from "./fleet-routes.ts";

/** One service of the sandbox's GitOps repository, already on the route-weighted template and at rest. */
export type FleetService = {
  readonly name: string;
  readonly kind: RouteKind;
  /** Several have a folder each, `apps/<name>/<target>/`; a single one's files lie in `apps/<name>/`. */
  readonly targets: readonly FleetTarget[];
  readonly image: string;
  readonly replicas: number;
  /** The commit that the template is pinned to. */
  readonly revision: string;
};

export type FleetTarget = { readonly name: string; readonly namespace: string };

/** Where the files of a place live, whatever splits its traffic: of a service, or of a target of one that has several, `shop/prod-eu`. */
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
  const files = service.targets.flatMap((target) => targetFiles(service, target));
  return new Map([...files, [pathsOf(service.name).state, stateOf(service)]]);
}

function targetFiles(
  { name, kind, targets, image, replicas }: FleetService,
  target: FleetTarget,
): readonly (readonly [path: string, text: string])[] {
  const place = placeOf(name, target, targets.length);
  const { canary, stable, route } = pathsOf(place);
  const instance: Instance = { name, namespace: target.namespace, image, replicas };
  const beside = Object.entries(ROUTES[kind].beside(instance));
  const own = ROUTES[kind].workloads?.(instance) ?? { canary: canaryOf(instance), stable: stableOf(instance) };
  return [
    [canary, own.canary],
    ...beside.map(([file, text]) => [`apps/${place}/${file}`, text] as const),
    [stable, own.stable],
    [route, ROUTES[kind].route(instance)],
  ];
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

function stateOf(service: FleetService): string {
  const { kind, targets, revision } = service;
  const places = placesOf(service).map((place) => ({ place, ...pathsOf(place) }));
  const claims = ROUTES[kind].workloads === undefined ? places : [];
  const sorted = targets.toSorted((one, two) => (one.name < two.name ? -1 : 1));
  return `# Written by Tidegate.
version: 1
template: { name: ${ROUTES[kind].template}, revision: ${revision} }
owned:
${places.map(({ place }) => `  - apps/${place}/tidegate/\n`).join("")}claims:${claims.length === 0 ? " []" : ""}
${claims.map(({ canary }) => `  - { path: ${canary}, at: spec.replicas }\n`).join("")}targets:
${sorted.map((target) => targetOf(service, target)).join("")}blocked: []
holds: []
heard: 0
`;
}

function targetOf({ name, kind, targets, image }: FleetService, target: FleetTarget): string {
  const { canary, stable, route } = pathsOf(placeOf(name, target, targets.length));
  const { router, arms } = ROUTES[kind].state(name);
  const lines = [
    `namespace: ${target.namespace}`,
    ...router,
    `manifests: { canary: ${canary}, stable: ${stable}, route: ${route} }`,
    `arms: ${arms}`,
    "weight: 0",
    `stable: "${image}"`,
  ];
  return `  ${target.name}:\n${lines.map((line) => `    ${line}\n`).join("")}`;
}
