import type { Counts } from "../window.ts";
import { mixtureOf, type AloneQuestion, type Guard, type Mixture } from "./explain.ts";
import { healthy, provenHealthy, type Health } from "./health.ts";
import { LEAST_FAILED_WINDOWS } from "./judge.ts";
import { factorsAbove, oneArmSums, SLO_FACTORS } from "./one-arm.ts";
import { LEAST_FAILED } from "./power.ts";

/** Everything that a verdict on an arm by itself is made of. */
export type AloneExplanation = {
  readonly health: Health;
  readonly above: Mixture & { readonly logBar: number };
  readonly below: Mixture & { readonly logBar: number };
  readonly guards: readonly Guard[];
};

/** Takes a verdict on an arm by itself apart. */
export function explainAlone({ arm, windows, settings, isProof }: AloneQuestion): AloneExplanation {
  const health = (isProof ? provenHealthy : healthy)(windows, arm, settings);
  const { unhealthy, dispersion, alpha, beta } = settings;
  const mixture = (at: readonly number[], counts: Counts): Mixture =>
    mixtureOf({
      before: [],
      sums: oneArmSums(counts, at, unhealthy),
      at,
      weights: at.map(() => 1 / at.length),
      divisor: dispersion,
    });
  const { failed } = health.counts;
  const { failedWindows } = health;
  return {
    health,
    above: { ...mixture(factorsAbove(unhealthy), health.counts), logBar: -Math.log(alpha) },
    below: { ...mixture(SLO_FACTORS, health.counts), logBar: -Math.log(beta) },
    guards: [
      { name: "failed", has: failed, bound: "atLeast", of: LEAST_FAILED, holds: failed >= LEAST_FAILED },
      {
        name: "failedWindows",
        has: failedWindows,
        bound: "atLeast",
        of: LEAST_FAILED_WINDOWS,
        holds: failedWindows >= LEAST_FAILED_WINDOWS,
      },
    ],
  };
}
