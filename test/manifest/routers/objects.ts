import fc from "fast-check";
import type { Data } from "../../../src/manifest/data.ts";
import { written, type Hand } from "../written.ts";

export type Mapping = { readonly [key: string]: Data };

/** Keys and positions from a document's number to a node. */
export type Place = readonly (string | number)[];

/** A file's objects, what its places say, and where the arms' weights stand: one group for every rule. */
export type Objects<V> = {
  readonly documents: readonly Mapping[];
  readonly value: V;
  readonly places: readonly (readonly Place[])[];
};

/** The file in somebody's hand; the keys of every mapping stand in an order of its own. */
export function fileText({ documents }: Objects<unknown>, hand: Hand, order: number): string {
  const last = documents.length - 1;
  const lines = hand.isCrlf ? "---\r\n" : "---\n";
  return documents
    .map((document, index) => {
      const isFirst = index === 0 && hand.hasBom;
      const own = { ...hand, hasBom: isFirst, hasFinalBreak: index < last || hand.hasFinalBreak };
      return written(reordered(document, order), own);
    })
    .join(lines);
}

function reordered(value: Data, order: number): Data {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => reordered(item, order));
  const entries = Object.entries(value).map(([key, child]) => [key, reordered(child, order)] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => hash(one, order) - hash(other, order)));
}

function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}

function hash(text: string, order: number): number {
  return Array.from(text).reduce((sum, char) => (sum * 31 + char.charCodeAt(0) * (order + 7)) % 10_007, order);
}

const shares = fc.integer({ min: 0, max: 100 });

/** A backend of a rule: an arm, or something that is none of the member's, as the kind writes it. */
type Entry = { readonly arm: "canary" | "stable" } | { readonly foreign: Mapping };

export type RuleShape = { readonly total: number; readonly foreign: readonly Mapping[]; readonly turn: number };

/** Both arms and what else there is, in any order, with the arms' weights of their total. */
function entriesOf({ foreign, turn }: RuleShape): readonly Entry[] {
  const all: Entry[] = [{ arm: "stable" }, ...foreign.map((each) => ({ foreign: each })), { arm: "canary" }];
  return [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
}

export function ruleShapes(
  foreign: fc.Arbitrary<Mapping>,
  totals: readonly number[] = [100, 200, 1000],
): fc.Arbitrary<RuleShape> {
  return fc.record({
    total: fc.constantFrom(...totals),
    foreign: fc.array(foreign, { maxLength: 2 }),
    turn: fc.nat(5),
  });
}

/** A list of backends and the places of the arms' weights in it. */
export function listOf(
  shape: RuleShape,
  share: number,
  backend: (arm: "canary" | "stable") => Mapping,
  weight: (count: number) => Mapping = (count) => ({ weight: count }),
): { readonly list: readonly Mapping[]; readonly weights: readonly number[] } {
  const part = (shape.total * share) / 100;
  const entries = entriesOf(shape);
  const list = entries.map((entry) =>
    "foreign" in entry
      ? entry.foreign
      : { ...backend(entry.arm), ...weight(entry.arm === "canary" ? part : shape.total - part) },
  );
  return { list, weights: [...entries.keys()].filter((index) => "arm" in (entries[index] ?? {})) };
}

export const SERVICE: Mapping = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "checkout-canary" },
  spec: { ports: [{ port: 80 }] },
};

const FOREIGN_BACKENDS = fc.constantFrom<Mapping>(
  { name: "checkout-legacy", port: 80, weight: 7 },
  { name: "checkout-canary", namespace: "other", weight: 3 },
  { name: "checkout-stable", kind: "Bucket", group: "example.com" },
);

