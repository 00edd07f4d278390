import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import { classify, DEFAULT_KAYENTA } from "../../../src/core/gate/kayenta.ts";
import { gate, windows } from "./windows.ts";

const ISSUES: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["kayenta#426: sparse errors against none", [0, 1, 2, 1, 0, 0], [0, 0, 0, 0, 0, 0]],
  ["kayenta#799: errors against none", [1, 4, 2, 3, 1], [0, 0, 0, 0, 0]],
  ["spinnaker#6278: a hundred in seven of ten", [...hundreds(7), 1, 1, 1], ones(10)],
];

/** One-minute windows of ten thousand requests, the canary's share of them as given; both arms' failures as the reporters gave them. */
function counted(share: number, canary: readonly number[], stable: readonly number[]): ReturnType<typeof windows> {
  const requests = [10_000 * share, 10_000 * (1 - share)] as const;
  return windows(
    ...canary.map(
      (failed, minute) => [[requests[0], failed] as const, [requests[1], stable[minute] ?? 0] as const] as const,
    ),
  );
}

describe("issues of Kayenta, from counts", () => {
  it.each(ISSUES)("%s are blocked at every weight of a canary", (_, canary, stable) => {
    for (const share of [0.01, 0.05, 0.1])
      expect(judge(NO_EVIDENCE, counted(share, canary, stable), gate()).verdict).toEqual({ kind: "block" });
  });

  it.each(ISSUES)("%s never pass, not even against a baseline of the canary's size", (_, canary, stable) => {
    expect(judge(NO_EVIDENCE, counted(0.5, canary, stable), gate()).verdict.kind).not.toBe("pass");
  });
});

describe("Kayenta's test", () => {
  const sample = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 20 });

  it("says the same of data in a millionth of their unit", () => {
    fc.assert(
      fc.property(sample, sample, (canary, stable) => {
        const small = (values: readonly number[]) => values.map((value) => value * 2 ** -20);
        const either = { ...DEFAULT_KAYENTA, direction: "either" as const };
        expect(classify(small(canary), small(stable), either)).toBe(classify(canary, stable, either));
      }),
    );
  });

  it.each([
    [[1, 2, 3, 4, 5].map((value) => value + 9), [1, 2, 3, 4, 5], "either", "high"],
    [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5].map((value) => value + 9), "either", "low"],
    [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5].map((value) => value + 9), "increase", "pass"],
    [[1, 2, 3, 4, 5].map((value) => value + 9), [1, 2, 3, 4, 5], "decrease", "pass"],
    [[Number.NaN], [1, 2], "increase", "nodata"],
    [[3, 3, 3], [3, 3, 3], "increase", "pass"],
  ] as const)("classifies %j against %j, %s", (canary, stable, direction, said) => {
    expect(classify(canary, stable, { ...DEFAULT_KAYENTA, direction })).toBe(said);
  });
});

function hundreds(count: number): readonly number[] {
  return Array.from({ length: count }, () => 100);
}

function ones(count: number): readonly number[] {
  return Array.from({ length: count }, () => 1);
}
