import type { Arm, Counts, Window } from "../window.ts";
import { eta, type Eta } from "./eta.ts";
import {
  addWindows,
  canaryOf,
  evidenceOf,
  logAgainst,
  pairOf,
  stableOf,
  tallyOf,
  type Evidence,
  type Stratum,
} from "./evidence.ts";
import { exchangeArms, judge, judgeSwapped, LEAST_FAILED_WINDOWS, type Judgement } from "./judge.ts";
import { logMixture } from "./mixture.ts";
import { withoutData } from "./no-data.ts";
import { SLO_FACTORS } from "./one-arm.ts";
import { FOUND_RATIO, LEAST_FAILED } from "./power.ts";
import { BET_WEIGHTS, BETS, BETTER_RATIOS, isInformative, RATIO_WEIGHTS, RATIOS, type Tally } from "./rate.ts";
import { logBar, type GateSettings } from "./settings.ts";

/**
 * What a comparison of errors was asked: the evidence that came without its windows, the windows of each step since, oldest first, the last of them the
 * running one, and the settings. Where stable is the suspect, the arms change places and nothing is carried over.
 */
export type Question = {
  readonly suspect: Arm;
  readonly before: Evidence;
  readonly steps: readonly StepWindows[];
  readonly settings: GateSettings;
  /** The running step has been seen live, so that counts that are missing come to what configuration says; not for stable, which always waits. */
  readonly isLive?: boolean | undefined;
};

/** What was asked of an arm by itself: its windows in the running step, oldest first; `isProof` where it must be proven to be below the limit. */
export type AloneQuestion = {
  readonly arm: Arm;
  readonly windows: readonly Window[];
  readonly settings: GateSettings;
  readonly isProof: boolean;
};

/** The closed windows of the step with that index. */
export type StepWindows = { readonly step: number; readonly windows: readonly Window[] };

/** One alternative of a mixture: its prior weight, its log-sum before these windows and after them, and ln(weight) + sum ÷ divisor, which E is the sum of exp of. */
export type Component = {
  readonly at: number;
  readonly weight: number;
  readonly before: number;
  readonly sum: number;
  readonly logTerm: number;
};

/** ln E = ln Σ exp(logTerm); 0 where nothing is known. `divisor` is what each sum is divided by. */
export type Mixture = { readonly divisor: number; readonly components: readonly Component[]; readonly logE: number };

/** What one window adds. Without `tally` nothing but the SLO form hears of it; the lists are in the order of the components. */
export type WindowTerms = {
  readonly step: number;
  readonly start: number;
  readonly end: number;
  readonly suspect: Counts | undefined;
  readonly reference: Counts | undefined;
  /** Failed of the suspect (k), of both (m), and the suspect's share of the requests (ρ). */
  readonly tally: Tally | undefined;
  /** The share of the failures that the suspect may have: ρr₀ ÷ (ρr₀ + 1 − ρ). */
  readonly tolerated: number | undefined;
  readonly exact: readonly number[];
  readonly bets: readonly number[];
  readonly nonInferior: readonly number[];
  readonly slo: readonly number[];
};

/** Something that must hold beside the evidence. */
export type Guard = {
  readonly name: "failed" | "failedWindows" | "missingWindows" | "leaning";
  readonly has: number;
  readonly bound: "atLeast" | "atMost";
  readonly of: number;
  readonly holds: boolean;
};

/** Everything that a verdict of the error gate is made of. */
export type Explanation = {
  readonly windows: readonly WindowTerms[];
  readonly strata: readonly Stratum[];
  readonly exact: Mixture;
  readonly bets: Mixture;
  /** ln E = ln( exactShare · exp(exact) + (1 − exactShare) · exp(bets) ). */
  readonly exactShare: number;
  readonly logE: number;
  readonly logBar: number;
  readonly nonInferior: Mixture & { readonly logBar: number };
  readonly slo: Mixture & { readonly logBar: number };
  /** Expected failures per stratum at FOUND_RATIO times the reference's rate. */
  readonly power: {
    readonly ratio: number;
    readonly expected: readonly number[];
    readonly logBar: number;
  };
  readonly guards: readonly Guard[];
  readonly judgement: Judgement;
  readonly eta: Eta | undefined;
};

