/** Log of the mean of exp(sum / divisor) over `sums`, without overflow; 0, which is no evidence either way, for no sums at all. */
export function logMeanExp(sums: readonly number[], divisor = 1): number {
  if (sums.length === 0) return 0;
  const largest = Math.max(...sums) / divisor;
  let total = 0;
  for (const sum of sums) total += Math.exp(sum / divisor - largest);
  return largest + Math.log(total / sums.length);
}

/** The same with a prior weight for each sum; the weights add up to 1. What has no weight does not count, however large it is. */
export function logMixture(sums: readonly number[], weights: readonly number[], divisor = 1): number {
  if (sums.length === 0) return 0;
  const largest = Math.max(...sums.filter((_, position) => (weights[position] ?? 0) > 0)) / divisor;
  const total = sums.reduce(
    (sum, term, position) => sum + weightedTerm(weights[position] ?? 0, term / divisor - largest),
    0,
  );
  return largest + Math.log(total);
}

// A weight of 0 times what overflows would be no number.
function weightedTerm(weight: number, log: number): number {
  return weight > 0 ? weight * Math.exp(log) : 0;
}

/** Adds log-sums term by term; no sums at all stand for zeros. */
export function addSums(left: readonly number[], right: readonly number[]): readonly number[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  return left.map((sum, position) => sum + (right[position] ?? 0));
}

const PRINTED_AT_MOST = 1e6;

/** An e-value as it is printed: finite, a million standing for anything more. */
export function printedE(logE: number): number {
  return Math.min(PRINTED_AT_MOST, Math.exp(logE));
}
