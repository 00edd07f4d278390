import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { err } from "../../../src/core/result.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { ROUTER_FACTS } from "../../../src/manifest/routers/catalogue.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import type { RouteOf } from "../../../src/manifest/routers/router.ts";
import { valueOf } from "../builders.ts";
import { routeText, TESTED, type Rule } from "./tested.ts";

const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout") },
  destinations: undefined,
};
const path = "apps/checkout/route.yaml";

const KINDS = ROUTER_KINDS.filter((kind) => kind in TESTED) as readonly (keyof typeof TESTED)[];

const ruleFor = (kind: keyof typeof TESTED, isForTesters: boolean): fc.Arbitrary<Rule> =>
  fc.record({
    isForTesters: fc.constant(isForTesters),
    total: fc.constantFrom(...[100, 200, 1000].filter((total) => total <= (TESTED[kind].most ?? 1000))),
    isStableFirst: fc.boolean(),
  });
const shares = fc.integer({ min: 0, max: 100 });

describe.each(KINDS)("testers of a %s", (kind) => {
  const router = ROUTERS[kind];
  const textOf = (rules: readonly Rule[], shareOf: (rule: Rule) => number) => routeText(kind, rules, shareOf);
  const some = (isForTesters: boolean) => fc.array(ruleFor(kind, isForTesters), { minLength: 1, maxLength: 3 });
  const mixed = fc
    .tuple(some(true), some(false))
    .chain(([one, other]) => fc.shuffledSubarray([...one, ...other], { minLength: one.length + other.length }));
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
      { numRuns: 30 },
    );
  });

  it("are none where every rule asks for a header, or none does, and cannot be sent anywhere then", () => {
    fc.assert(
      fc.property(fc.boolean().chain(some), shares, (rules, share) => {
        const text = textOf(rules, () => share);
        expect(read(text)).toEqual([share, { kind: "ok", value: undefined }]);
        expect(turnedOn(text)).toMatchObject({ kind: "err", error: { found: "no rule for testers" } });
      }),
      { numRuns: 20 },
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

/** A rule that asks for something in its kind's words, beside one for everybody: whether it is read as testers'. */
function isTesters(kind: keyof typeof TESTED, asks: string): boolean {
  const rule = { isForTesters: false, total: 100, isStableFirst: true };
  const text = routeText(kind, [{ ...rule, asks }, rule], () => 0);
  const { testers } = ROUTERS[kind];
  return testers !== undefined && valueOf(testers.read({ path, text }, OF)) === false;
}

const condition = (keys: string) => `, { header: { name: x-tester, ${keys} } }`;
const expression = (scope: string, op: string, subject = "x-tester") =>
  `{ subject: { scope: ${scope}, name: ${subject} }, op: ${op}, value: "yes" }`;

describe("a rule is testers' where it takes no request without a header or a cookie", () => {
  it.each<[keyof typeof TESTED, boolean, string]>([
    ["HTTPRoute", true, "{ headers: [{ name: cookie, type: RegularExpression, value: staff=1 }] }"],
    ["HTTPRoute", true, "{ headers: [{ name: host, value: a }, { name: x-tester, value: a }] }"],
    ["HTTPRoute", false, "{ headers: [{ name: x-tester, value: a }] }, { path: { value: / } }"],
    ["HTTPRoute", false, "{ headers: [{ name: Host, value: a }] }"],
    ["HTTPRoute", false, "{ headers: [] }"],
    ["VirtualService", true, ", headers: { x-tester: {} }"],
    ["VirtualService", false, ', headers: { ":authority": { exact: a } }'],
    ["VirtualService", false, ", withoutHeaders: { x-tester: {} }"],
    ["ALBIngress", true, ',{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"cookie","Values":["*a=1*"]}}'],
    ["ALBIngress", false, ',{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"Host","values":["a"]}}'],
    ["ALBIngress", false, ',{"field":"host-header","hostHeaderConfig":{"values":["a"]}}'],
    ["ALBIngress", false, ",{"],
    ["SkipperIngress", true, 'Path("/a") && HeaderRegexp("X-Tester", /yes/)'],
    ["SkipperIngress", true, 'Header("X-Tester", "yes")'],
    ["SkipperIngress", false, 'Header("Host", "a")'],
    ["SkipperIngress", false, 'QueryParam("header", "a")'],
    ["IngressRoute", true, "(Host(`a`) || Host(`b`)) && HeaderRegexp(`Cookie`, `(^|; )staff=1`)"],
    ["IngressRoute", true, "Headers(`X-A`, `1`) && PathPrefix(`/`) || HeadersRegexp(`X-B`, `2`)"],
    ["IngressRoute", true, 'Header("X-Tester", "(yes)") && !Path("/a")'],
    ["IngressRoute", false, "Host(`a`) || Header(`X-Tester`, `yes`) && Path(`/`)"],
    ["IngressRoute", false, "Header(`X-Tester`, `yes`) || (Host(`a`) && Path(`/`))"],
    ["IngressRoute", false, "Host(`a`) && !Header(`X-Tester`, `yes`)"],
    ["IngressRoute", false, "Path(`/`) && !(Host(`a`) && Header(`X-Tester`, `yes`))"],
    ["IngressRoute", false, "Host(`Header(`) && Path(`/ && Header(X)`)"],
    ["IngressRoute", false, "Header(`Host`, `a`)"],
    ["IngressRoute", false, "Header(`X-Tester`, `yes`) &&"],
    ["IngressRoute", false, "Header(`X-Tester`, `yes`"],
    ["IngressRoute", false, `Header(\`X-Tester\`, \`${"y".repeat(5_000)}\`)`],
    ["HTTPProxy", true, condition("present: true")],
    ["HTTPProxy", true, condition("contains: yes, treatMissingAsEmpty: false")],
    ["HTTPProxy", true, condition('regex: ".*yes.*"')],
    ["HTTPProxy", false, condition('regex: ".*", treatMissingAsEmpty: true')],
    ["HTTPProxy", false, condition("notpresent: true")],
    ["HTTPProxy", false, condition("present: false")],
    ["HTTPProxy", false, condition("notexact: yes")],
    ["HTTPProxy", false, condition("notcontains: yes")],
    ["HTTPProxy", false, ', { queryParameter: { name: x-tester, exact: "yes" } }'],
    ["ApisixRoute", true, `, exprs: [${expression("Header", "RegexMatch")}, ${expression("Cookie", "In")}]`],
    ["ApisixRoute", false, `, exprs: [${expression("Header", "Equal")}, ${expression("Query", "Equal")}]`],
    ["ApisixRoute", false, `, exprs: [${expression("Header", "NotEqual")}]`],
    ["ApisixRoute", false, `, exprs: [${expression("Header", "Equal", "Host")}]`],
    ["ApisixRoute", false, ", exprs: []"],
    ["VirtualRouter", true, ", headers: [{ name: x-tester }]"],
    ["VirtualRouter", false, ", headers: [{ name: x-tester, invert: true }]"],
    ["TrafficRoute", false, ", method: { exact: GET }"],
    ["MeshHTTPRoute", true, ", headers: [{ type: Present, name: x-tester }]"],
    ["MeshHTTPRoute", false, ", headers: [{ type: Absent, name: x-tester }]"],
    ["MeshHTTPRoute", false, " }, { method: GET"],
    ["GlooRouteTable", true, "{ name: x-tester }"],
    ["GlooRouteTable", false, "{ name: x-tester, invertMatch: true }"],
    ["GlooMeshRouteTable", false, ", queryParameters: [{ name: x-tester }]"],
  ])("%s: %s: %s", (kind, expected, asks) => {
    expect(isTesters(kind, asks)).toBe(expected);
  });
});

it("are known of the kinds whose documentation says how", () => {
  const known = ROUTER_KINDS.filter((kind) => ROUTERS[kind].testers !== undefined);
  expect(known).toEqual(ROUTER_KINDS.filter((kind) => ROUTER_FACTS[kind].testers !== undefined));
  expect(known.filter((kind) => kind !== "Ingress")).toEqual(KINDS);
});
