import { normalBound } from "../src/core/gate/always-valid.ts";
import { calibrate, calibrated, extended, type Calibration } from "../src/core/gate/calibration.ts";
import { NO_EVIDENCE, pairOf, tallyOf, type Evidence } from "../src/core/gate/evidence.ts";
import { testOf } from "../src/core/gate/judge.ts";
import { classify, DEFAULT_KAYENTA } from "../src/core/gate/kayenta.ts";
import { logMeanExp } from "../src/core/gate/mixture.ts";
import { exactSums, isInformative, RATIOS } from "../src/core/gate/rate.ts";
import { DEFAULT_GATE, type GateSettings } from "../src/core/gate/settings.ts";
import type { Window } from "../src/core/window.ts";
import { binomial, type Chance } from "../src/backtest/chance.ts";
import { STEP_MINUTES } from "./gates-classes.ts";

/** Judges one rollout: whether it blocks at a window, the next one at each call. */
export type Judge = (window: Window) => boolean;

/** A way to judge rollouts; each rollout gets a judge of its own. */
export type Method = { readonly name: string; readonly begin: (random: Chance) => Judge };

export const OURS_5 = "ours, alpha 5 %";
export const OURS_1 = "ours, alpha 1 %";
export const KAYENTA = "Kayenta-like per step (15 points)";

/** The product's own settings at `alpha`, with what a service's placebo releases say. */
export function settingsAt(alpha: number, calibration: Calibration | undefined): GateSettings {
  return calibrated({ ...DEFAULT_GATE, alpha }, calibration);
}

/** Reads placebo releases as the product does. */
export function calibrationAt(
  alpha: number,
  history: readonly Window[],
  placebos: readonly (readonly Window[])[],
): Calibration {
  return calibrate(history, placebos, { ...DEFAULT_GATE, alpha });
}

/** The product's own judge. */
export function ours(name: string, settings: GateSettings): Method {
  return {
    name,
    begin: () => {
      let evidence: Evidence = NO_EVIDENCE;
      return (window) => {
        evidence = extended(evidence, window, settings);
        return testOf(evidence, settings) === "blocks";
      };
    },
  };
}

/** What the field does, for comparison. */
export const OTHERS: readonly Method[] = [
  { name: "Flagger default (99 %, threshold 1)", begin: () => flagger(1) },
  { name: "Flagger documented (99 %, threshold 5)", begin: () => flagger(5) },
  { name: "Argo documented (0.95, failureLimit 3)", begin: argo },
  { name: "+10 % against stable at step end", begin: stepEnd },
  { name: "ratio > 2 over 5 windows", begin: ratioOverFive },
  { name: "z-test every window, 5 %", begin: peekingZ },
  { name: "plain e-process, 5 %", begin: plainE },
  { name: "normal mixture (mSPRT), 5 %", begin: normalMixture },
  { name: KAYENTA, begin: kayenta },
];

/** One alternative, known beforehand to be three times stable's rate, at the product's tolerance: nobody can know more. */
export function oracle({ tolerance, dispersion, alpha }: GateSettings, ratio: number): Method {
  return {
    name: "oracle",
    begin: () => {
      let logE = 0;
      return (window) => {
        logE += (logRatioOf(window, [ratio / tolerance], tolerance)[0] ?? 0) / dispersion;
        return logE >= -Math.log(alpha);
      };
    },
  };
}

type Sums = {
  readonly canary: number;
  readonly canaryFailed: number;
  readonly stable: number;
  readonly stableFailed: number;
};

const NOTHING: Sums = { canary: 0, canaryFailed: 0, stable: 0, stableFailed: 0 };

function add(sums: Sums, window: Window): Sums {
  const [canary, canaryFailed, stable, stableFailed] = pairOf(window) ?? [0, 0, 0, 0];
  return {
    canary: sums.canary + canary,
    canaryFailed: sums.canaryFailed + canaryFailed,
    stable: sums.stable + stable,
    stableFailed: sums.stableFailed + stableFailed,
  };
}

function canaryRate({ canary, canaryFailed }: Sums): number {
  return canary === 0 ? 0 : canaryFailed / canary;
}

