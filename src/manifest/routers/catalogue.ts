import type { RouterKind } from "../../core/state.ts";

/** What there is to know of a kind of route that is driven. */
export type RouterFacts = {
  /** Whose it is. */
  readonly of: string;
  readonly groups: readonly string[];
  /** The first is the one that it is called after. */
  readonly kinds: readonly string[];
  /** The keys that lead to the weights, `*` for any item of a list; a key may begin or end with one. */
  readonly weights: readonly string[];
  /** What weights may be, and what they add up to. */
  readonly scale: string;
  /** What the arms are called in it. */
  readonly arms: string;
  /** What a rule that is for testers alone asks for; absent where none is known here. */
  readonly testers?: string;
  /** The keys that lead to the percentages of mirrors, as to the weights; absent where a kind has no mirror of 0 %. */
  readonly mirrors?: readonly string[];
};

const GATEWAY = {
  of: "Gateway API",
  groups: ["gateway.networking.k8s.io"],
  weights: ["spec rules * backendRefs * weight"],
  scale: "whole numbers, any sum; 1 where not written",
  arms: "Services",
} as const satisfies Partial<RouterFacts>;

/** Of HTTP and gRPC. */
const MATCHES = {
  testers: "`headers` in each of `matches`, a cookie by `cookie`",
  mirrors: ["spec rules * filters * requestMirror percent"],
} as const;

const GLOO = {
  of: "Gloo Edge",
  scale: "whole numbers, any sum; 0 where not written",
  arms: "`kube` Services, or Upstreams by their name or as `namespace-service-port`",
} as const;

const MATCHERS = "`headers` in each of `matchers`, without `invertMatch`";

const INGRESS = { groups: ["networking.k8s.io"], kinds: ["Ingress"] } as const;

