import fc from "fast-check";
import { NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { DEFAULT_GATE } from "../../../src/core/gate/settings.ts";
import { trailOf } from "../../../src/core/gate/trail.ts";
import type { ShownQuantiles } from "../../../src/core/latency-quantiles.ts";
import type { Window } from "../../../src/core/window.ts";
import { chartOf, type Chart, type Committed, type Evidences } from "../../../src/render/chart/chart.ts";
import { MINUTE, NOON, windows, type TrafficOf } from "../../support/member.ts";

/** The two lines of the error gate. */
export function errorLines(seen: readonly Window[]): readonly Evidences[] {
  const trail = trailOf(NO_EVIDENCE, seen, DEFAULT_GATE);
  return [
    {
      name: "regression",
      effect: "blocks",
      logBar: Math.log(100),
      marks: trail.map(({ start, worse }) => ({ start, log: worse })),
    },
    {
      name: "under 2x the errors",
      effect: "passes",
      logBar: Math.log(20),
      marks: trail.map(({ start, nonInferior }) => ({ start, log: nonInferior })),
    },
  ];
}

type Story = {
  readonly count: number;
  readonly canary: TrafficOf;
  readonly stable: TrafficOf;
  readonly took?: ShownQuantiles;
};

/** The chart of a service that rises from 5 to 25 % after ten minutes. */
export function drawn({ took = {}, ...story }: Story): Chart {
  const seen = windows({ from: NOON, ...story });
  const weights: readonly Committed[] = [
    { at: NOON - MINUTE, weight: 5 },
    { at: NOON + 10 * MINUTE, weight: 25 },
  ];
  const chart = chartOf({ windows: seen, windowMs: MINUTE, weights, evidences: errorLines(seen), quantiles: took });
  if (chart === undefined) throw new Error("There is a chart.");
  return chart;
}

// Up and down, and the same in every run.
const wave = (at: number) => (at * 7) % 5;

const shown = (...[p50, p90, p99]: readonly (readonly [number, number, number?])[]) =>
  [p50, p90, p99].flatMap((one, at) =>
    one === undefined
      ? []
      : [{ quantile: [0.5, 0.9, 0.99][at] ?? 0, guess: one[0], low: one[1], ...(one[2] && { high: one[2] }) }],
  );

/** One release that does well, one that fails, one that is seen now and then, and one that is slower. */
export const CHARTS: readonly (readonly [string, Chart])[] = [
  ["good", drawn({ count: 24, canary: (at) => [150, wave(at) % 3], stable: (at) => [2850, 14 + wave(at)] })],
  ["bad", drawn({ count: 6, canary: (at) => [150, 4 + wave(at)], stable: (at) => [2850, 14 + wave(at)] })],
  [
    "gaps",
    drawn({
      count: 90,
      canary: (at) => (at % 9 < 3 ? undefined : at === 40 ? [0, 0] : [12, at % 11 === 0 ? 1 : 0]),
      stable: (at) => (at % 14 === 0 ? undefined : [250, 1]),
    }),
  ],
  [
    "slow",
    drawn({
      count: 12,
      canary: [150, 1],
      stable: [2850, 14],
      took: {
        canary: shown([83.4, 50, 100], [270, 100, 500], [553, 250]),
        stable: shown([41.7, 25, 50], [134, 100, 250], [276, 250, 500]),
      },
    }),
  ],
];

const odd = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.constantFrom(0, 1, -1, 0.5, 1e15, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
);
const counts = fc.option(fc.record({ requests: odd, failed: odd }), { nil: undefined });
const window = fc.tuple(fc.nat({ max: 300 }), counts, counts).map(([minute, canary, stable]): Window => ({
  start: NOON + minute * MINUTE,
  end: NOON + (minute + 1) * MINUTE,
  counts: { ...(canary && { canary }), ...(stable && { stable }) },
  pods: {},
}));
const log = fc.oneof(fc.double({ min: -1e4, max: 1e4 }), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY));
const evidences = fc.record({
  name: fc.oneof(fc.constantFrom("regression", "<b>&\"'"), fc.string({ unit: "binary", maxLength: 60 })),
  effect: fc.constantFrom("blocks" as const, "passes" as const),
  logBar: log,
  marks: fc.array(fc.record({ start: fc.nat({ max: 300 }).map((minute) => NOON + minute * MINUTE), log }), {
    maxLength: 40,
  }),
});
const committed = fc.record({
  at: fc.integer({ min: -50, max: 350 }).map((minute) => NOON + minute * MINUTE),
  weight: fc.nat({ max: 100 }),
});

const time = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constantFrom(0, Number.NaN, Number.MAX_VALUE));
const quantile = fc.record(
  { quantile: fc.constantFrom(0.5, 0.9, 0.99, 0.999), guess: time, low: time, high: time },
  { requiredKeys: ["quantile", "guess", "low"] },
);
const took = fc.record(
  { canary: fc.array(quantile, { maxLength: 6 }), stable: fc.array(quantile, { maxLength: 6 }) },
  { requiredKeys: [] },
);

/** What any provider and any gate may say; undefined where there is nothing to draw. */
export const ANY_CHART: fc.Arbitrary<Chart | undefined> = fc
  .record({
    windows: fc
      .uniqueArray(window, { maxLength: 90, selector: ({ start }) => start })
      .map((some) => some.toSorted((a, b) => a.start - b.start)),
    weights: fc.array(committed, { maxLength: 22 }).map((some) => some.toSorted((a, b) => a.at - b.at)),
    evidences: fc.array(evidences, { maxLength: 10 }),
    quantiles: took,
  })
  .map((parts) => chartOf({ ...parts, windowMs: MINUTE }));
