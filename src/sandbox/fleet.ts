/** One service of the sandbox's GitOps repository, already on the route-weighted template and at rest. */
export type FleetService = {
  readonly name: string;
  readonly namespace: string;
  readonly target: string;
  readonly image: string;
  readonly replicas: number;
  /** The commit that the template is pinned to. */
  readonly revision: string;
};

/** Where the files of a service live. */
export function pathsOf(name: string): {
  readonly canary: string;
  readonly stable: string;
  readonly route: string;
  readonly state: string;
} {
  return {
    canary: `apps/${name}/deployment.yaml`,
    stable: `apps/${name}/tidegate/stable.yaml`,
    route: `apps/${name}/tidegate/route.yaml`,
    state: `.tidegate/services/${name}.yaml`,
  };
}

/** The files of one service: what its people own, what Tidegate owns, and its state. */
export function filesOf(service: FleetService): ReadonlyMap<string, string> {
  const paths = pathsOf(service.name);
  return new Map([
    [paths.canary, canaryOf(service)],
    [`apps/${service.name}/services.yaml`, servicesOf(service)],
    [paths.stable, stableOf(service)],
    [paths.route, routeOf(service)],
    [paths.state, stateOf(service)],
  ]);
}

function canaryOf({ name, namespace, image }: FleetService): string {
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

function stableOf({ name, namespace, image, replicas }: FleetService): string {
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

function servicesOf({ name, namespace }: FleetService): string {
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

function routeOf({ name, namespace }: FleetService): string {
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

function stateOf({ name, namespace, target, image, revision }: FleetService): string {
  const { canary, stable, route } = pathsOf(name);
  return `# Written by Tidegate.
version: 1
template: { name: canary-gateway-api, revision: ${revision} }
owned:
  - apps/${name}/tidegate/
claims:
  - { path: ${canary}, at: spec.replicas }
targets:
  ${target}:
    namespace: ${namespace}
    manifests:
      canary: ${canary}
      stable: ${stable}
      route: ${route}
    arms: { canary: ${name}-canary, stable: ${name} }
    weight: 0
    stable: "${image}"
blocked: []
holds: []
heard: 0
`;
}
