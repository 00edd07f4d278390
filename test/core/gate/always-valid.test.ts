import { describe, expect, it } from "vitest";
import {
  logBetaBinomialMixture,
  logNormalMixture,
  normalBound,
  shareInterval,
} from "../../../src/core/gate/always-valid.ts";
import { logFactorial } from "../../../src/core/gate/poisson.ts";
import { chance } from "./chance.ts";
import { misprint, PRINTED_TO } from "./reference.ts";

const TUNED = { variance: 100, alpha: 0.05 };
const TWO = { ...TUNED, sides: "two" } as const;
const ONE = { ...TUNED, sides: "one" } as const;
const POINTS = { below: 0.2, above: 0.8 };

/** The prior of the two-sided mixture, from its value where nothing has been summed. */
function priorOf(variance: number): number {
  const share = Math.exp(2 * logNormalMixture(0, variance, { ...TWO, variance }));
  return (variance * share) / (1 - share);
}

describe("as confseq's own tests print them", () => {
  it.each<readonly [string, number]>([
    ["two_sided_normal_best_rho(v=100,a=.05)", priorOf(100)],
    ["normal_log_mixture(10,100,100,two-sided)", logNormalMixture(10, 100, TWO)],
    ["normal_mixture_bound(100,.05,100,two-sided)", normalBound(100, 0.05, TWO)],
    ["normal_log_mixture(10,100,100,one-sided)", logNormalMixture(10, 100, ONE)],
    ["normal_mixture_bound(100,.05,100,one-sided)", normalBound(100, 0.05, ONE)],
    ["beta_binomial_log_mixture(10,100,100,g=.2,h=.8,two-sided)", logBetaBinomialMixture(10, 100, POINTS, TWO)],
    ["beta_binomial one-sided", logBetaBinomialMixture(10, 100, POINTS, ONE)],
  ])("%s", (name, value) => {
    expect(misprint(value, name)).toBeLessThanOrEqual(PRINTED_TO);
  });

  it.each([
    ["bernoulli_confidence_interval(700/1000,.05,t_opt=100)", { hits: 700, trials: 1000 }, 100],
    ["(15/50,t_opt=50)", { hits: 15, trials: 50 }, 50],
    ["(5/50,t_opt=50)", { hits: 5, trials: 50 }, 50],
  ])("%s", (name, seen, tightAt) => {
    const { low, high } = shareInterval(seen, 0.05, tightAt);
    expect(misprint(low, name, 0)).toBeLessThanOrEqual(PRINTED_TO);
    expect(misprint(high, name, 1)).toBeLessThanOrEqual(PRINTED_TO);
  });
});

describe("the mixtures", () => {
  it.each(["one", "two"] as const)("are worth 1 on average under the normal law itself: %s", (sides) => {
    for (const variance of [1, 30, 100]) {
      // As wide as what the mixture itself takes for possible.
      const step = Math.sqrt(variance + variance ** 2 / priorOf(100)) / 100;
      const mean = Array.from({ length: 4001 }, (_, at) => (at - 2000) * step).reduce((total, sum) => {
        const logDensity = -(sum ** 2) / (2 * variance) - 0.5 * Math.log(2 * Math.PI * variance);
        return total + step * Math.exp(logDensity + logNormalMixture(sum, variance, { ...TUNED, sides }));
      }, 0);
      expect(Math.abs(mean - 1)).toBeLessThanOrEqual(1e-9);
    }
  });

  it.each(["one", "two"] as const)("and under the binomial law of their two points: %s", (sides) => {
    const trials = 400;
    const share = POINTS.below;
    const all = Array.from({ length: trials + 1 }, (_, hits) => {
      const logBinomial = logFactorial(trials) - logFactorial(hits) - logFactorial(trials - hits);
      const logChance = logBinomial + hits * Math.log(share) + (trials - hits) * Math.log1p(-share);
      const variance = trials * share * (1 - share);
      return Math.exp(logChance + logBetaBinomialMixture(hits - share * trials, variance, POINTS, { ...TUNED, sides }));
    });
    expect(Math.abs(all.reduce((sum, one) => sum + one, 0) - 1)).toBeLessThanOrEqual(1e-9);
  });
});

describe("an interval of a share", () => {
  it("holds the share at every look, but for few of many sequences", () => {
    const random = chance(11);
    const share = 0.03;
    const missed = Array.from({ length: 60 }, () => {
      let hits = 0;
      return Array.from({ length: 12 }, (_, look) => {
        for (let trial = 0; trial < 50; trial += 1) if (random() < share) hits += 1;
        const { low, high } = shareInterval({ hits, trials: 50 * (look + 1) }, 0.05, 500);
        return low <= share && share <= high;
      }).includes(false);
    }).filter(Boolean);
    expect(missed.length).toBeLessThanOrEqual(4);
  });

  it.each([
    [
      { hits: 0, trials: 0 },
      { low: 0, high: 1 },
    ],
    [
      { hits: 0, trials: 1 },
      { low: 0, high: 1 },
    ],
  ])("knows nothing of %j", (seen, known) => {
    expect(shareInterval(seen, 0.05, 50)).toEqual(known);
  });
});