/** Takes a verdict of the error gate apart; the verdict itself is the one of `judge`, and of the policy for missing data. */
export function explain({ suspect, before, steps, settings, isLive = false }: Question): Explanation {
  const isSwapped = suspect === "stable";
  const seen = isSwapped ? steps.map(({ step, windows }) => ({ step, windows: windows.map(exchangeArms) })) : steps;
  const running = seen.at(-1)?.windows ?? [];
  const earlier = seen.slice(0, -1).reduce((known, { windows }) => addWindows(known, windows, settings), before);
  const all = addWindows(earlier, running, settings);
  const judgement = isSwapped
    ? judgeSwapped(steps.at(-1)?.windows ?? [], settings)
    : judgedLive(judge(earlier, running, settings), settings, isLive);
  const { beta, dispersion, exactShare = 0.5 } = settings;
  const divisors = {
    exact: Math.max(dispersion, settings.exactDispersion ?? 1),
    bets: 1,
    better: dispersion,
    slo: dispersion,
  };
  const uniform = (of: readonly number[]) => of.map(() => 1 / of.length);
  const mixture = (part: Part, at: readonly number[], weights: readonly number[]) =>
    mixtureOf({ before: before[part], sums: all[part], at, weights, divisor: divisors[part] });
  return {
    windows: seen.flatMap(({ step, windows }) => windows.map((window) => termsOf(step, window, settings))),
    strata: all.strata,
    exact: mixture("exact", RATIOS, RATIO_WEIGHTS),
    bets: mixture("bets", BETS, BET_WEIGHTS),
    exactShare,
    logE: logAgainst(all, settings),
    logBar: logBar(settings),
    nonInferior: { ...mixture("better", BETTER_RATIOS, uniform(BETTER_RATIOS)), logBar: -Math.log(beta) },
    slo: { ...mixture("slo", SLO_FACTORS, uniform(SLO_FACTORS)), logBar: -Math.log(beta) },
    power: { ratio: FOUND_RATIO, expected: all.strata.map(expectedIn), logBar: Math.LN2 + logBar(settings) },
    guards: guardsOf(judgement),
    judgement,
    eta: judgement.verdict.kind === "wait" && !isSwapped ? eta(earlier, running, settings) : undefined,
  };
}

function judgedLive(judgement: Judgement, settings: GateSettings, isLive: boolean): Judgement {
  return isLive ? { ...judgement, verdict: withoutData(judgement.verdict, settings) } : judgement;
}

type Part = "exact" | "bets" | "better" | "slo";

type Sums = {
  readonly before: readonly number[];
  readonly sums: readonly number[];
  readonly at: readonly number[];
  readonly weights: readonly number[];
  readonly divisor: number;
};

/** The alternatives of a mixture; no sums stand for zeros, and then nothing is known. */
export function mixtureOf({ before, sums, at, weights, divisor }: Sums): Mixture {
  const components = at.map((alternative, index) => {
    const [weight = 0, sum = 0] = [weights[index], sums[index]];
    const logTerm = Math.log(weight) + sum / divisor;
    return { at: alternative, weight, before: before[index] ?? 0, sum, logTerm };
  });
  return { divisor, components, logE: logMixture(sums, weights, divisor) };
}

function termsOf(step: number, window: Window, settings: GateSettings): WindowTerms {
  const { start, end } = window;
  const pair = pairOf(window);
  const tally = pair && tallyOf(pair);
  const isHeard = tally !== undefined && isInformative(tally);
  const { exact, bets, better, slo } = evidenceOf([window], settings);
  return {
    step,
    start,
    end,
    suspect: pair && canaryOf(pair),
    reference: pair && stableOf(pair),
    tally: isHeard ? tally : undefined,
    tolerated: isHeard ? toleratedIn(tally, settings) : undefined,
    exact,
    bets,
    nonInferior: better,
    slo,
  };
}

function toleratedIn({ share }: Tally, { tolerance }: GateSettings): number {
  return (share * tolerance) / (share * tolerance + 1 - share);
}

function expectedIn([requests, , reference, failed]: Stratum): number {
  return reference === 0 ? 0 : requests * Math.min(1, (FOUND_RATIO * failed) / reference);
}

function guardsOf({ suspect, counts, failedWindows, missingWindows, windows, worse }: Judgement): readonly Guard[] {
  const { failed } = counts[suspect];
  const most = Math.floor(windows / 2);
  return [
    { name: "failed", has: failed, bound: "atLeast", of: LEAST_FAILED, holds: failed >= LEAST_FAILED },
    {
      name: "failedWindows",
      has: failedWindows,
      bound: "atLeast",
      of: LEAST_FAILED_WINDOWS,
      holds: failedWindows >= LEAST_FAILED_WINDOWS,
    },
    { name: "missingWindows", has: missingWindows, bound: "atMost", of: most, holds: missingWindows <= most },
    { name: "leaning", has: worse.logE, bound: "atMost", of: 0, holds: worse.logE <= 0 },
  ];
}
