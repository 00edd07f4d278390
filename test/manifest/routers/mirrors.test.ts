import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { ROUTER_FACTS } from "../../../src/manifest/routers/catalogue.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { setMirror } from "../../../src/manifest/routers/mirrors.ts";
import type { RouteOf } from "../../../src/manifest/routers/router.ts";
import { valueOf } from "../builders.ts";

const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout") },
  destinations: undefined,
};
const path = "apps/checkout/route.yaml";

/** A rule with both arms: to whom it sends copies of how many per cent; `ours` is what a mirror to the canary has. */
type Rule = { readonly total: number; readonly mirrors: readonly (readonly [to: string, percent: number | "ours"])[] };
type Shape = { readonly share: number; readonly ours: number };
type TextOf = (rules: readonly Rule[], shape: Shape) => string;

const partsOf = ({ total }: Rule, share: number) => [total - (total * share) / 100, (total * share) / 100] as const;
const percentIn = (percent: number | "ours", { ours }: Shape) => (percent === "ours" ? ours : percent);

const virtualService: TextOf = (rules, shape) => {
  const texts = rules.map((rule, index) => {
    const [stable, canary] = partsOf(rule, shape.share);
    const mirrors = rule.mirrors.map(([to, percent]) =>
      rule.mirrors.length === 1
        ? `      mirror: { host: ${to} } # copies\n      mirrorPercentage: { value: ${percentIn(percent, shape)} }\n`
        : `        - { destination: { host: ${to} }, percentage: { value: ${percentIn(percent, shape)} } }\n`,
    );
    const head = mirrors.length > 1 ? "      mirrors:\n" : "";
    return `    - name: rule-${index}
      route:
        - { destination: { host: checkout }, weight: ${stable} }
        - { destination: { host: checkout-canary.shop.svc.cluster.local }, weight: ${canary} }
${head}${mirrors.join("")}`;
  });
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout]
  http:
    # Only stable: its copies are people's.
    - match: [{ uri: { prefix: /old } }]
      route: [{ destination: { host: checkout } }]
      mirror: { host: checkout-canary }
