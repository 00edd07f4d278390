import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeSplit } from "../../../src/core/gate/split.ts";
import { chance, poisson } from "./chance.ts";
import { repeated, windows } from "./windows.ts";

const SETTINGS = { alpha: 0.01, tolerance: 0.2 };

describe("the split check", () => {
  it.each([
    ["as committed", 50, "agrees"],
    ["a little beside it", 57, "agrees"],
    ["far beside it", 100, "wait"],
    ["with half of it", 25, "wait"],
  ])("of traffic %s", (_, canary, kind) => {
    const seen = windows(
      ...repeated(20, [
        [canary, 0],
        [1000 - canary, 5],
      ]),
    );
    expect(judgeSplit([], seen, 0.05, SETTINGS).verdict.kind).toBe(kind);
  });

  it("waits for requests to the canary, and for any", () => {
    expect(
      judgeSplit(
        [],
        windows(
          ...repeated(9, [
            [0, 0],
            [1000, 5],
          ]),
        ),
        0.05,
        SETTINGS,
      ).verdict,
    ).toMatchObject({
      reason: { kind: "noTraffic", arm: "canary" },
    });
    expect(judgeSplit([], [], 0.05, SETTINGS).verdict).toMatchObject({ reason: { kind: "noWindows" } });
  });

  it("goes on over steps, each held against its own weight", () => {
    const first = judgeSplit(
      [],
      windows(
        ...repeated(9, [
          [50, 0],
          [950, 5],
        ]),
      ),
      0.05,
      SETTINGS,
    );
    const second = judgeSplit(
      first.evidence,
      windows(
        ...repeated(9, [
          [250, 0],
          [750, 5],
        ]),
      ),
      0.25,
      SETTINGS,
    );
    expect(second.verdict).toEqual({ kind: "agrees" });
    expect(second.evidence).toHaveLength(2);
  });

  it("doubts at most 1 % of splits at the edge of the tolerance, looked at every minute", () => {
    const random = chance(1);
    const doubted = Array.from({ length: 300 }, () => {
      const seen = windows(
        ...Array.from(
          { length: 30 },
          () =>
            [
              [poisson(random, 60), 0],
              [poisson(random, 940), 5],
            ] as const,
        ),
      );
      return seen.some((_, minute) => {
        const { verdict } = judgeSplit([], seen.slice(0, minute + 1), 0.05, SETTINGS);
        return verdict.kind === "wait" && verdict.reason.kind === "split";
      });
    });
    expect(doubted.filter((one) => one).length).toBeLessThanOrEqual(3);
  });

  it("never agrees on latest windows that hold no counts", () => {
    const nothing = fc.constantFrom(undefined, [Number.NaN, 0], [-1, 0], [Number.POSITIVE_INFINITY, 0], [0, 0]);
    fc.assert(
      fc.property(nothing, nothing, (one, other) => {
        const row = (canary: readonly number[] | undefined) =>
          [canary && ([canary[0] ?? 0, canary[1] ?? 0] as const), [950, 5]] as const;
        const seen = windows(
          ...repeated(9, [
            [50, 0],
            [950, 5],
          ]),
          row(one),
          row(other),
        );
        expect(judgeSplit([], seen, 0.05, SETTINGS).verdict.kind).toBe("wait");
      }),
    );
  });
});
