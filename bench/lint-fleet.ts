/** Files of a repository, by their paths. */
export type Fleet = ReadonlyMap<string, string>;

/** Each service's folder by itself, or 2,000 of them by one kustomization (more objects than 20,000 are not read of one). */
export type Delivered = "apart" | "together";

const NAMESPACE = "shop";

/** What a service has besides its workload, its Service and its autoscaler. */
const KINDS: readonly ((name: string) => Fleet)[] = [istio, gateway, ingress, rollout, flagger, application, member];

const MOST_TOGETHER = 2_000;

/** Every such service has a route besides that sends to a Service which is not there. */
const EACH_WRONG = 20;

/**
 * A repository of services in one namespace: a folder each, with a kustomization, routes, autoscalers and controllers of seven kinds (services under Tidegate
 * are one), and a wrong host now and then. Each folder is delivered by itself, or all of them by one kustomization.
 */
export function lintFleet(services: number, delivered: Delivered): Fleet {
  const names = Array.from({ length: services }, (_, index) => nameOf(index));
  const files = new Map(names.flatMap((name, index) => [...serviceFiles(name, index)]));
  if (delivered === "apart") return files;
  const parts = Array.from({ length: Math.ceil(services / MOST_TOGETHER) }, (_, part) => {
    const own = names.slice(part * MOST_TOGETHER, (part + 1) * MOST_TOGETHER);
    return [`clusters/part-${part}/kustomization.yaml`, listing(own.map((name) => `../../apps/${name}`))] as const;
  });
  return new Map([...files, ...parts]);
}

/** The wrong hosts of a fleet, as many as the linter is to find. */
export function wrongHosts(services: number): number {
  return Math.ceil(services / EACH_WRONG);
}

function nameOf(index: number): string {
  return `${["cart", "checkout", "search", "ledger", "mail"][index % 5]}-${index}`;
}

function listing(paths: readonly string[]): string {
  return `namespace: ${NAMESPACE}\nresources:\n${paths.map((path) => `  - ${path}\n`).join("")}`;
}

function serviceFiles(name: string, index: number): Fleet {
  const own = (KINDS[index % KINDS.length] ?? istio)(name);
  const more = index % EACH_WRONG === 0 ? new Map([["missing.yaml", route(name, `${name}x`, "missing")]]) : [];
  const files = new Map([...base(name, own.has("rollout.yaml")), ...own, ...more]);
  const listed = [...files.keys()].filter((path) => path !== "application.yaml" && !path.startsWith("."));
  const all = [...files, ["kustomization.yaml", listing(listed)] as const];
  return new Map(all.map(([path, text]) => [path.startsWith(".") ? path : `apps/${name}/${path}`, text]));
}

function base(name: string, isRollout: boolean): Fleet {
  const scales = isRollout
    ? { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" }
    : { apiVersion: "apps/v1", kind: "Deployment" };
  const service = `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: http }
`;
  const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: ${name} }
spec:
  scaleTargetRef: { apiVersion: ${scales.apiVersion}, kind: ${scales.kind}, name: ${name} }
  minReplicas: 2
  maxReplicas: 8
`;
  const workload = isRollout ? [] : ([["deployment.yaml", pods(name, scales, "")]] as const);
  return new Map([...workload, ["service.yaml", service], ["autoscaler.yaml", autoscaler]]);
}

function pods(
  name: string,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  more: string,
) {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
spec:
${more}  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name}, version: v1 }
    spec:
      containers:
        - name: app
          image: registry.example.com/${name}:1.0.0
          ports:
            - { name: http, containerPort: 8080 }
`;
}

function virtualService(name: string, backends: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}]
  http:
    - name: primary
      route:
${backends}`;
}

function istio(name: string): Fleet {
  const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
  subsets:
    - { name: v1, labels: { version: v1 } }
`;
  const route = virtualService(name, `        - { destination: { host: ${name}, subset: v1 }, weight: 100 }\n`);
  return new Map([
    ["route.yaml", route],
    ["rule.yaml", rule],
  ]);
}

function route(name: string, service: string, suffix = "route"): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}-${suffix} }
spec:
  parentRefs: [{ name: public }]
  hostnames: [${name}.example.com]
  rules:
    - backendRefs:
        - { name: ${service}, port: 80, weight: 100 }
`;
}

function gateway(name: string): Fleet {
  return new Map([["route.yaml", route(name, name)]]);
}

function ingress(name: string): Fleet {
  const text = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }
`;
  return new Map([["ingress.yaml", text]]);
}

function rollout(name: string): Fleet {
  const strategy = `  strategy:
    canary:
      canaryService: ${name}-canary
      stableService: ${name}
      trafficRouting:
        istio: { virtualService: { name: ${name}, routes: [primary] } }
      steps:
        - setWeight: 5
        - pause: { duration: 10m }
`;
  const canary = `apiVersion: v1
kind: Service
metadata: { name: ${name}-canary }
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: http }
`;
  const backends = [
    `        - { destination: { host: ${name} }, weight: 100 }\n`,
    `        - { destination: { host: ${name}-canary }, weight: 0 }\n`,
  ];
  return new Map([
    ["rollout.yaml", pods(name, { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" }, strategy)],
    ["canary-service.yaml", canary],
    ["route.yaml", virtualService(name, backends.join(""))],
  ]);
}

function flagger(name: string): Fleet {
  const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: ${name} }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }
  service: { port: 80 }
  analysis: { interval: 1m, threshold: 5, maxWeight: 50, stepWeight: 10 }
`;
  return new Map([["canary.yaml", canary]]);
}

function application(name: string): Fleet {
  const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: default
  source: { repoURL: "https://git.example.com/acme/gitops.git", path: apps/${name} }
  destination: { server: "https://kubernetes.default.svc", namespace: ${NAMESPACE} }
  ignoreDifferences:
    - { group: apps, kind: Deployment, jsonPointers: [/spec/replicas] }
`;
  return new Map([["application.yaml", text]]);
}

/** A service under Tidegate: a canary without pods beside it, a route for both, and its state. */
function member(name: string): Fleet {
  const canary = `${name}-canary`;
  const service = `apiVersion: v1
kind: Service
metadata: { name: ${canary} }
spec:
  selector: { app: ${canary} }
  ports:
    - { name: http, port: 80, targetPort: http }
`;
  const shared = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${NAMESPACE} }
spec:
  parentRefs: [{ name: public }]
  rules:
    - backendRefs:
        - { name: ${name}, port: 80, weight: 100 }
        - { name: ${canary}, port: 80, weight: 0 }
`;
  const idle = pods(canary, { apiVersion: "apps/v1", kind: "Deployment" }, "  replicas: 0\n");
  const state = `version: 1
template: { name: canary-gateway-api, revision: ${"4f1c".padEnd(40, "0")} }
owned: [apps/${name}/tidegate/]
claims: []
targets:
  prod:
    namespace: ${NAMESPACE}
    manifests:
      canary: apps/${name}/tidegate/canary.yaml
      stable: apps/${name}/deployment.yaml
      route: apps/${name}/tidegate/route.yaml
    arms: { canary: ${canary}, stable: ${name} }
    weight: 0
    stable: "registry.example.com/${name}:1.0.0"
blocked: []
holds: []
heard: 0
`;
  return new Map([
    ["tidegate/canary.yaml", idle],
    ["tidegate/services.yaml", service],
    ["tidegate/route.yaml", shared],
    [`.tidegate/services/${name}.yaml`, state],
  ]);
}
