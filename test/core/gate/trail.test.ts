import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addWindows, logNonInferior, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { healthy, logBelowLimit } from "../../../src/core/gate/health.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import { DEFAULT_GATE } from "../../../src/core/gate/settings.ts";
import { healthTrailOf, trailOf } from "../../../src/core/gate/trail.ts";
import { MINUTE, NOON, windows, type Traffic } from "../../support/member.ts";

const counts = fc.option(
  fc.tuple(fc.nat({ max: 3000 }), fc.nat({ max: 60 })).map(([more, failed]): Traffic => [failed + more, failed]),
  { nil: undefined },
);
const runs = fc.array(fc.tuple(counts, counts), { minLength: 1, maxLength: 30 }).map((traffic) =>
  windows({
    from: NOON,
    count: traffic.length,
    canary: (at) => traffic[at]?.[0],
    stable: (at) => traffic[at]?.[1],
  }),
);
const SETTINGS = { ...DEFAULT_GATE, dispersion: 1.7 };

describe("the trail of the evidence", () => {
  it("ends at every window where a verdict of that moment stands", () => {
    fc.assert(
      fc.property(runs, runs, (earlier, running) => {
        const before = addWindows(NO_EVIDENCE, earlier, SETTINGS);
        const trail = trailOf(before, running, SETTINGS);
        expect(trail.map(({ start }) => start)).toEqual(running.map(({ start }) => start));
        for (const [index, mark] of trail.entries()) {
          const seen = running.slice(0, index + 1);
          expect(mark.worse).toBeCloseTo(judge(before, seen, SETTINGS).worse.logE, 8);
          expect(mark.nonInferior).toBeCloseTo(logNonInferior(addWindows(before, seen, SETTINGS), SETTINGS), 8);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is the same after every third window, and ends at the last", () => {
    const seen = windows({ from: NOON, count: 8, canary: (at) => [150, at % 3], stable: [2850, 14] });
    const [all, some] = [1, 3].map((every) => trailOf(NO_EVIDENCE, seen, SETTINGS, every));
    const wanted = all?.filter((_, at) => [2, 5, 7].includes(at));
    expect(some?.map(({ start }) => start)).toEqual(wanted?.map(({ start }) => start));
    for (const [at, mark] of (some ?? []).entries()) expect(mark.worse).toBeCloseTo(wanted?.[at]?.worse ?? 0, 9);
  });

  it("stays where it is through a gap", () => {
    const gap = windows({ from: NOON, count: 3, canary: (at) => (at === 1 ? undefined : [100, 5]), stable: [1000, 5] });
    const [first, second, third] = trailOf(NO_EVIDENCE, gap, DEFAULT_GATE);
    expect({ ...second, start: NOON }).toEqual(first);
    expect(third?.worse).toBeGreaterThan(first?.worse ?? Number.POSITIVE_INFINITY);
    expect(third?.start).toBe(NOON + 2 * MINUTE);
  });

  it("of an arm by itself ends where its health stands", () => {
    fc.assert(
      fc.property(runs, (running) => {
        const last = healthTrailOf(running, "canary", SETTINGS).at(-1);
        const health = healthy(running, "canary", SETTINGS);
        expect(last?.above).toBeCloseTo(health.aboveLimit.logE, 8);
        expect(last?.below).toBeCloseTo(logBelowLimit(health.counts, SETTINGS), 8);
      }),
      { numRuns: 30 },
    );
  });
});
