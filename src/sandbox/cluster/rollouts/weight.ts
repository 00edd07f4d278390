import { availableIn } from "./replica-set.ts";
import { isAtSize } from "./replicas.ts";
import { isPromoted } from "./status.ts";
import type { Pass } from "./status.ts";
import { currentWeight, previousWeight, totalOf } from "./steps.ts";

/**
 * What the controller writes for the canary now, or undefined where stable lacks the pods for the rest: then nothing is written.
 * While the canary's pods are not what the step asks for, the weight of an earlier step counts, and without one 0.
 */
export function weightNow(pass: Pass): number | undefined {
  const weight = desiredWeight(pass);
  const { rollout, stableSet, now } = pass;
  const total = totalOf(rollout);
  const needed = Math.floor(((total - weight) * rollout.replicas) / total);
  return stableSet === undefined || availableIn(stableSet, now) < needed ? undefined : weight;
}

function desiredWeight(pass: Pass): number {
  const { rollout, status, newSet, now } = pass;
  const { index } = status;
  if (isPromoted(status) || availableIn(newSet, now) === 0 || index === undefined) return 0;
  return isAtSize(pass) ? currentWeight(rollout, index) : previousWeight(rollout, index);
}
