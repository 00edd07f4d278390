import { RATIOS } from "./rate.ts";

/** A window of both arms: the canary's slow requests and all of its, those of both arms. */
export type SlowTally = {
  readonly slow: number;
  readonly requests: number;
  readonly allSlow: number;
  readonly allRequests: number;
};

/** By how much each slow request counts, in logarithms of a ratio of shares. */
const TILTS: readonly number[] = RATIOS.map((ratio) => Math.log(ratio));

/**
 * Log-sums, one per tilt, of the slow-share test that tolerates nothing: tilt·slow − ln of the most that e^(tilt·slow) is worth on average where the arms' requests
 * are exchangeable. Which of the slow requests are the canary's is then hypergeometric, and such a number is worth no more than a binomial one of its requests,
 * or of the slow ones, whichever is less (Hoeffding 1963, theorem 4). Exact for windows of any size, whatever share is slow.
 */
export function tiltSums(tallies: readonly SlowTally[], tilts = TILTS): readonly number[] {
  if (tallies.length === 0) return [];
  return tilts.map((tilt) => tallies.reduce((sum, tally) => sum + logTilted(tally, tilt), 0));
}

function logTilted({ slow, requests, allSlow, allRequests }: SlowTally, tilt: number): number {
  if (allRequests === 0) return 0;
  const gain = Math.expm1(tilt);
  const byRequests = requests * Math.log1p((allSlow / allRequests) * gain);
  const bySlow = allSlow * Math.log1p((requests / allRequests) * gain);
  return tilt * slow - Math.min(byRequests, bySlow);
}
