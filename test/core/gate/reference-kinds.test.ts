import { describe, expect, it } from "vitest";
import { classicHistogram, quantile } from "../../../src/core/gate/histogram.ts";
import { classify, DEFAULT_KAYENTA } from "../../../src/core/gate/kayenta.ts";
import { backtest, placebosNeeded, placeboThreshold } from "../../../src/core/gate/placebo.ts";
import { rankSum, shiftOf } from "../../../src/core/gate/ranks.ts";
import { logBeta, logBetaShare, logGamma, normalCdf, normalQuantile } from "../../../src/core/gate/special.ts";
import { tiltSums } from "../../../src/core/gate/slow-tilt.ts";
import { logBayesFactor } from "../../../src/core/gate/split.ts";
import { reference } from "./reference.ts";

const CLOSE = 1e-9;

/** How far off a value is, relative to the expected one; absolute where that is 0. */
function error(value: number, expected: number): number {
  return Math.abs(value - expected) / (expected === 0 ? 1 : Math.abs(expected));
}

const { special } = reference;

type Tilted = Pick<(typeof reference.slow_fraction_tilt.cases)[number], "k" | "nc" | "M" | "N">;

/** The file's formula of one tilt, as it is written there. */
function tiltedAt(tilt: number, { k, nc, M, N }: Tilted): number {
  return k.reduce((sum, slow, at) => {
    const [canary = 0, all = 0, requests = 1] = [nc[at], M[at], N[at]];
    const byRequests = canary * Math.log(1 + (all / requests) * (Math.exp(tilt) - 1));
    const bySlow = all * Math.log(1 + (canary / requests) * (Math.exp(tilt) - 1));
    return sum + tilt * slow - Math.min(byRequests, bySlow);
  }, 0);
}

