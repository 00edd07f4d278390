import type { CanaryAnalysis } from "../kinds/canary.ts";

// Flagger at 15bd6ad5, pkg/controller/scheduler.go.

const TOTAL = 100;

/** The weight from which on a version may be promoted; without any bound that is all: maxWeight. */
export function maxWeight({ stepWeights, maxWeight: most }: CanaryAnalysis): number {
  const last = stepWeights.at(-1);
  if (last !== undefined) return Math.min(TOTAL, last);
  return most > 0 ? most : TOTAL;
}

/** By how much the canary's weight rises next. From a weight that the list lacks it is all that is left: nextStepWeight. */
export function nextStepWeight({ stepWeights, stepWeight }: CanaryAnalysis, weight: number): number {
  const [first] = stepWeights;
  if (stepWeight > 0 || first === undefined) return stepWeight;
  const most = TOTAL - weight;
  // There, any step leads to promotion.
  if (most === 0) return 1;
  if (weight === 0) return Math.min(most, first);
  const at = stepWeights.slice(0, -1).indexOf(weight);
  return at === -1 ? most : Math.min(most, (stepWeights[at + 1] ?? TOTAL) - weight);
}
