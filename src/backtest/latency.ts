import { binomialInterval } from "../core/gate/binomial.ts";
import { LEAST_WINDOWS } from "../core/gate/calibration.ts";
import { dispersionOf } from "../core/gate/dispersion.ts";
import { slowWindows } from "../core/gate/latency.ts";
import {
  backtest as monthly,
  placebosNeeded,
  placeboThreshold,
  type Backtest as Monthly,
} from "../core/gate/placebo.ts";
import { logBar, type GateSettings } from "../core/gate/settings.ts";
import { edgesIn, latencyWindows, type LatencyEdge } from "../core/latency-memory.ts";
import type { Moment } from "./history.ts";
import type { Blocks, Release } from "./identical.ts";
import type { Arms } from "./placebos.ts";
import { edgesBefore, latencySettings, type LatencyPlan, type Timing } from "./timing.ts";
import { watched, watchedLatency } from "./trial.ts";

/** What the past says of the latency gate. */
export type LatencyFound =
  /** Releases are not judged by it: configuration leaves it out, or the provider does not count it. */
  | { readonly kind: "off" }
  /** There is no histogram in all that time, so that releases are judged without it. */
  | { readonly kind: "none" }
  /** There are histograms of the whole service and none of what canaries are made of, or native ones alone. */
  | { readonly kind: "untold" }
  | ({ readonly kind: "judged" } & LatencyTested);

export type LatencyTested = {
  /** Its share of a release's alpha. */
  readonly alpha: number;
  readonly slowdowns: LatencyPlan["slowdowns"];
  readonly part: number;
  /** Releases are judged by native histograms, which are finer; what is played are the classic buckets beside them. */
  readonly isNative: boolean;
  /** The bounds that the whole past gives. */
  readonly bounds: readonly Bound[];
  /** Of releases of nothing new that were judged by it; undefined where nothing is known of identical arms. */
  readonly identical: SlowBlocks | undefined;
};

/** A bound, milliseconds, the ratio of slow shares that is tolerated there, and how many slow requests come at a time (undefined from too few windows). */
export type Bound = Pick<LatencyEdge, "quantile" | "bound" | "tolerated"> & { readonly dispersion: number | undefined };

/** What is blocked of releases of nothing new. */
export type SlowBlocks = Blocks & {
  readonly month: Monthly;
  /** Releases that had no histograms before them, and so are judged by errors alone. */
  readonly unjudged: number;
  /** Of all releases, by errors and latency together under one alpha: by each, and by any of them. */
  readonly together: {
    readonly errors: number;
    readonly latency: number;
    readonly either: Blocks;
    readonly month: Monthly;
  };
  /** How many it takes to promise its alpha. */
  readonly needed: number;
  /** The slow-down to tolerate so that identical releases are blocked no more often than alpha; undefined where the configured one does, or none would. */
  readonly tolerated: number | undefined;
  /** Whether more are blocked than alpha allows, beyond chance or by the placebo quantile. */
  readonly isMore: boolean;
  /** What of the later half is blocked with what would be tolerated by the earlier one; undefined where a half can promise nothing. */
  readonly later: Blocks | undefined;
};

/** A release of nothing new, and when it began (milliseconds). */
export type Cut = { readonly since: number; readonly steps: Release };

/** Whether latency is judged in releases, and can be played. */
export function timingOf(
  plan: LatencyPlan | undefined,
  moments: readonly Moment[],
  arms: Arms,
): Timing | Exclude<LatencyFound["kind"], "judged"> {
  if (plan === undefined) return "off";
  const isTold = moments.some(({ latency }) => latency !== undefined);
  if (!isTold) return moments.some(({ isNative }) => isNative === true) ? "untold" : "none";
  const isByPods = moments.some(({ pods }) => pods.some(({ latency }) => latency !== undefined));
  return arms.kind === "pods" && !isByPods ? "untold" : { ...plan, moments };
}

/** What latency does to releases of nothing new; `cuts` is undefined where nothing is known of them. */
export function latencyFound(
  timing: Timing,
  cuts: readonly Cut[] | undefined,
  {
    settings,
    perMonth,
    quiet,
  }: { readonly settings: GateSettings; readonly perMonth: number; readonly quiet: readonly Moment[] },
): LatencyTested {
  const { alpha, slowdowns, part } = timing;
  const identical = cuts === undefined ? undefined : slowBlocks(timing, cuts, { settings, perMonth });
  const isNative = quiet.some((moment) => moment.isNative === true);
  return { alpha, slowdowns, part, isNative, bounds: boundsOf(timing, cuts ?? [], quiet), identical };
}

