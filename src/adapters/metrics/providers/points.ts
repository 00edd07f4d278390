import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { WindowCounts, Windows } from "./source.ts";

/** A number for the time that begins `at` (milliseconds). */
export type Point = { readonly at: number; readonly value: number };

/**
 * Points of equal length added up per window. `stepMs`: how long a point is; undefined where the provider does not say.
 * Unavailable where points are longer than windows or lie across their bounds: such numbers belong to no window.
 */
export function perWindow(
  points: readonly Point[],
  { from, to, windowMs, stepMs }: Windows & { readonly stepMs: number | undefined },
  called: string,
): Reading<WindowCounts> {
  const sums: (number | undefined)[] = Array.from({ length: Math.round((to - from) / windowMs) }, () => undefined);
  const inside = points.filter(({ at }) => at >= from && at < to);
  if (inside.length === 0) return read(sums);
  if (stepMs === undefined || stepMs > windowMs || windowMs % stepMs !== 0)
    return unavailable(
      `${called} answered with points that are longer than a window: a longer measure.window fits them.`,
    );
  for (const { at, value } of inside) {
    if ((at - from) % stepMs !== 0) return unavailable(`${called} answered with points that lie across two windows.`);
    const index = Math.floor((at - from) / windowMs);
    sums[index] = (sums[index] ?? 0) + value;
  }
  return read(sums);
}
