import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_DRIFT } from "../../../src/core/gate/drift.ts";
import { calibrateGauge, judgeGauge, type GaugeSettings, type GaugeWindow } from "../../../src/core/gate/gauge.ts";
import { classicHistogram } from "../../../src/core/gate/histogram.ts";
import { edgesOf, judgeLatency, type LatencySettings, type LatencyWindow } from "../../../src/core/gate/latency.ts";
import { outcomeOf } from "../../../src/core/gate/ruling.ts";
import { judgeSeasonal, profileOf, seasonalThreshold, type Reading } from "../../../src/core/gate/seasonal.ts";
import { chance, normal } from "./chance.ts";
import { MINUTE } from "./windows.ts";

const ARMS = ["canary", "stable"] as const;
const anyArm = fc.constantFrom(...ARMS);

/** No value that a gauge above 0 can have. */
const nothing = fc.constantFrom(undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0);

/** Values that take the place of others, by window; a window may also tell that of an earlier one again. */
const anySpoiling = fc.array(
  fc.record({
    at: fc.nat(39),
    arm: anyArm,
    value: fc.oneof(nothing, fc.constant("again" as const)),
  }),
  { maxLength: 60 },
);

const WINDOWS = 40;

function gauges(ratio: number, seed: number): readonly GaugeWindow[] {
  const random = chance(seed);
  return Array.from({ length: WINDOWS }, (_, minute) => ({
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    values: { canary: ratio * Math.exp(0.05 * normal(random)), stable: Math.exp(0.05 * normal(random)) },
  }));
}

const placebos = Array.from({ length: 120 }, (_, seed) => gauges(1, 100 + seed));
const GAUGE: GaugeSettings = {
  worse: "higher",
  regression: 1.25,
  calibration: calibrateGauge(placebos, "higher", 0.01),
};

type Spoilt = { readonly at: number; readonly arm: "canary" | "stable"; readonly value: number | undefined | "again" };

function spoilt(windows: readonly GaugeWindow[], spoiling: readonly Spoilt[]): readonly GaugeWindow[] {
  return windows.map((window, index) => {
    const values = { ...window.values };
    for (const { at, arm, value } of spoiling) {
      if (at === index) values[arm] = value === "again" ? windows[index - 1]?.values[arm] : value;
    }
    return { ...window, values };
  });
}

describe("values of a gauge", () => {
  const judged = (windows: readonly GaugeWindow[]) => judgeGauge(NO_DRIFT, windows, GAUGE).verdict.kind;

  it("pass where they are whole and alike", () => {
    const passing = Array.from({ length: 20 }, (_, seed) => judged(gauges(1, seed))).filter((kind) => kind === "pass");
    expect(passing.length).toBeGreaterThan(3);
  });

  it("never pass by the last two windows that hold none, whatever mixture that is", () => {
    fc.assert(
      fc.property(fc.nat(19), anyArm, nothing, nothing, (seed, arm, one, other) => {
        const end = [
          { at: WINDOWS - 2, arm, value: one },
          { at: WINDOWS - 1, arm, value: other },
        ];
        expect(judged(spoilt(gauges(1, seed), end))).not.toBe("pass");
      }),
    );
  });

  it("never pass a canary that is twice as high, whatever takes the place of values", () => {
    fc.assert(
      fc.property(fc.nat(1000), anySpoiling, (seed, spoiling) => {
        expect(judged(spoilt(gauges(2, seed), spoiling))).not.toBe("pass");
      }),
    );
  });

  it("never pass before there are placebo releases enough, whatever they are", () => {
    fc.assert(
      fc.property(fc.nat(1000), anySpoiling, (seed, spoiling) => {
        const calibration = calibrateGauge(placebos.slice(0, 50), "higher", 0.01);
        const { verdict } = judgeGauge(NO_DRIFT, spoilt(gauges(1, seed), spoiling), { ...GAUGE, calibration });
        expect(verdict.kind).toBe("advise");
        expect(outcomeOf([{ gate: "gauge", verdict }]).kind).toBe("wait");
      }),
      { numRuns: 30 },
    );
  });
});

