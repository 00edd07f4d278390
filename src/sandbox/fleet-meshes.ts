import { ROUTER_KINDS, type RouterKind } from "../core/state.ts";
import { armsText, twoArms, twoServices, type ArmNames, type Routed, type RouteShape } from "./routed.ts";

/** Kinds of routes that look alike but for their words, called as a service's state calls them; Knative's leads to no Services. */
export type MeshKind = Exclude<RouterKind, "HTTPRoute" | "VirtualService" | "Ingress" | "KnativeRoute">;

/** Some of these, with a rule for testers before the one for everybody. */
export type TestedMeshKind =
  `${"GRPCRoute" | "ALBIngress" | "SkipperIngress" | "IngressRoute" | "HTTPProxy" | "ApisixRoute" | "VirtualRouter" | "MeshHTTPRoute" | "GlooVirtualService" | "GlooRouteTable" | "GlooMeshRouteTable"}Tested`;

/** What an object of a kind is, and its spec with the two arms' weights at rest, each on a line of its own. */
type Shape = {
  readonly api: string;
  readonly kind: string;
  /** The spec before its rules. */
  readonly head: (of: Routed) => string;
  /** A rule; `asks` is nothing, or `testers`. */
  readonly rule: (of: Routed & ArmNames, asks: string) => string;
  /** What a rule for testers says more than one for everybody; absent where a kind has none. */
  readonly testers?: string;
};

/** The lines of a list's two items at rest; `item` is one without its weight, its further lines indented as in an item. */
function pair(indent: number, { canary, stable }: ArmNames, item: (service: string) => string): string {
  return [`- ${item(stable)}\n  weight: 100`, `- ${item(canary)}\n  weight: 0`]
    .flatMap((text) => text.split("\n"))
    .map((line) => `${" ".repeat(indent)}${line}\n`)
    .join("");
}

const port = (service: string) => `name: ${service}\n  port: 80`;

const gateway = (api: string, kind: string): Shape => ({
  api,
  kind,
  head: () => `  parentRefs: [{ name: public }]\n  rules:\n`,
  rule: (of, asks) => `    - ${asks}backendRefs:\n${pair(8, of, port)}`,
});

const gloo = (indent: number, head: string, item: (of: Routed) => (service: string) => string) => ({
  api: "gateway.solo.io/v1",
  head: () => head,
  rule: (of: Routed & ArmNames, asks: string) => {
    const [at, within] = [" ".repeat(indent), " ".repeat(indent + 4)];
    return `${at}- ${asks}routeAction:\n${within}multi:\n${within}  destinations:\n${pair(indent + 8, of, item(of))}`;
  },
  testers: `matchers: [{ prefix: /, headers: [{ name: x-tester, value: "yes" }] }]\n${" ".repeat(indent + 2)}`,
});

const upstream =
  ({ namespace }: Routed) =>
  (service: string) =>
    `destination: { upstream: { name: ${namespace}-${service}-80, namespace: gloo-system } }`;

