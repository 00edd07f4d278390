import { requestsIn, slowerThan, survival, together, type Histogram } from "../src/core/gate/histogram.ts";
import type { Edge, LatencyWindow } from "../src/core/gate/latency.ts";
import { addSums, logMeanExp, logMixture } from "../src/core/gate/mixture.ts";
import { bandReach, quantileChance } from "../src/core/gate/quantile-band.ts";
import { tiltSums } from "../src/core/gate/slow-tilt.ts";

/** A way to judge latency: whether it blocks at a window, the next one at each call. */
export type LatencyMethod = {
  readonly name: string;
  readonly begin: (edges: readonly Edge[]) => (window: LatencyWindow) => boolean;
};

type Pair = { readonly canary: Histogram; readonly stable: Histogram };

const ALPHA = 0.05;
/** Milliseconds of Flagger's example, in seconds. */
const MOST_P99 = 0.5;
const LEAST_IN_BAND = 100;
const LOOKS_APART = 15;

/** What others do with latency, each at 5 % where it promises anything. */
export const LATENCY_OTHERS: readonly LatencyMethod[] = [
  { name: "Mann-Whitney on buckets, every window", begin: () => cumulated((pair) => rankZ(pair) > 1.645) },
  {
    name: "Flagger p99 < 500 ms, threshold 1",
    begin:
      () =>
      ({ histograms: { canary } }) =>
        isSlowP99(canary),
  },
  { name: "bands around both distributions", begin: areApart },
  { name: "equal medians, always valid, every 15 windows", begin: equalMedians },
  { name: "slow shares, no tolerance, exact", begin: tilted },
];

/** Judges both arms' histograms of all windows so far. */
function cumulated(blocks: (pair: Pair, windows: number) => boolean): (window: LatencyWindow) => boolean {
  let pair: Pair | undefined;
  let windows = 0;
  return ({ histograms: { canary, stable } }) => {
    windows += 1;
    if (canary === undefined || stable === undefined) return false;
    const [all, allStable] =
      pair === undefined ? [canary, stable] : [merged(pair.canary, canary), merged(pair.stable, stable)];
    pair = { canary: all, stable: allStable };
    return blocks(pair, windows);
  };
}

function merged(one: Histogram, other: Histogram): Histogram {
  return together([one, other]) ?? one;
}

/** Mann and Whitney's statistic of requests that are known by their buckets, those of one bucket being tied; positive where the canary is slower. */
function rankZ({ canary, stable }: Pair): number {
  const [ofCanary, ofStable] = [requestsIn(canary), requestsIn(stable)];
  const all = ofCanary + ofStable;
  let [wins, below, ties] = [0, 0, 0];
  for (const [at, count] of canary.counts.entries()) {
    const other = stable.counts[at] ?? 0;
    wins += count * (below + other / 2);
    below += other;
    ties += (count + other) ** 3 - (count + other);
  }
  const variance = ((ofCanary * ofStable) / 12) * (all + 1 - ties / (all * (all - 1)));
  return variance > 0 ? (wins - (ofCanary * ofStable) / 2) / Math.sqrt(variance) : 0;
}

function isSlowP99(canary: Histogram | undefined): boolean {
  return canary !== undefined && survival(canary, MOST_P99) > 0.01;
}

/** Whether anywhere more of the canary's requests are slower than both bands together allow. */
function areApart(): (window: LatencyWindow) => boolean {
  const reach = bandReach({ alpha: ALPHA / 2, least: LEAST_IN_BAND });
  return cumulated(({ canary, stable }) => {
    const [ofCanary, ofStable] = [requestsIn(canary), requestsIn(stable)];
    if (ofCanary < LEAST_IN_BAND || ofStable < LEAST_IN_BAND) return false;
    const both = reach(ofCanary) + reach(ofStable);
    let [fast, fastOfStable] = [0, 0];
    return canary.counts.some((count, at) => {
      fast += count / ofCanary;
      fastOfStable += (stable.counts[at] ?? 0) / ofStable;
      return fastOfStable - fast > both;
    });
  });
}

function equalMedians(): (window: LatencyWindow) => boolean {
  const quantile = 0.5;
  return cumulated((pair, windows) => {
    if (windows % LOOKS_APART !== 0 || rankZ(pair) <= 0) return false;
    return quantileChance(pair.canary, pair.stable, { quantile, tightAt: LEAST_IN_BAND }) < ALPHA;
  });
}

/** The exact test without a tolerance at the product's bounds, in their mean. */
function tilted(edges: readonly Edge[]): (window: LatencyWindow) => boolean {
  const weight = edges.reduce((sum, edge) => sum + edge.weight, 0);
  let sums: readonly (readonly number[])[] = edges.map(() => []);
  return ({ histograms }) => {
    sums = sums.map((sum, at) => addSums(sum, tiltOf(histograms, edges[at]?.bound)));
    const logE = logMixture(
      sums.map((sum) => logMeanExp(sum)),
      edges.map((edge) => edge.weight / weight),
    );
    return edges.length > 0 && logE >= -Math.log(ALPHA);
  };
}

function tiltOf({ canary, stable }: LatencyWindow["histograms"], bound: number | undefined): readonly number[] {
  if (canary === undefined || stable === undefined || bound === undefined) return [];
  const [slow, slowOfStable] = [slowerThan(canary, bound), slowerThan(stable, bound)];
  if (slow === undefined || slowOfStable === undefined) return [];
  const requests = requestsIn(canary);
  return tiltSums([{ slow, requests, allSlow: slow + slowOfStable, allRequests: requests + requestsIn(stable) }]);
}
