import { describe, expect, it } from "vitest";
import { logMeanExp } from "../../../src/core/gate/mixture.ts";
import { factorsAbove, oneArmSums, SLO_FACTORS } from "../../../src/core/gate/one-arm.ts";
import { BETS, betSums, exactSums, failuresToFind, isInformative, RATIOS } from "../../../src/core/gate/rate.ts";
import { ratioEstimate, ratioInterval, RATIO_AT_MOST } from "../../../src/core/gate/interval.ts";

describe("what a tally can say", () => {
  it.each([
    ["nothing failed", { failed: 0, allFailed: 0, share: 0.1 }, false],
    ["no canary request", { failed: 0, allFailed: 3, share: 0 }, false],
    ["no stable request", { failed: 3, allFailed: 3, share: 1 }, false],
    ["both arms, one failure", { failed: 1, allFailed: 1, share: 0.1 }, true],
  ])("%s", (_, tally, expected) => {
    expect(isInformative(tally)).toBe(expected);
  });

  it("has one log-sum per alternative and per stake, and none of nothing", () => {
    const one = [{ failed: 1, allFailed: 2, share: 0.5 }];
    expect(exactSums(one, RATIOS, 1)).toHaveLength(RATIOS.length);
    expect(betSums(one, 1)).toHaveLength(BETS.length);
    expect([exactSums([], RATIOS, 1), betSums([], 1)]).toEqual([[], []]);
  });

  it("stays finite where an exponential would not", () => {
    expect(logMeanExp([2000, 1000])).toBeCloseTo(2000 - Math.LN2, 9);
    expect(logMeanExp([-2000, -3000])).toBeCloseTo(-2000 - Math.LN2, 9);
  });
});

describe("failures it takes to find a ratio at alpha 1 %", () => {
  it.each([
    [2, 0.01, 1617],
    [2, 0.05, 354],
    [2, 0.1, 199],
    [2, 0.25, 113],
    [5, 0.01, 160],
    [5, 0.05, 40],
    [5, 0.1, 26],
    [5, 0.25, 20],
  ])("%d× at share %d", (ratio, share, failures) => {
    expect(Math.round(failuresToFind(ratio, share, 0.01))).toBe(failures);
  });
});

describe("the form for one arm", () => {
  it("is the likelihood ratio of two binomials", () => {
    const [, tenth] = oneArmSums({ requests: 300, failed: 2 }, SLO_FACTORS, 0.01);
    expect(tenth).toBeCloseTo(2 * Math.log(0.001 / 0.01) + 298 * Math.log(0.999 / 0.99), 9);
  });

  it.each([
    ["a limit of 0", { requests: 10, failed: 1 }, 0],
    ["a limit of 1", { requests: 10, failed: 10 }, 1],
    ["no request", { requests: 0, failed: 0 }, 0.01],
  ])("proves nothing with %s", (_, counts, limit) => {
    expect(logMeanExp(oneArmSums(counts, SLO_FACTORS, limit))).toBe(0);
    expect(logMeanExp(oneArmSums(counts, factorsAbove(limit), limit))).toBe(0);
  });

  it.each([
    [0.05, [1.15, 1.3, 1.6, 2, 3, 5, 10]],
    [0.5, [1.15, 1.3, 1.6]],
    [0.9, []],
  ])("keeps the alternatives above %d that are error rates", (limit, factors) => {
    expect(factorsAbove(limit)).toEqual(factors);
  });
});

describe("the ratio of error rates", () => {
  it.each([
    ["8 of 40 at 5 %", [{ failed: 8, allFailed: 40, share: 0.05 }], 4.75],
    ["only stable failed", [{ failed: 0, allFailed: 9, share: 0.2 }], 0],
    ["only the canary failed", [{ failed: 9, allFailed: 9, share: 0.2 }], RATIO_AT_MOST],
    [
      "the same ratio at two weights, whatever the error level",
      [
        { failed: 50, allFailed: 950 + 50, share: 0.05 },
        { failed: 10, allFailed: 10 + 10, share: 0.5 },
      ],
      1,
    ],
  ])("%s", (_, tallies, ratio) => {
    const estimate = ratioEstimate(tallies);
    expect(estimate).toBeCloseTo(ratio, 9);
  });

  it("has neither an estimate nor an interval while nothing failed", () => {
    const quiet = [{ failed: 0, allFailed: 0, share: 0.2 }];
    expect([ratioEstimate(quiet), ratioInterval(quiet, 0.05)]).toEqual([undefined, undefined]);
  });

  it("has no lower bound while the canary has not failed, and no upper one while stable has not", () => {
    expect(ratioInterval([{ failed: 0, allFailed: 9, share: 0.2 }], 0.05)?.low).toBe(0);
    expect(ratioInterval([{ failed: 9, allFailed: 9, share: 0.2 }], 0.05)?.high).toBe(RATIO_AT_MOST);
  });

  it("is wider where failures cluster", () => {
    const tallies = [{ failed: 8, allFailed: 40, share: 0.05 }];
    const [calm, clustered] = [ratioInterval(tallies, 0.05), ratioInterval(tallies, 0.05, 3)];
    expect(clustered?.low).toBeLessThan(calm?.low ?? 0);
    expect(clustered?.high).toBeGreaterThan(calm?.high ?? Number.POSITIVE_INFINITY);
  });
});
