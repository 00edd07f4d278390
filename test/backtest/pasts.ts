import { binomial, chance, type Chance } from "../../src/backtest/chance.ts";
import { momentsOf, type Moment } from "../../src/backtest/history.ts";
import { shapeOf, type Shape } from "../../src/backtest/shape.ts";
import { together, type Histogram } from "../../src/core/gate/histogram.ts";
import type { Window } from "../../src/core/window.ts";
import { weight } from "../../src/core/weight.ts";
import type { PodCounts } from "../../src/ports/pod-counts.ts";
import { histogramOf } from "../support/latency.ts";

export const MINUTE = 60_000;
export const WINDOW = MINUTE / 2;

/** Two weights, ten windows each; two hours for a step. */
export const SHAPE: Shape = shapeOf({
  weights: [weight(10), weight(50)],
  bakeMs: 5 * MINUTE,
  windowMs: WINDOW,
  deadlineMs: 40 * MINUTE,
  warmUpMs: 0,
});

export type Service = {
  readonly perWindow: number;
  readonly rate: number;
  readonly pods: number;
  readonly windows: number;
  /** So many failures come together. */
  readonly cluster?: number;
  /** How many times the rate the first pod has. */
  readonly uneven?: number;
  readonly seed?: number;
  /** How long requests take is counted: the first pod's so many times as long as those of the others. */
  readonly slower?: number;
};

/** A past without releases in which each pod has the same traffic. */
export function pastOf({
  perWindow,
  rate,
  pods,
  windows,
  cluster = 1,
  uneven = 1,
  seed = 1,
  slower,
}: Service): readonly Moment[] {
  const random = chance(seed);
  const all = Array.from({ length: windows }, (_, index) => {
    const start = index * WINDOW;
    const counts = Array.from({ length: pods }, (__, pod): PodCounts => {
      const requests = binomial(random, Math.round((2 * perWindow) / pods), 0.5);
      const share = (rate * (pod === 0 ? uneven : 1)) / cluster;
      const failed = Math.min(requests, cluster * binomial(random, requests, share));
      const latency = slower && drawn(requests, { factor: pod === 0 ? slower : 1, random });
      return { pod: `web-${pod}`, requests, failed, ...(latency && { latency }) };
    });
    return { start, counts };
  });
  const timeline = all.map(({ start, counts }): Window => ({
    start,
    end: start + WINDOW,
    counts: { canary: { requests: 0, failed: 0 }, stable: sum(counts) },
    pods: {},
    ...(slower && { latency: { kind: "read", ...allOf(counts) } }),
  }));
  return momentsOf(timeline, new Map(all.map(({ start, counts }) => [start, counts])));
}

export function sum(counts: readonly PodCounts[]) {
  return {
    requests: counts.reduce((total, { requests }) => total + requests, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}

function allOf(counts: readonly PodCounts[]): { readonly stable?: Histogram } {
  const stable = together(counts.flatMap(({ latency }) => latency ?? []));
  return { ...(stable && { stable }) };
}

const SHARES = 1_000_000;

/** So many requests of a log-normal service, drawn one by one, so many times as slow. */
function drawn(requests: number, { factor, random }: { readonly factor: number; readonly random: Chance }): Histogram {
  const shape = histogramOf(SHARES, factor);
  let [left, above] = [requests, SHARES];
  const counts = shape.counts.map((share) => {
    const here = binomial(random, left, above === 0 ? 0 : Math.min(1, share / above));
    left -= here;
    above -= share;
    return here;
  });
  return { ...shape, counts };
}
