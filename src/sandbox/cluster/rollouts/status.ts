import type { Labels, Template } from "../kinds/manifest.ts";
import type { Rollout } from "../kinds/rollout.ts";
import { ofKind } from "../live-objects.ts";
import type { LiveObjects } from "../live-objects.ts";
import { availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";

/** A Rollout as its controller runs it. */
export type RunningRollout = {
  readonly rollout: Rollout;
  /** What new pods are made from; undefined while the Deployment that has it is not there. */
  readonly template: Template | undefined;
  readonly status: RolloutStatus;
  readonly sets: readonly ReplicaSet[];
};

/** What the controller remembers of a Rollout; times are milliseconds. */
export type RolloutStatus = {
  readonly current: string | undefined;
  readonly stable: string | undefined;
  readonly stepHash: string | undefined;
  /** The step that is being done; the number of steps when all are; undefined without steps. */
  readonly index: number | undefined;
  readonly pausedSince: number | undefined;
  readonly weights: Weights | undefined;
  /** Of two colours: the ReplicaSets that its Services select. */
  readonly selectors?: { readonly active: string | undefined; readonly preview: string | undefined } | undefined;
  readonly phase: Phase;
  readonly progressAt: number;
  readonly counts: Counts;
};

/** The canary's weight as it was last written, and the two versions that it was between. */
export type Weights = {
  readonly canary: number;
  readonly canaryHash: string | undefined;
  readonly stableHash: string | undefined;
};

/** The phases that the controller's metrics know and this one has. */
export type Phase = "Completed" | "Progressing" | "Paused" | "Timeout" | "InvalidSpec";

export type Counts = { readonly all: number; readonly available: number; readonly updated: number };

export const UNKNOWN: RolloutStatus = {
  current: undefined,
  stable: undefined,
  stepHash: undefined,
  index: undefined,
  pausedSince: undefined,
  weights: undefined,
  phase: "Progressing",
  progressAt: 0,
  counts: { all: 0, available: 0, updated: 0 },
};

/** One look at a Rollout: what there is, sorted by what it is for. */
export type Pass = {
  readonly rollout: Rollout;
  readonly status: RolloutStatus;
  readonly now: number;
  readonly sets: readonly ReplicaSet[];
  readonly newSet: ReplicaSet;
  readonly stableSet: ReplicaSet | undefined;
  /** Neither new nor stable. */
  readonly others: readonly ReplicaSet[];
  /** What its Services and subsets select by. */
  readonly pointers: readonly Labels[];
};

export function passOf(
  { rollout, status, sets }: RunningRollout,
  { hash }: { readonly hash: string },
  { now, objects }: { readonly now: number; readonly objects: LiveObjects },
): Pass {
  const newSet = sets.find((set) => set.hash === hash);
  if (newSet === undefined) throw new Error(`${rollout.name} has no ReplicaSet ${hash}.`);
  const stableSet = sets.find((set) => set.hash === status.stable);
  const others = sets.filter((set) => set.hash !== hash && set.hash !== status.stable);
  return { rollout, status, now, sets, newSet, stableSet, others, pointers: pointersOf(rollout, objects) };
}

function pointersOf({ namespace, services, routing }: Rollout, objects: LiveObjects): readonly Labels[] {
  const isOwn = (name: string) => name === services.canary || name === services.stable;
  const rules = new Set(
    (routing?.routers ?? []).flatMap((router) => (router.kind === "istio" ? [router.rule?.name] : [])),
  );
  const selectors = ofKind(objects, "Service").filter((one) => one.namespace === namespace && isOwn(one.name));
  const subsets = ofKind(objects, "DestinationRule").filter(
    (one) => one.namespace === namespace && rules.has(one.name),
  );
  return [...selectors.map(({ selector }) => selector), ...subsets.flatMap((rule) => [...rule.subsets.values()])];
}

/** The stable ReplicaSet, where it is another than the new one. */
export function distinctStable({ newSet, stableSet }: Pass): ReplicaSet | undefined {
  return stableSet?.hash === newSet.hash ? undefined : stableSet;
}

/** How many pods there are; of two colours only those of the active one count as available (rollout/bluegreen.go syncRolloutStatusBlueGreen). */
export function countsOf({ sets, newSet, now, status }: Pass): Counts {
  const active = sets.filter(({ hash }) => hash === status.selectors?.active);
  const serving = active.length === 0 ? sets : active;
  return {
    all: sets.reduce((sum, { pods }) => sum + pods.length, 0),
    available: serving.reduce((sum, set) => sum + availableIn(set, now), 0),
    updated: newSet.pods.length,
  };
}

export function isPromoted({ current, stable }: RolloutStatus): boolean {
  return stable === current;
}
