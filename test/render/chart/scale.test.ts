import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decades, moments, roundAbove, scale, spread } from "../../../src/render/chart/scale.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 20, 12);

describe("a scale", () => {
  it.each([
    [0, 100],
    [5, 150],
    [10, 200],
    [99, 200],
    [-1, 100],
  ])("puts %j at %j", (value, place) => {
    expect(scale({ from: 0, to: 10 }, { from: 100, to: 200 })(value)).toBe(place);
  });

  it("of no length has one place", () => {
    expect(scale({ from: 3, to: 3 }, { from: 0, to: 9 })(3)).toBe(0);
  });
});

it.each([
  [1, 1],
  [7, 8],
  [11, 20],
  [999, 1000],
  [5000, 5000],
  [0.03, 0.03],
])("the round number above %j is %j", (value, round) => {
  expect(roundAbove(value)).toBe(round);
});

describe("moments", () => {
  it.each([
    [10 * 60_000, ["12:00", "12:02", "12:04", "12:06", "12:08", "12:10"]],
    [HOUR, ["12:00", "12:15", "12:30", "12:45", "13:00"]],
    [40_000, ["12:00", "12:00", "12:00", "12:00", "12:00"]],
  ])("within %j ms are round", (ms, told) => {
    const found = moments({ from: NOON, to: NOON + ms }, 6).map((at) => new Date(at).toISOString().slice(11, 16));
    expect(found).toEqual(told);
  });

  it("are few, within, and in order for any span", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 * 24 * HOUR }), fc.nat({ max: HOUR }), (ms, late) => {
        const span = { from: NOON + late, to: NOON + late + ms };
        const found = moments(span, 6);
        expect(found.length).toBeLessThanOrEqual(7);
        expect(found.every((at) => at >= span.from && at <= span.to)).toBe(true);
        expect(found.toSorted((a, b) => a - b)).toEqual(found);
      }),
    );
  });
});

it("decades are whole, at most seven, and hold 1", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 400, noNaN: true }), (to) => {
      const found = decades({ from: -1, to });
      expect(found.length).toBeLessThanOrEqual(8);
      expect(found).toContain(0);
      expect(found.every(Number.isInteger)).toBe(true);
    }),
  );
});

describe("places that are spread", () => {
  const places = fc.array(fc.integer({ min: 0, max: 140 }), { maxLength: 8 });

  it("keep their order, their distance and their panel", () => {
    fc.assert(
      fc.property(places, (wanted) => {
        const found = spread(wanted, 17, { from: 0, to: 140 });
        const order = wanted.map((_, index) => index).toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
        const sorted = order.map((index) => found[index] ?? Number.NaN);
        for (const [rank, place] of sorted.entries()) {
          expect(place).toBeGreaterThanOrEqual(-1e-9);
          expect(place).toBeLessThanOrEqual(140 + 1e-9);
          if (rank > 0) expect(place - (sorted[rank - 1] ?? 0)).toBeGreaterThanOrEqual(17 - 1e-9);
        }
      }),
    );
  });

  it("stay where they were wanted where there is room", () => {
    expect(spread([100, 20, 60], 17, { from: 0, to: 140 })).toEqual([100, 20, 60]);
  });
});