export const ROUTER_FACTS: { readonly [kind in RouterKind]: RouterFacts } = {
  HTTPRoute: { ...GATEWAY, ...MATCHES, kinds: ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"] },
  GRPCRoute: { ...GATEWAY, ...MATCHES, kinds: ["GRPCRoute"] },
  TLSRoute: { ...GATEWAY, kinds: ["TLSRoute"] },
  TCPRoute: { ...GATEWAY, kinds: ["TCPRoute"] },
  VirtualService: {
    of: "Istio",
    groups: ["networking.istio.io"],
    kinds: ["VirtualService"],
    weights: ["http", "tls", "tcp"].map((part) => `spec ${part} * route * weight`),
    scale: "whole numbers, any sum; 0 where not written",
    arms: "hosts, or subsets of one",
    testers: "`headers` in each of `match`, a cookie by `cookie`",
    mirrors: ["spec http * mirrorPercentage value", "spec http * mirrors * percentage value"],
  },
  Ingress: {
    ...INGRESS,
    of: "NGINX and its kin",
    weights: ["metadata annotations */canary-weight"],
    scale: "text, of `canary-weight-total`, which is 100 where not written",
    arms: "Services; the canary has an Ingress of its own",
    testers: "its `canary-by-header-pattern`, switched from `.^…` to `^^…`; a cookie by the header `cookie`",
  },
  ALBIngress: {
    ...INGRESS,
    of: "AWS Load Balancer Controller",
    weights: ["metadata annotations alb.ingress.kubernetes.io/actions.*"],
    scale: "in JSON, whole numbers from 0 to 999, any sum; must be written",
    arms: "Services",
    testers: "`http-header` in the action's `conditions.*`, a cookie by `cookie`",
  },
  SkipperIngress: {
    ...INGRESS,
    of: "Skipper",
    weights: ["metadata annotations zalando.org/backend-weights"],
    scale: "in JSON, whole numbers, any sum; must be written",
    arms: "Services",
    testers: "`Header`, `HeaderRegexp` or `Cookie` in the Ingress's `zalando.org/skipper-predicate`",
  },
  TrafficSplit: {
    of: "SMI (Linkerd, Open Service Mesh)",
    groups: ["split.smi-spec.io"],
    kinds: ["TrafficSplit"],
    weights: ["spec backends * weight"],
    scale: "whole numbers, any sum; quantities such as `500m` in `v1alpha1`",
    arms: "Services",
  },
  TraefikService: {
    of: "Traefik",
    groups: ["traefik.io", "traefik.containo.us"],
    kinds: ["TraefikService"],
    weights: ["spec weighted services * weight"],
    scale: "whole numbers, any sum; 1 where not written",
    arms: "Services",
  },
  IngressRoute: {
    of: "Traefik",
    groups: ["traefik.io", "traefik.containo.us"],
    kinds: ["IngressRoute"],
    weights: ["spec routes * services * weight"],
    scale: "whole numbers, any sum; 1 where not written",
    arms: "Services",
    testers: "`Header` or `HeaderRegexp` in `match`, a cookie by `Cookie`",
  },
  HTTPProxy: {
    of: "Contour",
    groups: ["projectcontour.io"],
    kinds: ["HTTPProxy"],
    weights: ["spec routes * services * weight", "spec tcpproxy services * weight"],
    scale: "whole numbers, any sum; evenly where none of two is written",
    arms: "Services",
    testers: "`header` in one of `conditions`, a cookie by `cookie`",
  },
  ApisixRoute: {
    of: "APISIX",
    groups: ["apisix.apache.org"],
    kinds: ["ApisixRoute"],
    weights: ["spec http * backends * weight"],
    scale: "whole numbers, any sum; 100 where not written",
    arms: "Services, or subsets of one",
    testers: "the scope `Header` or `Cookie` in each of `match.exprs`",
  },
  Mapping: {
    of: "Emissary, Ambassador",
    groups: ["getambassador.io"],
    kinds: ["Mapping"],
    weights: ["spec weight"],
    scale: "whole numbers from 0 to 100: the canary's per cent, the rest is stable's",
    arms: "Services; the canary has a Mapping of its own",
  },
  VirtualRouter: {
    of: "App Mesh",
    groups: ["appmesh.k8s.aws"],
    kinds: ["VirtualRouter"],
    weights: ["httpRoute", "http2Route", "grpcRoute", "tcpRoute"].map(
      (part) => `spec routes * ${part} action weightedTargets * weight`,
    ),
    scale: "whole numbers, a sum of at most 100",
    arms: "VirtualNodes",
    testers: "`headers` in `match`, gRPC's `metadata`, a cookie by `cookie`",
  },
  OpenShiftRoute: {
    of: "OpenShift",
    groups: ["route.openshift.io"],
    kinds: ["Route"],
    weights: ["spec to weight", "spec alternateBackends * weight"],
    scale: "whole numbers from 0 to 256, any sum; 100 where not written",
    arms: "Services",
  },
  ServiceSplitter: {
    of: "Consul",
    groups: ["consul.hashicorp.com"],
    kinds: ["ServiceSplitter"],
    weights: ["spec splits * weight"],
    scale: "numbers with at most two decimals, a sum of 100",
    arms: "services, or subsets of one",
  },
  TrafficRoute: {
    of: "Kuma",
    groups: ["kuma.io"],
    kinds: ["TrafficRoute"],
    weights: ["spec conf split * weight", "spec conf http * split * weight"],
    scale: "whole numbers, any sum; 0 where not written",
    arms: "tags `kuma.io/service`, such as `name_namespace_svc_port`, or the tag `version` of one",
    testers: "`headers` in `match`, a cookie by `cookie`",
  },
  MeshHTTPRoute: {
    of: "Kuma",
    groups: ["kuma.io"],
    kinds: ["MeshHTTPRoute", "MeshTCPRoute"],
    weights: ["spec to * rules * default backendRefs * weight"],
    scale: "whole numbers, any sum; 1 where not written",
    arms: "MeshServices, by name or by tag, or the tag `version` of one",
    testers: "`headers` in each of `matches`, a cookie by `cookie`",
  },
  GlooVirtualService: {
    ...GLOO,
    groups: ["gateway.solo.io"],
    kinds: ["VirtualService"],
    weights: ["spec virtualHost routes * routeAction multi destinations * weight"],
    testers: MATCHERS,
  },
  GlooRouteTable: {
    ...GLOO,
    groups: ["gateway.solo.io"],
    kinds: ["RouteTable"],
    weights: ["spec routes * routeAction multi destinations * weight"],
    testers: MATCHERS,
  },
  UpstreamGroup: {
    ...GLOO,
    groups: ["gloo.solo.io"],
    kinds: ["UpstreamGroup"],
    weights: ["spec destinations * weight"],
  },
  GlooMeshRouteTable: {
    of: "Gloo Mesh",
    groups: ["networking.gloo.solo.io"],
    kinds: ["RouteTable"],
    weights: ["spec http * forwardTo destinations * weight"],
    scale: "whole numbers, any sum; evenly where none of two is written",
    arms: "Services, or the `version` of a subset of one",
    testers: MATCHERS,
  },
  KnativeRoute: {
    of: "Knative",
    groups: ["serving.knative.dev"],
    kinds: ["Route"],
    weights: ["spec traffic * percent"],
    scale: "whole numbers, a sum of 100",
    arms: "Configurations, those of Knative Services among them",
  },
};

/** Keys as people write them: `spec.rules[].backendRefs[].weight`. */
export function weightText(path: string): string {
  return path
    .split(" ")
    .map((key) => (key === "*" ? "[]" : key.includes("/") ? `["${key}"]` : `.${key}`))
    .join("")
    .slice(1);
}

/** Where a kind's documented shapes lie: `http-route` of `HTTPRoute`. */
export function goldenFolder(kind: RouterKind): string {
  const words = kind.replace("OpenShift", "Openshift").replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-");
  return `test/golden/routers/${words.toLowerCase()}`;
}
