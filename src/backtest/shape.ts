import { sharedWeights, type Policy } from "../core/plan.ts";

/** How a service's releases go: what placebo releases are cut like. Weights are shares of 1. */
export type Shape = {
  readonly weights: readonly number[];
  readonly windowMs: number;
  readonly bakeMs: number;
  /** Windows at the beginning of a step that no gate compares. */
  readonly warmUpWindows: number;
  /** Windows of a step's bake, and of a step that is held at its deadline. */
  readonly bakeWindows: number;
  readonly deadlineWindows: number;
};

type Times = Pick<Policy, "weights" | "bakeMs" | "windowMs" | "deadlineMs" | "warmUpMs">;

/** The shape of a policy's releases; without warm-up and delivery, in which nothing is compared. */
export function shapeOf({ weights, bakeMs, windowMs, deadlineMs, warmUpMs }: Times): Shape {
  const bakeWindows = Math.max(2, Math.ceil(bakeMs / windowMs));
  return {
    weights: sharedWeights({ weights }).map((weight) => weight / 100),
    windowMs,
    bakeMs,
    warmUpWindows: Math.ceil(warmUpMs / windowMs),
    bakeWindows,
    deadlineWindows: Math.max(bakeWindows + 1, Math.floor(deadlineMs / windowMs)),
  };
}