function boundsOf({ slowdowns }: Timing, cuts: readonly Cut[], quiet: readonly Moment[]): readonly Bound[] {
  const found = edgesIn(
    quiet.flatMap(({ latency }) => latency ?? []),
    slowdowns,
  );
  if (found.kind === "out") return [];
  const windows = latencyWindows(cuts.flatMap(({ steps }) => steps.flat()));
  return found.edges.map(({ quantile, bound, tolerated }) => {
    const dispersion = dispersionOf(slowWindows(windows, bound));
    return {
      quantile,
      bound,
      tolerated,
      dispersion: dispersion.windows < LEAST_WINDOWS ? undefined : dispersion.value,
    };
  });
}

type By = { readonly settings: GateSettings; readonly perMonth: number };

function slowBlocks(timing: Timing, cuts: readonly Cut[], { settings, perMonth }: By): SlowBlocks {
  const sights = sightsOf(timing, cuts, settings);
  const judged = sights.filter((sight) => sight !== undefined);
  const blocked = judged.filter(({ isBlocked }) => isBlocked).length;
  const needed = placebosNeeded(timing.alpha);
  const half = Math.floor(cuts.length / 2);
  const isMore = isTooMuch(timing, cuts, settings);
  return {
    blocked,
    of: judged.length,
    month: monthly(blocked, judged.length, perMonth),
    unjudged: cuts.length - judged.length,
    together: togetherOf(timing, cuts, { settings, perMonth }),
    needed,
    tolerated: isMore ? toleratedFor(timing, cuts, settings) : undefined,
    isMore,
    later: half >= needed ? laterHalf(timing, cuts, settings) : undefined,
  };
}

type Seen = { readonly isBlocked: boolean; readonly logE: number };

/** What latency sees of each; undefined where it would not have judged. */
function sightsOf(timing: Timing, cuts: readonly Cut[], settings: GateSettings): readonly (Seen | undefined)[] {
  return cuts.map(({ since, steps }) => {
    const edges = edgesBefore(timing, since);
    if (edges === undefined) return undefined;
    const { logE, blockedAt } = watchedLatency(steps, latencySettings(settings, timing, edges));
    return { isBlocked: blockedAt !== undefined, logE: Math.max(0, logE) };
  });
}

function togetherOf(timing: Timing, cuts: readonly Cut[], { settings, perMonth }: By): SlowBlocks["together"] {
  const slow = sightsOf(timing, cuts, settings);
  const failing = cuts.map(({ steps }, index) => {
    const alpha = slow[index] === undefined ? timing.alone : settings.alpha;
    return watched(steps, { ...settings, alpha }).blockedAt !== undefined;
  });
  const either = cuts.filter((_, index) => failing[index] === true || slow[index]?.isBlocked === true).length;
  return {
    errors: failing.filter(Boolean).length,
    latency: slow.filter((sight) => sight?.isBlocked === true).length,
    either: { blocked: either, of: cuts.length },
    month: monthly(either, cuts.length, perMonth),
  };
}

/** Beyond chance, or by what E of such releases stays below but for alpha of them. */
function isTooMuch(timing: Timing, cuts: readonly Cut[], settings: GateSettings): boolean {
  const seen = sightsOf(timing, cuts, settings).filter((sight) => sight !== undefined);
  const blocked = seen.filter(({ isBlocked }) => isBlocked).length;
  const scores = seen.map(({ logE }) => logE);
  const highest = placeboThreshold(scores, timing.alpha) ?? Number.NEGATIVE_INFINITY;
  return (
    highest >= logBar({ alpha: timing.alpha }) || binomialInterval(blocked, Math.max(1, seen.length)).low > timing.alpha
  );
}

/** Slow-downs that are tried in turn, as people write them. */
const TOLERATED: readonly number[] = [0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1];

/** The least of them that suffices; a slow-down that a pass excludes is never tolerated. */
function toleratedFor(timing: Timing, cuts: readonly Cut[], settings: GateSettings): number | undefined {
  const { tolerated, regression } = timing.slowdowns;
  return TOLERATED.filter((one) => one > tolerated && one < regression).find(
    (one) => !isTooMuch(tolerating(timing, one), cuts, settings),
  );
}

function laterHalf(timing: Timing, cuts: readonly Cut[], settings: GateSettings): Blocks {
  const half = Math.floor(cuts.length / 2);
  const [earlier, later] = [cuts.slice(0, half), cuts.slice(half)];
  const learnt = isTooMuch(timing, earlier, settings) ? toleratedFor(timing, earlier, settings) : undefined;
  const seen = sightsOf(learnt === undefined ? timing : tolerating(timing, learnt), later, settings);
  const judged = seen.filter((sight) => sight !== undefined);
  return { blocked: judged.filter(({ isBlocked }) => isBlocked).length, of: judged.length };
}

/** The same where another slow-down is tolerated. */
export function tolerating(timing: Timing, tolerated: number): Timing {
  return { ...timing, slowdowns: { ...timing.slowdowns, tolerated } };
}
