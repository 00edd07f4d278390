import { readFileSync } from "node:fs";
import { z } from "zod";

const number = z.string().transform(Number);
const counted = { k: z.array(number), m: z.array(number), rho: z.array(number) };

/** Reference values, computed with fifty digits. */
const Reference = z.object({
  special: z.object({ gammaln: z.array(z.object({ x: number, value: number })) }),
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
  ratio_confidence_sequence: z.object({
    alpha: z.number(),
    cases: z.array(z.object({ ...counted, name: z.string(), lo: number, hi: number })),
  }),
  min_canary_errors_when_stable_has_none: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
});

export const REFERENCE_FILE = new URL("../../data/gates/reference.json", import.meta.url);

export const reference = Reference.parse(JSON.parse(readFileSync(REFERENCE_FILE, "utf8")));