describe("to 1e-9 of the reference values", () => {
  it.each(special.gammaln)("ln Γ($x)", ({ x, value }) => {
    expect(error(logGamma(x), value)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(special.betaln)("ln B($a, $b)", ({ a, b, value }) => {
    expect(error(logBeta(a, b), value)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(special.betainc_regularized)("I of $x ($a, $b)", ({ x, a, b, value }) => {
    expect(error(Math.exp(logBetaShare(x, a, b)), value)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(special.normal_cdf)("the normal distribution at $x", ({ x, value }) => {
    expect(error(normalCdf(x), value)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(special.normal_quantile)("the normal quantile of $p", ({ p, value }) => {
    expect(error(normalQuantile(p), value)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(reference.dirichlet_multinomial_bayes_factor.cases)("the split's Bayes factor: $counts", (row) => {
    expect(error(logBayesFactor(row.counts, row.theta0, row.c), row.log_bf)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(reference.truncated_beta_mixture_one_sided.cases)("a closed form by the same functions: $k of $m", (row) => {
    const { k, m, p0, a, b } = row;
    const after = logBeta(a + k, b + m - k) + logBetaShare(1 - p0, b + m - k, a + k);
    const before = logBeta(a, b) + logBetaShare(1 - p0, b, a);
    const logE = after - before - k * Math.log(p0) - (m - k) * Math.log1p(-p0);
    expect(error(logE, row.log_e)).toBeLessThanOrEqual(CLOSE);
  });

  it.each(reference.conformal_threshold.rows)("the placebo threshold: $n at $alpha", (row) => {
    const scores = Array.from({ length: row.n }, (_, at) => at + 1).toReversed();
    expect(placeboThreshold(scores, row.alpha)).toBe(row.possible ? row.index_1based : undefined);
    expect(row.n >= placebosNeeded(row.alpha)).toBe(row.possible);
  });

  it.each(reference.backtest_ci.rows)("the back-test: $x of $n", (row) => {
    const { expected, low, high } = backtest(row.x, row.n, row.rollouts_per_month);
    expect(error(expected, row.expected)).toBeLessThanOrEqual(CLOSE);
    expect(error(low, row.ci95[0])).toBeLessThanOrEqual(CLOSE);
    expect(error(high, row.ci95[1])).toBeLessThanOrEqual(CLOSE);
  });

  it("the quantiles of a classic histogram, as Prometheus reckons them", () => {
    const { edges, cumulative, q } = reference.prometheus_histogram_quantile;
    const histogram = classicHistogram(edges.map((edge, at) => [edge, cumulative[at] ?? 0]));
    expect(Object.keys(q)).not.toHaveLength(0);
    for (const [share, time] of Object.entries(q)) {
      const found = histogram === undefined ? undefined : quantile(histogram, Number(share));
      expect(error(found ?? Number.NaN, time)).toBeLessThanOrEqual(CLOSE);
    }
  });

  // R finds its bounds by root search to 1e-12 in the data's unit; ours are differences of the data itself.
  // The file does not say which tilts its values are the means over. A mean lies between the least and the most of what it is of, whatever its tilts.
  it.each(reference.slow_fraction_tilt.cases)("slow shares without a tolerance: $k of $M", ({ k, nc, M, N, log_e }) => {
    const tallies = k.map((slow, at) => {
      const [requests, allSlow, allRequests] = [nc[at] ?? 0, M[at] ?? 0, N[at] ?? 0];
      return { slow, requests, allSlow, allRequests };
    });
    const tilts = Array.from({ length: 400 }, (_, at) => (at + 1) / 50);
    const each = tiltSums(tallies, tilts);
    expect(log_e).toBeLessThan(Math.max(...each));
    expect(log_e).toBeGreaterThan(Math.min(...each));
    for (const [at, sum] of each.entries()) {
      expect(error(sum, tiltedAt(tilts[at] ?? 0, { k, nc, M, N }))).toBeLessThanOrEqual(CLOSE);
    }
  });

  it.each(Object.entries(reference.mann_whitney_R))("Mann and Whitney's test: %s", (_, row) => {
    const { w, greater, twoSided } = rankSum(row.x, row.y);
    expect(w).toBe(row.W);
    expect(error(twoSided, row.p_two_sided_cc)).toBeLessThanOrEqual(CLOSE);
    expect(error(greater, row.p_greater_cc)).toBeLessThanOrEqual(CLOSE);
    const shift = shiftOf(row.x, row.y, normalQuantile(0.99));
    const [low, high] = row["ci98_tol1e-12"];
    expect(Math.abs(shift.low - low)).toBeLessThanOrEqual(2e-12);
    expect(Math.abs(shift.high - high)).toBeLessThanOrEqual(2e-12);
    expect(Math.abs(shift.estimate - row.median_of_pairwise_differences)).toBeLessThanOrEqual(CLOSE);
  });

  it("what it says with a tolerance, a confidence and an effect of one's own, and its interval to its own 1e-4", () => {
    const [issue] = reference.kayenta_judge.cases;
    const shift = shiftOf(issue?.experiment ?? [], issue?.control ?? [], normalQuantile(0.99));
    const [low = Number.NaN, high = Number.NaN] = issue?.expect_ci ?? [];
    expect(Math.abs(shift.low - low)).toBeLessThanOrEqual(1e-4);
    expect(Math.abs(shift.high - high)).toBeLessThanOrEqual(1e-4);
    expect(Math.abs(shift.estimate - (issue?.expect_estimate ?? Number.NaN))).toBeLessThanOrEqual(1e-4);
    const suite = reference.kayenta_judge.cases.find(({ verdict }) => verdict !== undefined);
    const own = { ...DEFAULT_KAYENTA, tolerance: 0.1, confidence: 0.95, allowedIncrease: 1.2 };
    expect(classify(suite?.experiment ?? [], suite?.control ?? [], own)).toBe(suite?.verdict?.toLowerCase());
  });

  it.each(reference.kayenta_judge.cases.filter(({ verdict_default }) => verdict_default !== undefined))(
    "what Kayenta's judge says: $source",
    ({ experiment, control, verdict_default }) => {
      expect(classify(experiment ?? [], control ?? [], DEFAULT_KAYENTA)).toBe(verdict_default?.toLowerCase());
    },
  );
});