const SHAPES: { readonly [kind in Exclude<MeshKind, "ALBIngress" | "SkipperIngress" | "Mapping">]: Shape } = {
  GRPCRoute: {
    ...gateway("gateway.networking.k8s.io/v1", "GRPCRoute"),
    testers: 'matches: [{ headers: [{ name: x-tester, value: "yes" }] }]\n      ',
  },
  TLSRoute: gateway("gateway.networking.k8s.io/v1alpha2", "TLSRoute"),
  TCPRoute: gateway("gateway.networking.k8s.io/v1alpha2", "TCPRoute"),
  TrafficSplit: {
    api: "split.smi-spec.io/v1alpha4",
    kind: "TrafficSplit",
    head: ({ name }) => `  service: ${name}\n  backends:\n`,
    rule: (of) => pair(4, of, (service) => `service: ${service}`),
  },
  TraefikService: {
    api: "traefik.io/v1alpha1",
    kind: "TraefikService",
    head: () => `  weighted:\n    services:\n`,
    rule: (of) => pair(6, of, port),
  },
  IngressRoute: {
    api: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    head: () => `  routes:\n`,
    rule: (of, asks) =>
      `    - match: PathPrefix(\`/\`)${asks}\n      kind: Rule\n      services:\n${pair(8, of, port)}`,
    testers: " && Header(`X-Tester`, `yes`)",
  },
  HTTPProxy: {
    api: "projectcontour.io/v1",
    kind: "HTTPProxy",
    head: (of) => `  virtualhost: { fqdn: ${of.name}.shop.example.com }\n  routes:\n`,
    rule: (of, asks) => `    - ${asks}services:\n${pair(8, of, port)}`,
    testers: 'conditions: [{ header: { name: x-tester, exact: "yes" } }]\n      ',
  },
  ApisixRoute: {
    api: "apisix.apache.org/v2",
    kind: "ApisixRoute",
    head: () => `  http:\n`,
    rule: (of, asks) =>
      `    - name: ${asks === "" ? "all" : "testers"}\n      match: { paths: ["/*"]${asks} }\n      backends:\n${pair(8, of, (service) => `serviceName: ${service}\n  servicePort: 80`)}`,
    testers: ', exprs: [{ subject: { scope: Header, name: x-tester }, op: Equal, value: "yes" }]',
  },
  VirtualRouter: {
    api: "appmesh.k8s.aws/v1beta2",
    kind: "VirtualRouter",
    head: () => `  routes:\n`,
    rule: (of, asks) =>
      `    - name: ${asks === "" ? "all" : "testers"}\n      httpRoute:\n        match: { prefix: /${asks} }\n        action:\n          weightedTargets:\n${pair(12, of, (service) => `virtualNodeRef: { name: ${service} }`)}`,
    testers: ', headers: [{ name: x-tester, match: { exact: "yes" } }]',
  },
  OpenShiftRoute: {
    api: "route.openshift.io/v1",
    kind: "Route",
    head: () => "",
    rule: ({ canary, stable }) =>
      `  to:\n    kind: Service\n    name: ${stable}\n    weight: 100\n  alternateBackends:\n    - kind: Service\n      name: ${canary}\n      weight: 0\n`,
  },
  ServiceSplitter: {
    api: "consul.hashicorp.com/v1alpha1",
    kind: "ServiceSplitter",
    head: () => `  splits:\n`,
    rule: (of) => pair(4, of, (service) => `service: ${service}`),
  },
  TrafficRoute: {
    api: "kuma.io/v1alpha1",
    kind: "TrafficRoute",
    head: () => `  conf:\n`,
    rule: (of) =>
      `    split:\n${pair(6, of, (service) => `destination: { kuma.io/service: ${service}_${of.namespace}_svc_80 }`)}`,
  },
  MeshHTTPRoute: {
    api: "kuma.io/v1alpha1",
    kind: "MeshHTTPRoute",
    head: (of) => `  to:\n    - targetRef: { kind: MeshService, name: ${of.name} }\n      rules:\n`,
    rule: (of, asks) =>
      `        - ${asks}default:\n            backendRefs:\n${pair(14, of, (service) => `kind: MeshService\n  ${port(service)}`)}`,
    testers: 'matches: [{ headers: [{ type: Exact, name: x-tester, value: "yes" }] }]\n          ',
  },
  GlooVirtualService: { ...gloo(6, `  virtualHost:\n    routes:\n`, upstream), kind: "VirtualService" },
  GlooRouteTable: {
    ...gloo(
      4,
      `  routes:\n`,
      ({ namespace }) =>
        (service) =>
          `destination: { kube: { ref: { name: ${service}, namespace: ${namespace} }, port: 80 } }`,
    ),
    kind: "RouteTable",
  },
  UpstreamGroup: {
    api: "gloo.solo.io/v1",
    kind: "UpstreamGroup",
    head: () => `  destinations:\n`,
    rule: (of) => pair(4, of, upstream(of)),
  },
  GlooMeshRouteTable: {
    api: "networking.gloo.solo.io/v2",
    kind: "RouteTable",
    head: () => `  http:\n`,
    rule: (of, asks) =>
      `    - ${asks}forwardTo:\n        destinations:\n${pair(10, of, (service) => `ref: { name: ${service}, namespace: ${of.namespace} }`)}`,
    testers: 'matchers: [{ headers: [{ name: x-tester, value: "yes" }] }]\n      ',
  },
};

