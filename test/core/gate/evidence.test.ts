import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addWindows,
  combine,
  evidenceOf,
  logAgainst,
  logBelowSlo,
  logNonInferior,
  NO_EVIDENCE,
  type Evidence,
} from "../../../src/core/gate/evidence.ts";
import type { Arm, Window } from "../../../src/core/window.ts";
import { anyGate, anyWindows, gate, windows } from "./windows.ts";

const SUMS = ["exact", "bets", "better", "slo"] as const;

/** The greatest difference between log-sums, relative to their size; infinite where one of the two has none. */
function distance(left: Evidence, right: Evidence): number {
  const between = SUMS.flatMap((part) => {
    if (left[part].length !== right[part].length) return [Number.POSITIVE_INFINITY];
    return left[part].map((sum, at) => Math.abs(sum - (right[part][at] ?? Number.NaN)) / Math.max(1, Math.abs(sum)));
  });
  return Math.max(0, ...between);
}

/** One more failed request of an arm in the given window, of as many requests. */
function withFailure(all: readonly Window[], at: number, arm: Arm): readonly Window[] {
  return all.map((window, index) => {
    const counts = window.counts[arm];
    if (index !== at || counts === undefined) return window;
    const failed = Math.min(counts.requests, counts.failed + 1);
    return { ...window, counts: { ...window.counts, [arm]: { ...counts, failed } } };
  });
}

const scaledBy = (all: readonly Window[], factor: number): readonly Window[] =>
  all.map((window) => ({
    ...window,
    counts: Object.fromEntries(
      Object.entries(window.counts).map(([arm, { requests, failed }]) => [
        arm,
        { requests: requests * factor, failed },
      ]),
    ),
  }));

