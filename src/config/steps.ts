import { z } from "zod";
import type { Climb } from "../core/plan.ts";
import { weight } from "../core/weight.ts";
import { strict } from "./document.ts";

const WHOLE = 100;

const Share = z.int().min(0).max(50);

const Weight = z.union([Share, z.literal(WHOLE)], {
  error: "must be a whole number from 0 to 50, or 100 where all traffic switches",
});

const Step = z.union([Share, z.literal(WHOLE), strict({ weight: Weight }), strict({ testers: z.literal(true) })], {
  error: "must be a weight from 0 to 50, or 100 where all traffic switches, or { testers: true }",
});

const rising = (weights: readonly number[]) => weights.every((one, index) => one > (weights[index - 1] ?? -1));
const isNothing = (weights: readonly number[]) => !weights.some((one) => one > 0);

const NONE = { error: "must have a weight" };
const MUST_HAVE = { error: "must have a weight above 0" };
const MUST_RISE = { error: "must rise" };
const MOST = 20;
const TOO_MANY = { error: `must have at most ${MOST} steps` };

/** Weights at which stable keeps a part of the traffic. */
export const Shares = z
  .array(Share)
  .min(1, NONE)
  .max(MOST, TOO_MANY)
  .refine(rising, MUST_RISE)
  .refine((weights) => !isNothing(weights), MUST_HAVE);

/** The steps of a plan as they may be written: weights, and before the first that moves traffic a step for testers. */
export const Steps = z
  .array(Step)
  .min(1, NONE)
  .max(MOST, TOO_MANY)
  .refine((steps) => rising(weightsIn(steps)), MUST_RISE)
  .refine((steps) => !isNothing(weightsIn(steps)), MUST_HAVE)
  .refine((steps) => !weightsIn(steps).includes(WHOLE) || isSwitch(steps), {
    error:
      "must be [0, 100], or testers and then 100, where they come to 100: all traffic is switched at once, or at most 50% is shared",
  })
  .refine(
    (steps) =>
      steps.filter(isTesters).length <= 1 &&
      steps.findLastIndex(isTesters) <= weightsIn(steps).findIndex((one) => one > 0),
    { error: "must have testers once, before all weights above 0" },
  );

export type Steps = z.infer<typeof Steps>;

function isTesters(step: z.infer<typeof Step>): boolean {
  return typeof step === "object" && "testers" in step;
}

/** The weights among steps, in order. */
export function weightsIn(steps: readonly z.infer<typeof Step>[]): readonly number[] {
  return steps.flatMap((step) => (typeof step === "number" ? [step] : "weight" in step ? [step.weight] : []));
}

/** Somebody or something has looked at the canary before it gets everybody. */
function isSwitch(steps: readonly z.infer<typeof Step>[]): boolean {
  const [first, ...others] = weightsIn(steps);
  return others.length === 0 ? steps.some(isTesters) : first === 0 && others.length === 1;
}

/** What steps mean in a plan. */
export function climbIn(steps: readonly z.infer<typeof Step>[]): Pick<Climb, "weights" | "testers"> {
  return { weights: weightsIn(steps).map(weight), ...(steps.some(isTesters) && { testers: true }) };
}
