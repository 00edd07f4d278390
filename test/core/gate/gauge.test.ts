import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDifferences, NO_DRIFT } from "../../../src/core/gate/drift.ts";
import { calibrateGauge, judgeGauge, type GaugeSettings, type GaugeWindow } from "../../../src/core/gate/gauge.ts";
import { chance, normal, type Chance } from "./chance.ts";
import { MINUTE } from "./windows.ts";

function minutes(
  values: readonly (readonly [canary: number | undefined, stable: number | undefined])[],
): readonly GaugeWindow[] {
  return values.map(([canary, stable], minute) => ({
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    values: { canary, stable },
  }));
}

function hour(ratio: number, random: Chance): readonly GaugeWindow[] {
  const value = (level: number) => level * Math.exp(0.05 * normal(random));
  return minutes(Array.from({ length: 60 }, () => [value(3 * ratio), value(3)] as const));
}

const random = chance(1);
const placebos = Array.from({ length: 120 }, () => hour(1, random));
const settings: GaugeSettings = {
  worse: "higher",
  regression: 1.25,
  calibration: calibrateGauge(placebos, "higher", 0.01),
};

describe("a drift", () => {
  it("remembers the most of sum ÷ √count, in one go or in parts", () => {
    const differences = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(differences, differences, (earlier, later) => {
        const parts = addDifferences(addDifferences(NO_DRIFT, earlier), later);
        const sums = [...earlier, ...later].map((_, at, all) =>
          all.slice(0, at + 1).reduce((sum, one) => sum + one, 0),
        );
        const peak = Math.max(Number.NEGATIVE_INFINITY, ...sums.map((sum, at) => sum / Math.sqrt(at + 1)));
        expect(parts.count).toBe(sums.length);
        if (sums.length > 0) expect(parts.peak).toBeCloseTo(peak, 9);
      }),
    );
  });
});

describe("a verdict on a gauge", () => {
  it("passes what is alike, blocks what is a quarter higher", () => {
    expect(judgeGauge(NO_DRIFT, hour(0.99, chance(2)), settings).verdict).toEqual({ kind: "pass" });
    expect(judgeGauge(NO_DRIFT, hour(1.25, chance(3)), settings).verdict).toEqual({ kind: "block" });
  });

  it("blocks what is lower where lower is worse", () => {
    const lower = { ...settings, worse: "lower" as const, calibration: calibrateGauge(placebos, "lower", 0.01) };
    expect(judgeGauge(NO_DRIFT, hour(0.8, chance(4)), lower).verdict).toEqual({ kind: "block" });
    expect(judgeGauge(NO_DRIFT, hour(0.8, chance(4)), settings).verdict.kind).toBe("pass");
  });

  it("only advises before there are placebo releases enough", () => {
    const few = { ...settings, calibration: calibrateGauge(placebos.slice(0, 98), "higher", 0.01) };
    const said = judgeGauge(NO_DRIFT, hour(2, chance(5)), few).verdict;
    expect(said).toMatchObject({ kind: "advise", placebos: 98, needed: 99 });
    expect(said.kind === "advise" && said.chance).toBeLessThan(1e-6);
  });

  it("waits while a quarter more would not have been found", () => {
    expect(judgeGauge(NO_DRIFT, hour(0.99, chance(2)).slice(0, 1), settings).verdict).toMatchObject({
      kind: "wait",
      reason: { kind: "tooLittle" },
    });
  });

  it("does not depend on the unit", () => {
    const windows = hour(1.04, chance(6));
    const small = windows.map(({ values: { canary = 0, stable = 0 }, ...rest }) => ({
      ...rest,
      values: { canary: canary * 2 ** -20, stable: stable * 2 ** -20 },
    }));
    const [one, other] = [judgeGauge(NO_DRIFT, small, settings), judgeGauge(NO_DRIFT, windows, settings)];
    expect(one.verdict.kind).toBe(other.verdict.kind);
    expect(one.evidence.peak).toBeCloseTo(other.evidence.peak, 9);
  });

  it("never passes on latest windows that hold nothing", () => {
    const nothing = fc.constantFrom(undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0);
    fc.assert(
      fc.property(nothing, nothing, fc.boolean(), (one, other, isCanary) => {
        const spoilt = hour(0.99, chance(7)).map((window, at) => {
          if (at < 58) return window;
          const value = at === 58 ? one : other;
          return { ...window, values: { ...window.values, [isCanary ? "canary" : "stable"]: value } };
        });
        expect(judgeGauge(NO_DRIFT, spoilt, settings).verdict.kind).not.toBe("pass");
      }),
    );
  });

  it("never passes on no window, or with most of them missing", () => {
    expect(judgeGauge(NO_DRIFT, [], settings).verdict.kind).toBe("wait");
    const holed = hour(0.99, chance(8)).map((window, at) => (at % 3 === 0 ? window : { ...window, values: {} }));
    expect(judgeGauge(NO_DRIFT, [...holed, ...hour(0.99, chance(9)).slice(0, 2)], settings).verdict).toMatchObject({
      reason: { kind: "gaps" },
    });
  });
});
