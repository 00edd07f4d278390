import type { Eta } from "./gate/eta.ts";
import type { Plan, Policy, Step } from "./plan.ts";
import type { Member } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import type { Verdict } from "./verdict.ts";

/** How a release goes on if everything passes at the present pace; milliseconds since the epoch. */
export type Outlook = {
  /** When the step merges by which stable takes the new version; undefined where that has merged. */
  readonly promotedAt: number | undefined;
  /** When its last step merges. */
  readonly overAt: number;
};

/** What a release shares its repository's merges with: a merge so often, milliseconds, and how many step pull requests take turns in them, its own among them. */
export type Road = { readonly now: number; readonly everyMs: number; readonly sharing: number };

/** Reckons from bake times, from what gates say of how far they are, and from the merges that there is room for. Undefined where one of them says nothing to go by. */
export function outlookOf(member: Member, stage: Stage, road: Road): Outlook | undefined {
  const next = nextMerge(member, stage, road.now);
  const step = "step" in stage ? stage.step : undefined;
  if (next === undefined || step === undefined) return undefined;
  const { plan, policy } = member;
  const steps = plan.steps.filter(({ index }) => index > step.index);
  const everyMs = road.everyMs * road.sharing;
  const mergedAt = (upTo: readonly Step[]) => next + timeOf({ steps: upTo }, { ...policy, mergeEveryMs: everyMs });
  const promotion = plan.steps.find(({ kind }) => kind === "promote")?.index ?? 0;
  return {
    promotedAt: promotion < step.index ? undefined : mergedAt(steps.filter(({ index }) => index <= promotion)),
    overAt: mergedAt(steps),
  };
}

/** What a good release takes by some steps: its bakes, and per step the windows that see it and the repository's pace. Milliseconds. */
export function timeOf(
  { steps }: Plan,
  { windowMs, settleMs, mergeEveryMs }: Pick<Policy, "windowMs" | "settleMs" | "mergeEveryMs">,
): number {
  return steps.reduce((sum, { weight, bakeMs }) => {
    const seen = (weight === 0 ? 2 : 1) * windowMs + windowMs / 2 + settleMs;
    return sum + Math.max(mergeEveryMs, seen + bakeMs);
  }, 0);
}

/** When the step that a member stands at merges, milliseconds, if nothing happens; undefined where that is anybody's guess. */
function nextMerge(member: Member, stage: Stage, now: number): number | undefined {
  switch (stage.kind) {
    case "passed":
      return now;
    case "paced":
    case "gathering":
      return Math.max(now, stage.until);
    case "baking": {
      const waits = waitOf(stage.verdict, member);
      return waits === undefined ? undefined : Math.max(stage.until, now + waits);
    }
    case "measuring": {
      const waits = stage.overdue ? undefined : waitOf(stage.verdict, member);
      return waits === undefined ? undefined : now + waits;
    }
    case "syncing": {
      const seenAt = member.changedAt + timeOf({ steps: [stage.step] }, { ...member.policy, mergeEveryMs: 0 });
      return stage.why.kind === "noWindow" && seenAt > now ? seenAt : undefined;
    }
    default:
      return undefined;
  }
}

/** How long a gate still waits if traffic and errors go on as they are, milliseconds; undefined where nothing tells, or where it is not as they are that it would pass. */
function waitOf(verdict: Verdict, { policy }: Member): number | undefined {
  if (verdict.kind === "pass") return 0;
  const { rulings, skipped, analyses = [], seasonal, eta, own, readiness } = verdict;
  if (verdict.kind === "fail" || analyses.length > 0 || seasonal !== undefined || own === "fail") return undefined;
  // Ready pods and time are all that it asks for.
  if (policy.evidence === "bake" && readiness !== undefined) return readiness.ready < readiness.wanted ? undefined : 0;
  const open = rulings.filter(({ gate, judgement }) => judgement.verdict.kind === "wait" && !skipped.includes(gate));
  if (open.length === 0) return waitIn(eta);
  const waits = open.map((ruling) => (ruling.gate === "errors" ? waitIn(ruling.eta) : undefined));
  return waits.includes(undefined) ? undefined : Math.max(...waits.map((ms) => ms ?? 0));
}

function waitIn(eta: Eta | undefined): number | undefined {
  return eta?.kind === "passes" && eta.given === undefined ? eta.inMs : undefined;
}
