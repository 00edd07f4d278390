import { normalCdf } from "./special.ts";

/** Wilcoxon's rank sum of two samples, and how likely a greater one is by chance (normal approximation with ties, continuity corrected). */
export type RankSum = { readonly w: number; readonly greater: number; readonly twoSided: number };

/** By how much the first sample is shifted against the second: Hodges and Lehmann's estimate, and bounds that hold with about 1 − 2·tail. */
export type Shift = { readonly estimate: number; readonly low: number; readonly high: number };

/** Mann and Whitney's test, as R's wilcox.test with exact = FALSE reckons it; samples without a number give no evidence. */
export function rankSum(x: readonly number[], y: readonly number[]): RankSum {
  const w = winsOf(x, y, 0);
  const sigma = deviation(x, y, tiesIn([...x, ...y]));
  const centred = w - (x.length * y.length) / 2;
  if (!(sigma > 0)) return { w, greater: 1, twoSided: 1 };
  const greater = normalCdf(-(centred - 0.5) / sigma);
  const z = (centred - 0.5 * Math.sign(centred)) / sigma;
  return { w, greater, twoSided: Math.min(1, 2 * normalCdf(-Math.abs(z))) };
}

/**
 * The shift between two samples, from the sorted differences of all pairs: the statistic changes nowhere else, so each bound is one of them, whatever the scale.
 * Kayenta finds its bounds by root search to 1e-4 in the data's own unit instead, which leaves small numbers without a meaning.
 */
export function shiftOf(x: readonly number[], y: readonly number[], z: number): Shift {
  const differences = x.flatMap((one) => y.map((other) => one - other)).toSorted((a, b) => a - b);
  const pairs = differences.length;
  const middle = [differences[Math.ceil(pairs / 2) - 1], differences[Math.floor(pairs / 2)]];
  const reach = (sign: 1 | -1) => boundIn(x, y, { differences, target: sign * z });
  const estimate = ((middle[0] ?? Number.NaN) + (middle[1] ?? Number.NaN)) / 2;
  return { estimate, low: reach(1), high: reach(-1) };
}

type Search = { readonly differences: readonly number[]; readonly target: number };

/** The difference at which the corrected statistic falls through `target`. */
function boundIn(x: readonly number[], y: readonly number[], { differences, target }: Search): number {
  // Just beside a difference no pair is tied across the samples, so only ties inside a sample narrow the deviation.
  const sigma = deviation(x, y, tiesIn(x) + tiesIn(y));
  const half = differences.length / 2;
  let low = 0;
  let high = differences.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const above = differences.length - upperBound(differences, differences[middle] ?? 0);
    const centred = above - half;
    if ((centred - 0.5 * Math.sign(centred)) / sigma > target) low = middle + 1;
    else high = middle;
  }
  return differences[low] ?? Number.NaN;
}

/** How many of the sorted values are at most `value`. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function winsOf(x: readonly number[], y: readonly number[], shift: number): number {
  return x.reduce((sum, one) => sum + y.reduce((wins, other) => wins + (Math.sign(one - other - shift) + 1) / 2, 0), 0);
}

/** Σ(t³ − t) over groups of t equal values. */
function tiesIn(values: readonly number[]): number {
  return [...Map.groupBy(values, (value) => value).values()].reduce((sum, { length }) => sum + length ** 3 - length, 0);
}

function deviation(x: readonly number[], y: readonly number[], ties: number): number {
  const all = x.length + y.length;
  return Math.sqrt(((x.length * y.length) / 12) * (all + 1 - ties / (all * (all - 1))));
}
