import fc from "fast-check";
import type { RouterKind } from "../../../src/core/state.ts";
import type { Data } from "../../../src/manifest/data.ts";
import { listOf, ruleShapes, SERVICE, type Mapping, type Objects, type Place } from "./objects.ts";

type Arm = "canary" | "stable";

/** A kind of object with lists of backends: how it writes one, others that are none of the member's, and where the list of a rule stands. */
type Row = {
  readonly api: string;
  readonly kind: string;
  readonly backend: (arm: Arm) => Mapping;
  readonly foreign: readonly Mapping[];
  /** The keys to the list of a rule. */
  readonly list: (rule: number) => Place;
  /** A rule of its list. */
  readonly rule: (list: Data) => Data;
  /** The object's spec of its rules; the first alone where it has but one. */
  readonly spec: (rules: readonly Data[]) => Mapping;
  readonly most?: number;
  /** What the arms add up to, where that is not free. */
  readonly totals?: readonly number[];
  readonly weight?: (count: number) => Mapping;
  /** The key of the weight; `weight` where it is not said. */
  readonly key?: string;
};

const shares = fc.integer({ min: 0, max: 100 });
const serviceOf = (arm: Arm) => `checkout-${arm}`;

const TABLE = {
  TrafficSplit: {
    api: "split.smi-spec.io/v1alpha4",
    kind: "TrafficSplit",
    backend: (arm) => ({ service: serviceOf(arm) }),
    foreign: [{ service: "checkout-legacy", weight: 7 }],
    list: () => ["spec", "backends"],
    rule: (list) => list,
    spec: ([list = []]) => ({ service: "checkout", backends: list }),
    most: 1,
  },
  quantities: {
    api: "split.smi-spec.io/v1alpha1",
    kind: "TrafficSplit",
    backend: (arm) => ({ service: serviceOf(arm) }),
    foreign: [{ service: "checkout-legacy", weight: "7m" }],
    list: () => ["spec", "backends"],
    rule: (list) => list,
    spec: ([list = []]) => ({ service: "checkout", backends: list }),
    most: 1,
    weight: (count) => ({ weight: `${count}m` }),
  },
  TraefikService: {
    api: "traefik.io/v1alpha1",
    kind: "TraefikService",
    backend: (arm) => ({ name: serviceOf(arm), port: 80 }),
    foreign: [
      { name: "checkout-canary", kind: "TraefikService", weight: 3 },
      { name: "checkout-stable", namespace: "other", port: 80 },
    ],
    list: () => ["spec", "weighted", "services"],
    rule: (list) => list,
    spec: ([list = []]) => ({ weighted: { services: list } }),
    most: 1,
  },
  IngressRoute: {
    api: "traefik.containo.us/v1alpha1",
    kind: "IngressRoute",
    backend: (arm) => ({ name: serviceOf(arm), namespace: "shop", port: 80 }),
    foreign: [{ name: "checkout-legacy", port: 80, weight: 7 }],
    list: (rule) => ["spec", "routes", rule, "services"],
    rule: (list) => ({ kind: "Rule", services: list }),
    spec: (rules) => ({ routes: rules }),
  },
  HTTPProxy: {
    api: "projectcontour.io/v1",
    kind: "HTTPProxy",
    backend: (arm) => ({ name: serviceOf(arm), port: 80 }),
    foreign: [
      { name: "checkout-legacy", port: 80, weight: 7 },
      { name: "checkout-canary", port: 80, weight: 10, mirror: true },
    ],
    list: (rule) => ["spec", "routes", rule, "services"],
    rule: (list) => ({ conditions: [{ prefix: "/web-1" }], services: list }),
    spec: (rules) => ({ virtualhost: { fqdn: "shop.example.com" }, routes: rules }),
  },
  ApisixRoute: {
    api: "apisix.apache.org/v2",
    kind: "ApisixRoute",
    backend: (arm) => ({ serviceName: serviceOf(arm), servicePort: 80 }),
    foreign: [{ serviceName: "checkout-legacy", servicePort: 80, weight: 7 }],
    list: (rule) => ["spec", "http", rule, "backends"],
    rule: (list) => ({ name: "web-1", match: { paths: ["/*"] }, backends: list }),
    spec: (rules) => ({ http: rules }),
  },
  VirtualRouter: {
    api: "appmesh.k8s.aws/v1beta2",
    kind: "VirtualRouter",
    backend: (arm) => ({ virtualNodeRef: { name: serviceOf(arm) } }),
    foreign: [{ virtualNodeRef: { name: "checkout-canary", namespace: "other" }, weight: 0 }],
    list: (rule) => ["spec", "routes", rule, "httpRoute", "action", "weightedTargets"],
    rule: (list) => ({ name: "web-1", httpRoute: { match: { prefix: "/" }, action: { weightedTargets: list } } }),
    spec: (rules) => ({ routes: rules }),
    totals: [100],
  },
  ServiceSplitter: {
    api: "consul.hashicorp.com/v1alpha1",
    kind: "ServiceSplitter",
    backend: (arm) => ({ service: serviceOf(arm) }),
    foreign: [{ service: "checkout-legacy", weight: 0 }],
    list: () => ["spec", "splits"],
    rule: (list) => list,
    spec: ([list = []]) => ({ splits: list }),
    most: 1,
    totals: [100],
  },
  TrafficRoute: {
    api: "kuma.io/v1alpha1",
    kind: "TrafficRoute",
    backend: (arm) => ({ destination: { "kuma.io/service": `${serviceOf(arm)}_shop_svc_80` } }),
    foreign: [
      { destination: { "kuma.io/service": "checkout-canary_other_svc_80" }, weight: 3 },
      { destination: { "kuma.io/service": "checkout-stable_shop_svc_80", region: "web-1" }, weight: 7 },
    ],
    list: (rule) => ["spec", "conf", "http", rule, "split"],
    rule: (list) => ({ match: { path: { prefix: "/web-1" } }, split: list }),
    spec: (rules) => ({ conf: { http: rules } }),
  },
  MeshHTTPRoute: {
    api: "kuma.io/v1alpha1",
    kind: "MeshHTTPRoute",
    backend: (arm) => ({ kind: "MeshService", name: serviceOf(arm), namespace: "shop", port: 80 }),
    foreign: [
      { kind: "MeshService", name: "checkout-canary", namespace: "other", port: 80, weight: 3 },
      { kind: "MeshExternalService", name: "checkout-stable", weight: 7 },
    ],
    list: (rule) => ["spec", "to", 0, "rules", rule, "default", "backendRefs"],
    rule: (list) => ({ default: { backendRefs: list } }),
    spec: (rules) => ({ to: [{ targetRef: { kind: "MeshService", name: "checkout" }, rules }] }),
  },
  GlooVirtualService: {
    api: "gateway.solo.io/v1",
    kind: "VirtualService",
    backend: (arm) => ({
      destination: { upstream: { name: `shop-${serviceOf(arm)}-80`, namespace: "gloo-system" } },
    }),
    foreign: [{ destination: { upstream: { name: "other-checkout-canary-80", namespace: "gloo-system" } }, weight: 3 }],
    list: (rule) => ["spec", "virtualHost", "routes", rule, "routeAction", "multi", "destinations"],
    rule: (list) => ({ routeAction: { multi: { destinations: list } } }),
    spec: (rules) => ({ virtualHost: { domains: ["shop.example.com"], routes: rules } }),
  },
  GlooRouteTable: {
    api: "gateway.solo.io/v1",
    kind: "RouteTable",
    backend: (arm) => ({ destination: { kube: { ref: { name: serviceOf(arm), namespace: "shop" }, port: 80 } } }),
    foreign: [
      { destination: { kube: { ref: { name: "checkout-canary", namespace: "other" }, port: 80 } }, weight: 3 },
      {
        destination: { upstream: { name: "checkout-stable", namespace: "shop" } },
        subset: { values: { version: "web-1" } },
        weight: 7,
      },
    ],
    list: (rule) => ["spec", "routes", rule, "routeAction", "multi", "destinations"],
    rule: (list) => ({ routeAction: { multi: { destinations: list } } }),
    spec: (rules) => ({ routes: rules }),
  },
  UpstreamGroup: {
    api: "gloo.solo.io/v1",
    kind: "UpstreamGroup",
    backend: (arm) => ({ destination: { upstream: { name: serviceOf(arm), namespace: "shop" } } }),
    foreign: [{ destination: { upstream: { name: "checkout-legacy", namespace: "shop" } }, weight: 7 }],
    list: () => ["spec", "destinations"],
    rule: (list) => list,
    spec: ([list = []]) => ({ destinations: list }),
    most: 1,
  },
  GlooMeshRouteTable: {
    api: "networking.gloo.solo.io/v2",
    kind: "RouteTable",
    backend: (arm) => ({ ref: { name: serviceOf(arm), namespace: "shop" }, port: { number: 80 } }),
    foreign: [{ ref: { name: "checkout-canary", namespace: "shop" }, kind: "VIRTUAL_DESTINATION", weight: 3 }],
    list: (rule) => ["spec", "http", rule, "forwardTo", "destinations"],
    rule: (list) => ({ name: "web-1", forwardTo: { destinations: list } }),
    spec: (rules) => ({ http: rules }),
  },
  KnativeRoute: {
    api: "serving.knative.dev/v1",
    kind: "Route",
    backend: (arm) => ({ configurationName: serviceOf(arm), latestRevision: true }),
    foreign: [
      { configurationName: "checkout-legacy", percent: 0 },
      { configurationName: "other", tag: "web-1" },
    ],
    list: () => ["spec", "traffic"],
    rule: (list) => list,
    spec: ([list = []]) => ({ traffic: list }),
    most: 1,
    totals: [100],
    weight: (count) => ({ percent: count }),
    key: "percent",
  },
} as const satisfies { readonly [kind: string]: Row };

