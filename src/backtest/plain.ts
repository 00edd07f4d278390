import { placeboThreshold } from "../core/gate/placebo.ts";
import type { Window } from "../core/window.ts";
import { REGRESSION_NAMES, REGRESSIONS, type RegressionName } from "./assess.ts";
import { weighed, withRegression, type Placebo } from "./placebos.ts";
import type { Shape } from "./shape.ts";

/** The smallest limit on the canary's own error rate in a window that would block good releases as rarely as the gate may, and what it would find. */
export type Plain = {
  /** A share of 1. */
  readonly limit: number;
  /** Whether there were releases enough to promise alpha; else it is the highest rate that was seen. */
  readonly isPromised: boolean;
  readonly found: readonly { readonly regression: RegressionName; readonly blocked: number; readonly of: number }[];
};

/** Undefined where no canary had a request. */
export function plainOf(
  releases: readonly Placebo[],
  shape: Shape,
  by: { readonly seed: number; readonly alpha: number },
): Plain | undefined {
  const thinned = releases.map((release) => weighed(release, shape, by.seed));
  const highest = (regression?: RegressionName) =>
    thinned.map((release) =>
      highestRate(withRegression(release, regression && REGRESSIONS[regression], by.seed).flat()),
    );
  const good = highest().filter((rate) => rate !== undefined);
  const promised = placeboThreshold(good, by.alpha);
  const limit = promised ?? good.toSorted((a, b) => b - a)[0];
  if (limit === undefined) return undefined;
  const found = REGRESSION_NAMES.map((regression) => {
    const rates = highest(regression);
    return { regression, blocked: rates.filter((rate) => (rate ?? 0) > limit).length, of: rates.length };
  });
  return { limit, isPromised: promised !== undefined, found };
}

function highestRate(windows: readonly Window[]): number | undefined {
  return windows.reduce<number | undefined>((most, { counts: { canary } }) => {
    if (canary === undefined || canary.requests === 0) return most;
    return Math.max(most ?? 0, canary.failed / canary.requests);
  }, undefined);
}
