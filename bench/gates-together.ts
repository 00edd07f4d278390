import { alphaOf } from "../src/core/gate/budget.ts";
import { NO_EVIDENCE } from "../src/core/gate/evidence.ts";
import { judge } from "../src/core/gate/judge.ts";
import { judgeLatency, type LatencySettings } from "../src/core/gate/latency.ts";
import { outcomeOf } from "../src/core/gate/ruling.ts";
import type { GateSettings } from "../src/core/gate/settings.ts";
import { judgeSplit } from "../src/core/gate/split.ts";
import type { Window } from "../src/core/window.ts";
import { binomial, chance, type Chance } from "../src/backtest/chance.ts";
import { rollout, SAME, steady, STEP_MINUTES, type Service } from "./gates-classes.ts";
import { pastOf } from "./gates-errors.ts";
import { hour, latencySettings, NOT_SLOW, type LatencyJob, type Slowness } from "./gates-latency.ts";
import { settingsAt } from "./gates-methods.ts";

/** Hours at one weight, judged by errors and latency together out of one budget, after the split check. */
export type TogetherJob = {
  readonly kind: "together";
  readonly service: Service;
  readonly ratio: number;
  readonly slowness: Slowness;
  /** What the traffic is really split by, where 5 % is committed. */
  readonly share: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** How an hour ends: the minute of the block, of the first pass after the bake, of the first doubt of the split; each 0 for never. */
export type Hour = { readonly blocked: number; readonly passed: number; readonly doubted: number };

const WEIGHT = 0.05;
const MINUTES = 60;
const ALPHA = 0.01;
const EVERY = 5;
const SPLIT = { alpha: 0.01, tolerance: 0.2 };

/** Plays a job's hours, looked at every five minutes. */
export function playTogether(job: TogetherJob): readonly Hour[] {
  const { service, ratio, seed, from, to } = job;
  const alphas = alphaOf(ALPHA, [
    { metric: "errors", part: 1 },
    { metric: "latency", part: 1 },
  ]);
  const shape = steady(WEIGHT, MINUTES);
  const alpha = alphas.get("errors") ?? 0;
  const errors = settingsAt(alpha, pastOf({ service, scenario: SAME, weights: shape, seed, from })(alpha));
  const traffic = { canary: service.rpm * WEIGHT, all: service.rpm };
  const { slowness } = job;
  const slow: LatencyJob = {
    kind: "latency",
    traffic,
    slowness,
    podSpread: 0.033,
    alpha: alphas.get("latency") ?? 0,
    buckets: "classic",
    seed,
    from,
    to,
  };
  const settings = { errors, latency: latencySettings({ ...slow, slowness: NOT_SLOW }) };
  return Array.from({ length: to - from }, (_, number) => {
    const random = chance(seed, from + number, 41, ratio * 10, slowness.factor * 100);
    const windows = rollout(service, shape, { ...SAME, ratio }, random);
    return hourOf(misrouted(windows, job, random), hour(slow, slowness, random), settings);
  });
}

type Settings = { readonly errors: GateSettings; readonly latency: LatencySettings };

function hourOf(windows: readonly Window[], slow: ReturnType<typeof hour>, settings: Settings): Hour {
  let doubted = 0;
  let passed = 0;
  for (let minute = EVERY; minute <= MINUTES; minute += EVERY) {
    const seen = windows.slice(0, minute);
    const split = judgeSplit([], seen, WEIGHT, SPLIT).verdict;
    if (split.kind === "wait" && split.reason.kind === "split" && doubted === 0) doubted = minute;
    const { kind } = outcomeOf([
      { gate: "split", verdict: split },
      { gate: "errors", verdict: judge(NO_EVIDENCE, seen, settings.errors).verdict },
      { gate: "latency", verdict: judgeLatency([], slow.slice(0, minute), settings.latency).verdict },
    ]);
    if (kind === "block") return { blocked: minute, passed, doubted };
    if (kind === "pass" && passed === 0 && minute >= STEP_MINUTES) passed = minute;
  }
  return { blocked: 0, passed, doubted };
}

/** The canary's requests as the real share brings them. */
function misrouted(windows: readonly Window[], { share }: TogetherJob, random: Chance): readonly Window[] {
  if (share === WEIGHT) return windows;
  return windows.map((window) => {
    const { canary, stable } = window.counts;
    if (canary === undefined || stable === undefined) return window;
    const all = canary.requests + stable.requests;
    const requests = binomial(random, all, share);
    const rate = all === 0 ? 0 : (canary.failed + stable.failed) / all;
    const failed = binomial(random, requests, rate);
    const rest = binomial(random, all - requests, rate);
    return { ...window, counts: { canary: { requests, failed }, stable: { requests: all - requests, failed: rest } } };
  });
}
