import { ROUTER_KINDS, type RouterKind } from "../core/state.ts";
import { armsText, twoArms, twoServices, type ArmNames, type Routed, type RouteShape } from "./routed.ts";

/** Kinds of routes that look alike but for their words, called as a service's state calls them. */
export type MeshKind = Exclude<RouterKind, "HTTPRoute" | "VirtualService" | "Ingress">;

/** What an object of a kind is, and its spec with the two arms' weights at rest, each on a line of its own. */
type Shape = { readonly api: string; readonly kind: string; readonly spec: (of: Routed & ArmNames) => string };

/** The lines of a list's two items at rest; `item` is one without its weight, its further lines indented as in an item. */
function pair(indent: number, { canary, stable }: ArmNames, item: (service: string) => string): string {
  return [`- ${item(stable)}\n  weight: 100`, `- ${item(canary)}\n  weight: 0`]
    .flatMap((text) => text.split("\n"))
    .map((line) => `${" ".repeat(indent)}${line}\n`)
    .join("");
}

const port = (service: string) => `name: ${service}\n  port: 80`;

const rules = (api: string, kind: string): Shape => ({
  api,
  kind,
  spec: (of) => `  parentRefs: [{ name: public }]\n  rules:\n    - backendRefs:\n${pair(8, of, port)}`,
});

const MULTI = (indent: number, arms: ArmNames, item: (service: string) => string) =>
  `${" ".repeat(indent)}- routeAction:\n${" ".repeat(indent + 4)}multi:\n${" ".repeat(indent + 6)}destinations:\n${pair(indent + 8, arms, item)}`;

const SHAPES: { readonly [kind in Exclude<MeshKind, "ALBIngress" | "SkipperIngress" | "Mapping">]: Shape } = {
  GRPCRoute: rules("gateway.networking.k8s.io/v1", "GRPCRoute"),
  TLSRoute: rules("gateway.networking.k8s.io/v1alpha2", "TLSRoute"),
  TCPRoute: rules("gateway.networking.k8s.io/v1alpha2", "TCPRoute"),
  TrafficSplit: {
    api: "split.smi-spec.io/v1alpha4",
    kind: "TrafficSplit",
    spec: ({ name, ...of }) => `  service: ${name}\n  backends:\n${pair(4, of, (service) => `service: ${service}`)}`,
  },
  TraefikService: {
    api: "traefik.io/v1alpha1",
    kind: "TraefikService",
    spec: (of) => `  weighted:\n    services:\n${pair(6, of, port)}`,
  },
  IngressRoute: {
    api: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    spec: (of) => `  routes:\n    - match: PathPrefix(\`/\`)\n      kind: Rule\n      services:\n${pair(8, of, port)}`,
  },
  HTTPProxy: {
    api: "projectcontour.io/v1",
    kind: "HTTPProxy",
    spec: (of) =>
      `  virtualhost: { fqdn: ${of.name}.shop.example.com }\n  routes:\n    - services:\n${pair(8, of, port)}`,
  },
  ApisixRoute: {
    api: "apisix.apache.org/v2",
    kind: "ApisixRoute",
    spec: (of) =>
      `  http:\n    - name: all\n      match: { paths: ["/*"] }\n      backends:\n${pair(8, of, (service) => `serviceName: ${service}\n  servicePort: 80`)}`,
  },
  VirtualRouter: {
    api: "appmesh.k8s.aws/v1beta2",
    kind: "VirtualRouter",
    spec: (of) =>
      `  routes:\n    - name: all\n      httpRoute:\n        match: { prefix: / }\n        action:\n          weightedTargets:\n${pair(12, of, (service) => `virtualNodeRef: { name: ${service} }`)}`,
  },
  OpenShiftRoute: {
    api: "route.openshift.io/v1",
    kind: "Route",
    spec: ({ canary, stable }) =>
      `  to:\n    kind: Service\n    name: ${stable}\n    weight: 100\n  alternateBackends:\n    - kind: Service\n      name: ${canary}\n      weight: 0\n`,
  },
  ServiceSplitter: {
    api: "consul.hashicorp.com/v1alpha1",
    kind: "ServiceSplitter",
    spec: (of) => `  splits:\n${pair(4, of, (service) => `service: ${service}`)}`,
  },
  TrafficRoute: {
    api: "kuma.io/v1alpha1",
    kind: "TrafficRoute",
    spec: (of) =>
      `  conf:\n    split:\n${pair(6, of, (service) => `destination: { kuma.io/service: ${service}_${of.namespace}_svc_80 }`)}`,
  },
  MeshHTTPRoute: {
    api: "kuma.io/v1alpha1",
    kind: "MeshHTTPRoute",
    spec: (of) =>
      `  to:\n    - targetRef: { kind: MeshService, name: ${of.name} }\n      rules:\n        - default:\n            backendRefs:\n${pair(14, of, (service) => `kind: MeshService\n  ${port(service)}`)}`,
  },
  GlooVirtualService: {
    api: "gateway.solo.io/v1",
    kind: "VirtualService",
    spec: (of) =>
      `  virtualHost:\n    routes:\n${MULTI(6, of, (service) => `destination: { upstream: { name: ${of.namespace}-${service}-80, namespace: gloo-system } }`)}`,
  },
  GlooRouteTable: {
    api: "gateway.solo.io/v1",
    kind: "RouteTable",
    spec: (of) =>
      `  routes:\n${MULTI(4, of, (service) => `destination: { kube: { ref: { name: ${service}, namespace: ${of.namespace} }, port: 80 } }`)}`,
  },
  UpstreamGroup: {
    api: "gloo.solo.io/v1",
    kind: "UpstreamGroup",
    spec: (of) =>
      `  destinations:\n${pair(4, of, (service) => `destination: { upstream: { name: ${of.namespace}-${service}-80, namespace: gloo-system } }`)}`,
  },
  GlooMeshRouteTable: {
    api: "networking.gloo.solo.io/v2",
    kind: "RouteTable",
    spec: (of) =>
      `  http:\n    - forwardTo:\n        destinations:\n${pair(10, of, (service) => `ref: { name: ${service}, namespace: ${of.namespace} }`)}`,
  },
};