${texts.join("")}`;
};

const httpRoute: TextOf = (rules, shape) => {
  const texts = rules.map((rule) => {
    const [stable, canary] = partsOf(rule, shape.share);
    const mirrors = rule.mirrors.map(
      ([to, percent]) =>
        `        - type: RequestMirror\n          requestMirror: { backendRef: { name: ${to}, port: 80 }, percent: ${percentIn(percent, shape)} } # copies\n`,
    );
    const head = mirrors.length > 0 ? `      filters:\n        - type: RequestHeaderModifier\n` : "";
    return `    - backendRefs:
        - { name: checkout, port: 80, weight: ${stable} }
        - { name: checkout-canary, port: 80, weight: ${canary} }
${head}${mirrors.join("")}`;
  });
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - backendRefs: [{ name: checkout }]
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: checkout-canary } } }]
${texts.join("")}`;
};

const shares = fc.integer({ min: 0, max: 100 });
const total = fc.constantFrom(100, 200, 1000);
const foreign = fc.tuple(fc.constantFrom("audit", "checkout-canary.attic", "checkout"), shares);
const others = fc.array(foreign, { maxLength: 2 });
const without: fc.Arbitrary<Rule> = fc.record({ total, mirrors: others });
const mirrored: fc.Arbitrary<Rule> = fc.record({
  total,
  mirrors: others.map((all) => [...all, ["checkout-canary", "ours"] as const]),
});
const mixed = fc
  .tuple(fc.array(mirrored, { minLength: 1, maxLength: 2 }), fc.array(without, { maxLength: 2 }))
  .chain(([one, other]) => fc.shuffledSubarray([...one, ...other], { minLength: one.length + other.length }));

const KINDS = [
  ["VirtualService", virtualService],
  ["HTTPRoute", httpRoute],
] as const;

describe.each(KINDS)("mirrors to the canary in a %s", (kind, textOf) => {
  const router = ROUTERS[kind];
  const read = (text: string) => [valueOf(router.read({ path, text }, OF)), router.mirror?.read({ path, text }, OF)];
  const turned = (text: string, percent: number) => setMirror(router, { path, text }, OF, percent);

  it("are set together at weight 0, and are none again with any weight, in the very text of the same numbers", () => {
    fc.assert(
      fc.property(mixed, shares, shares, shares, (rules, before, percent, after) => {
        const text = textOf(rules, { share: before, ours: 0 });
        expect(read(text)).toEqual([before, { kind: "ok", value: 0 }]);
        const on = textOf(rules, { share: 0, ours: percent });
        expect(turned(text, percent)).toEqual({ kind: "ok", value: on });
        expect(read(on)).toEqual([0, { kind: "ok", value: percent }]);
        expect(turned(on, percent)).toEqual({ kind: "ok", value: on });
        const off = textOf(rules, { share: after, ours: 0 });
        expect(valueOf(router.set({ path, text: on }, OF, weight(after)))).toBe(off);
      }),
      { numRuns: 60 },
    );
  });

  it("are none where those are to others, and cannot be set then", () => {
    fc.assert(
      fc.property(fc.array(without, { minLength: 1, maxLength: 3 }), shares, (rules, share) => {
        const text = textOf(rules, { share, ours: 0 });
        expect(read(text)).toEqual([share, { kind: "ok", value: undefined }]);
        expect(turned(text, 5)).toMatchObject({ kind: "err", error: { found: "no mirror to checkout-canary" } });
        expect(valueOf(router.set({ path, text }, OF, weight(share)))).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  const one: readonly Rule[] = [{ total: 100, mirrors: [["checkout-canary", "ours"]] }];

  it.each([
    ["another percentage in another rule", (text: string) => text.replace(/(.*)20/s, "$130"), "the same percentage"],
    ["a part of a per cent", (text: string) => text.replaceAll("20", "2.5"), "a whole number from 0 to 100"],
    ["more than all", (text: string) => text.replaceAll("20", "101"), "a whole number from 0 to 100"],
  ])("with %s are refused", (_, changed, why) => {
    const text = changed(textOf([...one, ...one], { share: 0, ours: 20 }));
    const found = router.mirror?.read({ path, text }, OF);
    expect(found?.kind === "err" ? found.error.why : "read").toContain(why);
  });

  it("without a percentage copy all, and get one where they are to copy less", () => {
    const bare = textOf(one, { share: 0, ours: 20 }).replace(/ *mirrorPercentage: .*\n|, percent: 20/, "");
    expect(read(bare)).toEqual([0, { kind: "ok", value: 100 }]);
    expect(turned(bare, 100)).toEqual({ kind: "ok", value: bare });
    const less = valueOf(turned(bare, 20));
    expect(read(less)).toEqual([0, { kind: "ok", value: 20 }]);
    expect(read(valueOf(router.set({ path, text: bare }, OF, weight(5))))).toEqual([5, { kind: "ok", value: 0 }]);
  });
});

it.each([
  { kind: "VirtualService", textOf: virtualService, said: / mirrorPercentage: .*/, other: " mirrorPercent: 5" },
  { kind: "HTTPRoute", textOf: httpRoute, said: "percent: 5", other: "fraction: { numerator: 1 }" },
] as const)("of a $kind that say how many by $other are neither read nor written", ({ kind, textOf, said, other }) => {
  const text = textOf([{ total: 100, mirrors: [["checkout-canary", 5]] }], { share: 0, ours: 0 }).replace(said, other);
  const refused = { kind: "err", error: { found: `the key ${other.trim().split(":")[0]}` } };
  expect(ROUTERS[kind].mirror?.read({ path, text }, OF)).toMatchObject(refused);
  expect(ROUTERS[kind].set({ path, text }, OF, weight(0))).toMatchObject(refused);
});

it("mean a subset where the arms are subsets", () => {
  const of: RouteOf = {
    ...OF,
    destinations: {
      canary: { host: name("checkout"), subset: name("canary") },
      stable: { host: name("checkout"), subset: name("stable") },
    },
  };
  const text = (ours: number) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout]
  http:
    - route:
        - { destination: { host: checkout, subset: stable }, weight: 100 }
        - { destination: { host: checkout, subset: canary }, weight: 0 }
      mirrors:
        - { destination: { host: checkout, subset: canary }, percentage: { value: ${ours} } }
        - { destination: { host: checkout, subset: audit }, percentage: { value: 7 } }
        - { destination: { host: checkout }, percentage: { value: 8 } }
`;
  const { mirror } = ROUTERS.VirtualService;
  expect(mirror?.read({ path, text: text(3) }, of)).toEqual({ kind: "ok", value: 3 });
  expect(mirror?.set({ path, text: text(3) }, of, 50)).toEqual({ kind: "ok", value: text(50) });
});

it("are known of the kinds of which 0 is none, and the catalogue says where", () => {
  const known = ROUTER_KINDS.filter((kind) => ROUTERS[kind].mirror !== undefined);
  expect(known).toEqual(["HTTPRoute", "GRPCRoute", "VirtualService"]);
  expect(ROUTER_KINDS.filter((kind) => ROUTER_FACTS[kind].mirrors !== undefined)).toEqual(known);
});
