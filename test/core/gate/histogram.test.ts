import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  classicHistogram,
  nativeHistogram,
  quantile,
  requestsIn,
  slowerThan,
  survival,
  together,
} from "../../../src/core/gate/histogram.ts";

const INF = Number.POSITIVE_INFINITY;

describe("classic buckets", () => {
  it("are told apart from their cumulative counts, in any order", () => {
    expect(
      classicHistogram([
        [INF, 10],
        [0.1, 4],
        [0.5, 9],
      ]),
    ).toEqual({ bounds: [0.1, 0.5, INF], counts: [4, 5, 1], spread: "even" });
  });

  it.each<readonly [string, readonly (readonly [number, number])[]]>([
    ["without +∞", [[0.1, 4]]],
    [
      "that fall",
      [
        [0.1, 4],
        [INF, 3],
      ],
    ],
    [
      "of which a bound is twice",
      [
        [0.1, 4],
        [0.1, 4],
        [INF, 5],
      ],
    ],
    [
      "that are no number",
      [
        [0.1, Number.NaN],
        [INF, 5],
      ],
    ],
    [
      "that are infinite",
      [
        [0.1, 1],
        [INF, INF],
      ],
    ],
    [
      "below 0",
      [
        [0.1, -1],
        [INF, 5],
      ],
    ],
    [
      "of no bound",
      [
        [Number.NaN, 1],
        [INF, 5],
      ],
    ],
    ["that are none", []],
  ])("%s are no histogram", (_, buckets) => {
    expect(classicHistogram(buckets)).toBeUndefined();
  });
});

describe("native buckets", () => {
  const told = {
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 2,
    spans: [
      { offset: -1, length: 2 },
      { offset: 1, length: 1 },
    ],
    counts: [3, 4, 5],
  };

  it("have bounds that double at schema 0, and none in between", () => {
    expect(nativeHistogram(told)).toEqual({
      bounds: [0.001, 0.25, 0.5, 1, 2, 4, INF],
      counts: [2, 0, 3, 4, 0, 5, 0],
      spread: "exponential",
    });
  });

  it("grow by the schema's root of two", () => {
    const { bounds } = nativeHistogram({ ...told, schema: 3, spans: [{ offset: 1, length: 3 }] }) ?? { bounds: [] };
    expect(bounds.slice(1, 5)).toEqual([1, 2 ** 0.125, 2 ** 0.25, 2 ** 0.375]);
  });

  it.each([
    ["of an unknown schema", { schema: 9 }],
    ["with more counts than spans", { counts: [1, 2, 3, 4] }],
    ["with a negative count", { counts: [1, -2, 3] }],
    [
      "with a span that goes back",
      {
        spans: [
          { offset: 3, length: 2 },
          { offset: -4, length: 1 },
        ],
      },
    ],
    ["without a zero threshold", { zeroThreshold: Number.NaN }],
    ["with more buckets than anyone has", { spans: [{ offset: 0, length: 1e9 }] }],
  ])("%s are no histogram", (_, changes) => {
    expect(nativeHistogram({ ...told, ...changes })).toBeUndefined();
  });
});

describe("a histogram", () => {
  const known = { bounds: [0.1, 0.2, 0.4, INF], counts: [50, 0, 40, 10], spread: "even" as const };

  it.each([
    [0.1, 50],
    [0.15, 50],
    [0.2, 50],
    [0.3, undefined],
    [0.4, 10],
    [1, undefined],
  ])("tells how many took longer than %d, where it can", (edge, slow) => {
    expect(slowerThan(known, edge)).toBe(slow);
  });

  it("puts quantiles of the last bucket where it begins", () => {
    expect(quantile(known, 0.99)).toBe(0.4);
    expect(quantile({ ...known, counts: [0, 0, 0, 0] }, 0.5)).toBeUndefined();
  });

  it("falls from 1 to 0, is exact at bounds, and scales with its unit", () => {
    const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }).filter((all) => all.some((one) => one > 0));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.001, max: 0.4, noNaN: true }), (all, time) => {
        const one = { ...known, counts: all };
        const small = { ...one, bounds: one.bounds.map((bound) => bound * 1e-6) };
        expect(survival(one, time)).toBeGreaterThanOrEqual(survival(one, 0.4) - 1e-12);
        expect(survival(one, time)).toBeLessThanOrEqual(1);
        expect(survival(one, 0.2)).toBeCloseTo(((all[2] ?? 0) + (all[3] ?? 0)) / requestsIn(one), 12);
        expect(survival(small, time * 1e-6)).toBeCloseTo(survival(one, time), 9);
      }),
    );
  });

  it("adds up with others of the same bounds alone", () => {
    expect(together([known, known])?.counts).toEqual([100, 0, 80, 20]);
    expect(together([known, { ...known, bounds: [0.1, 0.2, 0.5, INF] }])).toBeUndefined();
    expect(together([])).toBeUndefined();
  });
});
