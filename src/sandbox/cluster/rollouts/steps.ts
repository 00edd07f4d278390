import type { Rollout } from "../kinds/rollout.ts";

/** What all weights of a Rollout's canary come to. */
export function totalOf({ routing }: Rollout): number {
  return routing?.total ?? 100;
}

/** The weight that the steps ask for at an index: the last one set up to it, 0 before the first; all when the steps are over. */
export function currentWeight(rollout: Rollout, index: number | undefined): number {
  if (index === undefined || index >= rollout.steps.length) return totalOf(rollout);
  return lastWeight(rollout, index + 1);
}

/** The weight that was asked for before the step at an index, 0 where none was. */
export function previousWeight(rollout: Rollout, index: number): number {
  return lastWeight(rollout, index);
}

function lastWeight({ steps }: Rollout, end: number): number {
  return steps.slice(0, end).findLast((step) => step.kind === "setWeight")?.weight ?? 0;
}
