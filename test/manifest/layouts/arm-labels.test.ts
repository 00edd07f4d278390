import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canaryLabels, selects } from "../../../src/manifest/layouts/arm-labels.ts";

describe("the canary's labels", () => {
  it.each([
    [
      "what the Deployment asks for",
      { app: "checkout", tier: "web" },
      [{ app: "checkout" }],
      { app: "checkout-canary" },
    ],
    [
      "what a Service asks for instead",
      { app: "checkout", tier: "web" },
      [{ app: "checkout" }, { tier: "web" }],
      { app: "checkout-canary", tier: "web-canary" },
    ],
    [
      "one label where all ask for it",
      { app: "checkout", tier: "web" },
      [{ app: "checkout", tier: "web" }, { tier: "web" }],
      { tier: "web-canary" },
    ],
    [
      "nothing for selectors of others",
      { app: "checkout", tier: "web" },
      [{ app: "checkout" }, { app: "basket", tier: "web" }],
      { app: "checkout-canary" },
    ],
    [
      "nothing for a Service without a selector",
      { app: "checkout" },
      [{ app: "checkout" }, {}],
      { app: "checkout-canary" },
    ],
    ["an empty value", { app: "" }, [{ app: "" }], { app: "canary" }],
    [
      "a value of the full length",
      { app: "a".repeat(63) },
      [{ app: "a".repeat(63) }],
      { app: `${"a".repeat(56)}-canary` },
    ],
  ])("differ in %s", (_, pods, selectors, labels) => {
    expect(canaryLabels(pods, selectors)).toEqual(labels);
  });

  it("take the canary's pods out of every selector's sight", () => {
    const labels = fc.dictionary(fc.constantFrom("app", "tier", "name"), fc.constantFrom("a", "b", ""), { minKeys: 1 });
    fc.assert(
      fc.property(labels, fc.array(labels), (pods, others) => {
        const selectors = [...others, pods];
        const canary = { ...pods, ...canaryLabels(pods, selectors) };
        expect(selectors.filter((selector) => selects(selector, pods) && selects(selector, canary))).toEqual([]);
      }),
    );
  });
});
