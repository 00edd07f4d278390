import type { Histogram } from "../../src/core/gate/histogram.ts";
import { spacedOut } from "../../src/core/gate/native.ts";
import type { Window, WindowLatency } from "../../src/core/window.ts";

/** Milliseconds. */
export const BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, Number.POSITIVE_INFINITY] as const;

/** Requests of a log-normal service (median 40 ms, σ 0.8), so many times as slow. */
export function histogramOf(requests: number, factor = 1): Histogram {
  const upTo = BOUNDS.map((bound) => Math.round(requests * normal(Math.log(bound / factor / 40) / 0.8)));
  return { bounds: BOUNDS, counts: upTo.map((count, at) => count - (upTo[at - 1] ?? 0)), spread: "even" };
}

/** Each bucket an eighth of a doubling wide. */
const NATIVE_BOUNDS = [...Array.from({ length: 100 }, (_, at) => Number((2 ** (at / 8)).toPrecision(12))), Infinity];

/** The same requests in a native histogram, without its empty buckets. */
export function nativeOf(requests: number, factor = 1): Histogram {
  const upTo = NATIVE_BOUNDS.map((bound) => Math.round(requests * normal(Math.log(bound / factor / 40) / 0.8)));
  return spacedOut(
    NATIVE_BOUNDS.flatMap((upper, at) => {
      const [lower, count] = [NATIVE_BOUNDS[at - 1] ?? -Infinity, (upTo[at] ?? 0) - (upTo[at - 1] ?? 0)];
      return count === 0 ? [] : [{ lower, upper, count }];
    }),
  );
}

/** Windows with native histograms beside what they have. */
export function timedNatively(windows: readonly Window[], factor = 1): readonly Window[] {
  return windows.map((window) => {
    const { canary, stable } = window.counts;
    const native = {
      kind: "read" as const,
      ...(canary && { canary: nativeOf(canary.requests, factor) }),
      ...(stable && { stable: nativeOf(stable.requests) }),
    };
    return { ...window, latency: { ...(window.latency ?? { kind: "read" as const }), native } };
  });
}

/** Windows with how long their requests took, the canary's so many times as long. */
export function timed(windows: readonly Window[], factor = 1): readonly Window[] {
  return windows.map((window) => ({ ...window, latency: latencyOf(window, factor) }));
}

function latencyOf({ counts: { canary, stable } }: Window, factor: number): WindowLatency {
  return {
    kind: "read",
    ...(canary && { canary: histogramOf(canary.requests, factor) }),
    ...(stable && { stable: histogramOf(stable.requests) }),
  };
}

/** The normal distribution function by Zelen and Severo's polynomial, to 1e-7. */
function normal(z: number): number {
  if (z === Number.POSITIVE_INFINITY) return 1;
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}
