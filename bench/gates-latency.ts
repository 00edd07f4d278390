import { classicHistogram, nativeHistogram, together, type Histogram } from "../src/core/gate/histogram.ts";
import { calibrateLatency, extendedLatency } from "../src/core/gate/latency-calibration.ts";
import {
  blocksLatency,
  edgesOf,
  judgeLatency,
  type LatencyEvidence,
  type LatencySettings,
  type LatencyWindow,
} from "../src/core/gate/latency.ts";
import { normalCdf } from "../src/core/gate/special.ts";
import { binomial, chance, type Chance } from "../src/backtest/chance.ts";
import { normal, poisson } from "./gates-chance.ts";
import { LATENCY_OTHERS } from "./gates-latency-methods.ts";

/** Requests a minute to the canary and to both arms. */
export type Traffic = { readonly canary: number; readonly all: number };

export const TRAFFIC: readonly Traffic[] = [
  { canary: 6, all: 600 },
  { canary: 30, all: 600 },
  { canary: 60, all: 6000 },
  { canary: 300, all: 6000 },
  { canary: 600, all: 60_000 },
];

/** What is wrong with the canary's latency: every request takes `factor` as long, and a share of them a second longer. */
export type Slowness = { readonly name: string; readonly factor: number; readonly tail: number };

export const NOT_SLOW: Slowness = { name: "A/A", factor: 1, tail: 0 };

export const SLOWNESS: readonly Slowness[] = [
  { name: "x1.25", factor: 1.25, tail: 0 },
  { name: "x1.5", factor: 1.5, tail: 0 },
  { name: "x2", factor: 2, tail: 0 },
  { name: "2 % +1 s", factor: 1, tail: 0.02 },
  { name: "5 % +1 s", factor: 1, tail: 0.05 },
];

export type LatencyJob = {
  readonly kind: "latency";
  readonly traffic: Traffic;
  readonly slowness: Slowness;
  /** Spread of the lasting log-difference between pods; the noise of each window is 6 %, or nothing where pods do not differ at all. */
  readonly podSpread: number;
  readonly alpha: number;
  readonly buckets: "classic" | "native";
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** Per rollout of an hour: the minute of the block, of the first pass, and of the block by other methods, in their order; each 0 for never. */
export type LatencyEnds = readonly {
  readonly blocked: number;
  readonly passed: number;
  readonly others: readonly number[];
}[];

const MINUTES = 60;
const PLACEBOS = 150;
const MEDIAN_SECONDS = 0.04;
const LOG_SPREAD = 0.8;
const WINDOW_NOISE = 0.06;
const MINUTE = 60_000;
const CLASSIC: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY];
const SCHEMA = 3;
/** Index of the first native bucket that can hold requests of such a service, and how many there are: a millisecond to half a minute. */
const FIRST = -80;
const NATIVE: readonly number[] = Array.from({ length: 120 }, (_, index) => 2 ** ((FIRST + index) / 2 ** SCHEMA));

/** Plays hours of one weight, looked at every minute, after a calibration by placebo rollouts of the same service. */
export function playLatency(job: LatencyJob): LatencyEnds {
  const settings = latencySettings(job);
  return Array.from({ length: job.to - job.from }, (_, number) => {
    const random = chance(job.seed, job.from + number, 11, ...streamOf(job));
    const windows = hour(job, job.slowness, random);
    const others = job.buckets === "classic" ? othersOn(windows, settings) : [];
    return { ...endOf(windows, settings), others };
  });
}

function othersOn(windows: readonly LatencyWindow[], { edges }: LatencySettings): readonly number[] {
  return LATENCY_OTHERS.map(({ begin }) => {
    const blocks = begin(edges);
    return windows.findIndex((window) => blocks(window)) + 1;
  });
}

