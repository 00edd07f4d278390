import { describe, expect, it } from "vitest";
import { lintFleet, wrongHosts } from "../../bench/lint-fleet.ts";
import { lintOf } from "../lint/repo.ts";

describe("the fleet that linting is measured on", () => {
  it.each(["apart", "together"] as const)("delivered %s, has nothing wrong but what is planted", (delivered) => {
    const { findings } = lintOf(Object.fromEntries(lintFleet(63, delivered)));
    const [wrong, others] = [
      findings.filter(({ rule }) => rule === "host-without-service"),
      findings.filter(({ rule }) => rule !== "host-without-service"),
    ];
    expect(wrong.map(({ path }) => path)).toEqual(
      ["cart-0", "cart-20", "cart-40", "cart-60"].map((name) => `apps/${name}/missing.yaml`),
    );
    expect(wrong).toHaveLength(wrongHosts(63));
    // Stable's autoscaler has more pods than the canary is sized by.
    expect(new Set(others.map(({ rule }) => rule))).toEqual(new Set(["canary-scaled"]));
    expect(others).toHaveLength(9);
  });
});
