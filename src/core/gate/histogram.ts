import { bucketsOf, mergedBuckets, spacedOut } from "./native.ts";

/**
 * Requests by how long they took, in a window. `bounds` are the inclusive upper bounds of the buckets, rising, the last one +∞, in whatever unit of time
 * the service measures; `counts` are the requests of each bucket alone.
 */
export type Histogram = {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** How requests are taken to lie within a bucket: evenly over time, or over its logarithm, as the buckets of native histograms are spaced. */
  readonly spread: "even" | "exponential";
};

/** Classic buckets, cumulative by `le`, in any order; undefined where they are none: no +∞, not rising, no counts. */
export function classicHistogram(
  buckets: readonly (readonly [le: number, cumulative: number])[],
): Histogram | undefined {
  const sorted = buckets.toSorted(([a], [b]) => a - b);
  const bounds = sorted.map(([le]) => le);
  const counts = sorted.map(([, cumulative], index) => cumulative - (sorted[index - 1]?.[1] ?? 0));
  return histogram({ bounds, counts, spread: "even" });
}

/** Buckets in a row of a native histogram: so many indices after the last span, so many buckets. */
export type Span = { readonly offset: number; readonly length: number };

/** A native histogram as it is told: absolute counts of the buckets that its spans name. Durations have no negative buckets. */
export type NativeHistogram = {
  /** Bounds grow by 2^(2^−schema); Prometheus knows −4 to 8. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly spans: readonly Span[];
  readonly counts: readonly number[];
};

/** A native histogram with its bounds: bucket i holds (base^(i−1), base^i], the zero bucket all up to its threshold. Undefined where it is none. */
export function nativeHistogram({
  schema,
  zeroThreshold,
  zeroCount,
  spans,
  counts,
}: NativeHistogram): Histogram | undefined {
  if (!Number.isInteger(schema) || schema < -4 || schema > 8 || !(zeroThreshold >= 0)) return undefined;
  const indices = indicesOf(spans);
  if (indices === undefined || indices.length !== counts.length) return undefined;
  const bounds: number[] = [zeroThreshold];
  const held: number[] = [zeroCount];
  for (const [position, index] of indices.entries()) {
    const lower = boundOf(index - 1, schema);
    if (lower > (bounds.at(-1) ?? 0)) {
      bounds.push(lower);
      held.push(0);
    }
    bounds.push(boundOf(index, schema));
    held.push(counts[position] ?? Number.NaN);
  }
  return histogram({ bounds: [...bounds, Number.POSITIVE_INFINITY], counts: [...held, 0], spread: "exponential" });
}

/** All requests of a histogram. */
export function requestsIn({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Requests that took longer than `edge`; undefined where no bound tells: the edge lies inside a bucket that holds requests. Empty buckets tell
 * at every point, so that native histograms, which leave them out, can be compared.
 */
export function slowerThan({ bounds, counts }: Histogram, edge: number): number | undefined {
  const at = bounds.findIndex((bound) => bound >= edge);
  const isTold = bounds[at] === edge || counts[at] === 0;
  if (at === -1 || !isTold) return undefined;
  return counts.slice(at + 1).reduce((sum, count) => sum + count, 0);
}

/** Share of the requests that took longer than `time`. Inside a bucket its logarithm falls evenly, as tails do; evenly itself where nothing is above. */
export function survival(histogram: Histogram, time: number): number {
  const { bounds, counts } = histogram;
  const at = bounds.findIndex((bound) => bound >= time);
  const all = requestsIn(histogram);
  if (at === -1 || all === 0) return 0;
  const above = counts.slice(at + 1).reduce((sum, count) => sum + count, 0) / all;
  const upTo = above + (counts[at] ?? 0) / all;
  const lower = bounds[at - 1] ?? 0;
  const upper = bounds[at] ?? Number.POSITIVE_INFINITY;
  if (upper === Number.POSITIVE_INFINITY) return upTo;
  const share = (time - lower) / (upper - lower);
  return above > 0 ? upTo * (above / upTo) ** share : upTo * (1 - share);
}

/** The time that a share `q` of the requests took at most, as Prometheus' histogram_quantile reckons; undefined without requests. */
export function quantile(histogram: Histogram, q: number): number | undefined {
  const { bounds, counts, spread } = histogram;
  const rank = q * requestsIn(histogram);
  let before = 0;
  for (const [at, count] of counts.entries()) {
    if (before + count < rank || count === 0) {
      before += count;
      continue;
    }
    const lower = bounds[at - 1] ?? 0;
    const upper = bounds[at] ?? Number.POSITIVE_INFINITY;
    const share = (rank - before) / count;
    // Of the last bucket no more is known than where it begins.
    if (upper === Number.POSITIVE_INFINITY) return lower;
    return spread === "even" || lower === 0 ? lower + (upper - lower) * share : lower * (upper / lower) ** share;
  }
  return undefined;
}

/** Histograms of equal bounds together, and native ones of any; undefined where the bounds of others differ, or there are none. */
export function together(all: readonly Histogram[]): Histogram | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const isSame = all.every(
    ({ bounds }) => bounds.length === first.bounds.length && bounds.every((bound, at) => bound === first.bounds[at]),
  );
  if (!isSame)
    return all.every(({ spread }) => spread === "exponential")
      ? spacedOut(mergedBuckets(all.map(bucketsOf)))
      : undefined;
  return { ...first, counts: first.counts.map((_, at) => all.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0)) };
}

function histogram(candidate: Histogram): Histogram | undefined {
  const { bounds, counts } = candidate;
  const isRising = bounds.every((bound, at) => !Number.isNaN(bound) && (at === 0 || bound > (bounds[at - 1] ?? bound)));
  const isCounted = counts.every((count) => Number.isFinite(count) && count >= 0);
  return isRising && isCounted && bounds.at(-1) === Number.POSITIVE_INFINITY ? candidate : undefined;
}

const MOST_BUCKETS = 10_000;

function indicesOf(spans: readonly Span[]): readonly number[] | undefined {
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  const isWhole = spans.every(
    (span) => Number.isInteger(span.offset) && Number.isInteger(span.length) && span.length >= 0,
  );
  if (!isWhole || length > MOST_BUCKETS) return undefined;
  const indices: number[] = [];
  let next = 0;
  for (const { offset, length: run } of spans) {
    next += offset;
    for (let bucket = 0; bucket < run; bucket += 1, next += 1) indices.push(next);
  }
  return indices;
}

function boundOf(index: number, schema: number): number {
  return 2 ** (index * 2 ** -schema);
}
