import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeHistogram, requestsIn, slowerThan, together, type Histogram } from "../../../src/core/gate/histogram.ts";
import { bucketsOf, increaseOf, mergedBuckets, spacedOut, type Buckets } from "../../../src/core/gate/native.ts";

const INF = Number.POSITIVE_INFINITY;

/** Bounds and counts, as rows: from, to, so many. */
function buckets(...rows: readonly (readonly [number, number, number])[]): Buckets {
  return rows.map(([lower, upper, count]) => ({ lower, upper, count }));
}

/** A native histogram of whole numbers of requests by the time that they took, at a schema. */
function timed(times: readonly number[], schema: number): Buckets {
  const base = 2 ** (2 ** -schema);
  const byIndex = Map.groupBy(times, (time) => Math.ceil(Math.log(time) / Math.log(base) - 1e-9));
  const indices = [...byIndex.keys()].toSorted((a, b) => a - b);
  const told = nativeHistogram({
    schema,
    zeroThreshold: 1e-9,
    zeroCount: 0,
    spans: indices.map((index, at) => ({ offset: index - (indices[at - 1] ?? -1) - 1, length: 1 })),
    counts: indices.map((index) => byIndex.get(index)?.length ?? 0),
  });
  return bucketsOf(rounded(told ?? expect.fail("It is a histogram.")));
}

/** As bounds are read: rounded, so that those of two schemas are the same number. */
function rounded(histogram: Histogram): Histogram {
  return { ...histogram, bounds: histogram.bounds.map((bound) => Number(bound.toPrecision(12))) };
}

const TIMES = fc.array(fc.double({ min: 0.5, max: 8, noNaN: true }), { maxLength: 30 });
const SCHEMA = fc.integer({ min: -1, max: 4 });

describe("buckets together", () => {
  it.each<readonly [string, readonly Buckets[], Buckets]>([
    ["apart stay apart", [buckets([1, 2, 3]), buckets([2, 4, 5])], buckets([1, 2, 3], [2, 4, 5])],
    ["of one resolution add up", [buckets([1, 2, 3]), buckets([1, 2, 5], [4, 8, 1])], buckets([1, 2, 8], [4, 8, 1])],
    ["of two are as wide as the wider", [buckets([1, 1.4, 3], [1.4, 2, 1]), buckets([1, 2, 5])], buckets([1, 2, 9])],
    [
      "of a wider zero bucket hold what it covers",
      [buckets([-INF, 1, 2]), buckets([-INF, 0.5, 1], [0.7, 0.9, 4])],
      buckets([-INF, 1, 7]),
    ],
    [
      "of bounds that do not fit are one",
      [buckets([1, 3, 1]), buckets([2, 4, 1]), buckets([4, 5, 1])],
      buckets([1, 4, 2], [4, 5, 1]),
    ],
    ["of zero alone stay", [buckets([-INF, 0, 1]), buckets([-INF, 0, 2], [0, 1, 3])], buckets([-INF, 0, 3], [0, 1, 3])],
    ["of none are none", [], []],
  ])("that are %s", (_, all, merged) => {
    expect(mergedBuckets(all)).toEqual(merged);
  });

  it("are what the coarsest would have counted of all the requests", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(TIMES, SCHEMA), { minLength: 1, maxLength: 4 }), (processes) => {
        const coarsest = Math.min(...processes.map(([, schema]) => schema));
        const all = timed(
          processes.flatMap(([times]) => times),
          coarsest,
        );
        const merged = mergedBuckets(processes.map(([times, schema]) => timed(times, schema)));
        // Where the coarse one has nothing, the finer are left as they are: every bound of the coarse one is told, and tells the same.
        const [coarse, found] = [spacedOut(all), spacedOut(merged)];
        expect(requestsIn(found)).toBe(requestsIn(coarse));
        for (const bound of coarse.bounds) expect(slowerThan(found, bound)).toBe(slowerThan(coarse, bound));
      }),
    );
  });
});

describe("what a process counted between two samples", () => {
  const before = buckets([-INF, 0.5, 1], [1, 1.4, 3], [1.4, 2, 1]);

  it.each<readonly [string, Buckets, Buckets]>([
    [
      "is the difference",
      buckets([-INF, 0.5, 1], [1, 1.4, 5], [1.4, 2, 2], [4, 8, 1]),
      buckets([1, 1.4, 2], [1.4, 2, 1], [4, 8, 1]),
    ],
    ["is nothing where nothing was", before, []],
    [
      "is told at the wider resolution where it has become coarser",
      buckets([-INF, 0.5, 1], [1, 2, 6]),
      buckets([1, 2, 2]),
    ],
    ["is told where the zero bucket has grown", buckets([-INF, 2, 7]), buckets([-INF, 2, 2])],
    [
      "is all of now where one bucket holds fewer",
      buckets([-INF, 0.5, 1], [1, 1.4, 2], [1.4, 2, 9]),
      buckets([-INF, 0.5, 1], [1, 1.4, 2], [1.4, 2, 9]),
    ],
    ["is all of now where a bucket is gone", buckets([1, 1.4, 9], [1.4, 2, 9]), buckets([1, 1.4, 9], [1.4, 2, 9])],
    [
      "is all of now where the last one is gone",
      buckets([-INF, 0.5, 9], [1, 1.4, 9]),
      buckets([-INF, 0.5, 9], [1, 1.4, 9]),
    ],
    [
      "is all of now where it has become finer",
      buckets([-INF, 0.5, 9], [1, 1.2, 9], [1.4, 2, 9]),
      buckets([-INF, 0.5, 9], [1, 1.2, 9], [1.4, 2, 9]),
    ],
    [
      "is all of now where bounds do not fit",
      buckets([-INF, 0.5, 1], [1, 1.5, 9], [1.5, 2, 9]),
      buckets([-INF, 0.5, 1], [1, 1.5, 9], [1.5, 2, 9]),
    ],
    ["is nothing after a reset that nothing followed", [], []],
  ])("%s", (_, now, grown) => {
    expect(increaseOf(before, now)).toEqual(grown);
  });

  it("is what came since, at any resolution that was not made finer, and what came since a reset is never more than that", () => {
    fc.assert(
      fc.property(TIMES, TIMES, SCHEMA, fc.nat(3), (old, fresh, schema, coarser) => {
        const later = schema - coarser;
        const grown = spacedOut(increaseOf(timed(old, schema), timed([...old, ...fresh], later)));
        const expected = spacedOut(timed(fresh, later));
        expect(requestsIn(grown)).toBe(fresh.length);
        for (const bound of expected.bounds) expect(slowerThan(grown, bound)).toBe(slowerThan(expected, bound));
        const anew = increaseOf(timed([...old, ...fresh], schema), timed(fresh, schema));
        expect(requestsIn(spacedOut(anew))).toBeLessThanOrEqual(fresh.length);
      }),
    );
  });
});

describe("native histograms of several windows", () => {
  it("are one, whatever the resolution of each", () => {
    const windows = [timed([1.1, 1.3, 3], 2), timed([1.2, 5], 0), timed([], 3)].map(spacedOut);
    expect(together(windows)).toEqual({
      bounds: [1, 2, 2.82842712475, 3.36358566101, 4, 8, INF],
      counts: [0, 3, 0, 1, 0, 1, 0],
      spread: "exponential",
    });
  });

  it("are none with classic ones", () => {
    const classic: Histogram = { bounds: [1, INF], counts: [1, 0], spread: "even" };
    expect(together([classic, spacedOut(timed([1.1], 0))])).toBeUndefined();
  });
});
