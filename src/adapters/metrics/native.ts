import type { Histogram } from "../../core/gate/histogram.ts";
import { increaseOf, mergedBuckets, spacedOut, type Bucket, type Buckets } from "../../core/gate/native.ts";
import type { Reading } from "../../core/reading.ts";
import type { LatencyHistogram } from "../../core/requests.ts";
import type { Arm, ToldLatency } from "../../core/window.ts";
import { shared } from "./claims.ts";
import { windowsIn, type Grid } from "./counters.ts";
import type { ArmClaims } from "./requests.ts";
import type { Series } from "./series.ts";

/** The metric of which native histograms are, by that of classic buckets. */
export function nativeName({ buckets }: LatencyHistogram): string {
  return buckets.replace(/_bucket$/, "");
}

/**
 * The native histograms of each window of the grid, from what each series was at its two ends, counted as classic buckets are (buckets.ts): each series has resets of
 * its own. They are added up here and not by the server, which may only warn of what it made of resets. Whose resolution is coarser gives it to all of an arm.
 */
export function nativeOver(
  reading: Reading<readonly Series[]>,
  arms: ArmClaims,
  grid: Pick<Grid, "from" | "to" | "windowMs">,
  unit: LatencyHistogram["unit"],
): readonly ToldLatency[] {
  const windows = Array.from({ length: windowsIn(grid) }, (_, index) => grid.from + index * grid.windowMs);
  if (reading.kind === "unavailable") return windows.map(() => ({ kind: "unread", reason: reading.reason }));
  const [ofCanary = [], ofStable = []] = shared([arms.canary, arms.stable], reading.value);
  const [canary, stable] = [timesOf(ofCanary, unit), timesOf(ofStable, unit)];
  return windows.map((start) => {
    const end = start + grid.windowMs;
    return { kind: "read", ...told("canary", grown(canary, start, end)), ...told("stable", grown(stable, start, end)) };
  });
}

/** One series: by time, what it had counted; undefined where what was told is no histogram. */
type Counted = ReadonlyMap<number, Buckets | undefined>;

function timesOf(all: readonly Series[], unit: LatencyHistogram["unit"]): readonly Counted[] {
  return all.map(
    ({ native = [] }) =>
      new Map(native.map(({ at, buckets }) => [at, buckets?.map((bucket) => inMilliseconds(bucket, unit))])),
  );
}

/** Undefined where nothing of the arm was there at the beginning or at the end, or where one of its series has no histogram at either. */
function grown(all: readonly Counted[], start: number, end: number): Histogram | undefined {
  const there = all.filter((series) => series.has(end));
  if (there.length === 0 || !all.some((series) => series.has(start))) return undefined;
  const increases = there.map((series) => {
    const [before, now] = [series.has(start) ? series.get(start) : [], series.get(end)];
    return before && now && increaseOf(before, now);
  });
  const known = increases.filter((increase) => increase !== undefined);
  return known.length === increases.length ? spacedOut(mergedBuckets(known)) : undefined;
}

function told(arm: Arm, histogram: Histogram | undefined): { readonly [arm in Arm]?: Histogram } {
  return histogram === undefined ? {} : { [arm]: histogram };
}

/** Rounded, so that the bounds of two resolutions are the same number where they are the same. */
function inMilliseconds({ lower, upper, count }: Bucket, unit: LatencyHistogram["unit"]): Bucket {
  const factor = unit === "ms" ? 1 : 1000;
  const within = (bound: number) => Math.min(Number.MAX_VALUE, Number((bound * factor).toPrecision(12)));
  return { lower: within(lower), upper: upper === Number.POSITIVE_INFINITY ? upper : within(upper), count };
}
