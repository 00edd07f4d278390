import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS, type RouterKind } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import type { Driver, Entry } from "../../../src/manifest/routers/driver.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import type { RouteOf } from "../../../src/manifest/routers/router.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";
import { hands } from "../written.ts";
import { fileText, type Mapping, type Objects } from "./objects.ts";
import { ALONE } from "./objects-of-kinds.ts";
import { albAlone, openShiftAlone, skipperAlone } from "./objects-of-others.ts";
import { byDestination, OF } from "./routed.ts";

const path = "apps/checkout/route.yaml";

function besideOf({ entry }: Driver): Extract<Entry, { readonly kind: "beside" }> {
  if (entry.kind === "beside") return entry;
  throw new Error("The canary has an object of its own.");
}

const gateway = (kind: string, weights: Mapping): Mapping => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind,
  metadata: { name: "checkout" },
  spec: {
    rules: [
      {
        matches: [{ path: { value: "/web-1" } }],
        backendRefs: [{ name: "checkout-stable", port: 80, ...weights, filters: [{ type: "web-1" }] }],
      },
      { backendRefs: [{ name: "other", port: 80 }] },
      { backendRefs: [{ name: "checkout-stable", port: 8080 }] },
    ],
  },
});
const gatewayAlone = (kind: string): fc.Arbitrary<Objects<number>> =>
  fc
    .constantFrom<Mapping>({}, { weight: 1 }, { weight: 100 })
    .map((weights) => ({ documents: [gateway(kind, weights)], value: 0, places: [] }));

const istio = (destination: Mapping): fc.Arbitrary<Objects<number>> =>
  fc.constantFrom<Mapping>({}, { weight: 100 }).map((weights) => {
    const spec = {
      hosts: ["checkout"],
      http: [
        { match: [{ uri: { prefix: "/old" } }], redirect: { uri: "/new" } },
        { route: [{ destination, ...weights, headers: { request: { set: { x: "web-1" } } } }], timeout: "2s" },
      ],
      tcp: [{ route: [{ destination: { ...destination, port: { number: 5432 } } }] }],
    };
    const metadata = { name: "checkout", namespace: "shop" };
    const object = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec };
    return { documents: [object], value: 0, places: [] };
  });

const SUBSETS: RouteOf = { ...OF, destinations: byDestination(["checkout", "v2"], ["checkout", "v1"]) };

type Row = readonly [title: string, kind: RouterKind, files: fc.Arbitrary<Objects<number>>, of: RouteOf];

const BY_NAME = [
  ...(["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"] as const).map(
    (kind) => [kind, kind, gatewayAlone(kind)] as const,
  ),
  ["VirtualService by host", "VirtualService", istio({ host: "checkout-stable.shop.svc.cluster.local" })],
  ...ALONE,
  ["OpenShiftRoute", "OpenShiftRoute", openShiftAlone],
  ["ALBIngress", "ALBIngress", albAlone],
  ["SkipperIngress", "SkipperIngress", skipperAlone],
] as const;

const TABLE: readonly Row[] = [
  ...BY_NAME.map(([title, kind, files]): Row => [title, kind, files, OF]),
  ["VirtualService by subset", "VirtualService", istio({ host: "checkout", subset: "v1" }), SUBSETS],
];

