import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_DRIFT } from "../../../src/core/gate/drift.ts";
import { calibrateGauge, judgeGauge, type GaugeWindow } from "../../../src/core/gate/gauge.ts";
import type { Histogram } from "../../../src/core/gate/histogram.ts";
import { edgesOf, judgeLatency, type LatencyWindow } from "../../../src/core/gate/latency.ts";
import { knownQuantiles } from "../../../src/core/gate/quantile-band.ts";
import { placeboThreshold } from "../../../src/core/gate/placebo.ts";
import { shiftOf } from "../../../src/core/gate/ranks.ts";
import {
  judgeSeasonal,
  profileOf,
  seasonalThreshold,
  type Measure,
  type Reading,
} from "../../../src/core/gate/seasonal.ts";
import { normalQuantile } from "../../../src/core/gate/special.ts";
import { chance, normal, poisson } from "./chance.ts";
import { MINUTE } from "./windows.ts";

const UNIT = 1e-6;
const CLOSE = 1e-9;

/** How far off a value is, relative to the expected one; absolute where that is 0. */
function error(value: number, expected: number): number {
  return Math.abs(value - expected) / (expected === 0 ? 1 : Math.abs(expected));
}

const anySeed = fc.nat(100_000);
const anyRatio = fc.constantFrom(0.5, 1, 1.1, 1.5, 3);

describe("in a millionth of the unit", () => {
  it("Hodges and Lehmann's shift and its bounds are a millionth, to 1e-9", () => {
    // Values that lie apart: rounding makes ties of neighbours, and ties are another sample.
    const length = fc.integer({ min: 3, max: 25 });
    const sample = (random: () => number, count: number) =>
      Array.from({ length: count }, () => Math.exp(normal(random)));
    fc.assert(
      fc.property(anySeed, length, length, (seed, m, n) => {
        const random = chance(seed);
        const [x, y] = [sample(random, m), sample(random, n)];
        const small = (values: readonly number[]) => values.map((value) => value * UNIT);
        const z = normalQuantile(0.99);
        const [large, tiny] = [shiftOf(x, y, z), shiftOf(small(x), small(y), z)];
        const reach = Math.max(...x, ...y);
        for (const of of ["estimate", "low", "high"] as const) {
          // A difference is as exact as what it is of.
          expect(Math.abs(tiny[of] / UNIT - large[of]) / reach).toBeLessThanOrEqual(CLOSE);
        }
      }),
    );
  });

  it("a gauge has the same verdict, ratio and threshold", () => {
    const hour = (seed: number, ratio: number, unit: number): readonly GaugeWindow[] => {
      const random = chance(seed);
      return Array.from({ length: 30 }, (_, minute) => ({
        start: minute * MINUTE,
        end: (minute + 1) * MINUTE,
        values: {
          canary: unit * ratio * Math.exp(0.05 * normal(random)),
          stable: unit * Math.exp(0.05 * normal(random)),
        },
      }));
    };
    const judged = (seed: number, ratio: number, unit: number) => {
      const placebos = Array.from({ length: 25 }, (_, at) => hour(seed + 1 + at, 1, unit));
      const calibration = calibrateGauge(placebos, "higher", 0.05);
      return judgeGauge(NO_DRIFT, hour(seed, ratio, unit), { worse: "higher", regression: 1.25, calibration });
    };
    fc.assert(
      fc.property(anySeed, anyRatio, (seed, ratio) => {
        const [large, tiny] = [judged(seed, ratio, 1), judged(seed, ratio, UNIT)];
        expect(tiny.verdict.kind).toBe(large.verdict.kind);
        expect(error(tiny.ratio ?? 0, large.ratio ?? 0)).toBeLessThanOrEqual(CLOSE);
        expect(error(tiny.threshold ?? 0, large.threshold ?? 0)).toBeLessThanOrEqual(CLOSE);
      }),
      { numRuns: 30 },
    );
  });

  it.each<Measure>(["count", "latency"])("a season of a %s has the same verdict", (measure) => {
    const STEP = 5 * MINUTE;
    const readings = (seed: number, unit: number): readonly Reading[] => {
      const random = chance(seed);
      return Array.from({ length: 3 * 288 }, (_, at) => {
        const season = Math.exp(0.5 * Math.sin((2 * Math.PI * at) / 288));
        return { at: at * STEP, value: unit * (1 + poisson(random, 200 * season)) };
      });
    };
    const judged = (seed: number, ratio: number, unit: number) => {
      const all = readings(seed, unit);
      const shape = { profile: profileOf(all.slice(0, -12), measure), worse: "higher" as const };
      const { threshold } = seasonalThreshold(all.slice(0, -12), 60 * MINUTE, 0.05, shape);
      const running = all.slice(-12).map(({ at, value }) => ({ at, value: ratio * value }));
      return judgeSeasonal(all.slice(-24, -12), running, { ...shape, threshold }).verdict;
    };
    fc.assert(
      fc.property(anySeed, anyRatio, (seed, ratio) => {
        expect(judged(seed, ratio, UNIT)).toEqual(judged(seed, ratio, 1));
      }),
      { numRuns: 15 },
    );
  });

  it("latency has the same verdict, e-value and known quantiles", () => {
    const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, Number.POSITIVE_INFINITY];
    const USUAL = [0.3, 0.31, 0.27, 0.1, 0.015, 0.005];
    const scaled = ({ bounds, ...rest }: Histogram, unit: number): Histogram => ({
      ...rest,
      bounds: bounds.map((bound) => bound * unit),
    });
    const histogram = (counts: readonly number[]): Histogram => ({ bounds: BOUNDS, counts, spread: "even" });
    const judged = (seed: number, slow: number, unit: number) => {
      const random = chance(seed);
      const shares = USUAL.map((share, at) => (at < 2 ? share / slow : share));
      const windows = Array.from({ length: 12 }, (_, minute): LatencyWindow => {
        const of = (all: readonly number[], requests: number) =>
          scaled(histogram(all.map((share) => poisson(random, share * requests))), unit);
        const histograms = { canary: of(shares, 200), stable: of(USUAL, 4000) };
        return { start: minute * MINUTE, end: (minute + 1) * MINUTE, histograms };
      });
      const edges = edgesOf(scaled(histogram(USUAL.map((share) => share * 100_000)), unit));
      return judgeLatency([], windows, { alpha: 0.01, beta: 0.05, power: 0.8, edges });
    };
    fc.assert(
      fc.property(anySeed, fc.constantFrom(1, 1.2, 2), (seed, slow) => {
        const [large, tiny] = [judged(seed, slow, 1), judged(seed, slow, UNIT)];
        expect(tiny.verdict.kind).toBe(large.verdict.kind);
        expect(error(tiny.slower.logE, large.slower.logE)).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 40 },
    );
    const counts = USUAL.map((share) => share * 100_000);
    const known = (unit: number) =>
      knownQuantiles(scaled(histogram(counts), unit), [0.5, 0.99], { alpha: 0.05, least: 100 });
    for (const [at, { low, high }] of known(UNIT).entries()) {
      expect(error(low / UNIT, known(1)[at]?.low ?? 0)).toBeLessThanOrEqual(CLOSE);
      expect(error(high / UNIT, known(1)[at]?.high ?? 0)).toBeLessThanOrEqual(CLOSE);
    }
  });

  it("a placebo threshold is a millionth", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 300 }), (scores) => {
        const tiny = placeboThreshold(
          scores.map((score) => score * UNIT),
          0.05,
        );
        const large = placeboThreshold(scores, 0.05);
        expect(tiny).toBe(large === undefined ? undefined : large * UNIT);
      }),
    );
  });
});
