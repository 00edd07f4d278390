import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planOf, replicasFor } from "../../src/core/plan.ts";
import { weight } from "../../src/core/weight.ts";
import { POLICY } from "../support/member.ts";

describe("a plan", () => {
  it("goes from warm-up over the weights and promotion back to rest, capacity one step ahead", () => {
    const steps = planOf(POLICY, 10).steps.map(({ kind, weight: share, replicas, judge }) => [
      kind,
      share,
      replicas,
      judge,
    ]);
    expect(steps).toEqual([
      ["warmUp", 0, 1, "seen"],
      ["shift", 5, 3, "healthy"],
      ["shift", 25, 5, "compare"],
      ["shift", 50, 5, "compare"],
      ["promote", 50, 5, "compare"],
      ["drain", 0, 5, "swapped"],
      ["rest", 0, 0, "healthy"],
    ]);
  });

  it("has at every weight the replicas that carry it", () => {
    const rising = fc
      .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })
      .map((all) => all.toSorted((a, b) => a - b).map(weight));
    fc.assert(
      fc.property(rising, fc.integer({ min: 1, max: 200 }), (weights, stable) => {
        for (const [index, step] of planOf({ weights, bakeMs: 0 }, stable).steps.entries()) {
          const next = planOf({ weights, bakeMs: 0 }, stable).steps[index + 1];
          expect((step.replicas ?? 0) * 100).toBeGreaterThanOrEqual(step.weight * stable);
          // What the next step needs is there before its weight is.
          if (next?.kind === "shift") expect(step.replicas).toBeGreaterThanOrEqual(replicasFor(next.weight, stable));
        }
      }),
    );
  });
});
