import type { Arm, Counts, Window } from "../window.ts";
import { usable } from "./evidence.ts";
import { LEAST_FAILED_WINDOWS, type Proof } from "./judge.ts";
import { silenceOf, type Silence } from "./latest.ts";
import { logMeanExp, printedE } from "./mixture.ts";
import { factorsAbove, oneArmSums } from "./one-arm.ts";
import { LEAST_FAILED } from "./power.ts";
import type { GateSettings } from "./settings.ts";

export type HealthVerdict =
  | { readonly kind: "healthy" }
  | { readonly kind: "unhealthy" }
  | { readonly kind: "wait"; readonly reason: HealthWait };

export type HealthWait =
  | Silence
  /** More errors than the limit so far, but not yet proven, or on fewer failures or windows than a verdict rests on. */
  | { readonly kind: "aboveLimit" };

/** A verdict on one arm by itself and every number behind it, all finite. */
export type Health = {
  readonly verdict: HealthVerdict;
  readonly arm: Arm;
  /** The arm's error rate is above the limit. */
  readonly aboveLimit: Proof & { readonly logE: number };
  readonly counts: Counts;
  /** Failed requests per request; undefined without requests. */
  readonly rate: number | undefined;
  readonly limit: number;
  readonly windows: number;
  readonly failedWindows: number;
};

/** Judges an arm that has no fair comparison by the absolute limit `unhealthy`, over closed windows, oldest first; those without its counts say nothing. */
export function healthy(windows: readonly Window[], arm: Arm, settings: GateSettings): Health {
  const seen = windows.map(({ counts }) => usable(counts[arm])).filter((counts) => counts !== undefined);
  const counts = seen.reduce(
    (sum, { requests, failed }) => ({ requests: sum.requests + requests, failed: sum.failed + failed }),
    NO_COUNTS,
  );
  const failedWindows = seen.filter(({ failed }) => failed > 0).length;
  const limit = settings.unhealthy;
  const logE = logMeanExp(oneArmSums(counts, factorsAbove(limit), limit), settings.dispersion);
  const isProven =
    logE >= -Math.log(settings.alpha) && counts.failed >= LEAST_FAILED && failedWindows >= LEAST_FAILED_WINDOWS;
  const silence = silenceOf(windows, arm);
  return {
    verdict: isProven ? { kind: "unhealthy" } : unproven(silence, counts, limit),
    arm,
    aboveLimit: { logE, e: printedE(logE), threshold: 1 / settings.alpha },
    counts,
    rate: counts.requests === 0 ? undefined : counts.failed / counts.requests,
    limit,
    windows: seen.length,
    failedWindows,
  };
}

const NO_COUNTS: Counts = { requests: 0, failed: 0 };

function unproven(silence: Silence | undefined, { requests, failed }: Counts, limit: number): HealthVerdict {
  if (silence !== undefined) return { kind: "wait", reason: silence };
  if (failed >= limit * requests) return { kind: "wait", reason: { kind: "aboveLimit" } };
  return { kind: "healthy" };
}
