import { bisect } from "./bisect.ts";
import type { Interval } from "./interval.ts";
import { logBetaShare } from "./special.ts";

const LEAST_SHARE = 1e-12;

/** Interval of a share after `hits` of `trials`, that holds with probability of at least 1 − alpha (Clopper & Pearson 1934). */
export function binomialInterval(hits: number, trials: number, alpha = 0.05): Interval {
  const bar = Math.log(alpha / 2);
  const atLeast = (share: number) => logBetaShare(share, hits, trials - hits + 1);
  const atMost = (share: number) => logBetaShare(1 - share, trials - hits, hits + 1);
  return {
    low: hits === 0 ? 0 : bisect((share) => atLeast(share) < bar, LEAST_SHARE, 1),
    high: hits === trials ? 1 : bisect((share) => atMost(share) > bar, LEAST_SHARE, 1),
  };
}
