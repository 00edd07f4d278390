import type { Arm, Counts, Window } from "../window.ts";
import { usable } from "./evidence.ts";
import { LEAST_FAILED_WINDOWS, type Proof } from "./judge.ts";
import { silenceOf, type Silence } from "./latest.ts";
import { logMeanExp, printedE } from "./mixture.ts";
import { factorsAbove, oneArmSums, SLO_FACTORS } from "./one-arm.ts";
import { LEAST_FAILED } from "./power.ts";
import type { GateSettings } from "./settings.ts";

export type HealthVerdict =
  | { readonly kind: "healthy" }
  | { readonly kind: "unhealthy" }
  | { readonly kind: "wait"; readonly reason: HealthWait };

export type HealthWait =
  | Silence
  /** More errors than the limit so far, but not yet proven, or on fewer failures or windows than a verdict rests on. */
  | { readonly kind: "aboveLimit" }
  /** Fewer errors than the limit so far, but not yet proven, where that is asked for. */
  | { readonly kind: "tooLittle" };

/** A verdict on one arm by itself and every number behind it, all finite. */
export type Health = {
  readonly verdict: HealthVerdict;
  readonly arm: Arm;
  /** The arm's error rate is above the limit. */
  readonly aboveLimit: Proof & { readonly logE: number };
  /** The arm's error rate is below the limit; only where a pass rests on that. */
  readonly belowLimit?: Proof | undefined;
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
  const logE = logAboveLimit(counts, settings);
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

/**
 * The same for an arm of which nothing else is known: it is healthy only once its error rate is proven to be below the limit. A bad arm passes
 * with a probability of at most `beta`, and a good one fails with one of at most `alpha`, however often it is looked at (Ville's inequality).
 */
export function provenHealthy(windows: readonly Window[], arm: Arm, settings: GateSettings): Health {
  const health = healthy(windows, arm, settings);
  const logE = logBelowLimit(health.counts, settings);
  const belowLimit: Proof = { e: printedE(logE), threshold: 1 / settings.beta };
  const isOpen = health.verdict.kind === "healthy" && logE < -Math.log(settings.beta);
  return { ...health, belowLimit, verdict: isOpen ? { kind: "wait", reason: { kind: "tooLittle" } } : health.verdict };
}

/** Log of the e-value against "the arm's error rate is at least the limit `unhealthy`". */
export function logBelowLimit(counts: Counts, { unhealthy, dispersion }: GateSettings): number {
  return logMeanExp(oneArmSums(counts, SLO_FACTORS, unhealthy), dispersion);
}

/** Log of the e-value against "the arm's error rate is at most the limit `unhealthy`". */
export function logAboveLimit(counts: Counts, { unhealthy, dispersion }: GateSettings): number {
  return logMeanExp(oneArmSums(counts, factorsAbove(unhealthy), unhealthy), dispersion);
}

const NO_COUNTS: Counts = { requests: 0, failed: 0 };

function unproven(silence: Silence | undefined, { requests, failed }: Counts, limit: number): HealthVerdict {
  if (silence !== undefined) return { kind: "wait", reason: silence };
  if (failed >= limit * requests) return { kind: "wait", reason: { kind: "aboveLimit" } };
  return { kind: "healthy" };
}
