import type { Histogram } from "./histogram.ts";

/** Requests that took longer than `lower` and at most `upper`, which is +∞ for the slowest; where nothing is below, `lower` is −∞. */
export type Bucket = { readonly lower: number; readonly upper: number; readonly count: number };

/**
 * The buckets of a native histogram that hold requests, rising, none reaching into another. The rest is left out, and whoever has too many of them makes them
 * wider, so that two histograms of one metric need not have the same.
 */
export type Buckets = readonly Bucket[];

/** Histograms of any resolutions together, at the finest that all of them tell: buckets that reach into each other are one. */
export function mergedBuckets(all: readonly Buckets[]): Buckets {
  const merged: Bucket[] = [];
  for (const bucket of summed(all).toSorted(byBounds)) {
    const last = merged.at(-1);
    if (last === undefined || bucket.lower >= last.upper) merged.push(bucket);
    else
      merged[merged.length - 1] = {
        ...last,
        upper: Math.max(last.upper, bucket.upper),
        count: last.count + bucket.count,
      };
  }
  return merged;
}

/**
 * What one process counted between two of its samples. A counter loses no request and its buckets only grow wider: where one of before is not whole within
 * one of now that holds as many, it began anew and counts from 0.
 */
export function increaseOf(before: Buckets, now: Buckets): Buckets {
  const grown: Bucket[] = [];
  let at = 0;
  for (const bucket of now) {
    let count = bucket.count;
    for (let old = before[at]; old !== undefined && old.upper <= bucket.upper; at += 1, old = before[at]) {
      if (old.lower < bucket.lower) return now;
      count -= old.count;
    }
    if (count < 0) return now;
    if (count > 0) grown.push({ ...bucket, count });
  }
  return at === before.length ? grown : now;
}

/** Buckets that hold requests as a histogram, with the empty ones between them. */
export function spacedOut(buckets: Buckets): Histogram {
  const bounds: number[] = [];
  const counts: number[] = [];
  const add = (bound: number, count: number) => {
    bounds.push(bound);
    counts.push(count);
  };
  for (const { lower, upper, count } of buckets) {
    if (lower > (bounds.at(-1) ?? 0)) add(lower, 0);
    add(upper, count);
  }
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) add(Number.POSITIVE_INFINITY, 0);
  return { bounds, counts, spread: "exponential" };
}

/** The buckets of a histogram that hold requests. */
export function bucketsOf({ bounds, counts }: Histogram): Buckets {
  return bounds.flatMap((upper, at) => {
    const count = counts[at] ?? 0;
    return count > 0 ? [{ lower: bounds[at - 1] ?? Number.NEGATIVE_INFINITY, upper, count }] : [];
  });
}

/** Equal buckets are one first: of many windows most are. */
function summed(all: readonly Buckets[]): Buckets {
  const counts = new Map<number, Map<number, number>>();
  for (const buckets of all)
    for (const { lower, upper, count } of buckets) {
      const beginning = counts.get(lower) ?? new Map<number, number>();
      counts.set(lower, beginning.set(upper, (beginning.get(upper) ?? 0) + count));
    }
  return [...counts].flatMap(([lower, ends]) => [...ends].map(([upper, count]) => ({ lower, upper, count })));
}

function byBounds(a: Bucket, b: Bucket): number {
  if (a.lower !== b.lower) return a.lower < b.lower ? -1 : 1;
  return a.upper < b.upper ? -1 : 1;
}
