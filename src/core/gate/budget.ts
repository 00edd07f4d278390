/** A metric's part of what a release may be blocked falsely with; relative to the other metrics' parts. */
export type Budgeted = { readonly metric: string; readonly part: number };

/**
 * A release's `alpha`, divided over its metrics in proportion to their parts: the union bound keeps the whole. Neither looks nor steps take a part,
 * since each metric's evidence goes on over both (Ville's inequality). Parts that are not above 0 get nothing.
 */
export function alphaOf(alpha: number, metrics: readonly Budgeted[]): ReadonlyMap<string, number> {
  const known = metrics.map(({ metric, part }) => ({ metric, part: Number.isFinite(part) && part > 0 ? part : 0 }));
  const whole = known.reduce((sum, { part }) => sum + part, 0);
  return new Map(known.map(({ metric, part }) => [metric, whole === 0 ? 0 : alpha * (part / whole)]));
}
