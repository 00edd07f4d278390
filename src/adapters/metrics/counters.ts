import type { Counts } from "../../core/window.ts";
import type { Series, Sample } from "./series.ts";

/** Aligned windows between two times, and how old a sample may be to be the base of an increment; milliseconds. */
export type Grid = {
  readonly from: number;
  readonly to: number;
  readonly windowMs: number;
  readonly lookbackMs: number;
};

/** A series of one arm; `failed`: it counts failed requests. */
export type Counter = { readonly series: Series; readonly failed: boolean };

/** Two samples of one series, close enough that the second is an increment of the first. */
type Pair = { readonly start: number; readonly end: number };

type Increment = { readonly at: number; readonly amount: number };

type Sum = { readonly requests: number; readonly failed: number };

const NOTHING: Sum = { requests: 0, failed: 0 };

/**
 * What one arm counted in each window of the grid, from raw samples; undefined where no sample of the arm lies in the window.
 *
 * A sample tells what had happened by its time, so it belongs to the window (start, end]. The value at a time is the last sample up to it.
 * A value below the one before is a reset: it counts from 0. A value that no counter can have leaves its window, and that of the next one, without counts. Two samples farther apart than the lookback are no increment: the second is a new base.
 * A series that appears while the arm is being watched counts from 0 (the first 503 of a pod, a new pod); where the arm was not watched
 * (the provider started again, the arm is new) its first sample is only a base, or lifetimes would count as one window.
 */
export function countsPerWindow(counters: readonly Counter[], grid: Grid): readonly (Counts | undefined)[] {
  const sums: (Sum | undefined)[] = Array.from({ length: windowsIn(grid) }, () => undefined);
  const isWatched = watching(counters, grid.lookbackMs);
  for (const { series, failed } of counters) {
    for (const { at, amount } of incrementsOf(series.samples, grid.lookbackMs, isWatched)) {
      const index = windowOf(at, grid);
      if (index < 0 || index >= sums.length) continue;
      const sum = sums[index] ?? NOTHING;
      sums[index] = { requests: sum.requests + amount, failed: sum.failed + (failed ? amount : 0) };
    }
  }
  // Rounding is monotone: failed stays at most requests.
  return sums.map((sum) =>
    sum === undefined || Number.isNaN(sum.requests)
      ? undefined
      : { requests: Math.round(sum.requests), failed: Math.round(sum.failed) },
  );
}

/** What a label says where it says nothing: Istio's word for it, and none. */
const NO_VERSIONS: ReadonlySet<string> = new Set(["", "unknown"]);

/** The versions that answered requests of one arm in each window of the grid, in order; a version's first sample is only a base. */
export function versionsPerWindow(
  counters: readonly Counter[],
  grid: Grid,
  label: string,
): readonly (readonly string[])[] {
  const byVersion = Map.groupBy(counters, ({ series }) => series.labels.get(label) ?? "");
  const counted = [...byVersion]
    .filter(([version]) => !NO_VERSIONS.has(version))
    .map(([version, ofVersion]) => ({ version, counts: countsPerWindow(ofVersion, grid) }))
    .toSorted((a, b) => (a.version < b.version ? -1 : 1));
  return Array.from({ length: windowsIn(grid) }, (_, index) =>
    counted.filter(({ counts }) => (counts[index]?.requests ?? 0) > 0).map(({ version }) => version),
  );
}

/** How many windows a grid has. */
export function windowsIn({ from, to, windowMs }: Pick<Grid, "from" | "to" | "windowMs">): number {
  return Math.max(0, Math.round((to - from) / windowMs));
}

function windowOf(at: number, { from, windowMs }: Grid): number {
  return Math.ceil((at - from) / windowMs) - 1;
}

function incrementsOf(
  samples: readonly Sample[],
  lookbackMs: number,
  isWatched: (at: number) => boolean,
): readonly Increment[] {
  return samples.map(({ at, value }, position) => {
    const before = samples[position - 1];
    // Taken for a reset, it would have the counter's whole life counted as one window.
    if (!isCount(value) || (before !== undefined && !isCount(before.value))) return { at, amount: Number.NaN };
    if (before === undefined) return { at, amount: isWatched(at) ? value : 0 };
    if (at - before.at > lookbackMs) return { at, amount: 0 };
    return { at, amount: value < before.value ? value : value - before.value };
  });
}

/** No counter is below 0 or without end. */
function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

// Watched at a time: some series of the arm has two samples shortly before it, so one whole round of scrapes has passed and every pod of
// before had its turn. One sample would not do: after a restart of the provider the pods come back one after another.
function watching(counters: readonly Counter[], lookbackMs: number): (at: number) => boolean {
  const latest = latestStarts(counters.flatMap(({ series }) => pairsOf(series.samples, lookbackMs)));
  return (at) => {
    const pair = lastBefore(latest, at);
    return pair !== undefined && pair.start >= at - lookbackMs;
  };
}

function pairsOf(samples: readonly Sample[], lookbackMs: number): readonly Pair[] {
  return samples.flatMap(({ at }, position) => {
    const before = samples[position - 1];
    return before !== undefined && at - before.at <= lookbackMs ? [{ start: before.at, end: at }] : [];
  });
}

/** Pairs by rising end, each start raised to the latest of all pairs that ended by then. */
function latestStarts(pairs: readonly Pair[]): readonly Pair[] {
  const starts = new Map<number, number>();
  for (const { start, end } of pairs) starts.set(end, Math.max(start, starts.get(end) ?? -Infinity));
  let latest = -Infinity;
  return [...starts]
    .toSorted(([a], [b]) => a - b)
    .map(([end, start]) => {
      latest = Math.max(latest, start);
      return { start: latest, end };
    });
}

function lastBefore(pairs: readonly Pair[], at: number): Pair | undefined {
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[middle]?.end ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return pairs[low - 1];
}
