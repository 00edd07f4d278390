import { isReferenced } from "./reference.ts";
import { availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { boundsOf, sizesOf } from "./replicas.ts";
import { distinctStable, isPromoted } from "./status.ts";
import type { Pass } from "./status.ts";

export type Scaled = { readonly sets: readonly ReplicaSet[]; readonly isScaled: boolean };

/** The ReplicaSets scaled: one kind of them in one look, first stable's, then the new one's, then the old ones'. */
export function scaled(pass: Pass): Scaled {
  const kept = withoutDeadlines(pass);
  const stable = distinctStable(kept);
  const sizes = sizesOf(kept);
  if (stable !== undefined && stable.replicas !== sizes.stable) return resized(kept, stable, sizes.stable);
  if (kept.newSet.replicas !== sizes.canary) return resized(annotated(kept, stable), kept.newSet, sizes.canary);
  return scaledDown(annotated(annotated(kept, stable), kept.newSet));
}

/** What is new or stable does not go, although it was to go when it was neither. */
export function withoutDeadlines(pass: Pass): Pass {
  const isNeeded = ({ hash }: ReplicaSet) => hash === pass.newSet.hash || hash === pass.stableSet?.hash;
  return withSets(pass, (set) => (isNeeded(set) ? { ...set, scaleDownAt: undefined } : set));
}

function resized(pass: Pass, { hash }: ReplicaSet, replicas: number): Scaled {
  const { sets } = withSets(pass, (set) =>
    set.hash === hash ? { ...set, replicas, sizedFor: pass.rollout.replicas } : set,
  );
  return { sets, isScaled: true };
}

function annotated(pass: Pass, one: ReplicaSet | undefined): Pass {
  return withSets(pass, (set) => (set.hash === one?.hash ? { ...set, sizedFor: pass.rollout.replicas } : set));
}

/** Old ReplicaSets: first what of them is not ready, then the rest as far as enough pods stay. */
function scaledDown(pass: Pass): Scaled {
  const { rollout, others, sets, now } = pass;
  const active = others.filter(({ replicas }) => replicas > 0);
  if (active.length === 0) return { sets, isScaled: false };
  const cleaned = active.map((set) => ({ ...set, replicas: Math.min(set.replicas, availableIn(set, now)) }));
  const available = sets.reduce((sum, set) => sum + availableIn(set, now), 0);
  const room = available - (rollout.replicas - boundsOf(rollout).unavailable);
  const newestFirst = cleaned.toSorted((a, b) => b.revision - a.revision);
  const { done } = newestFirst.reduce<{ done: readonly ReplicaSet[]; left: number }>(
    ({ done, left }, set) => {
      const next = lowered(pass, set, left);
      return { done: [...done, next], left: left - (set.replicas - next.replicas) };
    },
    { done: [], left: room },
  );
  const after = withSets(pass, (set) => done.find(({ hash }) => hash === set.hash) ?? set).sets;
  return { sets: after, isScaled: active.some((set) => replicasIn(after, set) !== set.replicas) };
}

function replicasIn(sets: readonly ReplicaSet[], { hash }: ReplicaSet): number {
  return sets.find((set) => set.hash === hash)?.replicas ?? 0;
}

function lowered(pass: Pass, set: ReplicaSet, room: number): ReplicaSet {
  const { rollout, status, now } = pass;
  if (room <= 0 || set.replicas === 0) return set;
  if (rollout.routing === undefined) return { ...set, replicas: Math.max(0, set.replicas - room) };
  if (isReferenced(pass, set)) return set;
  // A version that was given up on its way goes at once; the one that was stable stays for a while.
  if (!isPromoted(status) && set.scaleDownAt === undefined) return { ...set, replicas: 0 };
  if (set.scaleDownAt === undefined) {
    // Without a delay the controller sets no deadline, and nothing else takes the pods away.
    return rollout.scaleDownDelayMs === 0 ? set : { ...set, scaleDownAt: now + rollout.scaleDownDelayMs };
  }
  return now < set.scaleDownAt ? set : { ...set, replicas: 0, scaleDownAt: undefined };
}

/** The pass with its ReplicaSets changed one by one. */
export function withSets(pass: Pass, change: (set: ReplicaSet) => ReplicaSet): Pass {
  const sets = pass.sets.map(change);
  const same = (one: ReplicaSet) => sets.find(({ hash }) => hash === one.hash) ?? one;
  return {
    ...pass,
    sets,
    newSet: same(pass.newSet),
    stableSet: pass.stableSet === undefined ? undefined : same(pass.stableSet),
    others: pass.others.map(same),
  };
}