/** Routes of the Gateway API: rules with both arms, with one of them, and with none. */
export const gatewayRoutes = (...kinds: readonly string[]): fc.Arbitrary<Objects<number>> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      namespace: fc.constantFrom<Mapping>({}, { namespace: "shop" }),
      rules: fc.array(ruleShapes(FOREIGN_BACKENDS), { minLength: 1, maxLength: 2 }),
      value: shares,
      before: fc.array(fc.constant<Mapping>(SERVICE), { maxLength: 1 }),
    })
    .map(({ kind, namespace, rules, value, before }) => {
      const lists = rules.map((shape) => listOf(shape, value, (arm) => ({ name: `checkout-${arm}`, port: 80 })));
      const alone: Mapping = { backendRefs: [{ name: "checkout-stable", port: 80 }] };
      const route: Mapping = {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind,
        metadata: { name: "checkout", ...namespace },
        spec: {
          parentRefs: [{ name: "web-1" }],
          rules: [alone, ...lists.map(({ list }) => ({ backendRefs: list })), alone],
        },
      };
      const places = lists.map(({ weights }, rule) =>
        weights.map((index): Place => [before.length, "spec", "rules", rule + 1, "backendRefs", index, "weight"]),
      );
      return { documents: [...before, route], value, places };
    });

const SPELLINGS = ["", ".shop", ".shop.svc", ".shop.svc.cluster.local"];
const FOREIGN_DESTINATIONS = fc.constantFrom<Mapping>(
  { destination: { host: "checkout-legacy" }, weight: 7 },
  { destination: { host: "checkout-canary.other.svc.cluster.local", port: { number: 80 } }, weight: 3 },
  { destination: { host: "checkout.other", subset: "canary-1" }, headers: { request: { set: { x: "web-1" } } } },
);
// Rules that share nothing between the arms.
const BESIDE: readonly Mapping[] = [
  {
    name: "only-stable",
    match: [{ uri: { prefix: "/admin" } }],
    route: [{ destination: { host: "checkout-stable" } }],
  },
  { route: [{ destination: { host: "checkout-canary" }, weight: 100 }], mirror: { host: "checkout-stable" } },
  { match: [{ uri: { exact: "/old" } }], redirect: { uri: "/new" } },
  { delegate: { name: "checkout-more" } },
];

/** VirtualServices whose arms are Services of their own, or subsets of one. */
export function virtualServices(by: "host" | "subset"): fc.Arbitrary<Objects<number>> {
  const rule = fc.record({
    shape: ruleShapes(FOREIGN_DESTINATIONS),
    protocol: fc.constantFrom("http", "tls", "tcp"),
    spelling: fc.nat(3),
  });
  return fc
    .record({
      version: fc.constantFrom("v1", "v1beta1", "v1alpha3"),
      home: fc.constantFrom(undefined, "shop", "mesh-1"),
      rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
      beside: fc.subarray([...BESIDE]),
      value: shares,
    })
    .map(({ version, home, rules, beside, value }) => {
      const lists = rules.map(({ shape, protocol, spelling }) => {
        const host = (service: string) =>
          service + (SPELLINGS[home === "mesh-1" ? Math.max(1, spelling) : spelling] ?? "");
        const destination = (arm: string): Mapping =>
          by === "host" ? { host: host(`checkout-${arm}`) } : { host: host("checkout"), subset: `${arm}-1` };
        return { protocol, ...listOf(shape, value, (arm) => ({ destination: destination(arm) })) };
      });
      const own = (protocol: string) => lists.filter((each) => each.protocol === protocol);
      const spec: Mapping = {
        hosts: ["checkout.example.com"],
        http: [...beside, ...own("http").map(({ list }) => ({ route: list }))],
        tls: own("tls").map(({ list }) => ({ match: [{ sniHosts: ["shop.example.com"] }], route: list })),
        tcp: own("tcp").map(({ list }) => ({ match: [{ port: 5432 }], route: list })),
      };
      const metadata: Mapping = home === undefined ? { name: "checkout" } : { name: "checkout", namespace: home };
      const object: Mapping = { apiVersion: `networking.istio.io/${version}`, kind: "VirtualService", metadata, spec };
      const places = ["http", "tls", "tcp"].flatMap((protocol) =>
        own(protocol).map(({ weights }, index) => {
          const position = index + (protocol === "http" ? beside.length : 0);
          return weights.map((entry): Place => [1, "spec", protocol, position, "route", entry, "weight"]);
        }),
      );
      return { documents: [SERVICE, object], value, places };
    });
}