export const MESH_KINDS: readonly MeshKind[] = ROUTER_KINDS.filter(
  (kind) => kind !== "HTTPRoute" && kind !== "VirtualService" && kind !== "Ingress",
);

export const MESH_ROUTES: { readonly [kind in MeshKind]: RouteShape } = {
  GRPCRoute: shapeOf("GRPCRoute"),
  TLSRoute: shapeOf("TLSRoute"),
  TCPRoute: shapeOf("TCPRoute"),
  ALBIngress: shapeOf("ALBIngress"),
  SkipperIngress: shapeOf("SkipperIngress"),
  TrafficSplit: shapeOf("TrafficSplit"),
  TraefikService: shapeOf("TraefikService"),
  IngressRoute: shapeOf("IngressRoute"),
  HTTPProxy: shapeOf("HTTPProxy"),
  ApisixRoute: shapeOf("ApisixRoute"),
  Mapping: shapeOf("Mapping"),
  VirtualRouter: shapeOf("VirtualRouter"),
  OpenShiftRoute: shapeOf("OpenShiftRoute"),
  ServiceSplitter: shapeOf("ServiceSplitter"),
  TrafficRoute: shapeOf("TrafficRoute"),
  MeshHTTPRoute: shapeOf("MeshHTTPRoute"),
  GlooVirtualService: shapeOf("GlooVirtualService"),
  GlooRouteTable: shapeOf("GlooRouteTable"),
  UpstreamGroup: shapeOf("UpstreamGroup"),
  GlooMeshRouteTable: shapeOf("GlooMeshRouteTable"),
};

function shapeOf(kind: MeshKind): RouteShape {
  return {
    called: kind,
    template: `canary-${kind.toLowerCase()}`,
    route: (of) => meshRoute(kind, { ...of, ...twoArms(of.name) }),
    beside: (of) => ({ ...twoServices(of), ...(kind === "Mapping" ? { "mapping.yaml": mainMapping(of) } : {}) }),
    state: (name) => ({ router: [`router: ${kind}`], arms: armsText(name) }),
    arms: twoArms,
  };
}

/** The route of a kind at rest. */
export function meshRoute(kind: MeshKind, of: Routed & ArmNames): string {
  switch (kind) {
    case "ALBIngress":
      return ingress(of, [
        "alb.ingress.kubernetes.io/actions.all",
        `{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"${of.stable}","ServicePort":"80","Weight":100},{"ServiceName":"${of.canary}","ServicePort":"80","Weight":0}]}}`,
        ["all"],
      ]);
    case "SkipperIngress":
      return ingress(of, [
        "zalando.org/backend-weights",
        `{"${of.stable}": 100, "${of.canary}": 0}`,
        [of.stable, of.canary],
      ]);
    case "Mapping":
      return `# Written by Tidegate.\n${mapping(of, `${of.name}-canary`, of.canary)}  weight: 0\n`;
    default:
      return object(SHAPES[kind], of);
  }
}

/** Stable's Mapping, which its people own. */
export function mainMapping(of: Routed): string {
  return mapping(of, of.name, of.name);
}

function object({ api, kind, spec }: Shape, of: Routed & ArmNames): string {
  return `# Written by Tidegate.
apiVersion: ${api}
kind: ${kind}
metadata:
  name: ${of.name}
  namespace: ${of.namespace}
spec:
${spec(of)}`;
}

function mapping({ namespace }: Routed, name: string, service: string): string {
  return `apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hostname: "${name.replace(/-canary$/, "")}.shop.example.com"
  prefix: /
  service: ${service}.${namespace}:80
`;
}

function ingress(
  { name, namespace }: Routed,
  [key, json, services]: readonly [key: string, json: string, services: readonly string[]],
): string {
  const paths = services.map(
    (service) => `          - path: /
            pathType: Prefix
            backend: { service: { name: ${service}, port: { number: 80 } } }
`,
  );
  return `# Written by Tidegate.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations:
    ${key}: '${json}'
spec:
  rules:
    - host: ${name}.shop.example.com
      http:
        paths:
${paths.join("")}`;
}
