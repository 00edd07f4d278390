import type { ShownQuantile } from "../core/latency-quantiles.ts";

/** A time that requests took, milliseconds: 5 ms, 2.5 s. */
export function took(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(4))} ms` : `${Number((ms / 1000).toPrecision(4))} s`;
}

/** A quantile as it is guessed, and between what it surely lies: "41.7 ms (25 ms to 50 ms)". */
export function bandText({ guess, low, high }: Omit<ShownQuantile, "quantile">): string {
  const about = guess < Number.MAX_VALUE ? took(Number(guess.toPrecision(3))) : "NaN";
  if (high === undefined) return low > 0 && low < Number.MAX_VALUE ? `${about} (above ${took(low)})` : about;
  return low > 0 ? `${about} (${took(low)} to ${took(high)})` : `${about} (up to ${took(high)})`;
}

/** What a quantile is called: p50, p99, p99.9. */
export function percentile(quantile: number): string {
  return `p${Number((quantile * 100).toPrecision(3))}`;
}
