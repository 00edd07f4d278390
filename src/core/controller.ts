import type { Liveness, Unseen } from "./live.ts";
import type { StepKind } from "./plan.ts";
import { windowsSince } from "./segments.ts";
import type { Phase, Window } from "./window.ts";

/** A Rollout's step that landed at `changedAt`, milliseconds, and all that is known of the time around it, oldest first. */
export type Landed = {
  readonly step: StepKind | undefined;
  readonly changedAt: number;
  readonly timeline: readonly Window[];
};

/** Phases that no step of ours comes to, worst first: the controller does not act on the Rollout, or has taken its version back. */
const REFUSALS: readonly Phase[] = ["InvalidSpec", "Error", "Abort", "Timeout"];

/**
 * A Rollout's liveness, as the metrics of pods and requests have it, together with what its controller says. A refusal of the controller's outweighs them;
 * where they show the change, the controller must have come to where the steps lead: to the pause at a weight, to completion at promotion. Where it says nothing, nothing changes.
 */
export function withController(seen: Liveness, landed: Landed): Liveness {
  const last = windowsSince(landed.changedAt, landed.timeline).at(-1)?.phases ?? [];
  const refused = REFUSALS.find((phase) => last.includes(phase));
  if (refused !== undefined) return unseen(refused);
  // Steps that run out run on by themselves: more than what is still missing tells that they do not.
  if (landed.step === "promote" && seen.kind === "unseen" && isAll("Paused", last))
    return unseen("Paused", "Completed");
  if (seen.kind === "unseen") return shownAlone(seen, landed);
  const elsewhere = elsewhereOf(seen, landed, last);
  if (elsewhere !== undefined) return elsewhere;
  const [phase, ...others] = last;
  return phase === undefined || others.length > 0 ? seen : { ...seen, phase };
}

function unseen(phase: Phase, wanted?: Phase): Liveness {
  const why: Unseen = { kind: "controller", phase, wanted };
  return { kind: "unseen", why };
}

function elsewhereOf(
  seen: Extract<Liveness, { readonly kind: "live" }>,
  landed: Landed,
  last: readonly Phase[],
): Liveness | undefined {
  switch (landed.step) {
    case "promote": {
      const [phase] = last;
      return phase === undefined || completedAt(landed) !== undefined ? undefined : unseen(phase, "Completed");
    }
    case "shift": {
      // On its way a share is a share; pods alone are not the weight before the controller has come to its pause.
      const isOnItsWay = (phase: Phase) => phase === "Paused" || (phase === "Progressing" && seen.by === "share");
      const phase = last.find((one) => !isOnItsWay(one));
      return phase === undefined ? undefined : unseen(phase, "Paused");
    }
    default:
      return undefined;
  }
}

/** What neither pods nor requests can tell. */
const UNTOLD: ReadonlySet<Unseen["kind"]> = new Set(["alike", "assuming", "unreported", "noPods"]);

/** Promotion where nothing else tells of it: the controller was seen to pause, and has completed since the steps that run out have landed. */
function shownAlone(seen: Extract<Liveness, { readonly kind: "unseen" }>, landed: Landed): Liveness {
  const since = landed.step === "promote" && UNTOLD.has(seen.why.kind) ? completedAt(landed) : undefined;
  const hasPaused = landed.timeline.some(({ start, phases }) => start < (since ?? 0) && isAll("Paused", phases));
  if (since === undefined || !hasPaused) return seen;
  return { kind: "live", since, by: "controller", share: undefined, deviates: false, phase: "Completed" };
}

/** The start of the first window since the landing at whose end the Rollout was completed, milliseconds. */
function completedAt({ changedAt, timeline }: Landed): number | undefined {
  return windowsSince(changedAt, timeline).find(({ phases }) => isAll("Completed", phases))?.start;
}

function isAll(wanted: Phase, phases: readonly Phase[] = []): boolean {
  return phases.length > 0 && phases.every((phase) => phase === wanted);
}
