import type { Amount, CanaryScale, Rollout } from "../kinds/rollout.ts";
import { availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { currentWeight, totalOf } from "./steps.ts";
import { distinctStable, isPromoted } from "./status.ts";
import type { Pass } from "./status.ts";

/** How many pods the new and the stable ReplicaSet are to have. */
export type Sizes = { readonly canary: number; readonly stable: number };

/** What the controller scales to now, and waits for. */
export function sizesOf(pass: Pass): Sizes {
  return pass.rollout.routing === undefined ? basicSizes(pass) : routedSizes(pass);
}

/** Whether the pods are what the step asks for: the canary's are ready, stable's are there, and by ratio no older ones are. */
export function isAtSize(pass: Pass): boolean {
  const { newSet, stableSet, others, rollout, now } = pass;
  const { canary, stable } = sizesOf(pass);
  if (newSet.replicas !== canary || availableIn(newSet, now) !== canary) return false;
  if (stableSet?.replicas !== stable || stableSet.pods.length !== stable) return false;
  return rollout.routing !== undefined || others.every((set) => availableIn(set, now) === 0);
}

/** With a router: the canary's share rounded up, and stable whole. */
function routedSizes({ rollout, status }: Pass): Sizes {
  const total = totalOf(rollout);
  const scale = isUpdating(status) ? scaleOf(rollout, status.index) : undefined;
  const weight = isUpdating(status) ? currentWeight(rollout, status.index) : total;
  const share = (part: number) => Math.ceil((part * rollout.replicas) / total);
  if (scale?.kind === "replicas") return { canary: scale.replicas, stable: rollout.replicas };
  return { canary: share(scale?.kind === "weight" ? scale.weight : weight), stable: rollout.replicas };
}

function isUpdating(status: Pass["status"]): boolean {
  return status.stable !== undefined && !isPromoted(status);
}

function scaleOf({ steps }: Rollout, index: number | undefined): CanaryScale | undefined {
  if (index === undefined || index >= steps.length) return undefined;
  const last = steps.slice(0, index + 1).findLast((step) => step.kind === "setCanaryScale");
  return last?.scale.kind === "matchTrafficWeight" ? undefined : last?.scale;
}

/** By ratio: as near to the weight as pods allow, moving within the surge and what may be unavailable; stable grows first, older ReplicaSets shrink first. */
function basicSizes(pass: Pass): Sizes {
  const { rollout, newSet, others, now, status } = pass;
  const stableSet = distinctStable(pass);
  const { surge, unavailable } = boundsOf(rollout);
  const weight = isUpdating(status) ? currentWeight(rollout, status.index) : 100;
  const wanted =
    stableSet === undefined ? { canary: rollout.replicas, stable: 0 } : nearest(rollout.replicas, weight, surge);
  const older = others.reduce((sum, { replicas }) => sum + replicas, 0);
  const most = rollout.replicas + surge;
  const grown = grow(pass, wanted, most - older - newSet.replicas - (stableSet?.replicas ?? 0));
  if (older > 0) return grown;
  const least = rollout.replicas - unavailable;
  const isRising = wanted.canary >= newSet.replicas;
  const sure = sureIn(newSet, isRising ? "ready" : "all", now) + sureIn(stableSet, isRising ? "all" : "ready", now);
  const spare = sure - least;
  if (spare <= 0) return grown;
  const limits = { most, least, now };
  if (!isRising) {
    const canary = shrunk(newSet, wanted.canary, spare, grown.canary);
    const [drained, kept] = within({ set: newSet, size: canary }, { set: stableSet, size: grown.stable }, limits);
    return { canary: drained, stable: kept };
  }
  if (stableSet === undefined) return grown;
  const stable = shrunk(stableSet, wanted.stable, spare, grown.stable);
  const [drained, kept] = within({ set: stableSet, size: stable }, { set: newSet, size: grown.canary }, limits);
  return { canary: kept, stable: drained };
}

function grow(pass: Pass, wanted: Sizes, room: number): Sizes {
  const now = { canary: pass.newSet.replicas, stable: distinctStable(pass)?.replicas ?? 0 };
  const stable = now.stable + Math.max(0, Math.min(wanted.stable - now.stable, room));
  const left = room - (stable - now.stable);
  const canary = now.canary + Math.max(0, Math.min(wanted.canary - now.canary, left));
  return { canary, stable };
}

function shrunk(set: ReplicaSet, wanted: number, spare: number, otherwise: number): number {
  return set.replicas > wanted ? Math.max(wanted, set.replicas - spare) : otherwise;
}

/** Pods that one may count on: those that are ready, or, where it may shrink anyway, all that it has. */
function sureIn(set: ReplicaSet | undefined, counted: "ready" | "all", now: number): number {
  if (set === undefined) return 0;
  const ready = availableIn(set, now);
  return set.replicas < ready || counted === "all" ? set.replicas : ready;
}

type Sized = { readonly set: ReplicaSet | undefined; readonly size: number };

type Limits = { readonly most: number; readonly least: number; readonly now: number };

/** Takes what is above the most pods allowed from the one that keeps, as far as enough stay ready, and the rest from the one that drains. */
function within(draining: Sized, keeping: Sized, { most, least, now }: Limits): readonly [number, number] {
  if (keeping.set === undefined) return [draining.size, keeping.size];
  const lowered = keeping.size - Math.max(0, keeping.size + draining.size - most);
  const ready = availableIn(keeping.set, now);
  const left = Math.min(availableIn(draining.set, now), draining.size) + Math.min(ready, lowered);
  const back = Math.min(Math.max(0, ready - lowered), Math.max(0, least - left));
  const kept = lowered + back;
  return [draining.size - Math.max(0, kept + draining.size - most), kept];
}

/** The pair of sizes whose ratio is nearest to a weight in per cent; with a surge one pod more may be used, and neither side is empty in between. */
export function nearest(replicas: number, weight: number, surge: number): Sizes {
  if (replicas === 0) return { canary: 0, stable: 0 };
  const exact = (replicas * weight) / 100;
  const up = Math.ceil(exact);
  const down = Math.floor(exact);
  const mayBeNone = weight === 0 || weight === 100 || (replicas === 1 && surge === 0);
  const mayBeDown = (all: number) => !isTied(all, weight) && (down !== 0 || mayBeNone);
  const options: readonly (readonly [isOpen: boolean, canary: number, all: number])[] = [
    [up < replicas || mayBeNone, up, replicas],
    [mayBeDown(replicas), down, replicas],
    [surge > 0, up, replicas + 1],
    [surge > 0 && mayBeDown(replicas + 1), down, replicas + 1],
  ];
  const open = options.filter(([isOpen]) => isOpen).map(([, canary, all]) => ({ canary, stable: all - canary }));
  const distance = ({ canary, stable }: Sizes) => Math.abs((canary * 100) / (canary + stable) - weight);
  // The first of the nearest counts.
  return open.toSorted((a, b) => distance(a) - distance(b))[0] ?? { canary: 0, stable: replicas };
}

function isTied(pods: number, weight: number): boolean {
  return (pods * (weight / 100)) % 1 === 0.5;
}

/** How many pods may be there besides, rounded up, and how many may be missing, rounded down; one may be missing where neither may be. */
export function boundsOf({
  replicas,
  maxSurge,
  maxUnavailable,
}: Pick<Rollout, "replicas" | "maxSurge" | "maxUnavailable">): { surge: number; unavailable: number } {
  const of = ({ value, unit }: Amount) => (unit === "pods" ? value : (value * replicas) / 100);
  const surge = Math.ceil(of(maxSurge));
  const missing = Math.floor(of(maxUnavailable));
  const unavailable = replicas === 0 ? 0 : Math.min(replicas, surge === 0 && missing === 0 ? 1 : missing);
  return { surge, unavailable };
}
