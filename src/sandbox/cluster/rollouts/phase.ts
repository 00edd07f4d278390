import type { Rollout } from "../kinds/rollout.ts";
import { countsOf, isPromoted } from "./status.ts";
import type { Counts, Pass, Phase, RolloutStatus } from "./status.ts";

/** The status with what the controller's metrics say of it: the phase and the counts, and since when nothing has moved. */
export function progressed(pass: Pass, after: RolloutStatus): RolloutStatus {
  const { status: before, now } = pass;
  const counts = countsOf({ ...pass, status: after });
  const hasMoved = isProgress(before, after, counts);
  const progressAt = hasMoved || after.pausedSince !== undefined ? now : before.progressAt;
  const phase = phaseOf(pass, { ...after, counts, progressAt }, hasMoved);
  return { ...after, counts, progressAt, phase };
}

/** The status of a Rollout that the controller does not look at further. */
export function refused(status: RolloutStatus): RolloutStatus {
  return { ...status, phase: "InvalidSpec" };
}

/** Promoted, with all pods of the new version ready and, by ratio, no others left. */
export function isHealthy({ replicas, routing, blueGreen }: Rollout, status: RolloutStatus): boolean {
  const { counts, pausedSince, phase } = status;
  const isWhole = counts.updated >= replicas && counts.available >= counts.updated;
  const isAlone = blueGreen !== undefined || routing !== undefined || counts.all <= counts.updated;
  return isPromoted(status) && isWhole && isAlone && pausedSince === undefined && phase !== "Timeout";
}

function phaseOf(pass: Pass, status: RolloutStatus, hasMoved: boolean): Phase {
  // A Rollout that is promoted stays what it is, whoever pauses it.
  const isPaused = status.pausedSince !== undefined || (pass.rollout.paused && !isPromoted(status));
  if (isPaused) return "Paused";
  if (isComplete(pass.rollout, status)) return "Completed";
  return !hasMoved && isLate(pass, status) ? "Timeout" : "Progressing";
}

// Of two colours both Services select the new one, and old pods may be there still (utils/conditions/conditions.go RolloutHealthy).
function isComplete({ replicas, steps, blueGreen }: Rollout, status: RolloutStatus): boolean {
  const { all, available, updated } = status.counts;
  if (blueGreen !== undefined) {
    const selected = [
      status.selectors?.active,
      ...(blueGreen.preview === undefined ? [] : [status.selectors?.preview]),
    ];
    return updated === replicas && available === replicas && selected.every((hash) => hash === status.current);
  }
  const isWhole = [all, available, updated].every((count) => count === replicas);
  return isPromoted(status) && isWhole && (steps.length === 0 || status.index === steps.length);
}

// Neither a pause nor a version that waits for its end is a delay.
function isLate({ rollout, others, now }: Pass, { phase, progressAt, index }: RolloutStatus): boolean {
  if (phase === "Timeout") return true;
  const isWaiting = rollout.steps[index ?? 0]?.kind === "pause" || others.some((set) => set.scaleDownAt !== undefined);
  return !isWaiting && now > progressAt + rollout.progressDeadlineMs;
}

function isProgress(before: RolloutStatus, after: RolloutStatus, counts: Counts): boolean {
  const old = before.counts;
  const isSwitched =
    after.selectors?.active !== before.selectors?.active || after.selectors?.preview !== before.selectors?.preview;
  const isFurther =
    isSwitched || after.stable !== before.stable || after.index !== before.index || after.stepHash !== before.stepHash;
  const isFewerOld = counts.all - counts.updated < old.all - old.updated;
  return isFurther || counts.updated !== old.updated || counts.available > old.available || isFewerOld;
}
