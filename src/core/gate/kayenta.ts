import { shiftOf } from "./ranks.ts";
import { normalQuantile } from "./special.ts";

/** How Kayenta's NetflixACAJudge reads a metric; its defaults are those of DEFAULT_KAYENTA. */
export type KayentaSettings = {
  readonly direction: "increase" | "decrease" | "either";
  /** What the size of a difference is measured by: ratio of the means, or the chance that a value of the canary is the greater one. */
  readonly measure: "meanRatio" | "cles";
  /** Least size that counts as an increase, and most that counts as a decrease; undefined: 1, or a half of `cles`. */
  readonly allowedIncrease?: number | undefined;
  readonly allowedDecrease?: number | undefined;
  /** The same for what fails everything, where the metric is critical. */
  readonly criticalIncrease?: number | undefined;
  readonly criticalDecrease?: number | undefined;
  readonly isCritical: boolean;
  /** Whether a metric without values counts as failed. */
  readonly mustHaveData: boolean;
  /** Share of the estimated shift that the interval must clear. */
  readonly tolerance: number;
  readonly confidence: number;
  /** Whether values that are no numbers are left out or count as 0. */
  readonly nan: "remove" | "zero";
  /** So many interquartile ranges beyond the quartiles, and beyond the first or last hundredth, values are left out; undefined: all are kept. */
  readonly outlierFactor?: number | undefined;
};

export const DEFAULT_KAYENTA: KayentaSettings = {
  direction: "increase",
  measure: "meanRatio",
  isCritical: false,
  mustHaveData: false,
  tolerance: 0.25,
  confidence: 0.98,
  nan: "remove",
};

export type Classification = "pass" | "high" | "low" | "nodata" | "nodataFail";

/**
 * Classifies a metric as Kayenta's judge does by Mann and Whitney's test (kayenta a69573b, MannWhitneyClassifier), its interval found exactly instead of to 1e-4.
 * Constant samples are not given Kayenta's random noise: a difference of constants is a difference.
 */
export function classify(
  canary: readonly number[],
  stable: readonly number[],
  settings: KayentaSettings,
): Classification {
  const [experiment, control] = [cleaned(canary, settings), cleaned(stable, settings)];
  if (experiment.length === 0 || control.length === 0) return unmeasured(settings);
  if (isSame(experiment, control)) return "pass";
  return settings.direction === "decrease"
    ? lowOf(experiment, control, settings)
    : highOrLow(experiment, control, settings);
}

/** Whether a classified metric fails everything: it is critical, and worse by its critical size, or without values. */
export function isCriticalFailure(
  classification: Classification,
  { canary, stable }: Samples,
  settings: KayentaSettings,
): boolean {
  if (!settings.isCritical || classification === "pass") return false;
  const [experiment, control] = [cleaned(canary, settings), cleaned(stable, settings)];
  const neutral = neutralOf(settings);
  if (classification === "high")
    return isUnlessKnown(experiment, control, settings, (size) => size >= (settings.criticalIncrease ?? neutral));
  if (classification === "low")
    return isUnlessKnown(experiment, control, settings, (size) => size <= (settings.criticalDecrease ?? neutral));
  return true;
}

/** Values of a metric, one a window. */
export type Samples = { readonly canary: readonly number[]; readonly stable: readonly number[] };

function unmeasured({ nan, mustHaveData, isCritical }: KayentaSettings): Classification {
  if (nan === "zero") return "pass";
  return mustHaveData && !isCritical ? "nodataFail" : "nodata";
}

function highOrLow(
  experiment: readonly number[],
  control: readonly number[],
  settings: KayentaSettings,
): Classification {
  const { estimate, low } = shiftOf(experiment, control, zOf(settings));
  const least = settings.allowedIncrease ?? neutralOf(settings);
  const isHigh = low > settings.tolerance * Math.abs(estimate);
  if (isHigh && isUnlessKnown(experiment, control, settings, (size) => size >= least)) return "high";
  return settings.direction === "either" ? lowOf(experiment, control, settings) : "pass";
}

function lowOf(experiment: readonly number[], control: readonly number[], settings: KayentaSettings): Classification {
  const { estimate, high } = shiftOf(experiment, control, zOf(settings));
  const most = settings.allowedDecrease ?? neutralOf(settings);
  const isLow = high < -settings.tolerance * Math.abs(estimate);
  return isLow && isUnlessKnown(experiment, control, settings, (size) => size <= most) ? "low" : "pass";
}

function zOf({ confidence }: KayentaSettings): number {
  return normalQuantile((1 + confidence) / 2);
}

/** The size of no difference. */
function neutralOf({ measure }: KayentaSettings): number {
  return measure === "cles" ? 0.5 : 1;
}

/** A size that cannot be reckoned, since a mean is 0, is no excuse. */
function isUnlessKnown(
  experiment: readonly number[],
  control: readonly number[],
  { measure }: KayentaSettings,
  is: (size: number) => boolean,
): boolean {
  if (measure === "cles") return is(commonLanguageSize(experiment, control));
  const ratio = meanOf(experiment) / meanOf(control);
  return !Number.isFinite(ratio) || ratio === 0 || is(ratio);
}

/** How likely a value of the first sample is greater than one of the second, ties counting as a half (McGraw & Wong 1992). */
function commonLanguageSize(experiment: readonly number[], control: readonly number[]): number {
  const wins = experiment.reduce(
    (sum, one) => sum + control.reduce((won, other) => won + (Math.sign(one - other) + 1) / 2, 0),
    0,
  );
  return wins / (experiment.length * control.length);
}

function cleaned(values: readonly number[], { nan, outlierFactor }: KayentaSettings): readonly number[] {
  const numbers =
    nan === "zero"
      ? values.map((value) => (Number.isNaN(value) ? 0 : value))
      : values.filter((value) => !Number.isNaN(value));
  return outlierFactor === undefined ? numbers : withoutOutliers(numbers, outlierFactor);
}

/** What lies within so many interquartile ranges of the quartiles, or between the first and the last hundredth. */
function withoutOutliers(values: readonly number[], factor: number): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [quantileOf(sorted, 0.25), quantileOf(sorted, 0.75)];
  const reach = factor * (upper - lower);
  const low = Math.min(quantileOf(sorted, 0.01), lower - reach);
  const high = Math.max(quantileOf(sorted, 0.99), upper + reach);
  return values.filter((value) => value >= low && value <= high);
}

/** Linear between the nearest two values (Hyndman & Fan's type 7, as R's default). */
function quantileOf(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (position - Math.floor(position)) * (above - below);
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  if (new Set([...left, ...right]).size === 1) return true;
  const [a, b] = [left.toSorted((x, y) => x - y), right.toSorted((x, y) => x - y)];
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
