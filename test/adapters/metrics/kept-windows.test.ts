import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_WINDOWS, windowsFrom, withWindows } from "../../../src/adapters/metrics/kept-windows.ts";
import type { Window } from "../../../src/core/window.ts";

function window(start: number, requests = 0): Window {
  const histogram = { bounds: [1, Infinity], counts: [requests, 0], spread: "even" as const };
  return {
    start,
    end: start + 1,
    counts: { canary: { requests, failed: 0 } },
    pods: {},
    latency: { kind: "read", canary: histogram },
  };
}

const windows = (from: number, to: number, requests?: number) =>
  Array.from({ length: to - from }, (_, index) => window(from + index, requests));

/** Answers as they come: from a start on, so many. */
const answers = fc.array(fc.record({ from: fc.integer({ min: 0, max: 120 }), count: fc.nat(60) }), { maxLength: 8 });

describe("kept windows", () => {
  it("are what was kept, the newest word for each start, in order, from any start on", () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 0, max: 200 }), (all, start) => {
        const told = all.map(({ from, count }, index) => windows(from, from + count, index));
        const kept = told.reduce((sum, fresh) => withWindows(sum, fresh, 1_000), NO_WINDOWS);
        const expected = [...new Map(told.flat().map((one) => [one.start, one])).values()];
        const since = expected.filter((one) => one.start >= start).toSorted((one, two) => one.start - two.start);
        expect(windowsFrom(kept, start)).toEqual(since);
      }),
    );
  });

  it("never are more than asked for, and the newest stay", () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 100 }), (all, most) => {
        const told = all.map(({ from, count }) => windows(from, from + count));
        const kept = windowsFrom(
          told.reduce((sum, fresh) => withWindows(sum, fresh, most), NO_WINDOWS),
          0,
        );
        expect(kept.length).toBeLessThanOrEqual(most);
        const newest = told.findLast((fresh) => fresh.length > 0)?.at(-1)?.start ?? 0;
        const isRising = told.flat().every(({ start }) => start <= newest);
        if (isRising && told.flat().length > 0) expect(kept.at(-1)?.start).toBe(newest);
      }),
    );
  });

  it("are packed but for the newest, one by one or all at once", () => {
    const one = windows(0, 100).reduce((sum, fresh) => withWindows(sum, [fresh], 1_000), NO_WINDOWS);
    for (const kept of [one, withWindows(NO_WINDOWS, windows(0, 100), 1_000)]) {
      expect(kept.packs.length).toBeGreaterThan(2);
      expect(kept.recent.length).toBeGreaterThan(0);
      expect(kept.recent.length).toBeLessThan(40);
    }
  });
});
