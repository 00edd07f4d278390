import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeSplit } from "../../src/core/gate/split.ts";
import { shiftOf } from "../../src/core/shift.ts";
import { windows, type Row } from "./gate/windows.ts";

/** One window each of that many requests, the canary's share of them as given. */
function split(requests: number, shares: readonly number[]): readonly Row[] {
  return shares.map((share) => {
    const canary = Math.round(share * requests);
    return [
      [canary, 0],
      [requests - canary, 0],
    ];
  });
}

function repeated(share: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => share);
}

describe("how requests are split that are not as committed", () => {
  it.each([
    ["as before the change", { from: 5, weight: 25 }, repeated(0.05, 4), "pending"],
    ["none yet", { from: 0, weight: 5 }, repeated(0, 4), "pending"],
    ["some, of a first weight", { from: 0, weight: 25 }, repeated(0.1, 4), "elsewhere"],
    ["half way", { from: 5, weight: 25 }, repeated(0.12, 4), "elsewhere"],
    ["beyond", { from: 5, weight: 25 }, repeated(0.5, 4), "elsewhere"],
    ["beyond a high weight", { from: 50, weight: 85 }, repeated(0.99, 4), "elsewhere"],
    [
      "right, then moved by somebody",
      { from: 5, weight: 25 },
      [...repeated(0.25, 4), ...repeated(0.6, 6)],
      "elsewhere",
    ],
  ])("%s", (_, weights, shares, kind) => {
    expect(shiftOf(weights, windows(...split(1000, shares)))).toMatchObject({ kind: "unmoved", split: kind });
  });

  it("is not told from few requests", () => {
    expect(shiftOf({ from: 5, weight: 25 }, windows(...split(20, repeated(0.1, 2))))).toMatchObject({
      split: "pending",
    });
  });
});

describe("being seen live", () => {
  const SPLIT = { alpha: 0.01, tolerance: 0.2 };
  const weights = fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 100 }))
    .filter(([from, weight]) => from !== weight);

  it("is asking no less than the split check: what that doubts of the windows since then is not live", () => {
    fc.assert(
      fc.property(
        weights,
        fc.integer({ min: 2, max: 3000 }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 12 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.boolean(),
        ([from, weight], requests, parts, near) => {
          const shares = parts.flatMap(([part, times]) =>
            repeated(near ? Math.min(1, (weight / 100) * (0.6 + 0.9 * part)) : part, times),
          );
          const seen = windows(...split(requests, shares));
          const shift = shiftOf({ from, weight }, seen);
          if (shift.kind !== "moved") return;
          const since = seen.filter(({ start }) => start >= shift.since);
          const { differs } = judgeSplit([], since, weight / 100, SPLIT);
          expect(differs.logE).toBeLessThan(Math.log(1 / SPLIT.alpha));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
