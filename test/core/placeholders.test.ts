import fc from "fast-check";
import { expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import { armless, filled } from "../../src/core/placeholders.ts";

const NAMES = {
  service: name("checkout"),
  namespace: name("shop"),
  arm: name("checkout-canary"),
  workload: name("checkout-canary-v2"),
};

it.each([
  [
    "sum:hits{service:{arm},kube_namespace:{namespace}}.as_count()",
    "sum:hits{service:checkout-canary,kube_namespace:shop}.as_count()",
  ],
  ["{service} {workload} {arm}{arm}", "checkout checkout-canary-v2 checkout-canarycheckout-canary"],
  ["{$.arm} {Arm} { arm } {env} {{arm}}", "{$.arm} {Arm} { arm } {env} {checkout-canary}"],
])("%s is %s", (text, expected) => {
  expect(filled(text, NAMES)).toBe(expected);
});

it("never puts anything into a text that a name cannot hold", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/), (arm) => {
      expect(filled('"{arm}"', { ...NAMES, arm: name(arm) })).toMatch(/^"[-a-z0-9]+"$/);
    }),
  );
});

it.each([
  ["count{service:{arm}}", undefined],
  ["count{deployment:{workload}}", undefined],
  ["count{service:{service}}", "must hold {arm} or {workload}: without it both arms would be counted as one"],
  ["count{arm:canary}", "must hold {arm} or {workload}: without it both arms would be counted as one"],
  ["count{service:{arms}}", "holds {arms}: did you mean {arm}?"],
  ["count{service:{arm},ns:{namespce}}", "holds {namespce}: did you mean {namespace}?"],
])("%s: %s", (text, expected) => {
  expect(armless(text)).toBe(expected);
});

it.each([
  ['avg(rss{pod=~"{pods}"})', undefined],
  ['avg(rss{pod=~"{pod}"})', "holds {pod}: did you mean {pods}?"],
  ["avg(rss)", "must hold {pods}, {arm} or {workload}: without it both arms would be counted as one"],
])("with a further word, %s: %s", (text, expected) => {
  expect(armless(text, ["pods"])).toBe(expected);
});
