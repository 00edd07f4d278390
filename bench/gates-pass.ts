import { extended } from "../src/core/gate/calibration.ts";
import { addWindows, logNonInferior, NO_EVIDENCE, type Evidence } from "../src/core/gate/evidence.ts";
import { eta } from "../src/core/gate/eta.ts";
import { isLeaning, judge, passedBy, testOf } from "../src/core/gate/judge.ts";
import { powerOf } from "../src/core/gate/power.ts";
import type { GateSettings } from "../src/core/gate/settings.ts";
import type { Window } from "../src/core/window.ts";
import { chance } from "../src/backtest/chance.ts";
import { rollout, SAME, steady, STEP_MINUTES, type Scenario, type Service } from "./gates-classes.ts";
import { pastOf, streamOf, type Past } from "./gates-errors.ts";
import { settingsAt } from "./gates-methods.ts";

/** Rollouts of one service, `from` to `to` of their numbers, judged as the product does at alpha 1 %. */
type Played = { readonly service: Service; readonly seed: number; readonly from: number; readonly to: number };

/** Releases exactly at the regression that a pass excludes, at one weight: which are ever proven to be better than that. */
export type ProofJob = Played & { readonly kind: "proof"; readonly weight: number };

/** Releases that climb from step to step as the gate lets them. */
export type ClimbJob = Played & { readonly kind: "climb"; readonly scenario: Scenario };

/** Identical releases at one weight: when they pass, against what was foretold. */
export type EtaJob = Played & { readonly kind: "eta"; readonly weight: number };

/** How far a release came: after so many minutes, through so many steps. */
export type End = { readonly kind: "passed" | "blocked" | "held"; readonly minutes: number; readonly steps: number };

/** A time to the pass that was foretold, and the one that came; minutes. */
export type Foretold = { readonly foretold: number; readonly realised: number };

const FOUR_HOURS = 240;
const MINUTE = 60_000;
const CLIMB = [0.01, 0.05, 0.1, 0.25] as const;
/** A step that is not decided by then is held for a person. */
const DEADLINE = 120;

/** How many of the job's bad releases are proven good at any look within four hours. */
export function playProof({ service, weight, seed, from, to }: ProofJob): number {
  const shape = steady(weight, FOUR_HOURS);
  const settings = settingsOf({ service, scenario: SAME, seed, from }, weight);
  const scenario = { ...SAME, ratio: settings.regression };
  let passed = 0;
  for (let run = from; run < to; run += 1) {
    const random = chance(seed, run, 5, ...streamOf(service, scenario, shape));
    let evidence: Evidence = NO_EVIDENCE;
    const isPassed = rollout(service, shape, scenario, random).some((window) => {
      evidence = extended(evidence, window, settings);
      return logNonInferior(evidence, settings) >= -Math.log(settings.beta);
    });
    if (isPassed) passed += 1;
  }
  return passed;
}

/** Where each of the job's releases ends. */
export function playClimb({ service, scenario, seed, from, to }: ClimbJob): readonly End[] {
  const settings = settingsOf({ service, scenario, seed, from });
  return Array.from({ length: to - from }, (_, number) =>
    climb(service, scenario, settings, [seed, from + number, 6, ...streamOf(service, scenario, CLIMB)]),
  );
}

/** What a job of times to a pass found: of the releases open at the end of the bake, how many never pass in four hours, and the times of the others. */
export type Times = { readonly opened: number; readonly unpassed: number; readonly foretold: readonly Foretold[] };

/** Of identical releases that are open at the end of the bake and pass within four hours: what was foretold then, and what came. */
export function playEta({ service, weight, seed, from, to }: EtaJob): Times {
  const settings = settingsOf({ service, scenario: SAME, seed, from });
  const shape = steady(weight, FOUR_HOURS);
  const ends = Array.from({ length: to - from }, (_, number) => {
    const windows = rollout(service, shape, SAME, chance(seed, from + number, 7, ...streamOf(service, SAME, shape)));
    const realised = passesAt(windows, settings) ?? Number.POSITIVE_INFINITY;
    const said = eta(NO_EVIDENCE, windows.slice(0, STEP_MINUTES), settings);
    const after = said.kind === "passes" ? said.inMs / MINUTE : Number.POSITIVE_INFINITY;
    return { foretold: STEP_MINUTES + after, realised };
  }).filter(({ realised }) => realised > STEP_MINUTES);
  const passed = ends.filter(({ realised }) => Number.isFinite(realised));
  return { opened: ends.length, unpassed: ends.length - passed.length, foretold: passed };
}

function settingsOf(past: Omit<Past, "weights">, weight = 0.05): GateSettings {
  return settingsAt(0.01, pastOf({ ...past, weights: steady(weight, 60) })(0.01));
}

/** First minute at which the gate would pass, were there no bake. */
function passesAt(windows: readonly Window[], settings: GateSettings): number | undefined {
  let evidence: Evidence = NO_EVIDENCE;
  for (const [minute, window] of windows.entries()) {
    evidence = extended(evidence, window, settings);
    const isOpen = testOf(evidence, settings) === "stands" && !isLeaning(evidence, settings);
    if (isOpen && passedBy(evidence, powerOf(evidence.strata, settings), settings) !== undefined) return minute + 1;
  }
  return undefined;
}

function climb(service: Service, scenario: Scenario, settings: GateSettings, seeds: readonly number[]): End {
  const random = chance(...seeds);
  let before: Evidence = NO_EVIDENCE;
  let minutes = 0;
  for (const [step, weight] of CLIMB.entries()) {
    const windows = rollout(service, steady(weight, DEADLINE), scenario, random);
    const end = standsUntil(before, windows, settings);
    minutes += end.minutes;
    if (end.kind !== "passed") return { kind: end.kind, minutes, steps: step };
    before = addWindows(before, windows.slice(0, end.minutes), settings);
  }
  return { kind: "passed", minutes, steps: CLIMB.length };
}

/** How one step ends. A look that cannot pass for want of bake only asks whether the test blocks. */
function standsUntil(before: Evidence, windows: readonly Window[], settings: GateSettings): Omit<End, "steps"> {
  let running: Evidence = before;
  for (const [minute, window] of windows.entries()) {
    running = extended(running, window, settings);
    if (testOf(running, settings) === "blocks") return { kind: "blocked", minutes: minute + 1 };
    if (minute + 1 < STEP_MINUTES || isLeaning(running, settings)) continue;
    const { verdict } = judge(before, windows.slice(0, minute + 1), settings);
    if (verdict.kind === "pass") return { kind: "passed", minutes: minute + 1 };
  }
  return { kind: "held", minutes: windows.length };
}
