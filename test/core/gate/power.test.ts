import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evidenceOf, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { testOf } from "../../../src/core/gate/judge.ts";
import { logFactorial, poissonAtLeast } from "../../../src/core/gate/poisson.ts";
import { FOUND_RATIO, LEAST_FAILED, powerOf } from "../../../src/core/gate/power.ts";
import type { GateSettings } from "../../../src/core/gate/settings.ts";
import type { Window } from "../../../src/core/window.ts";
import { chance, poisson, type Chance } from "./chance.ts";
import { withinStep } from "./rollout.ts";
import { anyGate, gate, windows } from "./windows.ts";

describe("the Poisson tail", () => {
  it.each([
    [0, 3, 1],
    [1, 3, 1 - Math.exp(-3)],
    [3, 3, 1 - Math.exp(-3) * (1 + 3 + 4.5)],
    [5, 1, 1 - Math.exp(-1) * (1 + 1 + 1 / 2 + 1 / 6 + 1 / 24)],
    [1, 0, 0],
    [10, 1e-300, 0],
    [10, 1e9, 1],
  ])("P(X ≥ %d), mean %d", (count, mean, probability) => {
    expect(poissonAtLeast(count, mean)).toBeCloseTo(probability, 12);
  });

  it("falls by the probability of each count, on either side of the mean", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.double({ min: 0.01, max: 2000, noNaN: true }),
        (count, mean) => {
          const mass = Math.exp(count * Math.log(mean) - mean - logFactorial(count));
          expect(poissonAtLeast(count, mean) - poissonAtLeast(count + 1, mean)).toBeCloseTo(mass, 9);
        },
      ),
    );
  });
});

const stratum = fc
  .tuple(fc.nat(5000), fc.nat(20), fc.nat(20_000), fc.nat(200))
  .map(([a, b, c, d]) => [a, Math.min(a, b), c, Math.min(c, d)] as const);

describe("power at a five-fold error rate", () => {
  it("is 0 while stable has not failed, or the canary has had no request", () => {
    expect(powerOf([], gate()).power).toBe(0);
    expect(powerOf([[5000, 4, 50_000, 0]], gate())).toEqual({ power: 0, expected: 0, needed: undefined });
    expect(powerOf([[0, 0, 50_000, 90]], gate()).power).toBe(0);
  });

  it("is reckoned from five times stable's rate in each stratum, never more than all requests", () => {
    expect(powerOf([[100, 0, 900, 9]], gate()).expected).toBeCloseTo(5, 9);
    const twice = powerOf(
      [
        [100, 0, 900, 9],
        [200, 9, 800, 4],
      ],
      gate(),
    );
    expect(twice.expected).toBeCloseTo(5 + 5, 9);
    expect(powerOf([[100, 0, 900, 800]], gate()).expected).toBeCloseTo(100, 9);
  });

  it("names the fewest failures that lift the exact half to twice the threshold", () => {
    const strata = [[1000, 0, 19_000, 95]] as const;
    const needed = powerOf(strata, gate()).needed ?? 0;
    const blocks = (failed: number) => {
      const one = evidenceOf(
        windows([
          [1000, failed],
          [19_000, 95],
        ]),
        gate(),
      ).exact;
      return Math.log(one.reduce((sum, logSum) => sum + Math.exp(logSum), 0) / one.length) >= Math.log(200);
    };
    expect([blocks(needed - 1), blocks(needed)]).toEqual([false, true]);
    expect(powerOf([[1, 0, 10_000, 1]], gate()).needed).toBe(LEAST_FAILED);
  });

  it("is a probability, whatever was seen", () => {
    fc.assert(
      fc.property(fc.array(stratum, { maxLength: 5 }), anyGate, (strata, settings) => {
        const { power } = powerOf(strata, settings);
        expect(power).toBeGreaterThanOrEqual(0);
        expect(power).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("does not depend on how the canary itself has fared", () => {
    fc.assert(
      fc.property(stratum, anyGate, ([a, b, c, d], settings) => {
        expect(powerOf([[a, b, c, d]], settings)).toEqual(powerOf([[a, 0, c, d]], settings));
      }),
    );
  });

  it("is less for a smaller alpha", () => {
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 5 }), anyGate, (strata, settings) => {
        const stricter = { ...settings, alpha: settings.alpha / 10 };
        expect(powerOf(strata, stricter).power).toBeLessThanOrEqual(powerOf(strata, settings).power + 1e-12);
      }),
    );
  });
});

type Cell = {
  readonly weight: number;
  readonly rpm: number;
  readonly errorRate: number;
  readonly minutes: number;
  readonly cluster: number;
};

describe("power against the share of simulated five-fold regressions that were blocked", () => {
  it.each<Cell>([
    { weight: 0.01, rpm: 3000, errorRate: 0.005, minutes: 20, cluster: 1 },
    { weight: 0.01, rpm: 3000, errorRate: 0.005, minutes: 26, cluster: 1 },
    { weight: 0.05, rpm: 3000, errorRate: 0.005, minutes: 5, cluster: 1 },
    { weight: 0.05, rpm: 120, errorRate: 0.01, minutes: 65, cluster: 1 },
    { weight: 0.25, rpm: 120, errorRate: 0.01, minutes: 15, cluster: 1 },
    { weight: 0.05, rpm: 3000, errorRate: 0.005, minutes: 15, cluster: 3 },
  ])("$weight of $rpm rpm failing at $errorRate by $cluster, $minutes min", (cell) => {
    const random = chance(7);
    const runs = Array.from({ length: 1500 }, () => run(cell, gate({ dispersion: cell.cluster }), random));
    const claimed = runs.reduce((sum, { power }) => sum + power, 0) / runs.length;
    const atLast = runs.filter(({ blocksAtLast }) => blocksAtLast).length / runs.length;
    const ever = runs.filter(({ blocked }) => blocked).length / runs.length;
    expect(claimed).toBeGreaterThan(0.5);
    // Pessimistic: at the last look it may find a little more than it claims, never noticeably less; with every look it finds more.
    expect(atLast).toBeGreaterThan(claimed - 0.02);
    expect(atLast).toBeLessThan(claimed + 0.1);
    expect(ever).toBeGreaterThanOrEqual(atLast);
  });

  it("is lower where failures cluster", () => {
    const strata = [[3000, 0, 57_000, 285]] as const;
    expect(powerOf(strata, gate({ dispersion: 4 })).power).toBeLessThan(powerOf(strata, gate()).power);
  });
});

type Run = { readonly blocked: boolean; readonly blocksAtLast: boolean; readonly power: number };

function run(cell: Cell, settings: GateSettings, random: Chance): Run {
  let evidence = NO_EVIDENCE;
  let blocked = false;
  let blocksAtLast = false;
  for (let minute = 0; minute < cell.minutes; minute += 1) {
    evidence = withinStep(evidence, regressed(cell, random), settings);
    blocksAtLast = testOf(evidence, settings) === "blocks";
    blocked ||= blocksAtLast;
  }
  return { blocked, blocksAtLast, power: powerOf(evidence.strata, settings).power };
}

/** A minute of a canary with five-fold errors; failures come in clusters. */
function regressed({ weight, rpm, errorRate, cluster }: Cell, random: Chance): readonly Window[] {
  const requests = Math.round(rpm * weight);
  const failures = (expected: number) => cluster * poisson(random, expected / cluster);
  const canary = failures(requests * errorRate * FOUND_RATIO);
  const stable = failures((rpm - requests) * errorRate);
  return windows([
    [requests, canary],
    [rpm - requests, stable],
  ]);
}
