import type { Window } from "../window.ts";
import { dispersionOf, type Dispersion } from "./dispersion.ts";
import { combine, evidenceOf, logAgainst, NO_EVIDENCE, totalOf, type Evidence } from "./evidence.ts";
import { isConfirmed } from "./judge.ts";
import { placeboThreshold } from "./placebo.ts";
import type { GateSettings } from "./settings.ts";

/** What a service's own past says of how its counts are to be read. */
export type Calibration = {
  readonly dispersion: Dispersion;
  /** Log of what E of placebo releases exceeds with a probability of at most alpha; undefined while they are too few to tell. */
  readonly placeboLogE: number | undefined;
  /** How many placebo releases there were. */
  readonly placebos: number;
};

/** A stretch of time to leave out: a real release, an incident; milliseconds. */
export type Excluded = { readonly from: number; readonly to: number };

/** Fewer informative windows than this tell too little of how failures cluster. */
export const LEAST_WINDOWS = 50;

/** Cuts windows in which both arms ran the same version, oldest first, into placebo releases of `length` windows that do not overlap. */
export function placebosIn(
  history: readonly Window[],
  length: number,
  excluded: readonly Excluded[] = [],
): readonly (readonly Window[])[] {
  const kept = history.filter(({ start, end }) => excluded.every(({ from, to }) => end <= from || start >= to));
  return Array.from({ length: Math.floor(kept.length / length) }, (_, index) =>
    kept.slice(index * length, (index + 1) * length),
  );
}

/** Measures how failures cluster, by windows in which both arms ran the same version and by placebo releases, and what E of identical releases reaches, by the latter. */
export function calibrate(
  history: readonly Window[],
  placebos: readonly (readonly Window[])[],
  settings: GateSettings,
): Calibration {
  const dispersion = wider(dispersionOf(history), dispersionOf(placebos.flat()));
  const read = calibrated(settings, { dispersion, placeboLogE: undefined, placebos: placebos.length });
  const scores = placebos.map((windows) => supremum(windows, read));
  return { dispersion, placeboLogE: placeboThreshold(scores, settings.alpha), placebos: placebos.length };
}

/**
 * Failures cluster no less than either says that is known well enough: a small share of the traffic cuts clusters off that do not fit into a window, so that
 * the shares of a release can show more of them than those of the history.
 */
function wider(history: Dispersion, placebos: Dispersion): Dispersion {
  const isKnown = placebos.windows >= LEAST_WINDOWS && history.windows >= LEAST_WINDOWS;
  return isKnown && placebos.value > history.value ? placebos : history;
}

/** How failures are taken to cluster in E while that is unknown: ten at a time. */
export const UNKNOWN_DISPERSION = 10;

/**
 * The settings with what the service's past adds. Where it is unknown how failures cluster, the exact half takes them to come ten at a time; the betting
 * half is valid whatever depends on whatever inside a window, but would need minutes for what fails altogether at half of the traffic.
 */
export function calibrated(settings: GateSettings, calibration: Calibration | undefined): GateSettings {
  if (calibration === undefined || calibration.dispersion.windows < LEAST_WINDOWS)
    return { ...settings, exactDispersion: UNKNOWN_DISPERSION, placeboLogE: calibration?.placeboLogE };
  const dispersion = Math.max(settings.dispersion, calibration.dispersion.value);
  return { ...settings, dispersion, placeboLogE: calibration.placeboLogE };
}

/** The most that log E reaches at any look of a release at which it could block; −∞ if there is none. */
function supremum(windows: readonly Window[], settings: GateSettings): number {
  let evidence: Evidence = NO_EVIDENCE;
  let most = Number.NEGATIVE_INFINITY;
  for (const window of windows) {
    evidence = extended(evidence, window, settings);
    if (isConfirmed(evidence)) most = Math.max(most, logAgainst(evidence, settings));
  }
  return most;
}

/** The evidence with one more window of the step that it is of, so that a look at every window costs one window. */
export function extended(evidence: Evidence, window: Window, settings: GateSettings): Evidence {
  const all = combine(evidence, evidenceOf([window], settings));
  return { ...all, strata: [totalOf(all.strata)] };
}
