import { describe, expect, it } from "vitest";
import { addWindows, logBelowSlo, logNonInferior, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { judge, testOf } from "../../../src/core/gate/judge.ts";
import type { Window } from "../../../src/core/window.ts";
import { chance, type Chance } from "./chance.ts";
import { API_MID, minutes, steadyMinutes, withinStep, type Service } from "./rollout.ts";
import { gate } from "./windows.ts";

const WEIGHTS = [0.01, 0.05, 0.1, 0.25] as const;
const BAKE = 15;
const DEADLINE = 120;
const SETTINGS = gate();

/** Minute of the block in a rollout of fixed steps, looked at every minute for an hour; undefined where there is none. */
function blockedAt(service: Service, random: Chance): number | undefined {
  let evidence = NO_EVIDENCE;
  for (const window of minutes(service, (minute) => weightOf(Math.floor(minute / BAKE)), random).take(60)) {
    evidence = withinStep(evidence, [window], SETTINGS);
    if (testOf(evidence, SETTINGS) === "blocks") return window.end / 60_000;
  }
  return undefined;
}

/** Whether, at any minute of an hour at 25 %, the proof reaches its threshold. The error level stays. */
function isEverProven(service: Service, proof: typeof logBelowSlo, random: Chance): boolean {
  let evidence = NO_EVIDENCE;
  return steadyMinutes(service, 0.25, random)
    .take(60)
    .some((window) => {
      evidence = withinStep(evidence, [window], SETTINGS);
      return proof(evidence, SETTINGS) >= -Math.log(SETTINGS.beta);
    });
}

type End = { readonly kind: "passed" | "blocked" | "held"; readonly step: number; readonly minute: number };

/** A rollout that takes its next step when the gate passes after the bake time. */
function climb(service: Service, random: Chance): End {
  let evidence = NO_EVIDENCE;
  let step = 0;
  let running: Window[] = [];
  for (const window of minutes(service, () => weightOf(step), random)) {
    running.push(window);
    const minute = window.end / 60_000;
    const { verdict } = judge(evidence, running, SETTINGS);
    if (verdict.kind === "block") return { kind: "blocked", step, minute };
    if (running.length >= DEADLINE) return { kind: "held", step, minute };
    if (running.length < BAKE || verdict.kind !== "pass") continue;
    evidence = addWindows(evidence, running, SETTINGS);
    running = [];
    step += 1;
    if (step === WEIGHTS.length) return { kind: "passed", step, minute };
  }
  throw new Error("Minutes do not end.");
}

function weightOf(step: number): number {
  return WEIGHTS[step] ?? 0;
}

function share<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length / all.length;
}

function times<T>(count: number, seed: number, run: (random: Chance) => T): readonly T[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => run(random));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

describe("rollouts of a service with 3,000 requests a minute, looked at every minute", () => {
  it("blocks at most 1 % of 2,000 equal releases", () => {
    const ends = times(2000, 1, (random) => blockedAt(API_MID, random));
    expect(share(ends, (minute) => minute !== undefined)).toBeLessThanOrEqual(0.01);
  });

  it("finds a five-fold error rate in at least 85 %, in minutes", () => {
    const ends = times(500, 2, (random) => blockedAt({ ...API_MID, ratio: 5 }, random));
    expect(share(ends, (minute) => minute !== undefined)).toBeGreaterThanOrEqual(0.85);
    expect(median(ends.filter((minute) => minute !== undefined))).toBeLessThanOrEqual(20);
  });

  it("finds a release of which every request fails in two windows", () => {
    const ends = times(100, 3, (random) => blockedAt({ ...API_MID, ratio: 200 }, random));
    expect(new Set(ends)).toEqual(new Set([2]));
  });

  it.each([
    ["at the regression, that it is smaller", { ...API_MID, ratio: SETTINGS.regression }, logNonInferior],
    ["at the SLO, that it is below", { ...API_MID, errorRate: SETTINGS.slo }, logBelowSlo],
  ])("proves, %s, in at most 5 % of releases", (_, service, proof) => {
    const ends = times(500, 7, (random) => isEverProven(service, proof, random));
    expect(share(ends, (proven) => proven)).toBeLessThanOrEqual(SETTINGS.beta);
  });

  it("lets most equal releases pass, not long after the least time", () => {
    const ends = times(100, 4, (random) => climb(API_MID, random));
    expect(share(ends, ({ kind }) => kind === "passed")).toBeGreaterThanOrEqual(0.95);
    expect(median(ends.map(({ minute }) => minute))).toBeLessThanOrEqual(1.5 * BAKE * WEIGHTS.length);
  });

  it("lets at most 5 % of five-fold error rates pass, and at most the admitted fifth past the first step", () => {
    const ends = times(300, 5, (random) => climb({ ...API_MID, ratio: 5 }, random));
    expect(share(ends, ({ kind }) => kind === "passed")).toBeLessThanOrEqual(0.05);
    expect(share(ends, ({ step }) => step > 0)).toBeLessThanOrEqual(1 - SETTINGS.power);
  });
});

describe("rollouts of a service with ten requests a minute", () => {
  it("are held or blocked, not passed, when its error rate is five-fold", () => {
    const sparse: Service = { rpm: 10, errorRate: 0.02, ratio: 5 };
    const ends = times(60, 6, (random) => climb(sparse, random));
    expect(share(ends, ({ kind }) => kind === "passed")).toBeLessThanOrEqual(0.05);
  });
});
