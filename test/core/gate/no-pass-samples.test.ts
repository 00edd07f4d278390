import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { healthy, provenHealthy } from "../../../src/core/gate/health.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import { edgesOf, judgeLatency, type LatencySettings } from "../../../src/core/gate/latency.ts";
import { outcomeOf } from "../../../src/core/gate/ruling.ts";
import { judgeSplit } from "../../../src/core/gate/split.ts";
import type { Window } from "../../../src/core/window.ts";
import {
  anyPlan,
  anySilence,
  countedFrom,
  SCRAPES,
  SCRAPES_A_WINDOW,
  serving,
  timedFrom,
  WINDOWS,
  type Plan,
  type Pod,
} from "./scrapes.ts";
import { gate } from "./windows.ts";

const STABLE = serving(400, 2);
const GOOD = serving(40, 0);
const WEIGHT = 40 / 440;
const SPLIT = { alpha: 0.01, tolerance: 0.2 };

/** Any mixture of faults on every scrape of the last two windows. */
const silentEnd: fc.Arbitrary<Plan> = fc
  .array(anySilence, { minLength: 2 * SCRAPES_A_WINDOW, maxLength: 2 * SCRAPES_A_WINDOW })
  .map((faults) => new Map(faults.map((fault, at) => [SCRAPES_A_WINDOW * (WINDOWS - 1) + 1 + at, fault])));

const arm = fc.constantFrom("canary" as const, "stable" as const);

function withPlan(pod: Pod, plan: Plan): Pod {
  return { ...pod, plan };
}

function verdicts(windows: readonly Window[]): Readonly<Record<string, string>> {
  return {
    errors: judge(NO_EVIDENCE, windows, gate()).verdict.kind,
    canary: healthy(windows, "canary", gate()).verdict.kind,
    alone: provenHealthy(windows, "canary", gate()).verdict.kind,
    split: judgeSplit([], windows, WEIGHT, SPLIT).verdict.kind,
  };
}

describe("from samples of requests to a verdict", () => {
  it("passes where they are whole", () => {
    expect(verdicts(countedFrom(GOOD, STABLE))).toEqual({
      errors: "pass",
      canary: "healthy",
      alone: "healthy",
      split: "agrees",
    });
  });

  it("never passes without a count in the last two windows, whatever mixture of faults left it out", () => {
    fc.assert(
      fc.property(silentEnd, arm, (plan, silent) => {
        const windows =
          silent === "canary" ? countedFrom(withPlan(GOOD, plan), STABLE) : countedFrom(GOOD, withPlan(STABLE, plan));
        const { errors, alone, canary, split } = verdicts(windows);
        expect(errors).toBe("wait");
        expect(split).toBe("wait");
        if (silent === "canary") expect([canary, alone]).toEqual(["wait", "wait"]);
      }),
    );
  });

  it("never passes a canary that fails, whatever befalls the samples of both", () => {
    fc.assert(
      fc.property(anyPlan, anyPlan, fc.constantFrom(10, 20, 40), (ofCanary, ofStable, failed) => {
        const windows = countedFrom(serving(40, failed, ofCanary), withPlan(STABLE, ofStable));
        const { errors, alone, canary } = verdicts(windows);
        expect(errors).not.toBe("pass");
        expect([canary, alone]).not.toContain("healthy");
      }),
      { numRuns: 200 },
    );
  });

  it("never counts more than there was", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const counted = countedFrom(withPlan(GOOD, plan), STABLE).map(({ counts }) => counts.canary?.requests ?? 0);
        const seen = counted.reduce((sum, requests) => sum + requests, 0);
        expect(seen).toBeLessThanOrEqual(40 * SCRAPES);
      }),
    );
  });
});

const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, Number.POSITIVE_INFINITY];
const USUAL = [300, 310, 270, 100, 15, 5];
const SLOW = [100, 200, 300, 250, 100, 50];
const LATENCY: LatencySettings = {
  alpha: 0.01,
  beta: 0.05,
  power: 0.8,
  edges: edgesOf({ bounds: BOUNDS, counts: USUAL.map((count) => 1000 * count), spread: "even" }),
};

/** A pod whose buckets grow so from scrape to scrape. */
function timed(counts: readonly number[], plan: Plan = new Map()): Pod {
  const cumulative = counts.map((_, at) => counts.slice(0, at + 1).reduce((sum, count) => sum + count, 0));
  const les = BOUNDS.map((bound) => (Number.isFinite(bound) ? `${bound}` : "+Inf"));
  return { grows: new Map(les.map((le, at) => [le, cumulative[at] ?? 0])), plan };
}

function latencyOf(canary: Pod, stable: Pod): string {
  return judgeLatency([], timedFrom(canary, stable), LATENCY).verdict.kind;
}

describe("from samples of buckets to a verdict", () => {
  it("passes where they are whole, and blocks what is slower", () => {
    expect(latencyOf(timed(USUAL), timed(USUAL))).toBe("pass");
    expect(latencyOf(timed(SLOW), timed(USUAL))).toBe("block");
  });

  it("never passes without a histogram in the last two windows, whatever mixture of faults left it out", () => {
    fc.assert(
      fc.property(silentEnd, arm, (plan, silent) => {
        const [canary, stable] = silent === "canary" ? [plan, undefined] : [undefined, plan];
        expect(latencyOf(timed(USUAL, canary), timed(USUAL, stable))).toBe("wait");
      }),
      { numRuns: 30 },
    );
  });

  it("never passes a canary that is slower, whatever befalls the samples of both", () => {
    fc.assert(
      fc.property(anyPlan, anyPlan, (ofCanary, ofStable) => {
        expect(latencyOf(timed(SLOW, ofCanary), timed(USUAL, ofStable))).not.toBe("pass");
      }),
      { numRuns: 60 },
    );
  });
});

describe("all gates together", () => {
  it("never pass while one of them waits for samples", () => {
    fc.assert(
      fc.property(silentEnd, (plan) => {
        const windows = countedFrom(withPlan(GOOD, plan), STABLE);
        const rulings = [
          { gate: "split", verdict: judgeSplit([], countedFrom(GOOD, STABLE), WEIGHT, SPLIT).verdict },
          { gate: "errors", verdict: judge(NO_EVIDENCE, windows, gate()).verdict },
          { gate: "latency", verdict: judgeLatency([], timedFrom(timed(USUAL), timed(USUAL)), LATENCY).verdict },
        ];
        expect(outcomeOf(rulings)).toEqual({ kind: "wait", gates: ["errors"] });
      }),
      { numRuns: 20 },
    );
  });
});
