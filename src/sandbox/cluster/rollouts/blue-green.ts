import type { BlueGreen } from "../kinds/rollout.ts";
import type { LiveObjects } from "../live-objects.ts";
import { progressed } from "./phase.ts";
import type { Around } from "./reconcile.ts";
import { isReferenced } from "./reference.ts";
import { availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { withSets, withoutDeadlines } from "./scale.ts";
import { selectedBy, repointed } from "./services.ts";
import { passOf } from "./status.ts";
import type { Pass, RolloutStatus, RunningRollout } from "./status.ts";
import { scaledWorkload } from "./workload-ref.ts";

// Argo Rollouts at 9f8d111d; each function names the file and the function that it follows.

/** A look that finds neither another number of replicas nor another version: rollout/bluegreen.go rolloutBlueGreen. */
export function lookAtBoth(pass: Pass, two: BlueGreen, { running, objects }: Around): Around {
  const { now, rollout } = pass;
  const previewed = rollout.paused ? objects : repointed(objects, pass, two.preview);
  const seen = passOf(running, pass.newSet, { now, objects: previewed });
  const isWithinDelay = pass.newSet.scaleDownAt !== undefined && now < pass.newSet.scaleDownAt;
  const scaled = scaledBoth(seen, two);
  const ground: Ground = { two, isWithinDelay, objects: previewed };
  const paused = { ...scaled, status: { ...scaled.status, pausedSince: pausedSince(scaled, ground) } };
  const active = isToSwitch(paused, ground) ? repointed(previewed, paused, two.active) : previewed;
  const { sets, status } = paused;
  const after = passOf({ ...running, sets, status }, pass.newSet, { now, objects: active });
  const next = progressed(after, promoted(after, active, two));
  return { running: { ...running, sets, status: next }, objects: scaledWorkload(active, after, next) };
}

/** Another number of replicas: rollout/sync.go syncReplicasOnly. */
export function resizedBoth(pass: Pass, two: BlueGreen): RunningRollout["sets"] {
  return scaledBoth(pass, two).sets;
}

/** Another version: rollout/bluegreen.go syncRolloutStatusBlueGreen, rollout/sync.go resetRolloutStatus. */
export function selectorsOf(
  objects: LiveObjects,
  { namespace }: Pass["rollout"],
  two: BlueGreen,
): RolloutStatus["selectors"] {
  const of = (name: string | undefined) => (name === undefined ? undefined : selectedBy(objects, { namespace, name }));
  return { active: of(two.active), preview: of(two.preview) };
}

type Ground = { readonly two: BlueGreen; readonly isWithinDelay: boolean; readonly objects: LiveObjects };

/** Both colours have all of their pods; what is neither goes a while later: rollout/bluegreen.go reconcileBlueGreenReplicaSets. */
function scaledBoth(before: Pass, two: BlueGreen): Pass {
  const kept = withoutDeadlines(before);
  const { replicas } = kept.rollout;
  const wanted = new Set([kept.newSet.hash, kept.stableSet?.hash]);
  const sized = withSets(kept, (set) => (wanted.has(set.hash) ? { ...set, replicas, sizedFor: replicas } : set));
  const old = sized.others.filter((set) => set.replicas > 0 && !isReferenced(sized, set));
  const newestFirst = old.toSorted((a, b) => b.revision - a.revision).map(({ hash }) => hash);
  return withSets(sized, (set) => {
    const nth = newestFirst.indexOf(set.hash);
    return nth === -1 ? set : leaving(sized, set, nth >= two.mostDelayed);
  });
}

/** rollout/replicaset.go scaleDownDelayHelper, addScaleDownDelay: without a delay nothing is annotated, and nothing else takes the pods away. */
function leaving({ rollout, now }: Pass, set: ReplicaSet, isBeyond: boolean): ReplicaSet {
  const gone = { ...set, replicas: 0, scaleDownAt: undefined };
  if (isBeyond) return gone;
  if (set.scaleDownAt !== undefined) return now < set.scaleDownAt ? { ...set, replicas: rollout.replicas } : gone;
  return rollout.scaleDownDelayMs === 0 ? set : { ...set, scaleDownAt: now + rollout.scaleDownDelayMs };
}

/** utils/replicaset/bluegreen.go ReadyForPause, utils/annotations/annotations.go IsSaturated. */
function isWhole({ rollout: { replicas }, newSet, now }: Pass): boolean {
  return newSet.replicas === replicas && newSet.sizedFor === replicas && availableIn(newSet, now) === replicas;
}

/** rollout/bluegreen.go isBlueGreenFastTracked; rollout/sync.go isFastRollback, isRollback. */
function isFastTracked({ newSet, stableSet, rollout }: Pass, { two, isWithinDelay, objects }: Ground): boolean {
  const active = selectedBy(objects, { namespace: rollout.namespace, name: two.active });
  if (active === undefined || active === newSet.hash || stableSet?.hash === newSet.hash) return true;
  return isWithinDelay && stableSet !== undefined && newSet.createdAt < stableSet.createdAt;
}

/** Since when it has been paused, after this look: rollout/bluegreen.go reconcileBlueGreenPause, needsBlueGreenControllerPause. */
function pausedSince(pass: Pass, ground: Ground): number | undefined {
  const { rollout, status, now } = pass;
  if (!isWhole(pass) || rollout.paused) return status.pausedSince;
  const { promotesItself, promotesAfterMs } = ground.two;
  if (isFastTracked(pass, ground) || (promotesItself && promotesAfterMs === 0)) return undefined;
  if (status.pausedSince === undefined) return now;
  return promotesItself && now > status.pausedSince + promotesAfterMs ? undefined : status.pausedSince;
}

/** rollout/service.go reconcileActiveService; rollout/pause.go CompletedBlueGreenPause. */
function isToSwitch(pass: Pass, ground: Ground): boolean {
  if (pass.rollout.paused || !isWhole(pass)) return false;
  return isFastTracked(pass, ground) || (ground.two.promotesItself && pass.status.pausedSince === undefined);
}

/** What the active Service selects is stable from then on: rollout/sync.go shouldFullPromote, promoteStable. */
function promoted(pass: Pass, objects: LiveObjects, two: BlueGreen): RolloutStatus {
  const { status, newSet, stableSet, rollout } = pass;
  const selectors = selectorsOf(objects, rollout, two);
  const active = selectors?.active;
  const isOver = stableSet === undefined || active === undefined || active === newSet.hash;
  const next = { ...status, current: newSet.hash, selectors };
  return isOver ? { ...next, stable: newSet.hash, pausedSince: undefined } : next;
}
