import type { Climb, Step } from "./plan.ts";
import { unreachable } from "./unreachable.ts";
import { NO_WEIGHT } from "./weight.ts";

/** A step on the way up, and of how many per cent of the requests the canary must be able to answer as many. */
export type Rung = Pick<Step, "weight" | "mirror"> & {
  readonly kind: "warmUp" | "mirror" | "testers" | "shift";
  readonly asked: number;
};

/** The steps up to the last weight: who meets the canary are more at every one. */
export function rungsOf({ weights, testers, mirror }: Climb): readonly Rung[] {
  const shares = weights.filter((share) => share > NO_WEIGHT);
  const [first = NO_WEIGHT] = shares;
  return [
    { kind: "warmUp", weight: NO_WEIGHT, asked: NO_WEIGHT },
    ...(mirror === undefined ? [] : [{ kind: "mirror", weight: NO_WEIGHT, asked: mirror, mirror } as const]),
    ...(testers === true ? [{ kind: "testers", weight: NO_WEIGHT, asked: first } as const] : []),
    ...shares.map((weight) => ({ kind: "shift", weight, asked: weight }) as const),
  ];
}

/** What a step on the way up waits for, by the one before it. */
export function waitsOn(before: Rung["kind"] | undefined, { weights, bakeMs }: Climb): Pick<Step, "judge" | "bakeMs"> {
  switch (before) {
    case undefined:
      return { judge: "seen", bakeMs: 0 };
    case "warmUp":
      return weights[0] === NO_WEIGHT ? { judge: "ready", bakeMs } : { judge: "healthy", bakeMs: 0 };
    case "mirror":
      return { judge: "mirrored", bakeMs };
    case "testers":
      return { judge: "tested", bakeMs };
    case "shift":
      return { judge: "compare", bakeMs };
    default:
      return unreachable(before);
  }
}
