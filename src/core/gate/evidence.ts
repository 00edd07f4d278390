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
  /** Totals per weight step, oldest first: canary requests, canary failed, stable requests, stable failed. For display and power. */
  readonly strata: readonly Stratum[];
};

export type Stratum = readonly [canaryRequests: number, canaryFailed: number, stableRequests: number, stableFailed: number];

export const NO_EVIDENCE: Evidence = {
  through: -1,
  exact: [],
  bets: [],
  better: [],
  slo: [],
  failedWindows: 0,
  strata: [],
};
