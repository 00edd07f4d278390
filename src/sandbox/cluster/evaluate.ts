import { QueryError } from "./selector.ts";
import type { Selector } from "./selector.ts";
import type { SeriesReader, StoredSeries } from "./series-store.ts";

/** The `data` of an answer of the HTTP API. Times are seconds, values are texts. */
export type Answer =
  | { readonly resultType: "vector"; readonly result: readonly { readonly metric: object; readonly value: Point }[] }
  | {
      readonly resultType: "matrix";
      readonly result: readonly { readonly metric: object; readonly values: readonly Point[] }[];
    };

export type Point = readonly [seconds: number, value: string];

/** Milliseconds, both ends included. */
export type Steps = { readonly start: number; readonly end: number; readonly stepMs: number };

// How long a last sample stands for a series that was not marked as ended.
const STALE_MS = 300_000;
const MOST_STEPS = 11_000;

/** Evaluates at one time: a vector, or with a range the raw samples of (at - range, at]. */
export function evaluateAt(store: SeriesReader, selector: Selector, at: number): Answer {
  const found = select(store, selector);
  const { rangeMs } = selector;
  if (rangeMs !== undefined) return matrix(found, (series) => samplesIn(series, at - rangeMs, at));
  const result = found.flatMap((series) => valueAt(series, at).map((value) => ({ metric: metricOf(series), value })));
  return { resultType: "vector", result };
}

/** Evaluates the union of instant selectors at each step. Throws a QueryError on a range selector and on more than 11,000 steps. */
export function evaluateOver(store: SeriesReader, selectors: readonly Selector[], steps: Steps): Answer {
  if (selectors.some(({ rangeMs }) => rangeMs !== undefined))
    throw new QueryError('invalid expression type "range vector" for range query, must be Scalar or instant Vector');
  const times = stepTimes(steps);
  const found = new Set(selectors.flatMap((selector) => select(store, selector)));
  return matrix([...found], (series) => times.flatMap((at) => valueAt(series, at)));
}

/** Evaluates `vector(1)` at each step: what one asks a provider to see that it is there. */
export function oneOver(steps: Steps): Answer {
  return { resultType: "matrix", result: [{ metric: {}, values: stepTimes(steps).map((at) => pointOf(at, 1)) }] };
}

/** The times of steps, milliseconds. Throws a QueryError on more than 11,000. */
export function stepTimes({ start, end, stepMs }: Steps): readonly number[] {
  if (!(stepMs > 0)) throw new QueryError("zero or negative query resolution step widths are not accepted");
  if ((end - start) / stepMs > MOST_STEPS)
    throw new QueryError("exceeded maximum resolution of 11,000 points per timeseries");
  return Array.from({ length: Math.floor((end - start) / stepMs) + 1 }, (_, index) => start + index * stepMs);
}

function matrix(found: readonly StoredSeries[], points: (series: StoredSeries) => readonly Point[]): Answer {
  const all = found.map((series) => ({ metric: metricOf(series), values: points(series) }));
  return { resultType: "matrix", result: all.filter(({ values }) => values.length > 0) };
}

function samplesIn({ times, values }: StoredSeries, after: number, to: number): readonly Point[] {
  return times.flatMap((at, index) => {
    const value = values[index];
    return at <= after || at > to || value === undefined ? [] : [pointOf(at, value)];
  });
}

function valueAt(series: StoredSeries, at: number): readonly Point[] {
  const value = valueOf(series, at);
  return value === undefined ? [] : [pointOf(at, value)];
}

/** The value of a series at a time, milliseconds; undefined where it has none, or ended. */
export function valueOf({ times, values }: StoredSeries, at: number): number | undefined {
  const index = times.findLastIndex((time) => time <= at);
  return at - (times[index] ?? -Infinity) >= STALE_MS ? undefined : values[index];
}

/** Series whose name and labels a selector asks for. */
export function select(store: SeriesReader, { name, matchers }: Selector): readonly StoredSeries[] {
  return [...store.series(name)].filter(({ labels }) =>
    matchers.every(({ label, matches }) => matches(labels.get(label) ?? "")),
  );
}

function pointOf(at: number, value: number): Point {
  return [at / 1000, String(value)];
}

function metricOf({ labels }: StoredSeries): object {
  return Object.fromEntries(labels);
}
