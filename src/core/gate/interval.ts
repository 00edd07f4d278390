import { bisect } from "./bisect.ts";
import { logMeanExp } from "./mixture.ts";
import { isInformative, logLikelihood, type Tally } from "./rate.ts";

/** Bounds of the ratio of error rates. `low` 0 stands for no lower bound, `high` RATIO_AT_MOST for no upper one. */
export type Interval = { readonly low: number; readonly high: number };

/** The greatest ratio that is printed; it stands for anything more. */
export const RATIO_AT_MOST = 1000;

const RATIO_AT_LEAST = 1 / RATIO_AT_MOST;

/** The prior of the interval: ratios from 1/100 to 100, evenly spaced on a logarithmic scale. */
const PRIOR: readonly number[] = Array.from({ length: 41 }, (_, step) => 10 ** ((step - 20) / 10));

/** Most likely ratio of the canary's error rate to stable's, 0 to RATIO_AT_MOST; undefined while nothing failed that tells the arms apart. */
export function ratioEstimate(all: readonly Tally[]): number | undefined {
  const tallies = all.filter(isInformative);
  if (tallies.length === 0) return undefined;
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  if (failed === 0) return 0;
  return bisect((ratio) => expectedFailed(tallies, ratio) < failed, RATIO_AT_LEAST, RATIO_AT_MOST);
}

/**
 * Interval of the ratio that holds with probability 1 − alpha at every look: the ratios whose likelihood is more than alpha times the prior's mean
 * (Robbins' mixture). With strata in place of windows the share inside a stratum counts as constant.
 */
export function ratioInterval(all: readonly Tally[], alpha: number, dispersion = 1): Interval | undefined {
  const tallies = all.filter(isInformative);
  const estimate = ratioEstimate(tallies);
  if (estimate === undefined) return undefined;
  const prior = PRIOR.map((ratio) => logLikelihood(tallies, ratio));
  const bar = dispersion * (logMeanExp(prior, dispersion) + Math.log(alpha));
  const isOutside = (ratio: number) => logLikelihood(tallies, ratio) <= bar;
  const middle = Math.max(estimate, RATIO_AT_LEAST);
  return {
    low: isOutside(RATIO_AT_LEAST) ? bisect(isOutside, RATIO_AT_LEAST, middle) : 0,
    high: isOutside(RATIO_AT_MOST) ? bisect((ratio) => !isOutside(ratio), middle, RATIO_AT_MOST) : RATIO_AT_MOST,
  };
}

/** Failures that would be the canary's, of all that were seen, if the ratio were `ratio`. */
function expectedFailed(tallies: readonly Tally[], ratio: number): number {
  return tallies.reduce(
    (sum, { allFailed, share }) => sum + (allFailed * share * ratio) / (1 + share * (ratio - 1)),
    0,
  );
}
