import * as fc from "fast-check";
import { DEFAULT_GATE, type GateSettings } from "../../../src/core/gate/settings.ts";
import type { Arm, Counts, Window } from "../../../src/core/window.ts";

export const MINUTE = 60_000;

/** Requests and failed of the canary, then of stable; undefined where an arm has no sample. */
export type Row = readonly [
  canary: readonly [number, number] | undefined,
  stable: readonly [number, number] | undefined,
];

/** One-minute windows, one per row. */
export function windows(...rows: readonly Row[]): readonly Window[] {
  return rows.map(([canary, stable], minute) => ({
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    counts: { ...counts("canary", canary), ...counts("stable", stable) },
    pods: {},
  }));
}

/** The same row so many times. */
export function repeated(times: number, row: Row): readonly Row[] {
  return Array.from({ length: times }, () => row);
}

export function gate(changes: Partial<GateSettings> = {}): GateSettings {
  return { ...DEFAULT_GATE, ...changes };
}

function counts(arm: Arm, pair: readonly [number, number] | undefined): { readonly [arm in Arm]?: Counts } {
  return pair === undefined ? {} : { [arm]: { requests: pair[0], failed: pair[1] } };
}

/** Requests and failed ones, never more failed than requests. */
const pair = fc
  .tuple(fc.nat(2000), fc.nat(60))
  .map(([requests, failed]): readonly [number, number] => [requests, Math.min(requests, failed)]);

export const anyRow: fc.Arbitrary<Row> = fc.tuple(
  fc.option(pair, { nil: undefined, freq: 8 }),
  fc.option(pair, { nil: undefined, freq: 8 }),
);

/** Windows as a provider may give them: quiet, failing, or without an arm. */
export const anyWindows: fc.Arbitrary<readonly Window[]> = fc
  .array(anyRow, { maxLength: 12 })
  .map((rows) => windows(...rows));

export const anyGate: fc.Arbitrary<GateSettings> = fc.record({
  alpha: fc.constantFrom(0.001, 0.01, 0.05),
  beta: fc.constantFrom(0.01, 0.05, 0.2),
  tolerance: fc.constantFrom(1, 1.25, 2),
  regression: fc.constantFrom(1.5, 2, 4),
  slo: fc.constantFrom(0.0001, 0.01, 0.5),
  unhealthy: fc.constantFrom(0.01, 0.05, 0.9),
  dispersion: fc.constantFrom(1, 2.5, 40),
  power: fc.constantFrom(0.5, 0.8, 0.95),
});
