import { branchOf, leafOf, type Action } from "./action.ts";
import { abortOf, fallOf } from "./fall.ts";
import { hear, type Heard } from "./heard.ts";
import { nextStep, proposalOf } from "./proposal.ts";
import type { Member, Snapshot, StepPull } from "./snapshot.ts";
import { stageOf, type Stage } from "./stage.ts";
import type { Aborting } from "./state.ts";
import { unreachable } from "./unreachable.ts";

/**
 * What is to be done now: a function of one look and the time (milliseconds) and of nothing else.
 * Aborts come first; within a member the most durable action comes first and a verdict before the merge that it permits.
 */
export function decide(snapshot: Snapshot, now: number): readonly Action[] {
  const pace = paceOf(snapshot);
  const perMember: (readonly Action[])[] = [];
  let paceUntil = pace(0);
  for (const member of snapshot.members) {
    const actions = decideMember(member, snapshot, { now, paceUntil });
    perMember.push(actions);
    // One step at a time for the repository: the first that is due takes this turn.
    if (actions.some(({ kind }) => kind === "merge")) paceUntil = pace(now);
  }
  const others = [
    ...snapshot.refusals.flatMap(reportRefusal),
    ...snapshot.bumps.map((bump): Action => ({ kind: "reportPlan", bump })),
    ...snapshot.litter.map((litter): Action => ({ kind: "prune", litter })),
  ];
  return abortsFirst([...perMember.flat(), ...others]);
}

/** When the next step may merge, given when the last one did, milliseconds. */
export function paceOf({ lastMerge, members }: Pick<Snapshot, "lastMerge" | "members">): (merged: number) => number {
  const every = Math.max(0, ...members.map(({ policy }) => policy.mergeEveryMs));
  return (merged) => Math.max(lastMerge ?? 0, merged) + every;
}

function abortsFirst(actions: readonly Action[]): readonly Action[] {
  const isAbort = (action: Action) => action.kind === "land" && action.fall.kind !== "takeBack";
  return [...actions.filter(isAbort), ...actions.filter((action) => !isAbort(action))];
}

function reportRefusal(refusal: Snapshot["refusals"][number]): readonly Action[] {
  return refusal.pulls.map(({ headSha }) => ({ kind: "reportRefusal", refusal, headSha }));
}

type Turn = { readonly now: number; readonly paceUntil: number };

function decideMember(member: Member, { head }: Snapshot, { now, paceUntil }: Turn): readonly Action[] {
  const stage = stageOf(member, now, paceUntil);
  const heard = hear(member);
  const closing = member.leftovers.map((pull): Action => ({ kind: "close", pull }));
  const talk = [...repliesOf(member, stage, heard), ...summaryOf(member)];
  const aborting = abortingOf(stage, heard);
  if (aborting !== undefined) {
    const change = abortOf(member, head, aborting, heard.abort?.comment ?? 0);
    const failure: In<"failed"> = stage.kind === "failed" ? stage : { kind: "failed", aborting, verdict: undefined };
    return [
      {
        kind: "land",
        member,
        fall: { kind: "abort", aborting, verdict: failure.verdict },
        change,
        branch: branchOf(member, "abort"),
      },
      ...failed(member, failure),
      ...talk,
      ...closing,
    ];
  }
  const spoken = sayAnew(member, head, heard);
  return [...(spoken ?? actionsOf(member, stage, { head, now })), ...talk, ...closing];
}

/** How a release ended is told on its bump's pull request, when git says that it has. */
function summaryOf(member: Member): readonly Action[] {
  const release = member.ended?.targets.get(member.target)?.release;
  if (release?.source === undefined) return [];
  return [{ kind: "summarise", member, pull: release.source, release }];
}

/** A gate's failure and containment come before a person's wish: their reason is the one that is recorded. */
function abortingOf(stage: Stage, { abort }: Heard): Aborting | undefined {
  if (stage.kind === "failed") return stage.aborting;
  if (abort === undefined) return undefined;
  return { by: "person", who: abort.by, reason: abort.reason ?? `asked by ${abort.by}` };
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function failed(member: Member, stage: In<"failed">): readonly Action[] {
  return member.pull === undefined ? [] : [reportGate(member, member.pull, stage)];
}

function reportGate(member: Member, { number, headSha }: StepPull, stage: Stage): Action {
  return { kind: "reportGate", member, stage, number, headSha };
}

/** What people have just said is a commit on the step's branch before anything else happens to the step. */
function sayAnew(member: Member, head: Snapshot["head"], { said, replies }: Heard): readonly Action[] | undefined {
  const changes = replies.some(({ outcomes }) => outcomes.some(({ kind }) => kind === "done"));
  if (!changes || member.pull?.current !== true || said.heard <= (member.pull.proposed?.heard ?? 0)) return undefined;
  return propose(member, head, said);
}

function propose(member: Member, head: Snapshot["head"], said?: Heard["said"]): readonly Action[] {
  const step = nextStep(member);
  const change = said === undefined ? proposalOf(member, head) : proposalOf(member, head, said);
  if (step === undefined || change === undefined) return [];
  return [{ kind: "propose", member, step, change, branch: branchOf(member, leafOf(step)) }];
}

type Look = { readonly head: Snapshot["head"]; readonly now: number };

/** A reply that promises an effect waits until the effect can be committed. */
function repliesOf(member: Member, stage: Stage, { replies, said, abort }: Heard): readonly Action[] {
  const committed = abort !== undefined || member.pull?.current === true || said.heard <= member.state.heard;
  return replies
    .filter(({ outcomes }) => committed || outcomes.every(({ kind }) => kind !== "done"))
    .map(({ comment, outcomes }): Action => ({ kind: "reply", comment, member, stage, outcomes }));
}

function actionsOf(member: Member, stage: Stage, { head, now }: Look): readonly Action[] {
  const { pull, policy } = member;
  const nextWindow: Action = { kind: "wakeAt", at: now + policy.windowMs };
  switch (stage.kind) {
    case "resting":
    case "blocked":
      return [];
    case "failed":
      throw new Error("A failure is an abort before it comes here.");
    case "diverged":
      return pull === undefined ? [] : [reportGate(member, pull, stage)];
    case "proposing":
      return propose(member, head);
    case "aborting":
      return fallActions(member, stage, { head, now });
    case "held":
    case "syncing":
    case "measuring":
      return pull === undefined ? [] : [reportGate(member, pull, stage), nextWindow];
    case "baking":
    case "paced":
      return pull === undefined
        ? []
        : [reportGate(member, pull, stage), { kind: "wakeAt", at: Math.min(stage.until, now + policy.windowMs) }];
    case "passed":
      return pull === undefined ? [] : passed(member, pull, stage);
    default:
      return unreachable(stage);
  }
}

function passed(member: Member, pull: StepPull, stage: Extract<Stage, { readonly kind: "passed" }>): readonly Action[] {
  const { number, headSha } = pull;
  const { step, verdict, override } = stage;
  return [reportGate(member, pull, stage), { kind: "merge", member, step, number, headSha, verdict, override }];
}

function fallActions(
  member: Member,
  stage: Extract<Stage, { readonly kind: "aborting" }>,
  { head, now }: Look,
): readonly Action[] {
  const fall = fallOf(member, head);
  if (fall === undefined) return [];
  if (stage.unseen !== undefined) return [{ kind: "wakeAt", at: now + member.policy.windowMs }];
  const { aborting } = stage;
  return [
    {
      kind: "land",
      member,
      fall: { kind: fall.kind, aborting },
      change: fall.change,
      branch: branchOf(member, fall.kind === "lower" ? "lower" : "take-back"),
    },
  ];
}
