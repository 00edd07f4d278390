import { boundsOf, nearest, type Sizes } from "../../src/sandbox/cluster/rollouts/replicas.ts";
import type { Running } from "./cluster.ts";
import type { Order, Version } from "./rollout-controller.ts";

const SECOND = 1000;
/** Until one pod more is ready, or one fewer is there. */
const POD = SECOND;
const WHOLE = 100;
/** Argo Rollouts' own default. */
const SURGE = { value: 25, unit: "percent" } as const;

/**
 * What runs from an order on where nothing but the number of pods splits the traffic (argo-rollouts 9f8d111d, utils/replicaset/canary.go): pods of what is neither version go first,
 * then one pod after the other comes or goes until the two versions are as near to the first weight as pods come, and then to the second; steps that run out
 * leave none of the old version before the new one is stable.
 */
export function obeyedByPods(last: Running | undefined, order: Order): readonly Running[] {
  const { current, steps, replicas } = order;
  const was = last?.rollout;
  const stable = was?.stable ?? current;
  const obeying: Obeying = { ...order, stable };
  const isBack = current.pod === stable.pod;
  const isSame = !isBack && was?.current.pod === current.pod && was.stable.pod === stable.pod;
  const sizes = { canary: isSame ? (last?.canary.replicas ?? 0) : 0, stable: last?.stable.replicas ?? replicas };
  const others = isSame || last === undefined || last.canary.replicas === 0 ? was?.others : last.canary;
  const begins = moment(obeying, { late: 0, sizes, others });
  const goals = isBack ? [{ canary: 0, stable: replicas }] : [steps.from, steps.to].map((to) => sizesAt(to, replicas));
  const climbs = walked([sizes, ...goals], most(replicas)).map((now, index) =>
    moment(obeying, { late: (index + 1) * POD, sizes: now, others: undefined }),
  );
  if (isBack || !steps.runsOut) return settledLast([begins, ...climbs]);
  const promoted = { late: (climbs.length + 2) * POD, sizes: { canary: 0, stable: replicas }, others: undefined };
  return settledLast([begins, ...climbs, moment({ ...obeying, stable: current }, promoted)]);
}

/** The share in per cent that pods come to for a weight. */
export function nearestShare(weight: number, replicas: number): number {
  return shareOf(sizesAt(weight, replicas));
}

function sizesAt(weight: number, replicas: number): Sizes {
  return nearest(replicas, weight, surgeOf(replicas));
}

function surgeOf(replicas: number): number {
  return boundsOf({ replicas, maxSurge: SURGE, maxUnavailable: SURGE }).surge;
}

function most(replicas: number): number {
  return replicas + surgeOf(replicas);
}

function shareOf({ canary, stable }: Sizes): number {
  return canary === 0 ? 0 : (WHOLE * canary) / (canary + stable);
}

/** Every pair of sizes after the first on the way from goal to goal; at least one, and never more pods than may be. */
function walked([first, ...goals]: readonly Sizes[], limit: number): readonly Sizes[] {
  let now = first ?? { canary: 0, stable: 0 };
  const way: Sizes[] = [];
  for (const goal of goals)
    while (now.canary !== goal.canary || now.stable !== goal.stable) {
      now = nextTo(now, goal, limit);
      way.push(now);
    }
  return way.length > 0 ? way : [now];
}

/** Stable grows first, and what shrinks does so when nothing may grow. */
function nextTo({ canary, stable }: Sizes, goal: Sizes, limit: number): Sizes {
  const isRoom = canary + stable < limit;
  if (isRoom && stable < goal.stable) return { canary, stable: stable + 1 };
  if (isRoom && canary < goal.canary) return { canary: canary + 1, stable };
  return canary > goal.canary ? { canary: canary - 1, stable } : { canary, stable: stable - 1 };
}

type Obeying = Order & { readonly stable: Version };

type Moment = {
  readonly late: number;
  readonly sizes: Sizes;
  readonly others: Running["canary"] | undefined;
};

function moment(
  { order, at, current, stable, steps, replicas, weight }: Obeying,
  { late, sizes, others }: Moment,
): Running {
  return {
    order,
    at: at + late,
    weight: shareOf(sizes),
    canary: { image: current.image, replicas: sizes.canary },
    stable: { image: stable.image, replicas: sizes.stable },
    rollout: { stable, current, steps, others, isSettled: false, phase: "Progressing" },
    asked: nearestShare(weight, replicas),
  };
}

/** Nothing follows on the last by itself, and the controller says so: of a version that changes no image nothing else would tell. */
function settledLast(moments: readonly Running[]): readonly Running[] {
  return moments.map((running, index) => {
    const { rollout } = running;
    if (rollout === undefined || index < moments.length - 1) return running;
    const phase = rollout.current.pod === rollout.stable.pod ? "Completed" : "Paused";
    return { ...running, rollout: { ...rollout, isSettled: true, phase } };
  });
}
