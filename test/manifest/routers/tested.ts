import type { RouterKind } from "../../../src/core/state.ts";

/** One rule of a route: what its arms' weights add up to, and whom it is for. */
export type Rule = {
  readonly isForTesters: boolean;
  readonly total: number;
  readonly isStableFirst: boolean;
  /** What the rule asks for in its kind's words, where that is not what its kind says of testers. */
  readonly asks?: string;
};
export type ShareOf = (rule: Rule) => number;

type Shape = {
  /** All before the rules; or all before and after a rule, where each stands in an object of its own. */
  readonly head: string;
  /** `asks` is what its kind says of testers, or of everybody. */
  readonly rule: (backends: string, asks: string, index: number) => string;
  readonly backend: (arm: string, weight: number) => string;
  readonly asks: { readonly testers: string; readonly everybody: string };
  /** The most that weights may add up to. */
  readonly most?: number;
};

const head = (apiVersion: string, kind: string, spec: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: checkout, namespace: shop }\nspec:\n${spec}`;
const item = (indent: number, text: (arm: string, weight: number) => string) => (arm: string, weight: number) =>
  `${" ".repeat(indent)}- { ${text(arm, weight)} } # an arm\n`;
const named = (indent: number) => item(indent, (arm, weight) => `name: ${arm}, port: 80, weight: ${weight}`);
const upstream = (indent: number) =>
  item(indent, (arm, weight) => `destination: { upstream: { name: shop-${arm}-80 } }, weight: ${weight}`);

const gateway = (kind: string): Shape => ({
  head: head("gateway.networking.k8s.io/v1", kind, "  rules:\n"),
  rule: (backends, asks) => `    - matches: [${asks}]\n      backendRefs:\n${backends}`,
  backend: named(8),
  asks: { testers: '{ headers: [{ name: x-tester, value: "yes" }] }', everybody: "" },
});

const gloo = (spec: string, kind: string): Shape => ({
  head: head("gateway.solo.io/v1", kind, spec),
  rule: (backends, asks) =>
    `      - matchers: [{ prefix: /, headers: [${asks}] }]\n        routeAction:\n          multi:\n            destinations:\n${backends}`,
  backend: upstream(14),
  asks: { testers: '{ name: x-tester, value: "yes" }', everybody: "" },
});

