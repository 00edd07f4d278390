import { binomialInterval } from "./binomial.ts";

// Keeps a product such as 0.95 × 20 from being rounded up past the whole number that it is.
const ROUNDING = 1e-9;

/**
 * What the score of an identical release exceeds with a probability of at most `alpha`, if it is exchangeable with `scores`, those of as many placebo
 * releases: the ⌈(1 − alpha)(n + 1)⌉-th smallest (split conformal prediction). Undefined where so few of them cannot promise that.
 */
export function placeboThreshold(scores: readonly number[], alpha: number): number | undefined {
  const position = Math.ceil((1 - alpha) * (scores.length + 1) - ROUNDING);
  return scores.toSorted((a, b) => a - b)[position - 1];
}

/** Fewest placebo releases that can promise `alpha`. */
export function placebosNeeded(alpha: number): number {
  return Math.ceil(1 / alpha - 1 - ROUNDING);
}

/** False blocks to expect a month, and bounds that hold with 95 %. */
export type Backtest = { readonly expected: number; readonly low: number; readonly high: number };

/** What `blocked` of `placebos` identical releases say of a service with so many releases a month (Clopper & Pearson). */
export function backtest(blocked: number, placebos: number, releasesPerMonth: number): Backtest {
  const { low, high } = placebos === 0 ? { low: 0, high: 1 } : binomialInterval(blocked, placebos);
  const expected = placebos === 0 ? 0 : blocked / placebos;
  return { expected: expected * releasesPerMonth, low: low * releasesPerMonth, high: high * releasesPerMonth };
}
