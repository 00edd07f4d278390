import { describe, expect, it } from "vitest";
import type { Histogram } from "../../src/core/gate/histogram.ts";
import { rulingsOf } from "../../src/core/gates.ts";
import { quantilesIn } from "../../src/core/latency-quantiles.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { read } from "../../src/core/reading.ts";
import type { Window } from "../../src/core/window.ts";
import { wordsOf } from "../../src/render/gates.ts";
import { histogramOf, nativeOf, timed } from "../support/latency.ts";
import { inFlight, landingOf, windows } from "../support/member.ts";

const INF = Number.POSITIVE_INFINITY;

const window = (canary: Histogram | undefined, stable: Histogram | undefined) => ({
  start: 0,
  end: 1,
  histograms: { canary, stable },
});

describe("quantiles for display", () => {
  it("are of all the requests of a step, between bounds of buckets that are surely theirs", () => {
    const step = [window(histogramOf(600), histogramOf(90_000)), window(histogramOf(600), histogramOf(90_000))];
    const { canary = [], stable = [] } = quantilesIn(step);
    expect(stable).toMatchObject([
      { quantile: 0.5, low: 25, high: 50 },
      { quantile: 0.9, low: 100, high: 250 },
      { quantile: 0.99, low: 100, high: 500 },
    ]);
    canary.forEach(({ low, high = INF }, at) => {
      expect(low).toBeLessThanOrEqual(stable[at]?.low ?? 0);
      expect(high).toBeGreaterThanOrEqual(stable[at]?.high ?? INF);
    });
    for (const { guess, low, high = INF } of [...canary, ...stable]) {
      expect(guess).toBeGreaterThanOrEqual(low);
      expect(guess).toBeLessThanOrEqual(high);
    }
  });

  it("are narrower where histograms are native, and hold what is true", () => {
    const { stable = [] } = quantilesIn([window(undefined, nativeOf(90_000)), window(undefined, nativeOf(90_000))]);
    const truth = [0, 1.2815515655, 2.326347874].map((z) => 40 * Math.exp(0.8 * z));
    expect(stable).toHaveLength(3);
    stable.forEach(({ low, high = INF }, at) => {
      expect(low).toBeLessThan(truth[at] ?? 0);
      expect(high).toBeGreaterThan(truth[at] ?? INF);
      expect(high / low).toBeLessThan(1.4);
    });
  });

  it("say of few requests what they are, and not where they surely are", () => {
    const { canary = [] } = quantilesIn([window(histogramOf(60), undefined)]);
    expect(canary.map(({ low, high }) => [low, high])).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
  });

  it.each<readonly [string, readonly (Histogram | undefined)[]]>([
    ["nothing was measured", [undefined]],
    ["nothing was asked", [{ bounds: [1, INF], counts: [0, 0], spread: "even" }]],
    ["bounds have changed", [histogramOf(600), { bounds: [1, INF], counts: [300, 300], spread: "even" }]],
  ])("are none where %s", (_, all) => {
    expect(quantilesIn(all.map((one) => window(one, undefined)))).toEqual({});
  });

  const rows = (change: (window: Window) => Window) => {
    const of = inFlight(1, { policy: { latency: DEFAULT_SLOWDOWNS } });
    const before = timed(windows({ from: landingOf(1) - 20 * 60_000, count: 20, canary: [0, 0], stable: [8000, 40] }));
    const running = timed(windows({ from: landingOf(1), count: 12, canary: [400, 2], stable: [7600, 38] })).map(change);
    const release = of.at.release ?? expect.fail("A release is under way.");
    const [, latency] = rulingsOf({ member: { ...of, timeline: read([...before, ...running]) }, release, running });
    const all = latency === undefined ? [] : wordsOf(latency).rows(undefined);
    return all.filter(([what = ""]) => what.endsWith("in this step"));
  };
  const canaryOf = (canary: Histogram) => (one: Window) => ({
    ...one,
    latency: { kind: "read" as const, canary, stable: histogramOf(7600) },
  });
  const [P50, P90] = [["p50 in this step"], ["p90 in this step"]] as const;

  it.each<readonly [string, (window: Window) => Window, number, readonly string[]]>([
    [
      "a guess, and between what it lies",
      (one) => one,
      0,
      [...P50, "41.7 ms (25 ms to 50 ms)", "41.7 ms (25 ms to 50 ms)"],
    ],
    [
      "up to what, where nothing is below",
      canaryOf({ ...histogramOf(0), counts: [400, 0, 0, 0, 0, 0, 0, 0, 0, 0] }),
      0,
      [...P50, "2.5 ms (up to 5 ms)", "41.7 ms (25 ms to 50 ms)"],
    ],
    [
      "above what, where they say no more",
      canaryOf({ ...histogramOf(0), counts: [0, 0, 0, 0, 0, 0, 100, 100, 100, 100] }),
      1,
      [...P90, "2.5 s (above 2.5 s)", "134 ms (100 ms to 250 ms)"],
    ],
    ["the guess alone of few requests", canaryOf(histogramOf(8)), 0, [...P50, "41.7 ms", "41.7 ms (25 ms to 50 ms)"]],
    [
      "no requests of an arm that has had none",
      canaryOf(histogramOf(0)),
      0,
      [...P50, "no requests", "41.7 ms (25 ms to 50 ms)"],
    ],
  ])("are a row each that says %s", (_, change, at, row) => {
    expect(rows(change)).toHaveLength(3);
    expect(rows(change)[at]).toEqual([...row, "for display only"]);
  });
});