/** Canary Ingresses, beside the one of the stable arm. */
export const ingresses: fc.Arbitrary<Objects<number>> = fc
  .record({
    prefix: fc.constantFrom("nginx.ingress.kubernetes.io", "nginx.example.com"),
    total: fc.constantFrom(undefined, "100", "1000"),
    asked: fc.constantFrom<Mapping>(
      {},
      { "canary-by-header": "x-canary" },
      { "canary-by-header": "x-canary", "canary-by-header-pattern": ".^web-1$" },
      { "canary-by-cookie": "canary-1" },
    ),
    count: fc.integer({ min: 1, max: 2 }),
    value: shares,
  })
  .map(({ prefix, total, asked, count, value }) => {
    const own = { ...asked, canary: "true", ...(total === undefined ? {} : { "canary-weight-total": total }) };
    const weight = String((Number(total ?? "100") * value) / 100);
    const annotations = Object.fromEntries(
      Object.entries({ ...own, "canary-weight": weight }).map(([key, text]) => [`${prefix}/${key}`, text]),
    );
    const canaries = Array.from({ length: count }, (_, index) =>
      ingress(`checkout-canary-${index}`, "checkout-canary", { ...annotations, "example.com/owner": "web-1" }),
    );
    const places = canaries.map((_, index): readonly Place[] => [
      [index + 1, "metadata", "annotations", `${prefix}/canary-weight`],
    ]);
    return {
      documents: [ingress("checkout", "checkout-stable", { [`${prefix}/rewrite-target`]: "/" }), ...canaries],
      value,
      places,
    };
  });

function ingress(name: string, service: string, annotations: Mapping): Mapping {
  const backend = { service: { name: service, port: { number: 80 } } };
  const rule = { host: `${name}.example.com`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { rules: [rule] },
  };
}

/** Values with the share at `rollout.canary.weight`. */
export const valuesFiles: fc.Arbitrary<Objects<number>> = fc
  .record({ value: shares, beside: fc.subarray(["image", "replicas", "weight"]) })
  .map(({ value, beside }) => {
    const others = Object.fromEntries(beside.map((key) => [key, key === "image" ? "web-1" : 3]));
    const rollout = { ...others, canary: { replicas: 2, weight: value }, stable: { weight: 7 } };
    return { documents: [{ weight: 1, ...others, rollout }], value, places: [[[0, "rollout", "canary", "weight"]]] };
  });

/** A Rollout whose steps are ours, beside another one. */
export const rollouts: fc.Arbitrary<
  Objects<{ readonly from: number; readonly to: number; readonly runsOut: boolean }>
> = fc
  .record({ from: shares, to: shares, routing: fc.boolean(), analysis: fc.boolean() })
  .map(({ from, to, routing, analysis }) => {
    const steps = [{ setWeight: from }, { setWeight: to }, { pause: {} }];
    const canary: Mapping = {
      ...(routing ? { canaryService: "checkout-canary", trafficRouting: { maxTrafficWeight: 100, nginx: {} } } : {}),
      ...(analysis ? { analysis: { templates: [{ templateName: "web-1" }] } } : {}),
      steps,
    };
    const root: Place = [1, "spec", "strategy", "canary", "steps"];
    const places: readonly Place[] = [
      [...root, 0, "setWeight"],
      [...root, 1, "setWeight"],
      [...root, 2, "pause"],
    ];
    const documents = [rollout("basket", { steps: [{ setWeight: 50 }] }), rollout("checkout", canary)];
    return { documents, value: { from, to, runsOut: false }, places: places.map((place) => [place]) };
  });

function rollout(name: string, canary: Mapping): Mapping {
  const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name };
  const spec = { workloadRef, replicas: 4, strategy: { canary } };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name }, spec };
}
