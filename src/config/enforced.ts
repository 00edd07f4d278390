import { z } from "zod";
import { strict } from "./document.ts";
import { EnforcedPolicy } from "./policy-schema.ts";
import { Bake, Evidence, RepoConfig, Slowdown, WarmUp } from "./repo-config.ts";
import { Shares } from "./steps.ts";
import { ERROR_LIMITS } from "./error-limits.ts";

/** After its last step a release is promoted. */
const WHOLE = 100;

const { beta, tolerance, regression, slo, unhealthy, dispersion, power, minimum } = ERROR_LIMITS;

const Errors = strict({
  alpha: z.number().gt(0).max(0.25).optional(),
  threshold: z.number().gt(1).max(1e12).optional(),
  beta,
  tolerance,
  regression,
  slo,
  unhealthy,
  dispersion,
  power,
  minimum,
  noData: z.enum(["wait", "fail"], { error: "must be wait or fail: skip enforces nothing" }).optional(),
})
  .refine((errors) => errors.regression === undefined || errors.regression > (errors.tolerance ?? Infinity), {
    error: "must have, with regression, a tolerance below it",
  })
  .refine((errors) => errors.unhealthy === undefined || errors.unhealthy >= (errors.slo ?? Infinity), {
    error: "must have, with unhealthy, an slo that is not above it",
  });

const Latency = strict({ tolerated: Slowdown.optional(), regression: Slowdown.optional() }).refine(
  (latency) => latency.regression === undefined || latency.regression > (latency.tolerated ?? Infinity),
  { error: "must have, with regression, a tolerated below it" },
);

/** What a shared configuration holds the repositories to that extend it; each may be stricter, none looser. What is not here no order is known for. */
export const Enforced = strict({
  metrics: RepoConfig.shape.metrics.optional(),
  steps: Shares.optional(),
  bake: Bake.optional(),
  expedite: z
    .union([z.literal("never"), strict({ steps: Shares.optional(), bake: Bake.optional() })], {
      error: "must be never, or have steps and bake",
    })
    .optional(),
  evidence: Evidence.optional(),
  observe: z
    .enum(["metrics", "reported"], { error: "must be metrics or reported: assumed enforces nothing" })
    .optional(),
  deadline: RepoConfig.shape.deadline,
  onDeadline: z.literal("abort", { error: "must be abort: hold enforces nothing" }).optional(),
  onAbort: z.literal("all", { error: "must be all: member enforces nothing" }).optional(),
  bumps: z
    .enum(["supersede", "queue", "batch"], { error: "must be supersede, queue or batch, which it then has to be" })
    .optional(),
  pace: RepoConfig.shape.pace,
  gates: strict({ warmUp: WarmUp.optional(), errors: Errors.optional(), latency: Latency.optional() }).optional(),
  commands: RepoConfig.shape.commands,
  page: RepoConfig.shape.page,
  policy: EnforcedPolicy.optional(),
}).refine(({ bake = 0, expedite, deadline = Infinity }) => Math.max(bake, bakeOf(expedite)) < deadline, {
  error: "must have a bake that ends before its deadline",
});
export type Enforced = z.infer<typeof Enforced>;

function bakeOf(expedite: "never" | { readonly bake?: number | undefined } | undefined): number {
  return expedite === undefined || expedite === "never" ? 0 : (expedite.bake ?? 0);
}

/**
 * The strictest of two rising lists of weights: of the shares that a release may have reached after so many passed steps, the smaller.
 * A weight of 0 is no such step: nothing has been asked of the canary yet, so that it buys no larger share after it.
 */
export function strictestSteps(one: readonly number[], two: readonly number[]): readonly number[] {
  const [first, second] = [sharesIn(one), sharesIn(two)];
  const most = Math.max(first.length, second.length);
  const isWatched = [...one, ...two].includes(0);
  const shares = Array.from({ length: most }, (_, index) => Math.min(first[index] ?? WHOLE, second[index] ?? WHOLE));
  return isWatched ? [0, ...shares] : shares;
}

function sharesIn(steps: readonly number[]): readonly number[] {
  return steps.filter((step) => step > 0);
}

/** The weights that leave room for a comparison where one is enforced: a switch has none. */
export function comparable(steps: readonly number[], { evidence }: Pick<Enforced, "evidence">): readonly number[] {
  return evidence === "compare" ? steps.map((step) => Math.min(step, MOST_SHARED)) : steps;
}

const MOST_SHARED = 50;

/** From the strictest on. */
export const STRICTEST = {
  evidence: ["compare", "health", "bake"],
  observe: ["metrics", "reported", "assumed"],
  noData: ["fail", "wait", "skip"],
} as const;

/** What holds the plan of hotfixes, where there may be one: what is said for it, else what holds every plan. */
export function expediteBounds({ expedite, steps, bake }: Enforced): Pick<Enforced, "steps" | "bake"> {
  return expedite === undefined || expedite === "never" ? { steps, bake } : expedite;
}

/** Of the error gate's evidence, the most that blocking may take: what the promised alpha says, where nothing else is said. */
export function mostThreshold({ gates }: Enforced): number | undefined {
  const { threshold, alpha } = gates?.errors ?? {};
  return threshold ?? (alpha === undefined ? undefined : 1 / alpha);
}
