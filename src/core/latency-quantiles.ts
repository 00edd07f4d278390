import { quantile as quantileOf, together, type Histogram } from "./gate/histogram.ts";
import type { LatencyWindow } from "./gate/latency.ts";
import { bandReach, knownQuantiles } from "./gate/quantile-band.ts";
import type { Arm } from "./window.ts";

/**
 * A quantile of how long an arm's requests took, milliseconds: as it would be guessed, and between which bounds it is known to lie, as far as it is. For display:
 * nothing is decided by it.
 */
export type ShownQuantile = {
  readonly quantile: number;
  readonly guess: number;
  readonly low: number;
  /** Absent where so few requests cannot say. */
  readonly high?: number;
};

export type ShownQuantiles = { readonly [arm in Arm]?: readonly ShownQuantile[] };

const QUANTILES = [0.5, 0.9, 0.99] as const;

/** Of both arms at every look together but for 5 %, half of it for each. */
const BAND = { alpha: 0.025, least: 100 };
const REACH = bandReach({ ...BAND, alpha: BAND.alpha / 2 });

/** The quantiles of all the requests of a step, by arm; absent where an arm has none, or its histograms do not add up. */
export function quantilesIn(windows: readonly LatencyWindow[]): ShownQuantiles {
  return { ...shown("canary", windows), ...shown("stable", windows) };
}

function shown(arm: Arm, windows: readonly LatencyWindow[]): ShownQuantiles {
  const all = together(windows.flatMap(({ histograms }) => histograms[arm] ?? []));
  const known = all === undefined ? [] : knownIn(all);
  return known.length === 0 ? {} : { [arm]: known };
}

function knownIn(all: Histogram): readonly ShownQuantile[] {
  return knownQuantiles(all, QUANTILES, BAND, REACH).flatMap(({ quantile, low, high }) => {
    const guess = quantileOf(all, quantile);
    if (guess === undefined) return [];
    return [{ quantile, guess, low, ...(high < Number.MAX_VALUE && { high }) }];
  });
}
