import type { Window } from "../window.ts";
import { pairOf, tallyOf } from "./evidence.ts";
import { isInformative } from "./rate.ts";

/** `windows` is how many told the arms apart; below 50 the value is not to be trusted. */
export type Dispersion = { readonly value: number; readonly windows: number };

/**
 * How much more failures cluster than independent requests would, from windows of equal versions (placebo): the ratio of the sums of squared and of
 * binomial deviations, since a mean of ratios under-estimates clustered data, widened to its 95 % bound; at least 1.
 */
export function dispersionOf(windows: readonly Window[]): Dispersion {
  const tallies = windows
    .map(pairOf)
    .filter((pair) => pair !== undefined)
    .map(tallyOf)
    .filter(isInformative);
  if (tallies.length === 0) return { value: 1, windows: 0 };
  const seen = tallies.reduce((sum, { failed, allFailed, share }) => sum + (failed - allFailed * share) ** 2, 0);
  const independent = tallies.reduce((sum, { allFailed, share }) => sum + allFailed * share * (1 - share), 0);
  const widening = 1 + 1.645 * Math.sqrt(2 / tallies.length);
  return { value: Math.max(1, (seen / independent) * widening), windows: tallies.length };
}