function endOf(windows: readonly LatencyWindow[], settings: LatencySettings): Omit<LatencyEnds[number], "others"> {
  let evidence: LatencyEvidence = [];
  let passed = 0;
  for (const [minute, window] of windows.entries()) {
    evidence = extendedLatency(evidence, [window], settings);
    if (blocksLatency(evidence, settings)) return { blocked: minute + 1, passed };
    const isLook = passed === 0 && (minute + 1) % 5 === 0;
    if (isLook && judgeLatency([], windows.slice(0, minute + 1), settings).verdict.kind === "pass") passed = minute + 1;
  }
  return { blocked: 0, passed };
}

/** Edges from the hour before, their dispersion and the placebo threshold from earlier hours. */
export function latencySettings(job: LatencyJob): LatencySettings {
  const random = chance(job.seed, job.from, 12, ...streamOf({ ...job, slowness: NOT_SLOW }));
  const stable = job.traffic.all - job.traffic.canary;
  const past = together(Array.from({ length: MINUTES }, () => drawn(job, stable, { time: 1, tail: 0 }, random)));
  const edges = past === undefined ? [] : edgesOf(past);
  const placebos = Array.from({ length: PLACEBOS }, () => hour(job, NOT_SLOW, random));
  return calibrateLatency(placebos, { alpha: job.alpha, beta: 0.05, power: 0.8, edges });
}

/** An hour of both arms, minute by minute. */
export function hour(job: LatencyJob, { factor, tail }: Slowness, random: Chance): readonly LatencyWindow[] {
  const bias = job.podSpread * normal(random);
  const noise = job.podSpread === 0 ? 0 : WINDOW_NOISE;
  const { canary, all } = job.traffic;
  return Array.from({ length: MINUTES }, (_, minute) => {
    const time = factor * Math.exp(bias + noise * normal(random));
    return {
      start: minute * MINUTE,
      end: (minute + 1) * MINUTE,
      histograms: {
        canary: drawn(job, poisson(random, canary), { time, tail }, random),
        stable: drawn(job, poisson(random, all - canary), { time: 1, tail: 0 }, random),
      },
    };
  });
}

type Times = { readonly time: number; readonly tail: number };

/** A histogram as a provider tells it: cumulative classic buckets, or the buckets of a native one. */
function drawn({ buckets }: LatencyJob, requests: number, times: Times, random: Chance): Histogram {
  if (buckets === "classic") {
    let cumulative = 0;
    const told = drawnCounts(CLASSIC, requests, times, random).map((count, at) => {
      cumulative += count;
      return [CLASSIC[at] ?? 0, cumulative] as const;
    });
    return classicHistogram(told) ?? NOTHING;
  }
  const counts = drawnCounts(NATIVE, requests, times, random);
  const spans = [{ offset: FIRST, length: NATIVE.length }];
  return nativeHistogram({ schema: SCHEMA, zeroThreshold: 1e-9, zeroCount: 0, spans, counts }) ?? NOTHING;
}

const NOTHING: Histogram = { bounds: [Number.POSITIVE_INFINITY], counts: [0], spread: "even" };

function drawnCounts(
  bounds: readonly number[],
  requests: number,
  { time, tail }: Times,
  random: Chance,
): readonly number[] {
  const share = (bound: number) => (1 - tail) * quicker(bound / time) + tail * quicker((bound - 1) / time);
  let left = requests;
  let before = 0;
  return bounds.map((bound) => {
    const upTo = bound === Number.POSITIVE_INFINITY ? 1 : share(bound);
    const count = before >= 1 ? 0 : binomial(random, left, Math.min(1, (upTo - before) / (1 - before)));
    left -= count;
    before = upTo;
    return count;
  });
}

/** Share of the requests of a log-normal service that take at most `seconds`. */
function quicker(seconds: number): number {
  return seconds <= 0 ? 0 : normalCdf(Math.log(seconds / MEDIAN_SECONDS) / LOG_SPREAD);
}

function streamOf({ traffic, slowness, podSpread, buckets }: LatencyJob): readonly number[] {
  const spread = Math.round(podSpread * 10_000);
  return [traffic.canary, Math.round(slowness.factor * 100), Math.round(slowness.tail * 1000), spread, buckets.length];
}
