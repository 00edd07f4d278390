import { readFileSync } from "node:fs";
import { z } from "zod";

const number = z.string().transform(Number);
const counted = { k: z.array(number), m: z.array(number), rho: z.array(number) };

/** Reference values, computed with fifty digits. */
const Reference = z.object({
  special: z.object({
    gammaln: z.array(z.object({ x: number, value: number })),
    betaln: z.array(z.object({ a: number, b: number, value: number })),
    betainc_regularized: z.array(z.object({ x: number, a: number, b: number, value: number })),
    normal_cdf: z.array(z.object({ x: number, value: number })),
    normal_quantile: z.array(z.object({ p: number, value: number })),
  }),
  mann_whitney_R: z.record(
    z.string(),
    z.object({
      x: z.array(z.number()),
      y: z.array(z.number()),
      W: z.number(),
      p_two_sided_cc: z.number(),
      p_greater_cc: z.number(),
      "ci98_tol1e-12": z.tuple([z.number(), z.number()]),
      median_of_pairwise_differences: z.number(),
    }),
  ),
  kayenta_judge: z.object({
    cases: z.array(
      z.object({
        source: z.string(),
        experiment: z.array(z.number()).optional(),
        control: z.array(z.number()).optional(),
        verdict_default: z.string().optional(),
        verdict: z.string().optional(),
        expect_ci: z.tuple([z.number(), z.number()]).optional(),
        expect_estimate: z.number().optional(),
      }),
    ),
  }),
  truncated_beta_mixture_one_sided: z.object({
    cases: z.array(z.object({ k: number, m: number, p0: number, a: number, b: number, log_e: number })),
  }),
  dirichlet_multinomial_bayes_factor: z.object({
    cases: z.array(z.object({ counts: z.array(number), theta0: z.array(number), c: number, log_bf: number })),
  }),
  conformal_threshold: z.object({
    rows: z.array(z.object({ n: z.number(), alpha: z.number(), index_1based: z.number(), possible: z.boolean() })),
  }),
  backtest_ci: z.object({
    rows: z.array(
      z.object({
        x: z.number(),
        n: z.number(),
        rollouts_per_month: z.number(),
        expected: z.number(),
        ci95: z.tuple([z.number(), z.number()]),
      }),
    ),
  }),
  prometheus_histogram_quantile: z.object({
    edges: z.array(z.union([z.number(), z.literal("+Inf").transform(() => Number.POSITIVE_INFINITY)])),
    cumulative: z.array(z.number()),
    q: z.record(z.string(), z.number()),
  }),
  rate_grid_mixture: z.object({
    cases: z.array(
      z.object({
        ...counted,
        name: z.string(),
        r0: number,
        phi: number,
        log_e: z.array(number),
        ratios: z.array(number),
      }),
    ),
  }),
  block_betting: z.object({
    cs: z.array(number),
    cases: z.array(z.object({ ...counted, r0: number, log_e: z.array(number) })),
  }),
  hybrid: z.object({ cases: z.array(z.object({ ...counted, r0: number, phi: number, log_e_final: number })) }),
  slow_fraction_tilt: z.object({
    cases: z.array(
      z.object({ k: z.array(number), nc: z.array(number), M: z.array(number), N: z.array(number), log_e: number }),
    ),
  }),
  /** Printed with six or seven digits. */
  confseq_unit_tests: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.number())])),
  ratio_confidence_sequence: z.object({
    alpha: z.number(),
    cases: z.array(z.object({ ...counted, name: z.string(), lo: number, hi: number })),
  }),
  min_canary_errors_when_stable_has_none: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
});

export const REFERENCE_FILE = new URL("../../data/gates/reference.json", import.meta.url);

export const reference = Reference.parse(JSON.parse(readFileSync(REFERENCE_FILE, "utf8")));

/** How far off a value may be that was printed with six or seven digits, the intervals cut off rather than rounded. */
export const PRINTED_TO = 1e-6;

/** How far off a value of confseq's own tests is, by its name, relative where it is above 1; `at` tells the ends of an interval apart. */
export function misprint(value: number, name: string, at = 0): number {
  const found = reference.confseq_unit_tests[name];
  const printed = Number(Array.isArray(found) ? found[at] : found);
  return Math.abs(value - printed) / Math.max(1, Math.abs(printed));
}