export const MESH_KINDS: readonly MeshKind[] = ROUTER_KINDS.filter(
  (kind) => kind !== "HTTPRoute" && kind !== "VirtualService" && kind !== "Ingress" && kind !== "KnativeRoute",
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

export const TESTED_MESH_ROUTES: { readonly [kind in TestedMeshKind]: RouteShape } = {
  GRPCRouteTested: shapeOf("GRPCRoute", true),
  ALBIngressTested: shapeOf("ALBIngress", true),
  SkipperIngressTested: shapeOf("SkipperIngress", true),
  IngressRouteTested: shapeOf("IngressRoute", true),
  HTTPProxyTested: shapeOf("HTTPProxy", true),
  ApisixRouteTested: shapeOf("ApisixRoute", true),
  VirtualRouterTested: shapeOf("VirtualRouter", true),
  MeshHTTPRouteTested: shapeOf("MeshHTTPRoute", true),
  GlooVirtualServiceTested: shapeOf("GlooVirtualService", true),
  GlooRouteTableTested: shapeOf("GlooRouteTable", true),
  GlooMeshRouteTableTested: shapeOf("GlooMeshRouteTable", true),
};

function shapeOf(kind: MeshKind, isTested = false): RouteShape {
  return {
    called: isTested ? `${kind} with testers` : kind,
    template: `canary-${kind.toLowerCase()}`,
    route: (of) => meshRoute(kind, { ...of, ...twoArms(of.name) }, isTested),
    beside: (of) => ({ ...twoServices(of), ...(kind === "Mapping" ? { "mapping.yaml": mainMapping(of) } : {}) }),
    state: (name) => ({ router: [`router: ${kind}`], arms: armsText(name) }),
    arms: twoArms,
  };
}

/** The route of a kind at rest. */
export function meshRoute(kind: MeshKind, of: Routed & ArmNames, isTested = false): string {
  switch (kind) {
    case "ALBIngress":
      return `# Written by Tidegate.\n${albIngress(of, isTested)}`;
    case "SkipperIngress":
      return `# Written by Tidegate.\n${skipperIngresses(of, isTested)}`;
    case "Mapping":
      return `# Written by Tidegate.\n${mapping(of, `${of.name}-canary`, of.canary)}  weight: 0\n`;
    default:
      return object(SHAPES[kind], of, isTested);
  }
}

/** Stable's Mapping, which its people own. */
export function mainMapping(of: Routed): string {
  return mapping(of, of.name, of.name);
}

function object({ api, kind, head, rule, testers }: Shape, of: Routed & ArmNames, isTested: boolean): string {
  const rules = [...(isTested && testers !== undefined ? [testers] : []), ""].map((asks) => rule(of, asks));
  return `# Written by Tidegate.
apiVersion: ${api}
kind: ${kind}
metadata:
  name: ${of.name}
  namespace: ${of.namespace}
spec:
${head(of)}${rules.join("")}`;
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

function albIngress(of: Routed & ArmNames, isTested: boolean): string {
  const action = `{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"${of.stable}","ServicePort":"80","Weight":100},{"ServiceName":"${of.canary}","ServicePort":"80","Weight":0}]}}`;
  const condition = `[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Tester","values":["yes"]}}]`;
  const names = isTested ? ["testers", "all"] : ["all"];
  const actions = names.map((name) => [`alb.ingress.kubernetes.io/actions.${name}`, action] as const);
  const asked = [["alb.ingress.kubernetes.io/conditions.testers", condition]] as const;
  return ingress(of, of.name, { annotations: [...actions, ...(isTested ? asked : [])], services: names });
}

// Weights share a path between its Services, and a predicate is of a whole Ingress.
function skipperIngresses(of: Routed & ArmNames, isTested: boolean): string {
  const weights = ["zalando.org/backend-weights", `{"${of.stable}": 100, "${of.canary}": 0}`] as const;
  const asked = ["zalando.org/skipper-predicate", `Header("X-Tester", "yes")`] as const;
  const services = [of.stable, of.canary];
  const all = ingress(of, of.name, { annotations: [weights], services });
  if (!isTested) return all;
  return `${ingress(of, `${of.name}-testers`, { annotations: [asked, weights], services })}---\n${all}`;
}

type Annotated = {
  readonly annotations: readonly (readonly [key: string, text: string])[];
  readonly services: readonly string[];
};

function ingress({ name: host, namespace }: Routed, name: string, { annotations, services }: Annotated): string {
  const paths = services.map(
    (service) => `          - path: /
            pathType: Prefix
            backend: { service: { name: ${service}, port: { number: 80 } } }
`,
  );
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations:
${annotations.map(([key, text]) => `    ${key}: '${text}'\n`).join("")}spec:
  rules:
    - host: ${host}.shop.example.com
      http:
        paths:
${paths.join("")}`;
}
