import { shiftOf } from "./ranks.ts";
import { normalQuantile } from "./special.ts";

/** How Kayenta's NetflixACAJudge reads a metric; its defaults are those of DEFAULT_KAYENTA. */
export type KayentaSettings = {
  readonly direction: "increase" | "decrease" | "either";
  /** Least ratio of the means that counts as an increase, and most that counts as a decrease. */
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
  /** Share of the estimated shift that the interval must clear. */
  readonly tolerance: number;
  readonly confidence: number;
  /** Whether values that are no numbers are left out or count as 0. */
  readonly nan: "remove" | "zero";
};

export const DEFAULT_KAYENTA: KayentaSettings = {
  direction: "increase",
  allowedIncrease: 1,
  allowedDecrease: 1,
  tolerance: 0.25,
  confidence: 0.98,
  nan: "remove",
};

export type Classification = "pass" | "high" | "low" | "nodata";

/**
 * Classifies a metric as Kayenta's judge does by Mann and Whitney's test (kayenta a69573b, MannWhitneyClassifier), its interval found exactly instead of to 1e-4.
 * For teams that compare both; no gate of ours rests on it. Constant samples are not given Kayenta's random noise: a difference of constants is a difference.
 */
export function classify(
  canary: readonly number[],
  stable: readonly number[],
  settings: KayentaSettings,
): Classification {
  const [experiment, control] = [cleaned(canary, settings), cleaned(stable, settings)];
  if (experiment.length === 0 || control.length === 0) return settings.nan === "remove" ? "nodata" : "pass";
  if (isSame(experiment, control)) return "pass";
  return settings.direction === "decrease"
    ? lowOf(experiment, control, settings)
    : highOrLow(experiment, control, settings);
}

function highOrLow(
  experiment: readonly number[],
  control: readonly number[],
  settings: KayentaSettings,
): Classification {
  const { estimate, low } = shiftOf(experiment, control, zOf(settings));
  const isHigh = low > settings.tolerance * Math.abs(estimate);
  if (isHigh && isUnlessKnown(experiment, control, (effect) => effect >= settings.allowedIncrease)) return "high";
  return settings.direction === "either" ? lowOf(experiment, control, settings) : "pass";
}

function lowOf(experiment: readonly number[], control: readonly number[], settings: KayentaSettings): Classification {
  const { estimate, high } = shiftOf(experiment, control, zOf(settings));
  const isLow = high < -settings.tolerance * Math.abs(estimate);
  return isLow && isUnlessKnown(experiment, control, (effect) => effect <= settings.allowedDecrease) ? "low" : "pass";
}

function zOf({ confidence }: KayentaSettings): number {
  return normalQuantile((1 + confidence) / 2);
}

/** An effect that cannot be reckoned, since a mean is 0, is no excuse. */
function isUnlessKnown(
  experiment: readonly number[],
  control: readonly number[],
  is: (effect: number) => boolean,
): boolean {
  const effect = meanOf(experiment) / meanOf(control);
  return !Number.isFinite(effect) || effect === 0 || is(effect);
}

function cleaned(values: readonly number[], { nan }: KayentaSettings): readonly number[] {
  return nan === "zero"
    ? values.map((value) => (Number.isNaN(value) ? 0 : value))
    : values.filter((value) => !Number.isNaN(value));
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  if (new Set([...left, ...right]).size === 1) return true;
  const [a, b] = [left.toSorted((x, y) => x - y), right.toSorted((x, y) => x - y)];
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
