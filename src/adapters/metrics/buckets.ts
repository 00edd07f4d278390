import { classicHistogram, type Histogram } from "../../core/gate/histogram.ts";
import type { Reading } from "../../core/reading.ts";
import type { LatencyHistogram } from "../../core/requests.ts";
import type { Arm, WindowLatency } from "../../core/window.ts";
import { selectorsFor, shared, type Claim } from "./claims.ts";
import { windowsIn, type Grid } from "./counters.ts";
import type { Matcher } from "./promql.ts";
import type { ArmClaims } from "./requests.ts";
import type { Series } from "./series.ts";

/**
 * What buckets have grown by in a window that ends now, summed over all series of an arm; a few numbers a member, however many pods, codes and callers there are.
 * Reckoned bucket by bucket as counters.ts does: a value below the one before is a reset and counts from 0, and so does a series that appears while the arm
 * is watched; where nothing of the arm was there before, nothing is told. Nothing is extrapolated.
 */
export function grownText(
  metric: string,
  fixed: readonly Matcher[],
  windowMs: number,
): (claims: readonly Claim[]) => string {
  return (claims) => {
    const now = selectorsFor(metric, fixed, claims).join("");
    const before = `${now} offset ${windowMs}ms`;
    const by = labelsOf(claims).join(", ");
    const watched = `count by (${by}) (${before})`;
    return `sum by (le, ${by}) (((${now} - ${before}) >= 0) or (${now} and on (${by}) ${watched}))`;
  };
}

function labelsOf(claims: readonly Claim[]): readonly string[] {
  return [...new Set(claims.flat(2).map(({ label }) => label))];
}

/** The histograms of each window of the grid; none of an arm whose buckets are no histogram, and `unread` where they could not be read. */
export function latencyOver(
  reading: Reading<readonly Series[]>,
  arms: ArmClaims,
  grid: Pick<Grid, "from" | "to" | "windowMs">,
  { unit }: LatencyHistogram,
): readonly WindowLatency[] {
  const windows = Array.from({ length: windowsIn(grid) }, (_, index) => grid.from + (index + 1) * grid.windowMs);
  if (reading.kind === "unavailable") return windows.map(() => ({ kind: "unread", reason: reading.reason }));
  const [ofCanary = [], ofStable = []] = shared([arms.canary, arms.stable], reading.value);
  const canary = bucketsByEnd(ofCanary, unit);
  const stable = bucketsByEnd(ofStable, unit);
  return windows.map((end) => ({
    kind: "read",
    ...told("canary", canary.get(end)),
    ...told("stable", stable.get(end)),
  }));
}

type Buckets = ReadonlyMap<number, number>;

function told(arm: Arm, buckets: Buckets | undefined): { readonly [arm in Arm]?: Histogram } {
  const histogram = buckets && classicHistogram([...buckets]);
  return histogram === undefined ? {} : { [arm]: histogram };
}

/** By the end of a window, milliseconds, what each bound in milliseconds has up to it. */
function bucketsByEnd(all: readonly Series[], unit: LatencyHistogram["unit"]): ReadonlyMap<number, Buckets> {
  const ends = new Map<number, Map<number, number>>();
  for (const { labels, samples } of all) {
    const bound = boundOf(labels.get("le"), unit);
    for (const { at, value } of samples) {
      const buckets = ends.get(at) ?? new Map<number, number>();
      ends.set(at, buckets);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
  }
  return ends;
}

/** NaN, which no histogram has, where it is no bound. */
function boundOf(le: string | undefined, unit: LatencyHistogram["unit"]): number {
  if (le === "+Inf") return Number.POSITIVE_INFINITY;
  const bound = le === undefined || le.trim() === "" ? Number.NaN : Number(le);
  // Seconds times a thousand would else be 1100.0000000000002 milliseconds.
  return unit === "ms" ? bound : Number((bound * 1000).toPrecision(12));
}
