import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isComparedAt, planFor, planOf, replicasFor, stepNames, unplannable } from "../../src/core/plan.ts";
import { weight } from "../../src/core/weight.ts";
import { KNATIVE, member, POLICY } from "../support/member.ts";

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

  it("of a switch has all of the canary's pods before any traffic, and each arm is judged by itself while it has it all", () => {
    const steps = planOf({ ...POLICY, weights: [0, 100].map(weight) }, 10).steps;
    expect(
      steps.map(({ kind, weight: share, replicas, judge, bakeMs }) => [kind, share, replicas, judge, bakeMs > 0]),
    ).toEqual([
      ["warmUp", 0, 10, "seen", false],
      ["shift", 100, 10, "ready", true],
      ["promote", 100, 10, "alone", true],
      ["drain", 0, 10, "ready", true],
      ["rest", 0, 0, "alone", true],
    ]);
    expect(steps.filter(({ index }) => isComparedAt({ steps }, index))).toEqual([]);
  });

  it("with a weight of 0 first bakes the warm canary before its first weight, and differs in nothing else", () => {
    const [, first, ...others] = planOf({ ...POLICY, weights: [0, 5, 25].map(weight) }, 10).steps;
    const [, plain, ...rest] = planOf({ ...POLICY, weights: [5, 25].map(weight) }, 10).steps;
    expect(first).toEqual({ ...plain, judge: "ready", bakeMs: POLICY.bakeMs });
    expect(others).toEqual(rest);
  });

  it("of Knative's has the same steps and commits no capacity, nor a weight at which pods are watched without requests", () => {
    const { at, manifest } = member({ at: { manifests: KNATIVE } });
    const { steps } = planFor(POLICY, at, manifest);
    expect(steps).toEqual(planOf(POLICY, 10).steps.map((step) => ({ ...step, replicas: undefined })));
    expect(unplannable(POLICY, at, {})).toBeUndefined();
    for (const weights of [
      [0, 5, 25],
      [0, 100],
    ])
      expect(unplannable({ ...POLICY, weights: weights.map(weight) }, at, {})).toMatch(
        /^steps have 0, and the canary behind the route in route\.yaml has as many pods as requests ask for/,
      );
    const hotfix = { label: "hotfix", weights: [weight(100)], bakeMs: 0 };
    expect(unplannable({ ...POLICY, expedite: hotfix }, at, {})).toMatch(/^steps have 100/);
  });

  it("is none for an Argo Rollout whose steps have 0 or 100, which says what to write", () => {
    const rollout = {
      manifests: { layout: "rollout", rollout: "apps/checkout/rollout.yaml", workload: "a", stableTemplate: "" },
    } as const;
    expect(unplannable({ ...POLICY, weights: [0, 100].map(weight) }, rollout, {})).toMatch(
      /^steps have 0, and the Rollout in apps\/checkout\/rollout\.yaml .* let its steps go from 1 up to 50/,
    );
    const hotfix = { label: "hotfix", weights: [0, 100].map(weight), bakeMs: 0 };
    expect(unplannable({ ...POLICY, expedite: hotfix }, rollout, {})).toBeDefined();
    expect(unplannable(POLICY, rollout, {})).toBeUndefined();
    expect(unplannable({ ...POLICY, weights: [0, 100].map(weight) }, member().at, {})).toBeUndefined();
    expect(unplannable({ ...POLICY, testers: true }, rollout, {})).toMatch(/^steps have testers, and the Rollout/);
  });

  it("with testers needs a rule for them in the route, and says where and what to write", () => {
    expect(unplannable({ ...POLICY, testers: true }, member().at, {})).toMatch(
      /^steps have testers, and apps\/checkout\/prod\/tidegate\/route\.yaml has no rule for them: write one/,
    );
    expect(unplannable({ ...POLICY, testers: true }, member().at, { testers: false })).toBeUndefined();
  });

  it("with testers has them on the warm canary before anybody else, and everybody after", () => {
    const steps = planOf({ ...POLICY, testers: true, weights: [5, 50].map(weight) }, 10).steps;
    expect(
      steps.map(({ kind, weight: share, replicas, judge, bakeMs }) => [kind, share, replicas, judge, bakeMs > 0]),
    ).toEqual([
      ["warmUp", 0, 1, "seen", false],
      ["testers", 0, 1, "healthy", false],
      ["shift", 5, 5, "tested", true],
      ["shift", 50, 5, "compare", true],
      ["promote", 50, 5, "compare", true],
      ["drain", 0, 5, "swapped", true],
      ["rest", 0, 0, "healthy", false],
    ]);
    expect(stepNames({ testers: true, weights: [0, 5, 50].map(weight) })).toEqual(["0%", "testers", "5%", "50%"]);
  });

  it("has at every weight the replicas that carry it", () => {
    const rising = fc
      .uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 6 })
      .map((all) => (all.every((share) => share === 0) ? [0, 100] : all.toSorted((a, b) => a - b)).map(weight));
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
