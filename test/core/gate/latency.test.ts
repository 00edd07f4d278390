import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Histogram } from "../../../src/core/gate/histogram.ts";
import { calibrateLatency } from "../../../src/core/gate/latency-calibration.ts";
import { edgesOf, judgeLatency, type LatencySettings, type LatencyWindow } from "../../../src/core/gate/latency.ts";
import { chance, poisson, type Chance } from "./chance.ts";
import { MINUTE } from "./windows.ts";

const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, Number.POSITIVE_INFINITY];
const USUAL = [0.3, 0.31, 0.27, 0.1, 0.015, 0.005];
const SLOW = [0.1, 0.2, 0.3, 0.25, 0.1, 0.05];

function histogram(shares: readonly number[], requests: number, random: Chance): Histogram {
  return { bounds: BOUNDS, counts: shares.map((share) => poisson(random, share * requests)), spread: "even" };
}

function minutes(count: number, canary: readonly number[], random: Chance): readonly LatencyWindow[] {
  return Array.from({ length: count }, (_, minute) => ({
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    histograms: { canary: histogram(canary, 200, random), stable: histogram(USUAL, 4000, random) },
  }));
}

const edges = edgesOf({ bounds: BOUNDS, counts: USUAL.map((share) => share * 100_000), spread: "even" });
const settings: LatencySettings = { alpha: 0.01, beta: 0.05, power: 0.8, edges };

describe("the bounds that slow is counted above", () => {
  it("are those nearest to p50, p90 and p99, with tolerances of time", () => {
    expect(edges.map(({ bound }) => bound)).toEqual([0.05, 0.1, 0.5]);
    for (const { tolerated, regression } of edges) {
      expect(tolerated).toBeGreaterThan(1);
      expect(regression).toBeGreaterThan(tolerated);
    }
  });

  it("are none where nothing is known", () => {
    expect(edgesOf({ bounds: BOUNDS, counts: BOUNDS.map(() => 0), spread: "even" })).toEqual([]);
    expect(judgeLatency([], minutes(5, USUAL, chance(1)), { ...settings, edges: [] }).verdict).toEqual({
      kind: "wait",
      reason: { kind: "noEdges" },
    });
  });
});

describe("a verdict on latency", () => {
  it("passes what is as quick, and blocks what is slower by half", () => {
    expect(judgeLatency([], minutes(20, USUAL, chance(2)), settings).verdict).toEqual({ kind: "pass" });
    expect(judgeLatency([], minutes(20, SLOW, chance(3)), settings).verdict).toEqual({ kind: "block" });
  });

  it("is the same in seconds and in millionths of them", () => {
    const windows = minutes(12, SLOW, chance(4));
    const small = (one: Histogram | undefined) => one && { ...one, bounds: one.bounds.map((bound) => bound * 1e-6) };
    const inMicros = windows.map(({ histograms: { canary, stable }, ...rest }) => ({
      ...rest,
      histograms: { canary: small(canary), stable: small(stable) },
    }));
    const scaled = { ...settings, edges: edges.map((edge) => ({ ...edge, bound: edge.bound * 1e-6 })) };
    expect(judgeLatency([], inMicros, scaled).slower).toEqual(judgeLatency([], windows, settings).slower);
  });

  it("does not block on the tail of one window, however slow", () => {
    const windows = minutes(6, USUAL, chance(10));
    const slow = { bounds: BOUNDS, counts: [60, 60, 55, 15, 2, 60], spread: "even" as const };
    const spoilt = windows.map((window, at) => {
      const quick = { bounds: BOUNDS, counts: [60, 60, 55, 15, 2, 0], spread: "even" as const };
      return { ...window, histograms: { ...window.histograms, canary: at === 3 ? slow : quick } };
    });
    const { verdict, slower } = judgeLatency([], spoilt, { ...settings, alpha: 0.05 });
    expect(slower.e).toBeGreaterThan(slower.threshold);
    expect(verdict.kind).toBe("wait");
  });

  it("goes on over steps with the log-sums of those before", () => {
    const windows = minutes(12, SLOW, chance(5));
    const before = judgeLatency([], windows.slice(0, 7), settings).evidence;
    const after = judgeLatency(before, windows.slice(7), settings).slower.logE;
    expect(after).toBeCloseTo(judgeLatency([], windows, settings).slower.logE, 9);
  });

  it("blocks at most 2 % of 200 identical releases at alpha 1 %, looked at every five minutes", () => {
    const random = chance(6);
    const calibrated = calibrateLatency(
      Array.from({ length: 20 }, () => minutes(30, USUAL, random)),
      settings,
    );
    const blocked = Array.from({ length: 200 }, () => minutes(30, USUAL, random)).filter((windows) =>
      [5, 10, 15, 20, 25, 30].some(
        (look) => judgeLatency([], windows.slice(0, look), calibrated).verdict.kind === "block",
      ),
    );
    expect(blocked.length).toBeLessThanOrEqual(4);
  });

  it("has edges judged by bets alone where their clustering is unknown", () => {
    const calibrated = calibrateLatency([minutes(10, USUAL, chance(7))], settings);
    expect(calibrated.edges.map(({ exactDispersion }) => exactDispersion)).toEqual([10, 10, 10]);
    expect(calibrated.placeboLogE).toBeUndefined();
  });
});

describe("what is missing or no histogram", () => {
  const broken: fc.Arbitrary<Histogram | undefined> = fc.constantFrom(
    undefined,
    { bounds: [0.03, Number.POSITIVE_INFINITY], counts: [10, 10], spread: "even" as const },
    { bounds: BOUNDS, counts: [0, 0, 0, 0, 0, 0], spread: "even" as const },
    { bounds: BOUNDS, counts: [1, Number.NaN, 1, 1, 1, 1], spread: "even" as const },
    { bounds: BOUNDS, counts: [1, 1, Number.POSITIVE_INFINITY, 1, 1, 1], spread: "even" as const },
    { bounds: BOUNDS, counts: [1, 1, 1, -50, 1, 1], spread: "even" as const },
  );

  it("in the latest windows never passes, whatever was before", () => {
    fc.assert(
      fc.property(broken, broken, fc.boolean(), (one, other, isCanary) => {
        const good = minutes(20, USUAL, chance(8));
        const arm = isCanary ? "canary" : "stable";
        const spoilt = good.map((window, at) =>
          at < 18 ? window : { ...window, histograms: { ...window.histograms, [arm]: at === 18 ? one : other } },
        );
        expect(judgeLatency([], spoilt, settings).verdict.kind).not.toBe("pass");
      }),
    );
  });

  it("in more than half of the windows never passes", () => {
    const good = minutes(21, USUAL, chance(9));
    const holed = good.map((window, at) => (at < 11 ? { ...window, histograms: {} } : window));
    expect(judgeLatency([], holed, settings).verdict).toMatchObject({ kind: "wait", reason: { kind: "gaps" } });
  });
});
