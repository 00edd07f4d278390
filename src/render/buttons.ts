import type { Stage } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";

/** A button on a completed check. Pressing it is saying the command that its identifier is. */
export type Button = { readonly label: string; readonly description: string; readonly identifier: Identifier };

type Identifier = "promote" | "hold" | "resume" | "abort";

/** GitHub's limits, in characters, and of how many it shows. */
export const LONGEST_LABEL = 20;
export const LONGEST_DESCRIPTION = 40;
export const MOST_BUTTONS = 3;

const PROMOTE: Button = {
  label: "Promote",
  description: "Merge this step without its gate",
  identifier: "promote",
};
const HOLD: Button = { label: "Hold", description: "Stay at this weight until resumed", identifier: "hold" };
const RESUME: Button = { label: "Resume", description: "Lift what holds this step", identifier: "resume" };
const ABORT: Button = { label: "Abort", description: "Take the release back, block its version", identifier: "abort" };
const TO_ZERO: Button = { ...ABORT, description: "Send the weight to 0 at once" };

/** What can be done with one press on a check that is completed and waits for somebody; none where nothing waits. */
export function buttonsOf(stage: Stage): readonly Button[] {
  switch (stage.kind) {
    case "held":
      return heldButtons(stage);
    case "diverged":
      return divergedButtons(stage);
    case "orphan":
      return [TO_ZERO];
    case "syncing":
      return stage.overdue ? [HOLD, ABORT] : [];
    case "measuring":
      return stage.overdue ? [PROMOTE, HOLD, ABORT] : [];
    case "refused":
      return [HOLD, ABORT];
    case "resting":
    case "blocked":
    case "queued":
    case "raised":
    case "proposing":
    case "gathering":
    case "baking":
    case "paced":
    case "passed":
    case "failed":
    case "aborting":
      return [];
    default:
      return unreachable(stage);
  }
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function heldButtons({ because }: In<"held">): readonly Button[] {
  switch (because.kind) {
    case "hold":
      return [PROMOTE, RESUME, ABORT];
    case "pushed":
      return [RESUME, ABORT];
    case "draft":
    case "unreadable":
      return [ABORT];
    default:
      return unreachable(because);
  }
}

// A stable that was changed at rest has nothing that could be aborted, but then no step is open either.
function divergedButtons({ divergence }: In<"diverged">): readonly Button[] {
  return divergence.kind === "lowered" && divergence.step !== undefined ? [RESUME, ABORT] : [ABORT];
}
