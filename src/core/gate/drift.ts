/**
 * How far a series of differences has ever drifted: T = max over looks j of (sum of the first j) ÷ √j. All that is remembered of it, so that it goes on over
 * steps and restarts.
 */
export type Drift = { readonly sum: number; readonly count: number; readonly peak: number };

export const NO_DRIFT: Drift = { sum: 0, count: 0, peak: Number.NEGATIVE_INFINITY };

/** The drift with more differences at its end; what is not finite is left out. */
export function addDifferences(drift: Drift, differences: readonly number[]): Drift {
  return differences.filter((difference) => Number.isFinite(difference)).reduce(step, drift);
}

function step({ sum, count, peak }: Drift, difference: number): Drift {
  const next = { sum: sum + difference, count: count + 1 };
  return { ...next, peak: Math.max(peak, current(next)) };
}

/** Where the drift stands now; 0 before the first difference. */
export function current({ sum, count }: Pick<Drift, "sum" | "count">): number {
  return count === 0 ? 0 : sum / Math.sqrt(count);
}
