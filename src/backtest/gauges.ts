import { binomialInterval } from "../core/gate/binomial.ts";
import { NO_DRIFT } from "../core/gate/drift.ts";
import {
  calibrateGauge,
  judgeGauge,
  type GaugeBars,
  type GaugeSettings,
  type GaugeWindow,
} from "../core/gate/gauge.ts";
import { canaryOf } from "./arms.ts";
import { stretches, type Moment } from "./history.ts";
import type { Blocks } from "./identical.ts";
import { lengthOf, stepIn } from "./placebos.ts";
import type { Shape } from "./shape.ts";

/** A gauge as releases are compared by it. */
export type GaugePlan = {
  readonly name: string;
  readonly query: string;
  readonly worse: GaugeSettings["worse"];
  /** Ratio of the worse to the better that a pass must have been able to find. */
  readonly regression: number;
  readonly part: number;
  /** Its share of a release's alpha, where every gauge that is configured is calibrated. */
  readonly alpha: number;
  /** What it is judged by today; undefined where it only advises. */
  readonly calibration: GaugeBars | undefined;
};

/** What the past says of a gauge. */
export type GaugeFound = Omit<GaugePlan, "query" | "calibration"> & {
  readonly query: string;
  readonly configured: GaugeBars | undefined;
  /** Of releases of nothing new, what is blocked as it is configured; undefined where it only advises, or there are none. */
  readonly now: Blocks | undefined;
  /** Whether that is beyond chance more than its alpha. */
  readonly isMore: boolean;
  readonly past: GaugePast;
};

export type GaugePast =
  /** Its values cannot be read pod by pod, or never were there. */
  | { readonly kind: "unread"; readonly why: string }
  | { readonly kind: "tooFew"; readonly placebos: number; readonly needed: number }
  | { readonly kind: "calibrated"; readonly placebos: number; readonly bars: GaugeBars; readonly crossed: Crossed };

/** What is seen of each half of the releases with what the other half says. */
export type Crossed = Blocks & {
  /** What a half can promise: the gauge's share of alpha, or more where a half is too few for that. */
  readonly alpha: number;
  /** Good releases that could pass at the end of their last bake. */
  readonly passed: number;
  /** How many are blocked with the canary's gauge so many times as bad. */
  readonly found: readonly { readonly times: number; readonly blocked: number }[];
};

/** What the quiet past says of each gauge, by releases of nothing new whose canary is made of whole pods. */
export function gaugesFound(
  plans: readonly GaugePlan[],
  quiet: readonly Moment[],
  by: { readonly shape: Shape; readonly seed: number },
): readonly GaugeFound[] {
  return plans.map(({ calibration, ...plan }) => {
    const releases = releasesOf(plan.name, quiet, by);
    const now = calibration && releases.length > 0 ? blockedBy(releases, plan, calibration) : undefined;
    const isMore = now !== undefined && binomialInterval(now.blocked, now.of).low > plan.alpha;
    return { ...plan, configured: calibration, now, isMore, past: pastOf(plan, releases, quiet) };
  });
}

type Release = readonly GaugeWindow[];

/** Fewer windows with both arms than this share of a release's tell nothing of a whole one. */
const LEAST_MEASURED = 0.5;

function releasesOf(
  name: string,
  quiet: readonly Moment[],
  { shape, seed }: { readonly shape: Shape; readonly seed: number },
): readonly Release[] {
  return stretches(quiet, lengthOf(shape)).flatMap((moments, release) => {
    const windows = shape.weights.flatMap((weight, index) =>
      splitGauge(name, stepIn(moments, index, shape), { share: weight, draw: { seed, release } }),
    );
    const measured = windows.filter(({ values }) => values.canary !== undefined && values.stable !== undefined);
    return measured.length >= LEAST_MEASURED * windows.length && measured.length > 0 ? [windows] : [];
  });
}

type Split = { readonly share: number; readonly draw: { readonly seed: number; readonly release: number } };

/** Means over the pods of a canary and over the others; the same pods as its requests would be of. */
function splitGauge(name: string, moments: readonly Moment[], { share, draw }: Split): Release {
  const valuesAt = ({ gauges }: Moment) => {
    const reading = gauges?.[name];
    return reading?.kind === "read" ? reading.value : NONE;
  };
  const canary = canaryOf(new Set(moments.flatMap((moment) => [...valuesAt(moment).keys()])), share, draw);
  if (canary === undefined) return moments.map(({ start, end }) => ({ start, end, values: {} }));
  return moments.map((moment) => {
    const all = [...valuesAt(moment)];
    const [of, rest] = [all.filter(([pod]) => canary.has(pod)), all.filter(([pod]) => !canary.has(pod))];
    return { start: moment.start, end: moment.end, values: { canary: meanOf(of), stable: meanOf(rest) } };
  });
}

