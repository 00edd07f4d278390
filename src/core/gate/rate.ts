import { logMixture } from "./mixture.ts";

/**
 * What the comparison of two error rates reads of a window or of a stratum: failures of the canary, failures of both arms,
 * and the canary's observed share of the requests. Who of the failed was the canary is all that counts, so that an incident
 * that hits both arms alike says nothing.
 */
export type Tally = { readonly failed: number; readonly allFailed: number; readonly share: number };

/** The canary's alternatives, as multiples of the tolerated ratio. */
export const RATIOS: readonly number[] = [1.15, 1.3, 1.6, 2, 3, 5, 10, 30, 80];

/** Their prior weights: most on the regressions that take longest to find; the large ones are found in a few failures all the same. */
export const RATIO_WEIGHTS: readonly number[] = [1, 3, 4, 3, 2, 2, 1, 1, 2].map((weight) => weight / 19);

/** The same against the regression that a pass excludes. */
export const BETTER_RATIOS: readonly number[] = [0.1, 0.2, 0.35, 0.5, 0.65, 0.8];

/** Stakes of the betting half, as fractions of what it owns. */
export const BETS: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7];

/** What is owned at the outset, divided over the stakes. */
export const BET_WEIGHTS: readonly number[] = [1, 2, 4, 6, 6, 4, 2].map((weight) => weight / 25);

/** Whether a tally tells the arms apart: something failed, and both arms had requests. */
export function isInformative({ allFailed, share }: Tally): boolean {
  return allFailed > 0 && share > 0 && share < 1;
}

/**
 * Log-likelihood, up to a constant, of the ratio of the canary's error rate to stable's: of m failures, k ~ Bin(m, q) are the canary's,
 * q = share·ratio / (share·ratio + 1 − share) (Lindon & Malek 2022). Concave in log ratio.
 */
export function logLikelihood(tallies: readonly Tally[], ratio: number): number {
  const logRatio = Math.log(ratio);
  let sum = 0;
  for (const { failed, allFailed, share } of tallies) {
    sum += failed * logRatio - allFailed * Math.log(1 + share * (ratio - 1));
  }
  return sum;
}

/**
 * Log-sums of the exact half: per alternative, its log-likelihood over that of the null ratio.
 * Alternatives above 1 speak against "at most `nullRatio`", alternatives below 1 against "at least `nullRatio`".
 */
export function exactSums(
  tallies: readonly Tally[],
  alternatives: readonly number[],
  nullRatio: number,
): readonly number[] {
  if (tallies.length === 0) return [];
  const atNull = logLikelihood(tallies, nullRatio);
  return alternatives.map((alternative) => logLikelihood(tallies, nullRatio * alternative) - atNull);
}

/**
 * Log-sums of the betting half, one per stake: valid whatever depends on whatever inside a window, since it only needs the canary's
 * expected share of the failures to be at most its tolerated one (Waudby-Smith & Ramdas 2023).
 */
export function betSums(tallies: readonly Tally[], tolerance: number): readonly number[] {
  if (tallies.length === 0) return [];
  const gains = tallies.map(({ failed, allFailed, share }) => {
    const tolerated = (share * tolerance) / (share * tolerance + 1 - share);
    return failed / allFailed / tolerated - 1;
  });
  return BETS.map((stake) => gains.reduce((sum, gain) => sum + Math.log(1 + stake * gain), 0));
}

/** Log of the mean of two e-values given as logs, the first with weight `share`; a weighted mean of e-processes is one. */
export function logHybrid(logExact: number, logBets: number, share = 0.5): number {
  return logMixture([logExact, logBets], [share, 1 - share]);
}

/**
 * About how many failures, of both arms together, it takes to find a canary whose error rate is `ratio` times stable's:
 * (ln(1/alpha) + 1.5) / KL(q(ratio) ‖ share).
 */
export function failuresToFind(ratio: number, share: number, alpha: number): number {
  const found = (share * ratio) / (share * ratio + 1 - share);
  const divergence = found * Math.log(found / share) + (1 - found) * Math.log((1 - found) / (1 - share));
  return (Math.log(1 / alpha) + 1.5) / divergence;
}
