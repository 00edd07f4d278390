import type { Counts } from "../window.ts";
import { RATIOS } from "./rate.ts";

/** Alternatives, as multiples of a limit, under which an arm proves to be below it. */
export const SLO_FACTORS: readonly number[] = [0.01, 0.1, 0.2, 0.35, 0.5, 0.7];

/**
 * Log-sums of the form for one arm alone: per factor, the log-likelihood of an error rate of factor × `limit` over that of `limit`.
 * Factors above 1 speak against "at most the limit", factors below 1 against "at least the limit". A limit outside (0, 1) proves nothing.
 */
export function oneArmSums({ requests, failed }: Counts, factors: readonly number[], limit: number): readonly number[] {
  if (requests === 0 || limit <= 0 || limit >= 1) return [];
  const atLimit = Math.log1p(-limit);
  return factors.map(
    (factor) => failed * Math.log(factor) + (requests - failed) * (Math.log1p(-factor * limit) - atLimit),
  );
}

/** Alternatives under which an arm proves to be above `limit`: those that leave an error rate below 1. */
export function factorsAbove(limit: number): readonly number[] {
  return RATIOS.filter((factor) => factor * limit < 1);
}
