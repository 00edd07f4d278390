import type { Window } from "../window.ts";
import { pairOf } from "./evidence.ts";
import { silenceOfEither, type Silence } from "./latest.ts";
import { printedE } from "./mixture.ts";
import type { Proof } from "./judge.ts";
import { logBeta } from "./special.ts";

/** Requests of each arm while one weight was committed, a fraction of 1. */
export type Split = { readonly weight: number; readonly canary: number; readonly stable: number };

/** What the split check remembers: one total per committed weight. */
export type SplitEvidence = readonly Split[];

export type SplitSettings = {
  /** Most false alarms over all looks and steps. */
  readonly alpha: number;
  /** By how much, relative to the committed weight, the observed share may differ; 0.2 is 20 %. */
  readonly tolerance: number;
};

export type SplitVerdict =
  | { readonly kind: "agrees" }
  | { readonly kind: "wait"; readonly reason: Silence | { readonly kind: "split"; readonly share: number } };

/** Whether requests are split as committed: nothing is compared while they are not. */
export type SplitJudgement = {
  readonly verdict: SplitVerdict;
  readonly differs: Proof & { readonly logE: number };
  readonly evidence: SplitEvidence;
};

/** Pseudo-counts of the prior, divided as the weight says. */
const PRIOR = 100;

/** Judges the split by the totals of the steps before and the running step's closed windows, oldest first; `weight` is what that step committed. */
export function judgeSplit(
  before: SplitEvidence,
  running: readonly Window[],
  weight: number,
  settings: SplitSettings,
): SplitJudgement {
  const evidence = [...before, splitOf(running, weight)];
  const logE = evidence.reduce((sum, split) => sum + logApart(split, settings.tolerance), 0);
  const differs = { logE, e: printedE(logE), threshold: 1 / settings.alpha };
  return { verdict: verdictOf(evidence, running, logE >= -Math.log(settings.alpha)), differs, evidence };
}

/**
 * Log Bayes factor of counts against given shares: Dirichlet-multinomial with `prior` pseudo-counts over multinomial (Lindon & Malek 2022).
 * Its running value is an e-process, since the prior is fixed beforehand.
 */
export function logBayesFactor(
  counts: readonly number[],
  shares: readonly number[],
  prior: number,
  nullShares = shares,
): number {
  const start = shares.map((share) => prior * share);
  const after = start.map((pseudo, arm) => pseudo + (counts[arm] ?? 0));
  const expected = counts.reduce(
    (sum, count, arm) => sum + (count === 0 ? 0 : count * Math.log(nullShares[arm] ?? 0)),
    0,
  );
  return logMultivariateBeta(after) - logMultivariateBeta(start) - expected;
}

/**
 * Log e-value against "the canary's share is the weight, give or take the tolerance": the least Bayes factor of all tolerated shares, which is that of the
 * one nearest to the observed share. The least of e-processes against each point is one against them all. Shares that no traffic can have prove nothing.
 */
export function logApart({ weight, canary, stable }: Split, tolerance: number): number {
  const requests = canary + stable;
  if (requests === 0 || weight <= 0 || weight >= 1) return 0;
  const most = Math.min(weight * (1 + tolerance), (1 + weight) / 2);
  const nearest = Math.min(most, Math.max(weight * (1 - tolerance), canary / requests));
  return logBayesFactor([canary, stable], [weight, 1 - weight], PRIOR, [nearest, 1 - nearest]);
}

function logMultivariateBeta(parameters: readonly number[]): number {
  let sum = 0;
  let total = parameters[0] ?? 1;
  for (const parameter of parameters.slice(1)) {
    sum += logBeta(total, parameter);
    total += parameter;
  }
  return sum;
}

function splitOf(windows: readonly Window[], weight: number): Split {
  const pairs = windows.map(pairOf).filter((pair) => pair !== undefined);
  return {
    weight,
    canary: pairs.reduce((sum, [requests]) => sum + requests, 0),
    stable: pairs.reduce((sum, [, , requests]) => sum + requests, 0),
  };
}

function verdictOf(evidence: SplitEvidence, running: readonly Window[], differs: boolean): SplitVerdict {
  const reason = silenceOfEither(running);
  if (reason !== undefined) return { kind: "wait", reason };
  if (!differs) return { kind: "agrees" };
  const last = evidence.at(-1);
  const requests = last === undefined ? 0 : last.canary + last.stable;
  return { kind: "wait", reason: { kind: "split", share: requests === 0 ? 0 : (last?.canary ?? 0) / requests } };
}
