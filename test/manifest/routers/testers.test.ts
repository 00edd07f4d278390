import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { err } from "../../../src/core/result.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import type { RouteOf } from "../../../src/manifest/routers/router.ts";
import { valueOf } from "../builders.ts";

const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout") },
  destinations: undefined,
};
const path = "apps/checkout/route.yaml";

type Rule = { readonly isForTesters: boolean; readonly total: number; readonly isStableFirst: boolean };
type ShareOf = (rule: Rule) => number;

function both(one: (arm: string, weight: number) => string, { total, isStableFirst }: Rule, share: number): string {
  const canary = (total * share) / 100;
  const lines = [one("checkout", total - canary), one("checkout-canary", canary)];
  return (isStableFirst ? lines : lines.toReversed()).join("");
}

function virtualService(rules: readonly Rule[], shareOf: ShareOf): string {
  const texts = rules.map((rule, index) => {
    const match = `      match: [{ uri: { prefix: / }, headers: { cookie: { regex: ".*staff=1.*" } } }]\n`;
    const line = (arm: string, of: number) => `        - { destination: { host: ${arm} }, weight: ${of} }\n`;
    return `    - name: rule-${index} # of some\n${rule.isForTesters ? match : ""}      route:\n${both(line, rule, shareOf(rule))}`;
  });
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout]
  http:
${texts.join("")}`;
}

function httpRoute(rules: readonly Rule[], shareOf: ShareOf): string {
  const texts = rules.map((rule) => {
    const headers = rule.isForTesters ? '          headers: [{ name: x-tester, value: "yes" }]\n' : "";
    const line = (arm: string, of: number) =>
      `        - name: ${arm}\n          port: 80 # http\n          weight: ${of}\n`;
    return `    - matches:\n        - path: { type: PathPrefix, value: / }\n${headers}      backendRefs:\n${both(line, rule, shareOf(rule))}`;
  });
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  rules:
${texts.join("")}`;
}

const ruleFor = (isForTesters: boolean): fc.Arbitrary<Rule> =>
  fc.record({
    isForTesters: fc.constant(isForTesters),
    total: fc.constantFrom(100, 200, 1000),
    isStableFirst: fc.boolean(),
  });
const some = (isForTesters: boolean) => fc.array(ruleFor(isForTesters), { minLength: 1, maxLength: 3 });
const mixed = fc
  .tuple(some(true), some(false))
  .chain(([one, other]) => fc.shuffledSubarray([...one, ...other], { minLength: one.length + other.length }));
const shares = fc.integer({ min: 0, max: 100 });

describe.each([
  ["VirtualService", virtualService],
  ["HTTPRoute", httpRoute],
] as const)("testers of a %s", (kind, textOf) => {
  const router = ROUTERS[kind];
  const read = (text: string) => [valueOf(router.read({ path, text }, OF)), router.testers?.read({ path, text }, OF)];
  const turnedOn = (text: string) => router.testers?.set({ path, text }, OF) ?? err("no rules for testers");

  it("get the canary alone, and go by everybody's weight again, in the very text of the same weights", () => {
    fc.assert(
      fc.property(mixed, shares, shares, (rules, before, after) => {
        const text = textOf(rules, () => before);
        expect(read(text)).toEqual([before, { kind: "ok", value: false }]);
        const on = textOf(rules, ({ isForTesters }) => (isForTesters ? 100 : 0));
        expect(turnedOn(text)).toEqual({ kind: "ok", value: on });
        expect(read(on)).toEqual([0, { kind: "ok", value: true }]);
        expect(turnedOn(on)).toEqual({ kind: "ok", value: on });
        expect(valueOf(router.set({ path, text: on }, OF, weight(after)))).toBe(textOf(rules, () => after));
      }),
      { numRuns: 60 },
    );
  });

  it("are none where every rule asks for a header, or none does, and cannot be sent anywhere then", () => {
    fc.assert(
      fc.property(fc.boolean().chain(some), shares, (rules, share) => {
        const text = textOf(rules, () => share);
        expect(read(text)).toEqual([share, { kind: "ok", value: undefined }]);
        expect(turnedOn(text)).toMatchObject({ kind: "err", error: { found: "no rule for testers" } });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [100, 5],
    [50, 0],
    [0, 5],
  ])("have the share of all else: %i%% beside %i%% is refused", (testers, others) => {
    const rules = [true, false].map((isForTesters) => ({ isForTesters, total: 100, isStableFirst: true }));
    const text = textOf(rules, ({ isForTesters }) => (isForTesters ? testers : others));
    const why = "every rule with both of them has the same share";
    expect(router.read({ path, text }, OF)).toMatchObject({ kind: "err", error: { why } });
  });
});

it("are known of the kinds whose rules match headers", () => {
  const known = ROUTER_KINDS.filter((kind) => ROUTERS[kind].testers !== undefined);
  expect(known).toEqual(["HTTPRoute", "GRPCRoute", "VirtualService"]);
});
