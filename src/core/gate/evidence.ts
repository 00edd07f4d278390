import type { Counts, Window } from "../window.ts";
import { addSums, logMeanExp, logMixture } from "./mixture.ts";
import { oneArmSums, SLO_FACTORS } from "./one-arm.ts";
import {
  BET_WEIGHTS,
  BETTER_RATIOS,
  betSums,
  exactSums,
  isInformative,
  logHybrid,
  RATIO_WEIGHTS,
  RATIOS,
  type Tally,
} from "./rate.ts";
import type { GateSettings } from "./settings.ts";

/**
 * What a gate remembers of the windows it has seen: log-sums, small enough for the state file, that continue across weight steps.
 * Empty arrays stand for sums of nothing, so that an unused part costs no bytes.
 */
export type Evidence = {
  /** Index in the plan of the last step whose windows are inside; -1 for none. */
  readonly through: number;
  /** Exact half, against `tolerance`: one log-sum per ratio of RATIOS, before division by the dispersion. */
  readonly exact: readonly number[];
  /** Betting half: one log-sum per bet of BETS. */
  readonly bets: readonly number[];
  /** Non-inferiority: one log-sum per ratio of BETTER_RATIOS, before division by the dispersion. */
  readonly better: readonly number[];
  /** The SLO form on the canary alone: one log-sum per factor of SLO_FACTORS, before division by the dispersion. */
  readonly slo: readonly number[];
  /** Windows that held a failed canary request. */
  readonly failedWindows: number;
  /** Totals per weight step that had requests, oldest first. For display and power. */
  readonly strata: readonly Stratum[];
};

export type Stratum = readonly [
  canaryRequests: number,
  canaryFailed: number,
  stableRequests: number,
  stableFailed: number,
];

export const NO_EVIDENCE: Evidence = {
  through: -1,
  exact: [],
  bets: [],
  better: [],
  slo: [],
  failedWindows: 0,
  strata: [],
};

/** The evidence with the windows of one more weight step inside, as one more stratum. `through` stays: the caller knows which step it was, and adds each once. */
export function addWindows(evidence: Evidence, windows: readonly Window[], settings: GateSettings): Evidence {
  return combine(evidence, evidenceOf(windows, settings));
}

/** What the windows of one weight step say: one stratum, or no evidence where no window has the counts of both arms. */
export function evidenceOf(windows: readonly Window[], settings: GateSettings): Evidence {
  const pairs = windows.map(pairOf).filter((pair) => pair !== undefined);
  const total = totalOf(pairs);
  if (total[0] + total[2] === 0) return NO_EVIDENCE;
  const tallies = pairs.map(tallyOf).filter(isInformative);
  return {
    through: NO_EVIDENCE.through,
    exact: exactSums(tallies, RATIOS, settings.tolerance),
    bets: betSums(tallies, settings.tolerance),
    better: exactSums(tallies, BETTER_RATIOS, settings.regression),
    slo: oneArmSums(canaryOf(total), SLO_FACTORS, settings.slo),
    failedWindows: pairs.filter(([, failed]) => failed > 0).length,
    strata: [total],
  };
}

/** Evidence of windows that do not overlap, together; the strata of `later` follow. */
export function combine(earlier: Evidence, later: Evidence): Evidence {
  return {
    through: Math.max(earlier.through, later.through),
    exact: addSums(earlier.exact, later.exact),
    bets: addSums(earlier.bets, later.bets),
    better: addSums(earlier.better, later.better),
    slo: addSums(earlier.slo, later.slo),
    failedWindows: earlier.failedWindows + later.failedWindows,
    strata: [...earlier.strata, ...later.strata],
  };
}

/** Log of the e-value against "the canary's error rate is at most `tolerance` times stable's": the exact and the betting half, in their mean. */
export function logAgainst({ exact, bets }: Pick<Evidence, "exact" | "bets">, settings: GateSettings): number {
  const dispersion = Math.max(settings.dispersion, settings.exactDispersion ?? 1);
  const logExact = logMixture(exact, RATIO_WEIGHTS, dispersion);
  return logHybrid(logExact, logMixture(bets, BET_WEIGHTS), settings.exactShare);
}

/** Log of the e-value against "the canary's error rate is at least `regression` times stable's". */
export function logNonInferior({ better }: Evidence, { dispersion }: GateSettings): number {
  return logMeanExp(better, dispersion);
}

/** Log of the e-value against "the canary's error rate is at least `slo`". */
export function logBelowSlo({ slo }: Evidence, { dispersion }: GateSettings): number {
  return logMeanExp(slo, dispersion);
}

/** The counts of both arms of a window; undefined where one lacks them or they are no counts. */
export function pairOf({ counts }: Window): Stratum | undefined {
  const canary = usable(counts.canary);
  const stable = usable(counts.stable);
  if (canary === undefined || stable === undefined) return undefined;
  return [canary.requests, canary.failed, stable.requests, stable.failed];
}

/** Counts that can be reckoned with: finite and not negative. More failed than requests, as a race of two scrapes may show, means that all failed. */
export function usable(counts: Counts | undefined): Counts | undefined {
  if (counts === undefined) return undefined;
  const { requests, failed } = counts;
  if (!Number.isFinite(requests) || !Number.isFinite(failed) || requests < 0 || failed < 0) return undefined;
  return failed <= requests ? counts : { requests, failed: requests };
}

export function tallyOf([canaryRequests, canaryFailed, stableRequests, stableFailed]: Stratum): Tally {
  const requests = canaryRequests + stableRequests;
  return {
    failed: canaryFailed,
    allFailed: canaryFailed + stableFailed,
    share: requests === 0 ? 0 : canaryRequests / requests,
  };
}

export function totalOf(strata: readonly Stratum[]): Stratum {
  return strata.reduce<Stratum>((sum, [a, b, c, d]) => [sum[0] + a, sum[1] + b, sum[2] + c, sum[3] + d], [0, 0, 0, 0]);
}

export function canaryOf([requests, failed]: Stratum): Counts {
  return { requests, failed };
}

export function stableOf([, , requests, failed]: Stratum): Counts {
  return { requests, failed };
}
