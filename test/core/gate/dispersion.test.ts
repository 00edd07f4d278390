import { describe, expect, it } from "vitest";
import { dispersionOf } from "../../../src/core/gate/dispersion.ts";
import { chance, poisson, type Chance } from "./chance.ts";
import { repeated, windows, type Row } from "./windows.ts";

/** Windows of equal versions at 5 %, their failures in clusters of so many. */
function placebo(size: number, random: Chance): readonly Row[] {
  const failed = (requests: number) => size * poisson(random, (requests * 0.005) / size);
  return Array.from({ length: 1000 }, () => [
    [500, failed(500)],
    [9500, failed(9500)],
  ]);
}

describe("dispersion", () => {
  it.each([1, 3, 5])("finds clusters of %d", (size) => {
    const { value, windows: seen } = dispersionOf(windows(...placebo(size, chance(size))));
    const widened = size * (1 + 1.645 * Math.sqrt(2 / seen));
    expect(value).toBeGreaterThan(widened * 0.85);
    expect(value).toBeLessThan(widened * 1.15);
  });

  it("is the ratio of sums, widened", () => {
    const { value, windows: seen } = dispersionOf(
      windows(
        [
          [100, 9],
          [100, 1],
        ],
        [
          [100, 0],
          [300, 8],
        ],
      ),
    );
    const expected = ((9 - 5) ** 2 + (0 - 2) ** 2) / (10 * 0.25 + 8 * 0.25 * 0.75);
    expect(value).toBeCloseTo(expected * (1 + 1.645), 9);
    expect(seen).toBe(2);
  });

  it.each<readonly [string, readonly Row[]]>([
    ["without a window", []],
    [
      "without a failure",
      repeated(9, [
        [100, 0],
        [900, 0],
      ]),
    ],
    ["without the other arm", repeated(9, [[100, 3], undefined])],
  ])("is 1 %s", (_, rows) => {
    expect(dispersionOf(windows(...rows))).toEqual({ value: 1, windows: 0 });
  });

  it("is at least 1", () => {
    expect(
      dispersionOf(
        windows(
          ...repeated(9, [
            [100, 1],
            [900, 9],
          ]),
        ),
      ).value,
    ).toBe(1);
  });
});
