import { describe, expect, it } from "vitest";
import { chartOf, MOST_LINES, type Evidences } from "../../../src/render/chart/chart.ts";
import { CELLS } from "../../../src/render/sparkline.ts";
import { MINUTE, NOON, windows } from "../../support/member.ts";

const SOME = windows({ from: NOON, count: 3, canary: [1_000_000_000, 1], stable: [200, 1] });
const line = (changes: Partial<Evidences> = {}): Evidences => ({
  name: "regression",
  effect: "blocks",
  logBar: Math.log(100),
  marks: [],
  ...changes,
});
const made = (changes: Partial<Parameters<typeof chartOf>[0]>) =>
  chartOf({ windows: SOME, windowMs: MINUTE, weights: [], evidences: [], ...changes });

describe("what a chart shows", () => {
  it("is rates per million, of which only nothing is nothing", () => {
    expect(made({})).toMatchObject({ from: NOON, cellMs: MINUTE, canary: [1, 1, 1], stable: [5000, 5000, 5000] });
  });

  it("holds neither counts nor names", () => {
    expect(JSON.stringify(made({}))).not.toMatch(/1000000000|"?200"?[,\]]/);
  });

  it.each([
    ["there are no windows", []],
    ["nothing was requested", windows({ from: NOON, count: 2, canary: [0, 0], stable: [0, 0] })],
  ])("is nothing where %s", (_, none) => {
    expect(made({ windows: none })).toBeUndefined();
  });

  it("is at most sixty cells, each with the last evidence of its windows", () => {
    const many = windows({ from: NOON, count: 130, canary: [10, 0], stable: [10, 0] });
    const marks = many.map(({ start }, index) => ({ start, log: index / 100 }));
    const chart = made({ windows: many, evidences: [line({ marks })] });
    expect(chart?.canary.length).toBeLessThanOrEqual(CELLS);
    expect(chart?.cellMs).toBe(3 * MINUTE);
    expect(chart?.lines[0]?.points.slice(0, 3)).toEqual([2, 5, 8]);
    expect(chart?.lines[0]?.points.at(-1)).toBe(129);
    expect(chart?.lines[0]?.value).toBe(12_900);
  });

  it("leaves evidence of before out, and what is no number, but not the last number", () => {
    const marks = [
      { start: NOON - MINUTE, log: 1 },
      { start: NOON + MINUTE, log: 2 },
      { start: NOON + 2 * MINUTE, log: Number.NaN },
    ];
    expect(made({ evidences: [line({ marks })] })?.lines[0]).toMatchObject({
      points: [null, 200, null],
      value: 20_000,
    });
    expect(made({ evidences: [line({ marks: [] })] })?.lines).toEqual([]);
  });

  it("starts with the weight of before, and has those that came since", () => {
    const weights = [
      { at: NOON - 9 * MINUTE, weight: 0 },
      { at: NOON - MINUTE, weight: 5 },
      { at: NOON + 90_000, weight: 25 },
      { at: NOON + 9 * MINUTE, weight: 50 },
    ];
    expect(made({ weights })?.weights).toEqual([
      [0, 5],
      [90, 25],
    ]);
  });

  it("has a bounded number of lines with short names", () => {
    const marks = [{ start: NOON, log: 1 }];
    const chart = made({ evidences: Array.from({ length: 20 }, () => line({ marks, name: "n".repeat(99) })) });
    expect(chart?.lines).toHaveLength(MOST_LINES);
    expect(chart?.lines[0]?.name.length).toBeLessThan(30);
  });
});
