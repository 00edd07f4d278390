import { describe, expect, it } from "vitest";
import type { CanaryAnalysis } from "../../../../src/sandbox/cluster/kinds/canary.ts";
import { maxWeight, nextStepWeight } from "../../../../src/sandbox/cluster/flagger/weights.ts";

const analysis = (of: Partial<CanaryAnalysis>): CanaryAnalysis => ({
  intervalMs: 10_000,
  threshold: 1,
  stepWeights: [],
  stepWeight: 0,
  maxWeight: 0,
  webhooks: [],
  ...of,
});

// Flagger at 15bd6ad5, pkg/controller/scheduler.go nextStepWeight, maxWeight.
describe("the next weight", () => {
  it.each<readonly [string, readonly number[], number, number]>([
    ["is the first of the list at 0", [5, 25], 0, 5],
    ["is the next of the list", [5, 25], 5, 25],
    ["is all from a weight that the list lacks", [25, 50], 5, 100],
    ["is all from the last of the list", [5, 25], 25, 100],
    ["is none at 0 where the list is empty", [], 0, 0],
    ["is none under way where the list is empty", [], 25, 25],
    ["is none where the list says 0", [0], 0, 0],
    ["is none at 0 where the list begins with 0", [0, 5, 25], 0, 0],
    ["is the next of a list that begins with 0", [0, 5, 25], 5, 25],
  ])("%s", (_, stepWeights, weight, next) => {
    expect(weight + nextStepWeight(analysis({ stepWeights }), weight)).toBe(next);
  });
});

describe("the weight from which on a version is promoted", () => {
  it.each<readonly [string, Partial<CanaryAnalysis>, number]>([
    ["is the last of the list", { stepWeights: [5, 25] }, 25],
    ["is all without bounds", {}, 100],
    ["is all where the bound is 0", { maxWeight: 0 }, 100],
    ["is the bound", { maxWeight: 60 }, 60],
  ])("%s", (_, of, most) => {
    expect(maxWeight(analysis(of))).toBe(most);
  });
});
