import { z } from "zod";
import { shareOfCopies } from "../core/copied.ts";
import type { Climb } from "../core/plan.ts";
import { weight } from "../core/weight.ts";
import { strict } from "./document.ts";

const WHOLE = 100;

const Share = z.int().min(0).max(50);

const Weight = z.union([Share, z.literal(WHOLE)], {
  error: "must be a whole number from 0 to 50, or 100 where all traffic switches",
});

const Step = z.union(
  [
    Share,
    z.literal(WHOLE),
    strict({ weight: Weight }),
    strict({ testers: z.literal(true) }),
    strict({ mirror: z.int().min(1).max(WHOLE) }),
  ],
  {
    error:
      "must be a weight from 0 to 50, or 100 where all traffic switches, or { testers: true }, or { mirror: N } of 1 to 100 %",
  },
);

type Step = z.infer<typeof Step>;

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

/** The steps of a plan as they may be written: weights, and before the first that moves traffic one of copies, and one for testers. */
export const Steps = z
  .array(Step)
  .min(1, NONE)
  .max(MOST, TOO_MANY)
  .refine((steps) => rising(weightsIn(steps)), MUST_RISE)
  .refine((steps) => !isNothing(weightsIn(steps)), MUST_HAVE)
  .refine((steps) => !weightsIn(steps).includes(WHOLE) || isSwitch(steps), {
    error:
      "must be [0, 100], or testers or a mirror and then 100, where they come to 100: all traffic is switched at once, or at most 50% is shared",
  })
  .refine(
    (steps) => steps.filter(isTesters).length <= 1 && steps.findLastIndex(isTesters) <= steps.findIndex(isWeighed),
    { error: "must have testers once, before all weights above 0" },
  )
  .refine(
    (steps) => steps.filter(isMirror).length <= 1 && steps.findLastIndex(isMirror) <= steps.findIndex(meetsSomebody),
    { error: "must have a mirror once, before testers and all weights above 0" },
  )
  .refine((steps) => !isMistakable(steps), {
    error:
      "must have another mirror, or another first weight: these two cannot be told apart by what is counted, as copies of 25% and a weight of 20%",
  });

export type Steps = z.infer<typeof Steps>;

function isTesters(step: Step): boolean {
  return typeof step === "object" && "testers" in step;
}

function isMirror(step: Step): step is { readonly mirror: number } {
  return typeof step === "object" && "mirror" in step;
}

function isWeighed(step: Step): boolean {
  return weightsIn([step]).some((one) => one > 0);
}

/** Whether the canary's answers reach anybody at a step. */
function meetsSomebody(step: Step): boolean {
  return isTesters(step) || isWeighed(step);
}

/** The weights among steps, in order. */
export function weightsIn(steps: readonly Step[]): readonly number[] {
  return steps.flatMap((step) => (typeof step === "number" ? [step] : "weight" in step ? [step.weight] : []));
}

/** Somebody or something has looked at the canary before it gets everybody. */
function isSwitch(steps: readonly Step[]): boolean {
  const [first, ...others] = weightsIn(steps);
  if (others.length > 0) return first === 0 && others.length === 1;
  return steps.some((step) => isTesters(step) || isMirror(step));
}

/** A copy is one request more for the canary: that a weight came after copies of as much could be seen in nothing. */
function isMistakable(steps: readonly Step[]): boolean {
  const mirror = steps.find(isMirror)?.mirror;
  const first = weightsIn(steps).find((one) => one > 0);
  return mirror !== undefined && !steps.some(isTesters) && shareOfCopies(mirror) === first;
}

/** What steps mean in a plan. */
export function climbIn(steps: readonly Step[]): Omit<Climb, "bakeMs"> {
  const mirror = steps.find(isMirror)?.mirror;
  return {
    weights: weightsIn(steps).map(weight),
    ...(steps.some(isTesters) && { testers: true }),
    ...(mirror !== undefined && { mirror }),
  };
}