const NONE: ReadonlyMap<string, number> = new Map();

function meanOf(values: readonly (readonly [string, number])[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + value, 0) / values.length;
}

type Judged = Pick<GaugePlan, "name" | "worse" | "regression" | "alpha">;

function pastOf(plan: Judged, releases: readonly Release[], quiet: readonly Moment[]): GaugePast {
  if (releases.length === 0) return { kind: "unread", why: whyUnread(plan.name, quiet) };
  const found = calibrateGauge(releases, plan.worse, plan.alpha);
  if (found.kind === "tooFew") return found;
  const { kind, placebos, ...bars } = found;
  return { kind, placebos, bars, crossed: crossed(plan, releases) };
}

function whyUnread(name: string, quiet: readonly Moment[]): string {
  const readings = quiet.flatMap(({ gauges }) => gauges?.[name] ?? []);
  const unread = readings.find(({ kind }) => kind === "unavailable");
  if (unread?.kind === "unavailable") return unread.reason;
  return readings.length === 0 ? NOT_ASKED : FEW;
}

const NOT_ASKED = "Its provider is not asked for gauges of pods.";
const FEW = "No stretch of the past is as long as a release and has it of two pods or more.";

/** What is injected besides the regression that a pass must have been able to find. */
const TIMES: readonly number[] = [1.5, 2];

/** Each half is counted with what the other one says: the honest figure for a threshold that is learnt. */
function crossed(plan: Judged, releases: readonly Release[]): Crossed {
  const half = Math.floor(releases.length / 2);
  const halves = [releases.slice(0, half), releases.slice(half)] as const;
  const alpha = Math.max(plan.alpha, 1 / (half + 1));
  const folds = halves.flatMap((judged, index) => {
    const learnt = calibrateGauge(halves[1 - index] ?? [], plan.worse, alpha);
    return learnt.kind === "calibrated" ? [{ judged, bars: learnt }] : [];
  });
  const sum = (of: (fold: (typeof folds)[number]) => number) => folds.reduce((total, fold) => total + of(fold), 0);
  return {
    alpha,
    blocked: sum(({ judged, bars }) => blockedBy(judged, plan, bars).blocked),
    of: sum(({ judged }) => judged.length),
    passed: sum(({ judged, bars }) => countOf(judged, plan, bars, "pass")),
    found: [...new Set([plan.regression, ...TIMES])].map((times) => ({
      times,
      blocked: sum(
        ({ judged, bars }) =>
          blockedBy(
            judged.map((one) => worsened(one, plan, times)),
            plan,
            bars,
          ).blocked,
      ),
    })),
  };
}

function blockedBy(releases: readonly Release[], plan: Judged, bars: GaugeBars): Blocks {
  return { blocked: countOf(releases, plan, bars, "block"), of: releases.length };
}

/** How many end so: what the gauge gate says at the end of a release, whose highest drift it remembers. */
function countOf(
  releases: readonly Release[],
  { worse, regression }: Judged,
  bars: GaugeBars,
  kind: "block" | "pass",
): number {
  const { threshold, usual, low } = bars;
  const settings: GaugeSettings = { worse, regression, calibration: { kind: "calibrated", threshold, usual, low } };
  return releases.filter((windows) => judgeGauge(NO_DRIFT, windows, settings).verdict.kind === kind).length;
}

function worsened(windows: Release, { worse }: Judged, times: number): Release {
  const factor = worse === "higher" ? times : 1 / times;
  return windows.map(({ start, end, values: { canary, stable } }) => ({
    start,
    end,
    values: { canary: canary === undefined ? undefined : canary * factor, stable },
  }));
}

/** The bars as they are written, in three digits, each rounded to the careful side; undefined where they cannot be. */
export function writtenBars({ threshold, usual, low }: GaugeBars): GaugeBars | undefined {
  const bars = {
    threshold: rounded(threshold, Math.ceil),
    usual: rounded(usual, Math.floor),
    low: rounded(low, Math.floor),
  };
  return bars.threshold > 0 ? bars : undefined;
}

function rounded(value: number, to: (value: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  return Number((to(value / unit) * unit).toPrecision(3));
}
