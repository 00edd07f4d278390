import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import { scored, type KayentaMetric, type Scored } from "../../../src/core/gate/kayenta-score.ts";
import { classify, DEFAULT_KAYENTA, type KayentaSettings, type Samples } from "../../../src/core/gate/kayenta.ts";
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

describe("what Kayenta's judge reads of a metric besides", () => {
  const STABLE = [1, 2, 3, 4, 5, 6, 7, 8];
  const higher = (by: number) => STABLE.map((value) => value + by);
  const settled = (settings: Partial<KayentaSettings>) => ({ ...DEFAULT_KAYENTA, ...settings });

  it.each<[string, readonly number[], readonly number[], Partial<KayentaSettings>, string]>([
    ["a size of the chance to be greater", higher(6), STABLE, { measure: "cles", allowedIncrease: 0.9 }, "high"],
    ["one that is not reached", higher(6), STABLE, { measure: "cles", allowedIncrease: 0.99 }, "pass"],
    ["a half of it by default", higher(6), STABLE, { measure: "cles" }, "high"],
    ["the same for what is lower", STABLE, higher(6), { measure: "cles", direction: "either" }, "low"],
    ["a ratio that is not reached", higher(6), STABLE, { allowedIncrease: 3 }, "pass"],
    ["no values where there must be some", [], STABLE, { mustHaveData: true }, "nodataFail"],
    ["the same of a critical metric", [], STABLE, { mustHaveData: true, isCritical: true }, "nodata"],
    ["no values where they count as 0", [], STABLE, { nan: "zero", mustHaveData: true }, "pass"],
  ])("%s", (...[, canary, stable, settings, said]) => {
    expect(classify(canary, stable, settled(settings))).toBe(said);
  });

  it("leaves out values that lie far beyond the quartiles, and beyond the first and the last hundredth", () => {
    const spiked = [...STABLE, 5, 6, 7, 1000];
    const settings = settled({ measure: "meanRatio", allowedIncrease: 3, tolerance: 0 });
    expect(classify([...higher(5), 10, 11, 12, 5000], spiked, settings)).toBe("high");
    expect(classify([...higher(5), 10, 11, 12, 5000], spiked, { ...settings, outlierFactor: 3 })).toBe("pass");
  });
});

describe("Kayenta's score", () => {
  const LIKE = { canary: [1, 2, 3, 4, 5], stable: [1, 2, 3, 4, 5] };
  const HIGHER = { canary: [11, 12, 13, 14, 15], stable: [1, 2, 3, 4, 5] };
  const NONE = { canary: [], stable: [1, 2] };
  const metric = (samples: Samples, group: string, settings: Partial<KayentaSettings> = {}): KayentaMetric => ({
    name: group,
    groups: [group],
    ...samples,
    settings: { ...DEFAULT_KAYENTA, ...settings },
  });
  const score = (metrics: readonly KayentaMetric[], weights: readonly (readonly [string, number])[] = []) =>
    scored(metrics, { pass: 75, marginal: 50, weights: new Map(weights) });

  it.each<[string, readonly KayentaMetric[], readonly (readonly [string, number])[], number, Scored["verdict"]]>([
    ["all of one group", [metric(LIKE, "a"), metric(LIKE, "a")], [], 100, "pass"],
    ["half of one group", [metric(LIKE, "a"), metric(HIGHER, "a")], [], 50, "marginal"],
    [
      "groups by their weights",
      [metric(LIKE, "a"), metric(HIGHER, "b")],
      [
        ["a", 80],
        ["b", 20],
      ],
      80,
      "pass",
    ],
    [
      "what is left shared by the others",
      [metric(HIGHER, "a"), metric(LIKE, "b"), metric(HIGHER, "c")],
      [["a", 40]],
      30,
      "fail",
    ],
    ["no data left out of a group", [metric(LIKE, "a"), metric(LIKE, "a"), metric(NONE, "a")], [], 100, "pass"],
    [
      "no data that must be there",
      [metric(LIKE, "a"), metric(LIKE, "a"), metric(NONE, "a", { mustHaveData: true })],
      [],
      200 / 3,
      "marginal",
    ],
    [
      "a group of which nothing is known",
      [metric(LIKE, "a"), metric(NONE, "b"), metric(LIKE, "c")],
      [["b", 50]],
      100,
      "pass",
    ],
    ["half without data", [metric(LIKE, "a"), metric(NONE, "b")], [], 0, "fail"],
    [
      "a critical metric that is worse",
      [metric(LIKE, "a"), metric(LIKE, "a"), metric(HIGHER, "b", { isCritical: true })],
      [["b", 1]],
      0,
      "fail",
    ],
    [
      "one that is not worse enough",
      [metric(LIKE, "a"), metric(LIKE, "a"), metric(HIGHER, "b", { isCritical: true, criticalIncrease: 9 })],
      [["a", 99]],
      99,
      "pass",
    ],
    [
      "a critical metric without data",
      [metric(LIKE, "a"), metric(LIKE, "a"), metric(NONE, "b", { isCritical: true })],
      [],
      0,
      "fail",
    ],
  ])("%s", (...[, metrics, weights, expected, verdict]) => {
    const said = score(metrics, weights);
    expect(said.score).toBeCloseTo(expected, 9);
    expect(said.verdict).toBe(verdict);
  });

  it("says why it is 0", () => {
    expect(score([metric(HIGHER, "a", { isCritical: true })]).zeroFor).toEqual({ kind: "critical", metric: "a" });
    expect(score([metric(NONE, "a")]).zeroFor).toEqual({ kind: "nodata" });
    expect(score([metric(LIKE, "a")]).zeroFor).toBeUndefined();
  });

  it("is from 0 to 100 where the weights add up to a hundred at most, and the same in a millionth of the unit", () => {
    const values = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 12 });
    const some = fc.array(fc.record({ canary: values, stable: values, group: fc.constantFrom("a", "b", "c") }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 100 }), (all, weight) => {
        const of = (unit: number) => {
          const scaled = ({ canary, stable }: Samples) => ({
            canary: canary.map((one) => one * unit),
            stable: stable.map((one) => one * unit),
          });
          return score(
            all.map((one) => metric(scaled(one), one.group, { direction: "either" })),
            [["a", weight]],
          );
        };
        expect(of(1).score).toBeGreaterThanOrEqual(0);
        expect(of(1).score).toBeLessThanOrEqual(100 + 1e-9);
        expect(of(2 ** -20)).toEqual(of(1));
      }),
    );
  });
});

function hundreds(count: number): readonly number[] {
  return Array.from({ length: count }, () => 100);
}

function ones(count: number): readonly number[] {
  return Array.from({ length: count }, () => 1);
}
