import { bisect } from "./bisect.ts";
import type { Interval } from "./interval.ts";
import { logBeta, logBetaShare, normalCdf } from "./special.ts";

/**
 * Where a mixture is tuned to be tightest: at that variance of what is summed, for that `alpha`. It is valid everywhere else too. `sides`: whether it speaks
 * against sums that are too great alone, or too small as well.
 */
export type Tuning = { readonly sides: "one" | "two"; readonly variance: number; readonly alpha: number };

/** How far what is summed can go below and above its mean, of two values. */
export type TwoPoints = { readonly below: number; readonly above: number };

/** So many of so many. */
export type Hits = { readonly hits: number; readonly trials: number };

/** Log of the normal mixture: an e-process against "increments have mean 0 and are sub-Gaussian", `variance` being the sum of theirs (Howard et al. 2021, propositions 5 and 6). */
export function logNormalMixture(sum: number, variance: number, tuning: Tuning): number {
  const prior = priorOf(tuning);
  const all = variance + prior;
  const twoSided = 0.5 * Math.log(prior / all) + sum ** 2 / (2 * all);
  return tuning.sides === "two" ? twoSided : twoSided + Math.LN2 + Math.log(normalCdf(sum / Math.sqrt(all)));
}

/** The sum that such increments ever exceed with a probability of at most `alpha`: what a sequential test by normal approximation (mSPRT) blocks above. */
export function normalBound(variance: number, alpha: number, tuning: Tuning): number {
  const prior = priorOf(tuning);
  const twoSided = (error: number) =>
    Math.sqrt((variance + prior) * (Math.log1p(variance / prior) - 2 * Math.log(error)));
  if (tuning.sides === "two") return twoSided(alpha);
  // One side has between half and all of the doubled mixture's mass, so its bound lies between these two.
  const isBelow = (sum: number) => logNormalMixture(sum, variance, tuning) < -Math.log(alpha);
  return bisect(isBelow, Number.MIN_VALUE, twoSided(alpha));
}

/** Log of the beta-binomial mixture: the same against "increments take one of two values, `below` and `above` their mean" (Howard et al. 2021, propositions 7 and 8). */
export function logBetaBinomialMixture(
  sum: number,
  variance: number,
  { below, above }: TwoPoints,
  tuning: Tuning,
): number {
  const span = below + above;
  const prior = Math.max(priorOf(tuning) - below * above, 1e-3 * below * above);
  const upTo = tuning.sides === "one" ? above / span : 1;
  const logMass = (moved: number, total: number) => {
    const [low, high] = [
      (prior + total - below * moved) / (below * span),
      (prior + total + above * moved) / (above * span),
    ];
    return logBeta(low, high) + logBetaShare(upTo, low, high);
  };
  return (
    (variance / (below * above)) * Math.log(span) -
    ((variance + above * sum) / (above * span)) * Math.log(below) -
    ((variance - below * sum) / (below * span)) * Math.log(above) +
    logMass(sum, variance) -
    logMass(0, 0)
  );
}

/** Interval of a share that holds at every look together with a probability of 1 − `alpha`, tightest at `tightAt` trials. */
export function shareInterval({ hits, trials }: Hits, alpha: number, tightAt: number): Interval {
  const isOutside = (share: number) => logAgainstShare(share, { hits, trials }, tightAt) >= -Math.log(alpha);
  const seen = trials === 0 ? 0 : hits / trials;
  return {
    low: isOutside(LEAST_SHARE) && hits > 0 ? bisect(isOutside, LEAST_SHARE, seen) : 0,
    // Mirrored, so that the search is as fine near 1 as near 0.
    high:
      isOutside(1 - LEAST_SHARE) && hits < trials
        ? 1 - bisect((missing) => isOutside(1 - missing), LEAST_SHARE, 1 - seen)
        : 1,
  };
}

const LEAST_SHARE = 1e-12;
const TUNED_FOR = 0.05;

function logAgainstShare(share: number, { hits, trials }: Hits, tightAt: number): number {
  const variance = share * (1 - share);
  const tuning = { sides: "two", variance: variance * tightAt, alpha: TUNED_FOR } as const;
  return logBetaBinomialMixture(hits - share * trials, variance * trials, { below: share, above: 1 - share }, tuning);
}

/** The mixing variance that makes the normal mixture's bound nearly the least it can be at the tuned point. */
function priorOf({ sides, variance, alpha }: Tuning): number {
  const logError = -2 * Math.log(sides === "two" ? alpha : 2 * alpha);
  return variance / (logError + Math.log1p(logError));
}