function stableRate({ stable, stableFailed }: Sums): number {
  return stable === 0 ? 0 : stableFailed / stable;
}

/** The canary's success rate of the window below 99 %, so many times in all. No request to the canary is no failed check here. */
function flagger(threshold: number): Judge {
  let failed = 0;
  return (window) => {
    if (canaryRate(add(NOTHING, window)) > 0.01) failed += 1;
    return failed >= threshold;
  };
}

/** The success rate of the window below 95 %, more than three times within a step. */
function argo(): Judge {
  let failed = 0;
  let minute = 0;
  return (window) => {
    if (minute % STEP_MINUTES === 0) failed = 0;
    minute += 1;
    if (canaryRate(add(NOTHING, window)) > 0.05) failed += 1;
    return failed > 3;
  };
}

function stepEnd(): Judge {
  let sums = NOTHING;
  let minute = 0;
  return (window) => {
    if (minute % STEP_MINUTES === 0) sums = NOTHING;
    minute += 1;
    sums = add(sums, window);
    return minute % STEP_MINUTES === 0 && canaryRate(sums) > 1.1 * stableRate(sums);
  };
}

function ratioOverFive(): Judge {
  let latest: readonly Window[] = [];
  return (window) => {
    latest = [...latest, window].slice(-5);
    const sums = latest.reduce(add, NOTHING);
    return latest.length === 5 && canaryRate(sums) > 2 * stableRate(sums);
  };
}

/** The pooled test of two shares on what the step has seen so far. */
function peekingZ(): Judge {
  let sums = NOTHING;
  let minute = 0;
  return (window) => {
    if (minute % STEP_MINUTES === 0) sums = NOTHING;
    minute += 1;
    sums = add(sums, window);
    const { canary, stable } = sums;
    const pooled = (sums.canaryFailed + sums.stableFailed) / (canary + stable);
    const variance = pooled * (1 - pooled) * (1 / canary + 1 / stable);
    return variance > 0 && (canaryRate(sums) - stableRate(sums)) / Math.sqrt(variance) > 1.645;
  };
}

function plainE(): Judge {
  let sums = RATIOS.map(() => 0);
  return (window) => {
    const more = logRatioOf(window, RATIOS, 1);
    sums = sums.map((sum, at) => sum + (more[at] ?? 0));
    return logMeanExp(sums) >= Math.log(20);
  };
}

/** What is sold as always-valid testing: a normal mixture of how many more of the failures are the canary's than its share, at a variance of ten failures. */
function normalMixture(): Judge {
  const tuning = { sides: "two", variance: 10, alpha: 0.05 } as const;
  let [sum, variance] = [0, 0];
  return (window) => {
    const pair = pairOf(window);
    const tally = pair === undefined ? undefined : tallyOf(pair);
    if (tally === undefined || !isInformative(tally)) return false;
    sum += tally.failed - tally.allFailed * tally.share;
    variance += tally.allFailed * tally.share * (1 - tally.share);
    return sum >= normalBound(variance, 0.05, tuning);
  };
}

/** Kayenta's test at the end of each step, on the error rates of its windows against a baseline of the canary's size, drawn from stable. */
function kayenta(random: Chance): Judge {
  let canary: number[] = [];
  let baseline: number[] = [];
  return (window) => {
    const sums = add(NOTHING, window);
    if (sums.canary > 0) {
      canary.push(canaryRate(sums));
      baseline.push(binomial(random, sums.canary, stableRate(sums)) / sums.canary);
    }
    const minute = Math.round(window.end / 60_000);
    if (minute % STEP_MINUTES !== 0) return false;
    const said = classify(canary, baseline, DEFAULT_KAYENTA);
    canary = [];
    baseline = [];
    return said === "high";
  };
}

function logRatioOf(window: Window, alternatives: readonly number[], tolerance: number): readonly number[] {
  const pair = pairOf(window);
  const tally = pair === undefined ? undefined : tallyOf(pair);
  return tally === undefined || !isInformative(tally) ? [] : exactSums([tally], alternatives, tolerance);
}
