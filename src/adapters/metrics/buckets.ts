import { classicHistogram, type Histogram } from "../../core/gate/histogram.ts";
import type { Reading } from "../../core/reading.ts";
import type { LatencyHistogram } from "../../core/requests.ts";
import type { Arm, WindowLatency } from "../../core/window.ts";
import { selectorsFor, shared, type Claim } from "./claims.ts";
import { windowsIn, type Grid } from "./counters.ts";
import type { Matcher } from "./promql.ts";
import type { ArmClaims } from "./requests.ts";
import type { Series } from "./series.ts";

/** Labels by which processes are told apart that count for themselves: each has resets of its own. What a series lacks of them is empty. */
const COUNTED_BY = ["instance", "pod"] as const;

/** Buckets at one time, summed over all series of an arm in one process: a few numbers, however many codes and callers there are. */
export function bucketsText(metric: string, fixed: readonly Matcher[]): (claims: readonly Claim[]) => string {
  return (claims) => {
    const by = [...new Set(["le", ...labelsOf(claims), ...COUNTED_BY])];
    return `sum by (${by.join(", ")}) (${selectorsFor(metric, fixed, claims).join("")})`;
  };
}

function labelsOf(claims: readonly Claim[]): readonly string[] {
  return [...new Set(claims.flat(2).map(({ label }) => label))];
}

/**
 * The histograms of each window of the grid, from what buckets were at its two ends, the way counters.ts counts: a value below the one before is a reset and
 * counts from 0, and so does a process that appears while the arm is watched; where nothing of the arm was there before, nothing is told.
 * None of an arm whose buckets are no histogram, and `unread` where they could not be read.
 */
export function latencyOver(
  reading: Reading<readonly Series[]>,
  arms: ArmClaims,
  grid: Pick<Grid, "from" | "to" | "windowMs">,
  { unit }: LatencyHistogram,
): readonly WindowLatency[] {
  const windows = Array.from({ length: windowsIn(grid) }, (_, index) => grid.from + index * grid.windowMs);
  if (reading.kind === "unavailable") return windows.map(() => ({ kind: "unread", reason: reading.reason }));
  const [ofCanary = [], ofStable = []] = shared([arms.canary, arms.stable], reading.value);
  const [canary, stable] = [countedOf(ofCanary, unit), countedOf(ofStable, unit)];
  return windows.map((start) => {
    const window = { start, end: start + grid.windowMs };
    return { kind: "read", ...told("canary", grown(canary, window)), ...told("stable", grown(stable, window)) };
  });
}

/** One bucket of one process, by time in milliseconds. */
type Counted = { readonly bound: number; readonly values: ReadonlyMap<number, number> };

function countedOf(all: readonly Series[], unit: LatencyHistogram["unit"]): readonly Counted[] {
  return all.map(({ labels, samples }) => ({
    bound: boundOf(labels.get("le"), unit),
    values: new Map(samples.map(({ at, value }) => [at, value])),
  }));
}

/** By bound, what was counted up to it in a window; undefined where nothing of the arm was there at its beginning. */
function grown(
  all: readonly Counted[],
  { start, end }: { readonly start: number; readonly end: number },
): Buckets | undefined {
  if (!all.some(({ values }) => values.has(start))) return undefined;
  const buckets = new Map<number, number>();
  for (const { bound, values } of all) {
    const now = values.get(end);
    if (now !== undefined) buckets.set(bound, (buckets.get(bound) ?? 0) + increment(values.get(start) ?? 0, now));
  }
  return buckets.size === 0 ? undefined : buckets;
}

/** NaN, which no histogram has, where no counter can have the values. */
function increment(before: number, now: number): number {
  if (!(before >= 0) || !(now >= 0)) return Number.NaN;
  return now < before ? now : now - before;
}

type Buckets = ReadonlyMap<number, number>;

function told(arm: Arm, buckets: Buckets | undefined): { readonly [arm in Arm]?: Histogram } {
  const histogram = buckets && classicHistogram([...buckets]);
  return histogram === undefined ? {} : { [arm]: histogram };
}

/** NaN, which no histogram has, where it is no bound. */
function boundOf(le: string | undefined, unit: LatencyHistogram["unit"]): number {
  if (le === "+Inf") return Number.POSITIVE_INFINITY;
  const bound = le === undefined || le.trim() === "" ? Number.NaN : Number(le);
  // Seconds times a thousand would else be 1100.0000000000002 milliseconds.
  return unit === "ms" ? bound : Number((bound * 1000).toPrecision(12));
}
