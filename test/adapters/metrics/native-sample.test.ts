import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeSampleOf } from "../../../src/adapters/metrics/native-sample.ts";

const INF = Number.POSITIVE_INFINITY;

function bucketsOf(count: string, ...buckets: readonly unknown[]) {
  return nativeSampleOf([1.5, { count, sum: "NaN", buckets }])?.buckets;
}

describe("a native histogram of the HTTP API", () => {
  it("is read as it is documented: a zero bucket closed on both sides, then buckets open on the left", () => {
    const buckets = [
      [3, "-0.001", "0.001", "2"],
      [0, "0.25", "0.5", "3"],
      [0, "0.5", "1", "0"],
      [0, "1.7976931348623157e+308", "+Inf", "1"],
    ];
    expect(nativeSampleOf([1435781430.781, { count: "6", sum: "9.5", buckets }])).toEqual({
      at: 1_435_781_430_781,
      buckets: [
        { lower: -INF, upper: 0.001, count: 2 },
        { lower: 0.25, upper: 0.5, count: 3 },
        { lower: Number.MAX_VALUE, upper: INF, count: 1 },
      ],
    });
  });

  it("is read with bounds of one's own, as classic buckets are stored", () => {
    const buckets = [
      [0, "-Inf", "0.1", "4"],
      [0, "0.1", "0.5", "2"],
      [0, "0.5", "+Inf", "1"],
    ];
    expect(bucketsOf("7", ...buckets)).toEqual([
      { lower: -INF, upper: 0.1, count: 4 },
      { lower: 0.1, upper: 0.5, count: 2 },
      { lower: 0.5, upper: INF, count: 1 },
    ]);
  });

  it("may have none, and counts durations that are NaN as slower than all others", () => {
    expect(nativeSampleOf([1, { count: "0", sum: "0" }])).toEqual({ at: 1_000, buckets: [] });
    expect(bucketsOf("5", [0, "1", "2", "3"])).toEqual([
      { lower: 1, upper: 2, count: 3 },
      { lower: Number.MAX_VALUE, upper: INF, count: 2 },
    ]);
    expect(bucketsOf("5", [0, "1", "+Inf", "3"])).toEqual([{ lower: 1, upper: INF, count: 5 }]);
  });

  it("may hold fractions, and be off by their rounding", () => {
    expect(bucketsOf("0.3", [0, "1", "2", "0.1"], [0, "2", "4", "0.20000000001"])).toHaveLength(2);
  });

  it.each<readonly [string, string, readonly unknown[]]>([
    ["a count that is NaN", "NaN", []],
    ["a count without end", "+Inf", []],
    ["a count below 0", "-1", []],
    ["a count that is no number", "many", []],
    ["fewer than its buckets hold", "2", [[0, "1", "2", "3"]]],
    ["a bucket of NaN", "3", [[0, "1", "2", "NaN"]]],
    ["a bucket below 0", "3", [[0, "1", "2", "-1"]]],
    ["times below 0", "3", [[1, "-2", "-1", "3"]]],
    ["a bucket open on the right", "3", [[1, "1", "2", "3"]]],
    ["a bucket open on both sides", "3", [[2, "1", "2", "3"]]],
    ["a closed bucket that is not of zero", "3", [[3, "1", "2", "3"]]],
    ["a rule that nobody knows", "3", [[7, "1", "2", "3"]]],
    ["a bound that is NaN", "3", [[0, "NaN", "2", "3"]]],
    ["bounds the wrong way round", "3", [[0, "2", "1", "3"]]],
    ["a bound that is empty", "3", [[0, "", "1", "3"]]],
    [
      "buckets out of order",
      "2",
      [
        [0, "2", "4", "1"],
        [0, "1", "2", "1"],
      ],
    ],
    [
      "buckets that reach into each other",
      "2",
      [
        [0, "1", "2", "1"],
        [0, "1.5", "3", "1"],
      ],
    ],
  ])("is none of durations with %s", (_, count, buckets) => {
    expect(nativeSampleOf([1, { count, sum: "1", buckets }])).toEqual({ at: 1_000, buckets: undefined });
  });

  it.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["a number", 5],
    ["a time alone", [1]],
    ["a time that is a text", ["1", { count: "1", sum: "1" }]],
    ["more than two", [1, { count: "1", sum: "1" }, 3]],
    ["a count that is a number", [1, { count: 1, sum: "1" }]],
    ["buckets that are no list", [1, { count: "1", sum: "1", buckets: {} }]],
    ["a bucket of three", [1, { count: "1", sum: "1", buckets: [[0, "1", "2"]] }]],
    ["a bucket of five", [1, { count: "1", sum: "1", buckets: [[0, "1", "2", "3", "4"]] }]],
    ["a bucket of numbers", [1, { count: "1", sum: "1", buckets: [[0, 1, 2, 3]] }]],
  ])("is not read in another shape: %s", (_, item) => {
    expect(nativeSampleOf(item)).toBeUndefined();
  });

  it("has buckets that rise and hold requests, or none at all, whatever is told", () => {
    const number = fc.oneof(
      fc.constantFrom("NaN", "+Inf", "-Inf", "", "0", "-1"),
      fc.double({ min: 0, max: 9 }).map(String),
    );
    const row = fc.tuple(fc.integer({ min: -1, max: 4 }), number, number, number);
    fc.assert(
      fc.property(number, fc.array(row, { maxLength: 4 }), (count, rows) => {
        const buckets = bucketsOf(count, ...rows) ?? [];
        for (const [at, { lower, upper, count: held }] of buckets.entries()) {
          expect(held > 0 && Number.isFinite(held)).toBe(true);
          expect(lower < upper && upper >= 0).toBe(true);
          if (at > 0) expect(lower).toBeGreaterThanOrEqual(buckets[at - 1]?.upper ?? INF);
        }
      }),
    );
  });
});