describe.each(TABLE)("joining %s", (_, kind, files, of) => {
  const router = ROUTERS[kind];
  const made = fc
    .record({ objects: files, hand: hands, order: fc.nat(99) })
    .map(({ objects, hand, order }) => fileText(objects, hand, order));
  const join = (text: string) => valueOf(besideOf(router).join({ path, text }, of));
  const leave = (text: string) => valueOf(besideOf(router).leave({ path, text }, of));
  const set = (text: string, share: number) => valueOf(router.set({ path, text }, of, weight(share)));

  it("adds the canary at weight 0, in lines of its own but for braces, and leaving gives the very same text", () => {
    fc.assert(
      fc.property(made, (text) => {
        const after = join(text);
        expect(valueOf(router.read({ path, text: after }, of))).toBe(0);
        expect(leave(after)).toBe(text);
        expect(errorOf(besideOf(router).join({ path, text: after }, of)).why).toMatch(/not there yet|no weight yet/);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves the very same text after releases as well, where the weights can hold every share", () => {
    fc.assert(
      fc.property(made, fc.integer({ min: 1, max: 100 }), (text, share) => {
        fc.pre(!/weight"?: "?'?1m?\b(?!\d)/i.test(text) && !/Weight\\?":1[,}]/i.test(text));
        const moved = set(join(text), share);
        expect(errorOf(besideOf(router).leave({ path, text: moved }, of)).why).toContain("at weight 0");
        expect(leave(set(moved, 0))).toBe(text);
      }),
      { numRuns: 40 },
    );
  });
});

describe("joining", () => {
  const { join, leave } = besideOf(ROUTERS.HTTPRoute);
  const route = (backends: string) =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: checkout }\nspec:\n  rules:\n    - backendRefs:\n${backends}`;
  const STABLE = "        - name: checkout-stable # ours\n          port: 80\n";
  const joined = (text: string) => valueOf(join({ path, text }, OF));

  it("writes the canary behind stable where stable's weight was written, else before it with the weight", () => {
    expect(joined(route(`${STABLE}          weight: 1\n`))).toBe(
      route(`${STABLE}          weight: 1\n        - name: checkout-canary\n          port: 80\n          weight: 0\n`),
    );
    expect(joined(route(STABLE))).toBe(
      route(
        `        - name: checkout-canary\n          port: 80\n          weight: 0\n${STABLE}          weight: 100\n`,
      ),
    );
  });

  it("copies stable's other keys, in every rule that sends to stable", () => {
    const text = JSON.stringify(gateway("HTTPRoute", { weight: 100 }));
    const [document] = parseAllDocuments(joined(text));
    expect(document?.toJS()).toMatchObject({
      spec: {
        rules: [
          {
            backendRefs: [
              { name: "checkout-stable", port: 80, weight: 100, filters: [{ type: "web-1" }] },
              { name: "checkout-canary", port: 80, weight: 0, filters: [{ type: "web-1" }] },
            ],
          },
          { backendRefs: [{ name: "other", port: 80 }] },
          {
            backendRefs: [
              { name: "checkout-canary", port: 8080, weight: 0 },
              { name: "checkout-stable", port: 8080, weight: 100 },
            ],
          },
        ],
      },
    });
  });

  it("keeps how a host is spelled", () => {
    const { join: beside } = besideOf(ROUTERS.VirtualService);
    const text =
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: x }\nspec:\n  http:\n    - route:\n        - destination: { host: checkout-stable.shop.svc, port: { number: 80 } }\n";
    expect(changedLines(text, valueOf(beside({ path, text }, OF)))).toEqual([
      "        - destination:",
      "            host: checkout-canary.shop.svc",
      "            port:",
      "              number: 80",
      "          weight: 0",
      "          weight: 100",
    ]);
  });

  it.each([
    ["others share the rule", `${STABLE}        - name: legacy\n`, "found other backends beside checkout-stable"],
    ["the canary is there", `${STABLE}        - name: checkout-canary\n`, "found checkout-canary in spec.rules[0]"],
    ["stable is nowhere", "        - name: other\n", "found no rule that sends to checkout-stable"],
    ["stable has no traffic", `${STABLE}          weight: 0\n`, "found the weight 0 of checkout-stable"],
    ["stable is a template", STABLE.replace("80", "{{ .Values.port }}"), "a template?"],
    ["stable is used elsewhere", STABLE.replace("- name", "- &s\n          name"), "found an anchor"],
  ])("is refused where %s", (_, backends, found) => {
    expect(refusalText(errorOf(join({ path, text: route(backends) }, OF)))).toContain(found);
  });

  it("is undone only at weight 0, and while the canary stands nowhere else", () => {
    const both = `${STABLE}          weight: 90\n        - name: checkout-canary\n          weight: 10\n`;
    expect(refusalText(errorOf(leave({ path, text: route(both) }, OF)))).toContain("found 10% for checkout-canary");
    const apart = `${both.replace("90", "100").replace("10\n", "0\n")}    - backendRefs: [{ name: checkout-canary }]\n`;
    expect(refusalText(errorOf(leave({ path, text: route(apart) }, OF)))).toContain("sends to it alone");
  });

  it("finds the way into every kind: beside stable, or as an object of its own", () => {
    const beside = new Set(TABLE.map(([, kind]) => kind));
    const own = ROUTER_KINDS.filter((kind) => ROUTERS[kind].entry.kind === "object");
    expect(own).toEqual(["Ingress", "Mapping"]);
    expect(new Set([...beside, ...own])).toEqual(new Set(ROUTER_KINDS));
  });

  it("takes an Ingress of an ALB that has an action", () => {
    const text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: checkout }\n";
    const refused = errorOf(besideOf(ROUTERS.ALBIngress).join({ path, text }, OF));
    expect(refusalText(refused)).toContain("an Ingress without an action");
  });
});

describe("a canary's own object", () => {
  const canaryOf = (kind: "Ingress" | "Mapping", text: string, of = OF) => {
    const { entry } = ROUTERS[kind];
    if (entry.kind !== "object") throw new Error("The canary stands beside stable.");
    return entry.canaryOf({ path, text }, of);
  };
  const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout
  namespace: shop
  annotations: { nginx.ingress.kubernetes.io/affinity: cookie, nginx.ingress.kubernetes.io/rewrite-target: / }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [shop.example.com], secretName: shop }]
  rules:
    - host: shop.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: checkout-stable, port: { name: http } } } }
          - { path: /search, pathType: Prefix, backend: { service: { name: search, port: { number: 80 } } } }
    - host: other.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: other, port: { number: 80 } } } }] }
`;

  it("is an Ingress of NGINX with stable's paths, which the router reads", () => {
    const text = valueOf(canaryOf("Ingress", INGRESS));
    expect(text).toBe(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout-canary
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "0"
    nginx.ingress.kubernetes.io/affinity-canary-behavior: legacy
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: checkout-canary
                port:
                  name: http
`);
    const both = `${INGRESS}---\n${text}`;
    expect(valueOf(ROUTERS.Ingress.read({ path, text: both }, OF))).toBe(0);
    expect(valueOf(ROUTERS.Ingress.set({ path, text: both }, OF, weight(5)))).toBe(both.replace('"0"', '"5"'));
  });

  it.each([
    ["no path of stable's", INGRESS.replace("checkout-stable", "blue"), "no Ingress with a path to checkout-stable"],
    [
      "a canary already",
      INGRESS.replace("rewrite-target: /", 'canary: "true"'),
      '"nginx.ingress.kubernetes.io/canary" on stable\'s Ingress',
    ],
    [
      "stable by default alone",
      INGRESS.replace("  tls:", "  defaultBackend: { service: { name: checkout-stable } }\n  tls:"),
      "checkout-stable as defaultBackend",
    ],
    ["a template", INGRESS.replace("name: http", "name: {{ .Values.port }}"), "a template?"],
  ])("is refused of an Ingress with %s", (_, text, found) => {
    expect(refusalText(errorOf(canaryOf("Ingress", text)))).toContain(found);
  });

  const MAPPING = `apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata: { name: checkout, namespace: edge, labels: { team: shop } }
spec:
  hostname: shop.example.com
  prefix: /checkout/
  service: https://checkout-stable.shop:8443
  timeout_ms: 2000
`;

  it("is a Mapping with the canary's service at weight 0", () => {
    const text = valueOf(canaryOf("Mapping", MAPPING));
    expect(text).toBe(`apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata:
  name: checkout-canary
  namespace: edge
spec:
  hostname: shop.example.com
  prefix: /checkout/
  service: https://checkout-canary.shop:8443
  weight: 0
  timeout_ms: 2000
`);
    expect(valueOf(ROUTERS.Mapping.read({ path, text }, OF))).toBe(0);
  });

  it.each([
    ["a weight of its own", MAPPING.replace("  timeout", "  weight: 50\n  timeout"), "a spec.weight of Mapping"],
    ["another service", MAPPING.replace("checkout-stable", "blue"), "no Mapping of checkout-stable"],
  ])("is refused of a Mapping with %s", (_, text, found) => {
    expect(refusalText(errorOf(canaryOf("Mapping", text)))).toContain(found);
  });

  it("has the names that the arms have in the route", () => {
    const of = { ...OF, arms: { canary: name("green"), stable: name("blue") } };
    expect(valueOf(canaryOf("Mapping", MAPPING.replace("checkout-stable", "blue"), of))).toContain(
      "https://green.shop",
    );
  });
});