/** Kinds whose rules stand side by side, each with both arms. */
export const TESTED: { readonly [kind in Exclude<TestedKind, "Ingress">]: Shape } = {
  HTTPRoute: gateway("HTTPRoute"),
  GRPCRoute: gateway("GRPCRoute"),
  VirtualService: {
    head: head("networking.istio.io/v1", "VirtualService", "  hosts: [checkout]\n  http:\n"),
    rule: (backends, asks, index) =>
      `    - name: rule-${index} # of some\n      match: [{ uri: { prefix: / }${asks} }]\n      route:\n${backends}`,
    backend: item(8, (arm, weight) => `destination: { host: ${arm} }, weight: ${weight}`),
    asks: { testers: ', headers: { cookie: { regex: ".*staff=1.*" } }', everybody: "" },
  },
  ALBIngress: {
    head: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout
  namespace: shop
  annotations:
`,
    rule: (backends, asks, index) =>
      `    alb.ingress.kubernetes.io/conditions.rule-${index}: '[{"field":"path-pattern"}${asks}]'
    alb.ingress.kubernetes.io/actions.rule-${index}: '{"type":"forward","forwardConfig":{"targetGroups":[${backends.replace(/, $/, "")}]}}'
`,
    backend: (arm, weight) => `{"serviceName":"${arm}","servicePort":"80","weight":${weight}}, `,
    asks: {
      testers: ',{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-tester","values":["yes"]}}',
      everybody: "",
    },
    most: 200,
  },
  SkipperIngress: {
    head: "",
    rule: (backends, asks, index) => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rule-${index}
  namespace: shop
  annotations:
    zalando.org/skipper-predicate: ${asks}
    zalando.org/backend-weights: '{${backends.replace(/, $/, "")}}'
`,
    backend: (arm, weight) => `"${arm}": ${weight}, `,
    asks: { testers: 'Method("GET") && Cookie("staff", /^yes$/)', everybody: 'Method("GET")' },
  },
  IngressRoute: {
    head: head("traefik.io/v1alpha1", "IngressRoute", "  routes:\n"),
    rule: (backends, asks) => `    - kind: Rule\n      match: ${asks}\n      services:\n${backends}`,
    backend: named(8),
    asks: { testers: "Host(`shop.example.com`) && Header(`X-Tester`, `yes`)", everybody: "Host(`shop.example.com`)" },
  },
  HTTPProxy: {
    head: head("projectcontour.io/v1", "HTTPProxy", "  routes:\n"),
    rule: (backends, asks) => `    - conditions: [{ prefix: / }${asks}]\n      services:\n${backends}`,
    backend: named(8),
    asks: { testers: ', { header: { name: x-tester, exact: "yes" } }', everybody: "" },
  },
  ApisixRoute: {
    head: head("apisix.apache.org/v2", "ApisixRoute", "  http:\n"),
    rule: (backends, asks) => `    - match: { paths: ["/*"]${asks} }\n      backends:\n${backends}`,
    backend: item(8, (arm, weight) => `serviceName: ${arm}, servicePort: 80, weight: ${weight}`),
    asks: {
      testers: ', exprs: [{ subject: { scope: Cookie, name: staff }, op: Equal, value: "yes" }]',
      everybody: "",
    },
  },
  VirtualRouter: {
    head: head("appmesh.k8s.aws/v1beta2", "VirtualRouter", "  routes:\n"),
    rule: (backends, asks) =>
      `    - httpRoute:\n        match: { prefix: /${asks} }\n        action:\n          weightedTargets:\n${backends}`,
    backend: item(12, (arm, weight) => `virtualNodeRef: { name: ${arm} }, weight: ${weight}`),
    asks: { testers: ', headers: [{ name: x-tester, match: { exact: "yes" } }]', everybody: "" },
    most: 100,
  },
  TrafficRoute: {
    head: head("kuma.io/v1alpha1", "TrafficRoute", "  conf:\n    http:\n"),
    rule: (backends, asks) => `      - match: { path: { prefix: / }${asks} }\n        split:\n${backends}`,
    backend: item(10, (arm, weight) => `destination: { kuma.io/service: ${arm}_shop_svc_80 }, weight: ${weight}`),
    asks: { testers: ', headers: { x-tester: { exact: "yes" } }', everybody: "" },
  },
  MeshHTTPRoute: {
    head: head("kuma.io/v1alpha1", "MeshHTTPRoute", "  to:\n    - rules:\n"),
    rule: (backends, asks) =>
      `        - matches: [{ path: { type: PathPrefix, value: / }${asks} }]\n          default:\n            backendRefs:\n${backends}`,
    backend: item(14, (arm, weight) => `kind: MeshService, name: ${arm}, port: 80, weight: ${weight}`),
    asks: { testers: ', headers: [{ type: Exact, name: x-tester, value: "yes" }]', everybody: "" },
  },
  GlooVirtualService: gloo("  virtualHost:\n    routes:\n", "VirtualService"),
  GlooRouteTable: gloo("  routes:\n", "RouteTable"),
  GlooMeshRouteTable: {
    head: head("networking.gloo.solo.io/v2", "RouteTable", "  http:\n"),
    rule: (backends, asks) =>
      `    - matchers: [{ uri: { prefix: / }${asks} }]\n      forwardTo:\n        destinations:\n${backends}`,
    backend: item(10, (arm, weight) => `ref: { name: ${arm}, namespace: shop }, weight: ${weight}`),
    asks: { testers: ', headers: [{ name: x-tester, value: "yes" }]', everybody: "" },
  },
};

/** Every kind that has rules for testers. */
export type TestedKind = Extract<
  RouterKind,
  | "HTTPRoute"
  | "GRPCRoute"
  | "VirtualService"
  | "Ingress"
  | "ALBIngress"
  | "SkipperIngress"
  | "IngressRoute"
  | "HTTPProxy"
  | "ApisixRoute"
  | "VirtualRouter"
  | "TrafficRoute"
  | "MeshHTTPRoute"
  | "GlooVirtualService"
  | "GlooRouteTable"
  | "GlooMeshRouteTable"
>;

/** A route of the kind with such rules. */
export function routeText(kind: keyof typeof TESTED, rules: readonly Rule[], shareOf: ShareOf): string {
  const { head: before, rule: ruleText, asks } = TESTED[kind];
  const texts = rules.map((rule, index) => {
    const said = rule.asks ?? asks[rule.isForTesters ? "testers" : "everybody"];
    return ruleText(both(TESTED[kind], rule, shareOf(rule)), said, index);
  });
  return `${before}${texts.join("")}`;
}

function both({ backend }: Shape, { total, isStableFirst }: Rule, share: number): string {
  const canary = (total * share) / 100;
  const lines = [backend("checkout", total - canary), backend("checkout-canary", canary)];
  return (isStableFirst ? lines : lines.toReversed()).join("");
}
