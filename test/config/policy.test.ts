import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHeld, type Held } from "../../src/config/extended.ts";
import { pullPolicy } from "../../src/config/policy.ts";
import { NEW_WORKLOADS, PITFALLS } from "../../src/config/policy-schema.ts";
import { PITFALL_RULES } from "../../src/config/pitfall-rules.ts";
import { parseShared } from "../../src/config/shared-config.ts";
import { CATALOGUE } from "../../src/lint/catalogue.ts";
import type { Result } from "../../src/core/result.ts";
import { valueOf } from "../manifest/builders.ts";

const METRICS = { prod: { prometheus: { url: "https://prometheus.example.com" } } };

function held(policy: object | undefined, enforced?: object): Result<Held, readonly { readonly message: string }[]> {
  const shared =
    enforced && valueOf(parseShared("acme/platform", JSON.stringify({ version: 1, enforced: { policy: enforced } })));
  const text = JSON.stringify({ version: 1, metrics: METRICS, ...(policy && { policy }) });
  return parseHeld({ path: ".github/tidegate.yml", text }, shared);
}

function policyOf(policy: object | undefined, enforced?: object) {
  return pullPolicy(valueOf(held(policy, enforced)).written);
}

const CART = ["apps/cart/prod/deployment.yaml"];
const EXEMPT = [{ services: ["cart"], reason: "goes away in May" }];

describe("of a new workload", () => {
  it.each([
    ["nothing is written", undefined, undefined, { ruling: "advise", exempt: undefined }],
    ["it is required", { newWorkloads: "require" }, undefined, { ruling: "require", exempt: undefined }],
    [
      "its place says otherwise",
      { newWorkloads: "require", places: [{ paths: ["apps/cart/**"], newWorkloads: "off" }] },
      undefined,
      { ruling: "off", exempt: undefined },
    ],
    [
      "the first place that covers it says nothing of it",
      { newWorkloads: "require", places: [{ paths: ["apps/**"], pitfalls: "off" }] },
      undefined,
      { ruling: "require", exempt: undefined },
    ],
    [
      "another place says otherwise",
      { places: [{ paths: ["teams/**"], newWorkloads: "require" }] },
      undefined,
      { ruling: "advise", exempt: undefined },
    ],
    [
      "it is exempt by its name",
      { newWorkloads: "require", exempt: EXEMPT },
      undefined,
      { ruling: "require", exempt: "goes away in May" },
    ],
    [
      "it is exempt by its path alone",
      { exempt: [{ paths: ["apps/*/prod/"], reason: "a trial" }] },
      undefined,
      { ruling: "advise", exempt: "a trial" },
    ],
    [
      "its name is exempt elsewhere",
      { exempt: [{ paths: ["teams/**"], services: ["cart"], reason: "a trial" }] },
      undefined,
      { ruling: "advise", exempt: undefined },
    ],
    [
      "more is enforced",
      { newWorkloads: "off" },
      { newWorkloads: "require" },
      { ruling: "require", exempt: undefined },
    ],
    [
      "less is enforced",
      { newWorkloads: "require" },
      { newWorkloads: "advise" },
      { ruling: "require", exempt: undefined },
    ],
    [
      "an exemption of its own meets what is enforced",
      { newWorkloads: "require", exempt: EXEMPT },
      { newWorkloads: "advise" },
      { ruling: "advise", exempt: undefined },
    ],
    [
      "what enforces exempts it",
      {},
      { newWorkloads: "require", exempt: EXEMPT },
      { ruling: "require", exempt: "goes away in May" },
    ],
    [
      "only pitfalls are enforced",
      { newWorkloads: "require", exempt: EXEMPT },
      { pitfalls: "errors" },
      { ruling: "require", exempt: "goes away in May" },
    ],
  ])("where %s", (_, policy, enforced, expected) => {
    expect(policyOf(policy, enforced).workload("cart", CART)).toEqual(expected);
  });
});

it.each([
  ["advise", "advise", "advise"],
  ["errors", "require", "advise"],
  ["warnings", "require", "require"],
  ["off", "off", "off"],
] as const)("pitfalls: %s makes an error %s and a warning %s", (pitfalls, error, warning) => {
  const policy = policyOf({ pitfalls });
  const of = (severity: "error" | "warning") => policy.pitfall({ rule: "two-routes", severity, path: "a.yaml" });
  expect([of("error"), of("warning")]).toEqual([error, warning]);
});

