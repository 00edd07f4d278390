import { stableOf, tallyOf, type Stratum } from "./evidence.ts";
import { logMixture } from "./mixture.ts";
import { poissonAtLeast } from "./poisson.ts";
import { exactSums, RATIO_WEIGHTS, RATIOS } from "./rate.ts";
import { logBar, type GateSettings } from "./settings.ts";

/** Least failed canary requests that a block rests on. */
export const LEAST_FAILED = 3;

/** The regression that a gate without proof must have been able to find, as a ratio of error rates. */
export const FOUND_RATIO = 5;

/**
 * How likely the test would by now have blocked a canary with so many times stable's error rate.
 * `expected` failed canary requests would have been seen, `needed` of them block; undefined where no number does.
 */
export type Power = { readonly power: number; readonly expected: number; readonly needed: number | undefined };

const NO_POWER: Power = { power: 0, expected: 0, needed: undefined };
const NEVER_NEEDED = 2 ** 40;

/**
 * P(Poisson(expected) ≥ needed). `expected` is what the canary's requests would have brought at `ratio` times stable's seen rate, per stratum;
 * `needed` is what lifts the exact half alone, its failures spread over the strata in proportion and stable's as seen, to 2/alpha, where its mean with
 * any other half has reached 1/alpha. Clustered failures come as so many fewer events: both numbers are divided by the dispersion.
 * A little pessimistic, since a test that is looked at often also blocks on a peak that has passed. 0 while stable has not failed.
 */
export function powerOf(strata: readonly Stratum[], settings: GateSettings, ratio = FOUND_RATIO): Power {
  const expectedIn = strata.map((stratum) => expectedFailures(stratum, ratio));
  const expected = expectedIn.reduce((sum, failures) => sum + failures, 0);
  if (expected === 0) return NO_POWER;
  const shares = expectedIn.map((failures) => failures / expected);
  const needed = failuresNeeded(strata, shares, settings);
  if (needed === undefined) return { ...NO_POWER, expected };
  const { dispersion } = settings;
  return { power: poissonAtLeast(Math.ceil(needed / dispersion), expected / dispersion), expected, needed };
}

function expectedFailures(stratum: Stratum, ratio: number): number {
  const { requests, failed } = stableOf(stratum);
  return requests === 0 ? 0 : stratum[0] * Math.min(1, (ratio * failed) / requests);
}

/** Fewest failed canary requests, at least LEAST_FAILED, that lift the exact half to 2/alpha; `shares` says how they spread over the strata. */
function failuresNeeded(
  strata: readonly Stratum[],
  shares: readonly number[],
  settings: GateSettings,
): number | undefined {
  const logExact = exactHalfBy(strata, shares, settings);
  const bar = Math.LN2 + logBar(settings);
  let enough = LEAST_FAILED;
  while (logExact(enough) < bar) {
    enough *= 2;
    if (enough > NEVER_NEEDED) return undefined;
  }
  let tooFew = enough === LEAST_FAILED ? LEAST_FAILED - 1 : enough / 2;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (logExact(middle) < bar) tooFew = middle;
    else enough = middle;
  }
  return enough;
}

/** The exact half's log e-value as a function of the number of failed canary requests; per alternative its log-sum is a line in that number. */
function exactHalfBy(
  strata: readonly Stratum[],
  shares: readonly number[],
  settings: GateSettings,
): (failed: number) => number {
  const tallies = strata.map(tallyOf);
  const stableAlone = tallies.map((tally, position) => ({
    ...tally,
    failed: 0,
    allFailed: strata[position]?.[3] ?? 0,
  }));
  const perFailure = tallies.map((tally, position) => ({
    ...tally,
    failed: shares[position] ?? 0,
    allFailed: shares[position] ?? 0,
  }));
  const bases = exactSums(stableAlone, RATIOS, settings.tolerance);
  const slopes = exactSums(perFailure, RATIOS, settings.tolerance);
  return (failed) =>
    logMixture(
      bases.map((base, position) => base + failed * (slopes[position] ?? 0)),
      RATIO_WEIGHTS,
      settings.dispersion,
    );
}
