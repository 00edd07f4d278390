import type { Arm } from "../window.ts";
import { addDifferences, current, NO_DRIFT, type Drift } from "./drift.ts";
import { placeboThreshold, placebosNeeded } from "./placebo.ts";
import { rankSum } from "./ranks.ts";

/** One closed window of a gauge: the mean over an arm's pods; an arm without a value was not measured. */
export type GaugeWindow = {
  readonly start: number;
  readonly end: number;
  readonly values: { readonly [arm in Arm]?: number | undefined };
};

/** What placebo releases say of a gauge; `tooFew` of them can promise nothing, and then it only advises. */
export type GaugeCalibration =
  | { readonly kind: "tooFew"; readonly placebos: number; readonly needed: number }
  | ({ readonly kind: "calibrated"; readonly placebos: number } & GaugeBars);

/** What T, the drift of canary against stable, does in identical releases. */
export type GaugeBars = {
  /** What T of an identical release exceeds with a probability of at most alpha. */
  readonly threshold: number;
  /** What T of every second identical release exceeds. */
  readonly usual: number;
  /** Where four of five identical releases stand at their end, or higher. */
  readonly low: number;
};

export type GaugeSettings = {
  /** Which way is worse. */
  readonly worse: "higher" | "lower";
  /** Ratio, canary to stable, that a pass must have been able to find, at least 4 times in 5; above 1. */
  readonly regression: number;
  readonly calibration:
    | Extract<GaugeCalibration, { readonly kind: "tooFew" }>
    | ({ readonly kind: "calibrated" } & GaugeBars);
};

export type GaugeVerdict =
  | { readonly kind: "block" }
  | { readonly kind: "pass" }
  /** Too few placebo releases to promise anything: shown, and neither blocking nor passing. `chance`: of so large a difference by chance, if windows were independent. */
  | { readonly kind: "advise"; readonly placebos: number; readonly needed: number; readonly chance: number }
  | { readonly kind: "wait"; readonly reason: GaugeWait };

export type GaugeWait =
  /** The latest windows lack an arm, or hold nothing whose ratio can be taken. */
  | { readonly kind: "noSamples"; readonly windows: number }
  /** More than half of the running step's windows are such. */
  | { readonly kind: "gaps"; readonly missing: number; readonly windows: number }
  /** Higher than most identical releases ever stand, if not high enough to block. */
  | { readonly kind: "leaning"; readonly now: number; readonly usual: number }
  /** So few windows that the regression would not have been found. */
  | { readonly kind: "tooLittle"; readonly windows: number };

/** A verdict on a gauge and the numbers behind it. `ratio` is the mean one, canary to stable. */
export type GaugeJudgement = {
  readonly verdict: GaugeVerdict;
  readonly evidence: Drift;
  readonly ratio: number | undefined;
  readonly threshold: number | undefined;
};

const LATEST = 2;
const USUAL = 0.5;
const LOW_SHARE = 0.2;

/** Judges a gauge by the drift of ln(canary ÷ stable) over the steps before and the running step's closed windows, oldest first; what both arms share cancels. */
export function judgeGauge(before: Drift, running: readonly GaugeWindow[], settings: GaugeSettings): GaugeJudgement {
  const differences = running.map((window) => differenceOf(window, settings.worse));
  const evidence = addGauge(before, running, settings.worse);
  const sign = settings.worse === "higher" ? 1 : -1;
  return {
    verdict: verdictOf({ evidence, differences, running }, settings),
    evidence,
    ratio: evidence.count === 0 ? undefined : Math.exp((sign * evidence.sum) / evidence.count),
    threshold: settings.calibration.kind === "calibrated" ? settings.calibration.threshold : undefined,
  };
}

/** The drift with more closed windows at its end, oldest first; those without a ratio are left out. */
export function addGauge(before: Drift, windows: readonly GaugeWindow[], worse: GaugeSettings["worse"]): Drift {
  const differences = windows.map((window) => differenceOf(window, worse));
  return addDifferences(
    before,
    differences.filter((difference) => difference !== undefined),
  );
}

/** Reads what identical releases do from placebo releases shaped like the service's own: T of every one, and where it stood at its end. */
export function calibrateGauge(
  placebos: readonly (readonly GaugeWindow[])[],
  worse: GaugeSettings["worse"],
  alpha: number,
): GaugeCalibration {
  const drifts = placebos.map((windows) => addGauge(NO_DRIFT, windows, worse)).filter(({ count }) => count > 0);
  const peaks = drifts.map(({ peak }) => peak);
  const threshold = placeboThreshold(peaks, alpha);
  const count = drifts.length;
  if (threshold === undefined) return { kind: "tooFew", placebos: count, needed: placebosNeeded(alpha) };
  const usual = placeboThreshold(peaks, USUAL) ?? threshold;
  const low = drifts.map(current).toSorted((a, b) => a - b)[Math.floor(LOW_SHARE * count)] ?? 0;
  return { kind: "calibrated", placebos: count, threshold, usual, low };
}

/** ln of the ratio, positive where the canary is worse; undefined where there is none: an arm is missing, not finite, not above 0. */
export function differenceOf(
  { values: { canary, stable } }: GaugeWindow,
  worse: GaugeSettings["worse"],
): number | undefined {
  if (canary === undefined || stable === undefined || !(canary > 0) || !(stable > 0)) return undefined;
  const difference = Math.log(canary) - Math.log(stable);
  if (!Number.isFinite(difference)) return undefined;
  return worse === "higher" ? difference : -difference;
}

type Seen = {
  readonly evidence: Drift;
  readonly differences: readonly (number | undefined)[];
  readonly running: readonly GaugeWindow[];
};

function verdictOf(
  { evidence, differences, running }: Seen,
  { worse, calibration, regression }: GaugeSettings,
): GaugeVerdict {
  if (calibration.kind === "tooFew") {
    const { placebos, needed } = calibration;
    return { kind: "advise", placebos, needed, chance: chanceOf(running, worse) };
  }
  if (evidence.peak > calibration.threshold) return { kind: "block" };
  const reason = silenceIn(differences);
  if (reason !== undefined) return { kind: "wait", reason };
  const now = current(evidence);
  if (now > calibration.usual) return { kind: "wait", reason: { kind: "leaning", now, usual: calibration.usual } };
  const found = calibration.low + Math.sqrt(evidence.count) * Math.log(regression);
  if (!(found > calibration.threshold)) return { kind: "wait", reason: { kind: "tooLittle", windows: evidence.count } };
  return { kind: "pass" };
}

/** Mann and Whitney's test of the running step's windows. */
function chanceOf(running: readonly GaugeWindow[], worse: GaugeSettings["worse"]): number {
  const of = (arm: Arm) =>
    running.flatMap(({ values }) => {
      const value = values[arm];
      return value !== undefined && Number.isFinite(value) ? [value] : [];
    });
  const [canary, stable] = [of("canary"), of("stable")];
  return worse === "higher" ? rankSum(canary, stable).greater : rankSum(stable, canary).greater;
}

function silenceIn(differences: readonly (number | undefined)[]): GaugeWait | undefined {
  const latest = differences.slice(-LATEST);
  if (latest.every((difference) => difference === undefined)) return { kind: "noSamples", windows: latest.length };
  const missing = differences.filter((difference) => difference === undefined).length;
  return missing * 2 > differences.length ? { kind: "gaps", missing, windows: differences.length } : undefined;
}