it("lets one rule fail, in one place, whatever else is said", () => {
  const policy = policyOf({ pitfalls: "off", places: [{ paths: ["apps/**"], failing: ["two-routes"] }] });
  const of = (rule: string, path: string) => policy.pitfall({ rule, severity: "warning", path });
  expect(of("two-routes", "apps/a.yaml")).toBe("require");
  expect(of("two-providers", "apps/a.yaml")).toBe("off");
  expect(of("two-routes", "teams/a.yaml")).toBe("off");
});

it.each([
  [
    { exempt: [{ services: ["cart"] }] },
    undefined,
    "policy.exempt[0].reason is missing: say why it needs no template.",
  ],
  [
    { exempt: [{ services: ["cart"], reason: " " }] },
    undefined,
    "policy.exempt[0].reason must be one line that says why.",
  ],
  [{ exempt: [{ reason: "why" }] }, undefined, "policy.exempt[0] must have paths or services."],
  [{ failing: ["two-rutes"] }, undefined, "policy.failing[0] is unknown: did you mean two-routes?"],
  [{ places: [{ newWorkloads: "off" }] }, undefined, "policy.places[0].paths is missing."],
])("%j is refused", (policy, enforced, message) => {
  const parsed = held(policy, enforced);
  expect(parsed.kind === "err" && parsed.error.map((one) => one.message)).toEqual([message]);
});

it.each([
  [{ newWorkloads: "off" }, { newWorkloads: "advise" }, "policy.newWorkloads is off, and"],
  [
    { places: [{ paths: ["a/**"], pitfalls: "advise" }] },
    { pitfalls: "errors" },
    "policy.places[0].pitfalls is advise, and",
  ],
  [{ exempt: EXEMPT }, { newWorkloads: "require" }, "policy.exempt[0] is an exemption from require, and"],
])("%j is told to ask for less than %j", (policy, enforced, message) => {
  const { loosened } = valueOf(held(policy, enforced));
  expect(loosened.map((one) => one.message)).toEqual([expect.stringContaining(message)]);
});

it("is never looser than what is enforced, whatever a file says", () => {
  const asked = {
    newWorkloads: fc.option(fc.constantFrom(...NEW_WORKLOADS), { nil: undefined }),
    pitfalls: fc.option(fc.constantFrom(...PITFALLS), { nil: undefined }),
    failing: fc.option(fc.subarray(["two-routes", "two-providers"]), { nil: undefined }),
  };
  const paths = fc.constantFrom(["**"], ["apps/**"], ["teams/**"]);
  const own = fc.record({
    ...asked,
    places: fc.array(fc.record({ paths, ...asked }), { maxLength: 3 }),
    exempt: fc.array(fc.record({ paths, reason: fc.constant("why") }), { maxLength: 2 }),
  });
  const enforced = fc.record({
    newWorkloads: fc.constantFrom("require", "advise"),
    pitfalls: fc.constantFrom("warnings", "errors", "advise"),
    failing: fc.subarray(["two-routes"]),
  });
  const ranks = ["off", "advise", "require"];
  fc.assert(
    fc.property(own, enforced, (written, least) => {
      const [policy, bound] = [policyOf(written, least), policyOf(least)];
      const found = policy.workload("cart", CART);
      expect(found.exempt).toBeUndefined();
      expect(ranks.indexOf(found.ruling)).toBeGreaterThanOrEqual(ranks.indexOf(least.newWorkloads));
      for (const rule of ["two-routes", "two-providers"])
        for (const severity of ["error", "warning"] as const) {
          const at = { rule, severity, path: CART[0] ?? "" };
          expect(ranks.indexOf(policy.pitfall(at))).toBeGreaterThanOrEqual(ranks.indexOf(bound.pitfall(at)));
        }
    }),
  );
});

it("knows the rules that there are, in their order", () => {
  expect(PITFALL_RULES).toEqual(Object.keys(CATALOGUE));
});
