import type { Step } from "../kinds/rollout.ts";
import { availableIn } from "./replica-set.ts";
import { isAtSize } from "./replicas.ts";
import type { Pass, RolloutStatus } from "./status.ts";

/** What the controller remembers after a look: stable is the new version where it is promoted, or else the next step where this one is done. */
export function advanced(pass: Pass, sizes: "scaling" | "settled"): RolloutStatus {
  const { rollout, status, newSet } = pass;
  if (isPromotable(pass)) {
    const index = rollout.steps.length === 0 ? undefined : rollout.steps.length;
    return { ...status, stable: newSet.hash, index, pausedSince: undefined };
  }
  const step = status.index === undefined ? undefined : rollout.steps[status.index];
  if (step === undefined || status.index === undefined || rollout.paused) return status;
  if (isDone(pass, step)) return { ...status, index: status.index + 1, pausedSince: undefined };
  // A pause begins when nothing is left to scale.
  const isBegun = step.kind === "pause" && sizes === "settled";
  return isBegun ? { ...status, pausedSince: status.pausedSince ?? pass.now } : status;
}

function isPromotable({ rollout, status, newSet, stableSet, now }: Pass): boolean {
  if (stableSet === undefined) return true;
  if (availableIn(newSet, now) < rollout.replicas) return false;
  const isOver = rollout.steps.length === 0 || status.index === rollout.steps.length;
  return newSet.hash === stableSet.hash || isOver;
}

function isDone(pass: Pass, step: Step): boolean {
  if (step.kind !== "pause") return isAtSize(pass);
  const { pausedSince } = pass.status;
  return pausedSince !== undefined && step.ms !== undefined && pass.now > pausedSince + step.ms;
}