/** Kinds with lists of backends, each with the router that drives it. */
export const LISTED: readonly Kind[] = Object.entries<Row>(TABLE).map(([title, row]): Kind => [
  title === "quantities" ? "TrafficSplit in thousandths" : title,
  routerOf(title),
  listed(row),
]);

type Kind = readonly [title: string, router: RouterKind, files: fc.Arbitrary<Objects<number>>];

function routerOf(title: string): RouterKind {
  return title === "quantities" ? "TrafficSplit" : (title as RouterKind);
}

/** Objects of a kind in which stable is alone in each rule, its weight written or not. */
export const ALONE: readonly Kind[] = Object.entries<Row>(TABLE).map(([title, row]): Kind => [
  title,
  routerOf(title),
  alone(row),
]);

function listed(row: Row): fc.Arbitrary<Objects<number>> {
  const { foreign, most = 2, totals, key = "weight" } = row;
  return fc
    .record({
      rules: fc.array(ruleShapes(fc.constantFrom<Mapping>(...foreign), totals), { minLength: 1, maxLength: most }),
      value: shares,
      before: fc.array(fc.constant<Mapping>(SERVICE), { maxLength: 1 }),
    })
    .map(({ rules, value, before }) => {
      const lists = rules.map((shape) => listOf(shape, value, row.backend, row.weight));
      const places = lists.map(({ weights }, rule) =>
        weights.map((index): Place => [before.length, ...row.list(rule), index, key]),
      );
      return {
        documents: [
          ...before,
          objectOf(
            row,
            lists.map(({ list }) => list),
          ),
        ],
        value,
        places,
      };
    });
}

function alone(row: Row): fc.Arbitrary<Objects<number>> {
  const { most = 2, weight = (count: number) => ({ weight: count }) } = row;
  const written = fc.constantFrom<Mapping>({}, weight(100), weight(1));
  const fitting = row.totals === undefined ? written : fc.constantFrom<Mapping>({}, weight(100));
  return fc.record({ weights: fc.array(fitting, { minLength: 1, maxLength: most }) }).map(({ weights }) => {
    const lists = weights.map((own) => [{ ...row.backend("stable"), ...own }]);
    return { documents: [SERVICE, objectOf(row, lists)], value: 0, places: [] };
  });
}

function objectOf({ api, kind, rule, spec }: Row, lists: readonly (readonly Mapping[])[]): Mapping {
  return { apiVersion: api, kind, metadata: { name: "checkout", namespace: "shop" }, spec: spec(lists.map(rule)) };
}