describe("evidence", () => {
  it("is the same wherever a step is cut in two", () => {
    fc.assert(
      fc.property(anyWindows, fc.nat(12), anyGate, (all, cut, settings) => {
        const parts = combine(evidenceOf(all.slice(0, cut), settings), evidenceOf(all.slice(cut), settings));
        const whole = evidenceOf(all, settings);
        expect(distance(parts, whole)).toBeLessThan(1e-9);
        expect(parts.failedWindows).toBe(whole.failedWindows);
      }),
    );
  });

  it("is the same whether steps are carried or seen at once", () => {
    fc.assert(
      fc.property(anyWindows, anyWindows, anyGate, (earlier, later, settings) => {
        const carried = addWindows(addWindows(NO_EVIDENCE, earlier, settings), later, settings);
        const atOnce = evidenceOf([...earlier, ...later], settings);
        expect(distance(carried, atOnce)).toBeLessThan(1e-9);
        expect(carried.failedWindows).toBe(atOnce.failedWindows);
        expect(logAgainst(carried, settings)).toBeCloseTo(logAgainst(atOnce, settings), 6);
      }),
    );
  });

  it("is finite, and survives being written down", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (all, settings) => {
        const evidence = evidenceOf(all, settings);
        expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
      }),
    );
  });

  it("against the canary rises with each failed canary request and falls with each of stable's", () => {
    fc.assert(
      fc.property(anyWindows, fc.nat(11), anyGate, (all, at, settings) => {
        const now = logAgainst(evidenceOf(all, settings), settings);
        const canary = logAgainst(evidenceOf(withFailure(all, at, "canary"), settings), settings);
        const stable = logAgainst(evidenceOf(withFailure(all, at, "stable"), settings), settings);
        expect(canary).toBeGreaterThanOrEqual(now - 1e-9);
        expect(stable).toBeLessThanOrEqual(now + 1e-9);
      }),
    );
  });

  it("for the canary falls with each failed canary request", () => {
    fc.assert(
      fc.property(anyWindows, fc.nat(11), anyGate, (all, at, settings) => {
        const now = evidenceOf(all, settings);
        const worse = evidenceOf(withFailure(all, at, "canary"), settings);
        expect(logNonInferior(worse, settings)).toBeLessThanOrEqual(logNonInferior(now, settings) + 1e-9);
        expect(logBelowSlo(worse, settings)).toBeLessThanOrEqual(logBelowSlo(now, settings) + 1e-9);
      }),
    );
  });

  it("of the comparison does not depend on how much traffic the failures came from", () => {
    fc.assert(
      fc.property(anyWindows, fc.constantFrom(2, 10, 1000), anyGate, (all, factor, settings) => {
        const more = evidenceOf(scaledBy(all, factor), settings);
        expect(logAgainst(more, settings)).toBeCloseTo(logAgainst(evidenceOf(all, settings), settings), 6);
      }),
    );
  });

  it("proves less where failures cluster", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, fc.constantFrom(1.5, 4), (all, settings, factor) => {
        const evidence = evidenceOf(all, settings);
        const clustered = { ...settings, dispersion: settings.dispersion * factor };
        for (const proof of [logNonInferior, logBelowSlo]) {
          expect(factor * proof(evidence, clustered)).toBeLessThanOrEqual(proof(evidence, settings) + 1e-9);
        }
      }),
    );
  });

  it("for the canary is the likelihood of better ratios over that of the regression", () => {
    const evidence = evidenceOf(
      windows([
        [200, 1],
        [800, 9],
      ]),
      gate(),
    );
    const binomial = (ratio: number) => {
      const canary = (0.2 * ratio) / (0.2 * ratio + 0.8);
      return canary * (1 - canary) ** 9;
    };
    const [tenth, , , half] = evidence.better;
    expect(tenth).toBeCloseTo(Math.log(binomial(0.1 * 2) / binomial(2)), 9);
    expect(half).toBeCloseTo(Math.log(binomial(0.5 * 2) / binomial(2)), 9);
  });

  it("of an incident that hits both arms alike is evidence against blocking", () => {
    const incident = windows(
      [
        [100, 0],
        [900, 0],
      ],
      [
        [100, 30],
        [900, 270],
      ],
      [
        [100, 50],
        [900, 450],
      ],
    );
    expect(logAgainst(evidenceOf(incident, gate()), gate())).toBeLessThan(0);
  });

  it.each([
    ["no canary sample", windows([undefined, [1000, 5]])],
    ["no stable sample", windows([[1000, 5], undefined])],
    [
      "not a number",
      windows([
        [Number.NaN, 0],
        [1000, 5],
      ]),
    ],
    [
      "failed that is not a number",
      windows([
        [100, Number.NaN],
        [1000, 5],
      ]),
    ],
    [
      "infinitely many",
      windows([
        [100, 1],
        [Number.POSITIVE_INFINITY, 5],
      ]),
    ],
    [
      "fewer than none",
      windows([
        [-1, 0],
        [1000, 5],
      ]),
    ],
    [
      "no request at all",
      windows([
        [0, 0],
        [0, 0],
      ]),
    ],
    ["no window", []],
  ])("of %s is none", (_, all) => {
    expect(evidenceOf(all, gate())).toEqual(NO_EVIDENCE);
  });

  it("counts more failed than requests as all failed", () => {
    expect(
      evidenceOf(
        windows([
          [10, 12],
          [100, 0],
        ]),
        gate(),
      ).strata,
    ).toEqual([[10, 10, 100, 0]]);
  });

  it("keeps one stratum per step, and leaves `through` to the caller", () => {
    const first = {
      ...addWindows(
        NO_EVIDENCE,
        windows(
          [
            [50, 1],
            [950, 4],
          ],
          [
            [50, 0],
            [950, 6],
          ],
        ),
        gate(),
      ),
      through: 1,
    };
    const second = addWindows(
      first,
      windows([
        [250, 1],
        [750, 4],
      ]),
      gate(),
    );
    expect(second.strata).toEqual([
      [100, 1, 1900, 10],
      [250, 1, 750, 4],
    ]);
    expect(second.failedWindows).toBe(2);
    expect(second.through).toBe(1);
  });
});
