import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countsPerWindow } from "../../../src/adapters/metrics/counters.ts";
import type { Counter, Grid } from "../../../src/adapters/metrics/counters.ts";

type Points = readonly (readonly [at: number, value: number])[];

// Three windows of ten seconds; written in seconds, as the samples are.
const grid: Grid = { from: 100_000, to: 130_000, windowMs: 10_000, lookbackMs: 30_000 };

const counter = (points: Points, failed = false): Counter => ({
  failed,
  series: { labels: new Map(), samples: points.map(([at, value]) => ({ at: at * 1000, value })) },
});

const requests = (counters: readonly Counter[], on: Grid = grid) =>
  countsPerWindow(counters, on).map((counts) => counts?.requests);

describe("countsPerWindow", () => {
  it.each<[string, readonly Points[], readonly (number | undefined)[]]>([
    [
      "counts the increase from the last sample up to each end",
      [
        [
          [95, 10],
          [105, 15],
          [115, 25],
          [125, 28],
        ],
      ],
      [5, 10, 3],
    ],
    [
      "gives a sample at a boundary to the window that it ends",
      [
        [
          [100, 10],
          [110, 17],
          [120, 20],
        ],
      ],
      [7, 3, undefined],
    ],
    [
      "counts from 0 after a reset",
      [
        [
          [95, 100],
          [105, 110],
          [115, 4],
          [125, 6],
        ],
      ],
      [10, 4, 2],
    ],
    [
      "counts several resets within one window",
      [
        [
          [99, 9],
          [101, 2],
          [103, 5],
          [105, 1],
        ],
      ],
      [6, undefined, undefined],
    ],
    [
      "gives zeros where the arm was scraped and idle",
      [
        [
          [95, 7],
          [105, 7],
          [115, 7],
          [125, 7],
        ],
      ],
      [0, 0, 0],
    ],
    [
      "gives nothing where no sample lies",
      [
        [
          [95, 7],
          [125, 9],
        ],
      ],
      [undefined, undefined, 2],
    ],
    [
      "takes a first sample as a base where nothing was sampled before",
      [
        [
          [105, 5_000],
          [115, 5_010],
          [125, 5_010],
        ],
      ],
      [0, 10, 0],
    ],
    [
      "counts a series that appears under watch from 0",
      [
        [
          [80, 1],
          [90, 1],
          [100, 1],
          [110, 1],
        ],
        [
          [105, 3],
          [115, 4],
        ],
      ],
      [3, 1, undefined],
    ],
    [
      "does not count lifetimes where pods come back one after another",
      [
        [
          [101, 900],
          [111, 905],
        ],
        [
          [104, 700],
          [114, 702],
        ],
      ],
      [0, 7, undefined],
    ],
    [
      "takes a sample after a longer gap than the lookback as a base",
      [
        [
          [70, 10],
          [101, 500],
          [111, 503],
        ],
      ],
      [0, 3, undefined],
    ],
    [
      "does not trust a watch that ended before the lookback",
      [
        [
          [60, 1],
          [70, 2],
        ],
        [
          [105, 800],
          [115, 801],
        ],
      ],
      [0, 1, undefined],
    ],
    [
      "is watched by any series of the arm, however slow another is scraped",
      [
        [
          [103, 1],
          [104, 1],
        ],
        [
          [75, 1],
          [105, 1],
        ],
        [[106, 9]],
      ],
      [9, undefined, undefined],
    ],
    ["is absent without series", [], [undefined, undefined, undefined]],
    [
      "leaves out what lies outside the grid",
      [
        [
          [95, 1],
          [100, 50],
          [140, 90],
        ],
      ],
      [undefined, undefined, undefined],
    ],
  ])("%s", (_, series, expected) => {
    expect(requests(series.map((points) => counter(points)))).toEqual(expected);
  });

  it("counts failed requests apart", () => {
    const good = counter([
      [95, 10],
      [105, 20],
      [115, 20],
    ]);
    const bad = counter(
      [
        [95, 1],
        [105, 3],
        [115, 8],
      ],
      true,
    );
    expect(countsPerWindow([good, bad], grid)).toEqual([
      { requests: 12, failed: 2 },
      { requests: 5, failed: 5 },
      undefined,
    ]);
  });

  it("rounds sums, never failed above requests", () => {
    const good = counter([
      [95, 0],
      [105, 0.4],
    ]);
    const bad = counter(
      [
        [95, 0],
        [105, 0.6],
      ],
      true,
    );
    expect(countsPerWindow([good, bad], grid)[0]).toEqual({ requests: 1, failed: 1 });
  });
});

// A pod's counter, sampled every second, that may start late, restart and miss scrapes for less than the lookback.
const podCounter = fc
  .record({
    start: fc.integer({ min: 0, max: 90 }),
    steps: fc.array(fc.constantFrom("idle", "some", "many", "restart", "missed"), { minLength: 2, maxLength: 120 }),
  })
  .map(({ start, steps }) => {
    const points: [number, number][] = [];
    let value = 0;
    steps.forEach((step, second) => {
      value = { idle: value, some: value + 1, many: value + 40, restart: 0, missed: value }[step];
      if (step !== "missed") points.push([start + second, value]);
    });
    return counter(points);
  });

describe("the laws of counting", () => {
  it("counts no window in which a sample is no count, and nothing twice after it", () => {
    const impossible = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -1e9);
    fc.assert(
      fc.property(impossible, fc.integer({ min: 0, max: 29 }), (value, second) => {
        const points = Array.from({ length: 30 }, (_, at) => [101 + at, at === second ? value : 5000 + at] as const);
        const spoilt = requests([counter(points)]);
        const whole = requests([counter(points.map(([at], index) => [at, 5000 + index]))]);
        expect(spoilt[Math.floor(second / 10)]).toBeUndefined();
        for (const [index, seen] of spoilt.entries()) expect([undefined, whole[index]]).toContain(seen);
      }),
    );
  });

  it("says the same of a window wherever the question begins", () => {
    fc.assert(
      fc.property(fc.array(podCounter, { maxLength: 4 }), fc.integer({ min: 1, max: 5 }), (counters, later) => {
        const whole: Grid = { from: 60_000, to: 120_000, windowMs: 10_000, lookbackMs: 60_000 };
        const rest = { ...whole, from: whole.from + later * whole.windowMs };
        const seen = counters.map((one) => since(one, rest.from - rest.lookbackMs));
        expect(countsPerWindow(seen, rest)).toEqual(countsPerWindow(counters, whole).slice(later));
      }),
    );
  });

  it("adds up to the same whatever the length of the windows", () => {
    fc.assert(
      fc.property(
        fc.array(podCounter, { maxLength: 4 }),
        fc.constantFrom(1_000, 5_000, 30_000),
        (counters, windowMs) => {
          const sum = (on: Grid) => requests(counters, on).reduce<number>((total, one) => total + (one ?? 0), 0);
          const whole: Grid = { from: 60_000, to: 120_000, windowMs: 60_000, lookbackMs: 60_000 };
          expect(sum({ ...whole, windowMs })).toBe(sum(whole));
        },
      ),
    );
  });
});

function since({ series, failed }: Counter, from: number): Counter {
  return { failed, series: { ...series, samples: series.samples.filter(({ at }) => at >= from) } };
}
