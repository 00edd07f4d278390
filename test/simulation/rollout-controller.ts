import type { Phase } from "../../src/core/window.ts";
import type { Running } from "./cluster.ts";
import type { Steps } from "./manifests.ts";

const SECOND = 1000;
/** Until pods that are wanted are ready, and weights that wait for them are written. */
const READY = 2 * SECOND;
/** For as long as the pods of what was stable stay behind a new one. */
const SCALE_DOWN_DELAY = 5 * SECOND;

export type Version = { readonly pod: string; readonly image: string };
type Pods = Running["canary"];

/** What the controller of an Argo Rollout is at. */
export type Control = {
  readonly stable: Version;
  readonly current: Version;
  readonly steps: Steps;
  /** Pods of what is neither. */
  readonly others: Pods | undefined;
  /** Nothing more follows by itself. */
  readonly isSettled: boolean;
  /** What its metrics say, where they are scraped. */
  readonly phase?: Phase;
};

/** An order to a Rollout: git's pod template and steps, as they are applied. */
export type Order = Pick<Running, "order" | "at" | "weight"> & {
  readonly current: Version;
  readonly steps: Steps;
  readonly replicas: number;
  /** No router splits the traffic: the numbers of pods do. */
  readonly isByPods: boolean;
};

/**
 * What runs from an order on until the next one, moment by moment, as the controller does it (argo-rollouts 9f8d111d, rollout/canary.go and rollout/trafficrouting.go):
 * the first version is stable at once; a pod template that stable runs skips the steps; any other change begins at the first step, where the weight is that step's
 * only with its pods there; each weight waits for its pods; steps that run out make the version stable, and the old pods go a while later.
 */
export function obeyed(last: Running | undefined, order: Order): readonly Running[] {
  const { current } = order;
  const was = last?.rollout;
  const stable = was?.stable ?? current;
  return current.pod === stable.pod ? wentBack(last, { ...order, stable }) : climbed(last, { ...order, stable });
}

type Obeying = Order & { readonly stable: Version };

function wentBack(last: Running | undefined, order: Obeying): readonly Running[] {
  const left = last !== undefined && last.canary.replicas > 0 ? last.canary : undefined;
  const at = (late: number, others: Pods | undefined) => moment(order, { late, weight: 0, pods: 0, others });
  return left === undefined ? [at(0, undefined)] : [{ ...unsettled(at(0, left)) }, at(SCALE_DOWN_DELAY, undefined)];
}

function climbed(last: Running | undefined, order: Obeying): readonly Running[] {
  const { steps, current, replicas, stable } = order;
  const isSame = last?.rollout?.current.pod === current.pod && last.rollout.stable.pod === stable.pod;
  const there = isSame ? last.canary.replicas : 0;
  const leaving = last !== undefined && !isSame && last.canary.replicas > 0 ? last.canary : last?.rollout?.others;
  // Pods of the version itself, from an earlier try, are its own again.
  const left = leaving?.image === current.image ? undefined : leaving;
  const wanted = podsFor(steps.to, replicas);
  const isAtFrom = there > 0 && there === podsFor(steps.from, replicas);
  const begin = moment(order, { late: 0, weight: isAtFrom ? steps.from : 0, pods: there, others: left });
  // What the canary Service selects is kept until the next version has pods.
  const climb = moment(order, { late: READY, weight: steps.to, pods: wanted, others: wanted > 0 ? undefined : left });
  if (!steps.runsOut) return [unsettled(begin), climb];
  const promoted: Obeying = { ...order, stable: current };
  const old = { image: stable.image, replicas };
  return [
    unsettled(begin),
    unsettled(climb),
    unsettled(moment(promoted, { late: 2 * READY, weight: 0, pods: 0, others: old })),
    moment(promoted, { late: 2 * READY + SCALE_DOWN_DELAY, weight: 0, pods: 0, others: undefined }),
  ];
}

function podsFor(weight: number, replicas: number): number {
  return Math.ceil((weight * replicas) / 100);
}

type Moment = {
  readonly late: number;
  readonly weight: number;
  readonly pods: number;
  readonly others: Pods | undefined;
};

function moment(
  { order, at, current, stable, steps, replicas, weight: asked }: Obeying,
  { late, weight, pods, others }: Moment,
): Running {
  return {
    order,
    at: at + late,
    weight,
    canary: { image: current.image, replicas: pods },
    stable: { image: stable.image, replicas },
    rollout: { stable, current, steps, others, isSettled: true },
    asked,
  };
}

function unsettled(running: Running): Running {
  return running.rollout === undefined ? running : { ...running, rollout: { ...running.rollout, isSettled: false } };
}