const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, Number.POSITIVE_INFINITY];
const USUAL = [30, 61, 88, 98, 99, 100].map((share) => share * 20);
const SLOWER = [10, 30, 60, 85, 95, 100].map((share) => share * 20);
const LATENCY: LatencySettings = {
  alpha: 0.01,
  beta: 0.05,
  power: 0.8,
  edges: edgesOf({ bounds: BOUNDS, counts: [30, 31, 27, 10, 1, 1].map((share) => 1000 * share), spread: "even" }),
};

type Bucket = readonly [le: number, cumulative: number];

type Flaw = (buckets: readonly Bucket[]) => readonly Bucket[];

/** What may be wrong with a told histogram. */
const anyFlaw: fc.Arbitrary<Flaw> = fc
  .tuple(
    fc.nat(BOUNDS.length - 1),
    fc.constantFrom("absent", "twice", "falling", Number.NaN, Number.POSITIVE_INFINITY, -1),
  )
  .map(
    ([at, flaw]): Flaw =>
      (buckets) =>
        buckets.flatMap((bucket, index): readonly Bucket[] => {
          if (index !== at) return [bucket];
          if (flaw === "absent") return [];
          if (flaw === "twice") return [bucket, bucket];
          if (typeof flaw === "number") return [[bucket[0], flaw]];
          return [[bucket[0], (buckets[index - 1]?.[1] ?? 0) - 1]];
        }),
  );

function timed(cumulative: readonly number[]): readonly Bucket[] {
  return BOUNDS.map((bound, at): Bucket => [bound, cumulative[at] ?? 0]);
}

function latencyOf(canary: readonly number[], flawed: ReadonlyMap<number, Flaw>): string {
  const windows = Array.from({ length: WINDOWS }, (_, minute): LatencyWindow => {
    const told = flawed.get(minute)?.(timed(canary)) ?? timed(canary);
    return {
      start: minute * MINUTE,
      end: (minute + 1) * MINUTE,
      histograms: {
        canary: classicHistogram(told),
        stable: classicHistogram(timed(USUAL.map((count) => 10 * count))),
      },
    };
  });
  return judgeLatency([], windows, LATENCY).verdict.kind;
}

describe("buckets of latency", () => {
  it("pass where they are whole and alike", () => {
    expect(latencyOf(USUAL, new Map())).toBe("pass");
  });

  it("never pass a canary that is slower, whatever is wrong with any of its histograms", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(WINDOWS - 1), anyFlaw), { maxLength: 40 }), (flaws) => {
        expect(latencyOf(SLOWER, new Map(flaws))).not.toBe("pass");
      }),
      { numRuns: 60 },
    );
  });
});

describe("readings against a season", () => {
  const STEP = 5 * MINUTE;
  const random = chance(3);
  const past = Array.from({ length: 14 * 288 }, (_, index): Reading => {
    const day = (index % 288) / 288;
    return {
      at: index * STEP,
      value: Math.round(200 * Math.exp(0.5 * Math.sin(2 * Math.PI * day)) + 8 * normal(random)),
    };
  });
  const settings = { profile: profileOf(past, "count"), worse: "higher" as const };
  const { threshold } = seasonalThreshold(past, 60 * MINUTE, 0.05, settings);
  const begin = 10 * 288;
  const before = past.slice(begin - 12, begin);

  it("never pass by themselves, nor stand on a last one that is none", () => {
    const noReading = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1);
    const spoiling = fc.array(fc.tuple(fc.nat(11), noReading), { maxLength: 12 });
    fc.assert(
      fc.property(spoiling, noReading, (others, last) => {
        const values = new Map([...others, [11, last] as const]);
        const running = past
          .slice(begin, begin + 12)
          .map((reading, at) => ({ ...reading, value: values.get(at) ?? reading.value }));
        const { verdict } = judgeSeasonal(before, running, { ...settings, threshold });
        expect(["block", "wait"]).toContain(verdict.kind);
        expect(outcomeOf([{ gate: "season", verdict }]).kind).not.toBe("pass");
      }),
    );
  });

  it("never stand where nothing is known of before", () => {
    expect(threshold).toBeDefined();
    const { verdict } = judgeSeasonal([], past.slice(begin, begin + 12), { ...settings, threshold });
    expect(verdict).toEqual({ kind: "wait", reason: { kind: "noBaseline" } });
  });
});
