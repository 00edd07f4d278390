import { z } from "zod";

const fraction = z.number().gt(0).lt(1);

/** Within which limits the settings of the error gate are taken, wherever they are written. */
export const ERROR_LIMITS = {
  alpha: z.number().gt(0).max(0.5).optional(),
  beta: z.number().gt(0).max(0.5).optional(),
  tolerance: z.number().min(1).max(10).optional(),
  regression: z.number().gt(1).max(100).optional(),
  slo: fraction.optional(),
  unhealthy: fraction.optional(),
  dispersion: z.number().min(1).max(1000).optional(),
  power: fraction.optional(),
  minimum: z.int().min(1).max(1e12).optional(),
  noData: z.enum(["wait", "fail", "skip"], { error: "must be wait, fail or skip" }).optional(),
};
