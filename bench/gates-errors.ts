import { placebosIn, type Calibration } from "../src/core/gate/calibration.ts";
import type { Window } from "../src/core/window.ts";
import { chance } from "../src/backtest/chance.ts";
import { rollout, SAME, steady, UNEVEN, type Scenario, type Service } from "./gates-classes.ts";
import { calibrationAt, oracle, OTHERS, ours, OURS_1, OURS_5, settingsAt, type Method } from "./gates-methods.ts";

/** Simulated rollouts of one service under one scenario, `from` to `to` of their numbers. */
export type ErrorJob = {
  readonly kind: "errors";
  readonly service: Service;
  readonly scenario: Scenario;
  readonly weights: readonly number[];
  readonly methods: "all" | "ours" | "oracle";
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** Minutes at which each rollout was blocked, 0 for never, by method. */
export type Blocked = ReadonlyMap<string, readonly number[]>;

/** How many placebo rollouts are cut from a service's simulated past. */
export const PLACEBOS = 200;

/** Clustering is measured at this weight. */
const PLACEBO_WEIGHT = 0.05;
const PLACEBO_MINUTES = 60;

/** Seeds that keep the streams of a service's past and of its rollouts apart. */
const PAST = 1_000_003;

/** Plays the rollouts of a job and says when each method blocked. */
export function playErrors(job: ErrorJob): Blocked {
  const methods = methodsOf(job);
  const blocked = new Map<string, number[]>(methods.map(({ name }) => [name, []]));
  for (let run = job.from; run < job.to; run += 1) {
    const random = chance(job.seed, run, ...streamOf(job.service, job.scenario, job.weights));
    const windows = rollout(job.service, job.weights, job.scenario, random);
    for (const method of methods) blocked.get(method.name)?.push(blockedAt(method, windows, job.seed + run));
  }
  return blocked;
}

/** A simulated service, its canary and the weights, and the seeds of one past of it. */
export type Past = {
  readonly service: Service;
  readonly scenario: Scenario;
  readonly weights: readonly number[];
  readonly seed: number;
  /** Each stretch of a cell's rollouts is judged by a past of its own, since what is promised holds over pasts. */
  readonly from: number;
};

/** What a service's past says, at weight 5 % of how errors cluster, by rollouts of the given shape of how far E goes. */
export function pastOf({ service, scenario, weights, seed, from }: Past): (alpha: number) => Calibration {
  const equal = scenario.isUneven ? UNEVEN : SAME;
  const past = (shape: readonly number[], stream: number) =>
    Array.from({ length: PLACEBOS }, (_, number) =>
      rollout(service, shape, equal, chance(seed, PAST + stream, from, number, ...streamOf(service, equal, shape))),
    );
  const history = past(steady(PLACEBO_WEIGHT, PLACEBO_MINUTES), 0).flat();
  const placebos = past(weights, 1);
  return (alpha) => calibrationAt(alpha, history, placebos);
}

/** Numbers that tell the streams of chance of different cells apart. */
export function streamOf(
  service: Service,
  { ratio, add, isUneven }: Scenario,
  weights: readonly number[],
): readonly number[] {
  const name = Array.from(service.name).reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003,
    7,
  );
  return [
    name,
    Math.round(ratio * 1000),
    Math.round(add * 10_000),
    isUneven ? 1 : 0,
    Math.round((weights[0] ?? 0) * 1e4),
  ];
}

/** The minute at which a method blocks a rollout; 0 where it does not. */
export function blockedAt(method: Method, windows: readonly Window[], seed: number): number {
  const judge = method.begin(chance(seed, 77));
  return windows.findIndex((window) => judge(window)) + 1;
}

function methodsOf({ methods, scenario, ...job }: ErrorJob): readonly Method[] {
  const past = pastOf({ ...job, scenario });
  const [at5, at1] = [settingsAt(0.05, past(0.05)), settingsAt(0.01, past(0.01))];
  const both = [ours(OURS_5, at5), ours(OURS_1, at1)];
  switch (methods) {
    case "ours":
      return both;
    case "oracle":
      return [...both, oracle(at5, scenario.ratio)];
    default:
      return [...OTHERS, ...both];
  }
}

/** Identical rollouts at one weight, judged after calibrations by so many placebo rollouts; each past is used for a few of them. */
export type PlaceboJob = {
  readonly kind: "placebo";
  readonly service: Service;
  readonly weight: number;
  readonly alpha: number;
  /** 0 for a service without a past. */
  readonly placebos: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

const PER_PAST = 5;

/** How many of a job's rollouts are blocked. */
export function playPlacebo({ service, weight, alpha, placebos, seed, from, to }: PlaceboJob): number {
  const shape = steady(weight, PLACEBO_MINUTES);
  const stream = streamOf(service, SAME, shape);
  let blocked = 0;
  let settings = settingsAt(alpha, undefined);
  for (let run = from; run < to; run += 1) {
    if ((run - from) % PER_PAST === 0 && placebos > 0) {
      const past = Array.from({ length: placebos }, (_, number) =>
        rollout(service, shape, SAME, chance(seed, PAST + 2, run, number, ...stream)),
      ).flat();
      settings = settingsAt(alpha, calibrationAt(alpha, past, placebosIn(past, PLACEBO_MINUTES)));
    }
    const windows = rollout(service, shape, SAME, chance(seed, run, 3, ...stream));
    if (blockedAt(ours("ours", settings), windows, seed) > 0) blocked += 1;
  }
  return blocked;
}
