import { branchOf, leafOf, type Action, type Fall } from "./action.ts";
import { abortOf, fallOf } from "./fall.ts";
import { hear, type Heard } from "./heard.ts";
import { landingOf, toZero, type Asked } from "./landing.ts";
import { nextStep, proposalOf, saidOf, type Said } from "./proposal.ts";
import { repliesOf, type Hearing } from "./replies.ts";
import type { Closing, Member, Snapshot, StepPull, Unconcerned } from "./snapshot.ts";
import { stageOf, type Stage } from "./stage.ts";
import { summariesOf } from "./summaries.ts";
import type { Aborting } from "./state.ts";
import { unreachable } from "./unreachable.ts";
import { TO_ZERO } from "./wanted.ts";

/**
 * What is to be done now: a function of one look and the time (milliseconds) and of nothing else.
 * Aborts come first; within a member the most durable action comes first and a verdict before the merge that it permits.
 */
export function decide(snapshot: Snapshot, now: number): readonly Action[] {
  const pace = paceOf(snapshot, now);
  const perMember: (readonly Action[])[] = [];
  const hearings: Hearing[] = [];
  const unconcerned = Map.groupBy(snapshot.unconcerned, ({ headSha }) => headSha);
  const steps = new Set(snapshot.members.flatMap(({ pull }) => pull?.headSha ?? []));
  let paceUntil = pace(0);
  for (const member of snapshot.members) {
    const stage = stageOf(member, now, paceUntil);
    const heard = hear(member);
    hearings.push({ member, stage, heard });
    const actions = decideMember(member, { stage, heard, head: snapshot.head, now });
    // A check that the rules ask for comes before the merge that it permits.
    const missing = (member.pull && unconcerned.get(member.pull.headSha)) ?? [];
    perMember.push(
      missing.map((one) => reportUnconcerned(one, member)),
      actions,
    );
    // One step at a time for the repository: the first that is due takes this turn.
    if (actions.some(({ kind }) => kind === "merge")) paceUntil = pace(now);
  }
  const others = [
    ...snapshot.refusals.flatMap(reportRefusal),
    ...snapshot.bumps.map((bump): Action => ({ kind: "reportPlan", bump })),
    ...snapshot.unconcerned
      .filter(({ headSha }) => !steps.has(headSha))
      .map((one) => reportUnconcerned(one, undefined)),
    ...snapshot.letGo.flatMap(letGo),
    ...snapshot.litter.map((litter): Action => ({ kind: "prune", litter })),
    ...(snapshot.unheard === 0 ? [] : [{ kind: "wakeAt", at: now + HEAR_AGAIN_MS } as const]),
  ];
  return abortsFirst([...perMember.flat(), ...summariesOf(hearings, now), ...repliesOf(hearings), ...others]);
}

/** How soon GitHub is asked again who somebody is. */
const HEAR_AGAIN_MS = 30_000;

/** When the next step may merge, given when the last one did. A commit that somebody's fast clock has dated later than that is no reason to wait. */
function paceOf({ lastMerge = 0, members }: Snapshot, now: number): (merged: number) => number {
  const every = Math.max(0, ...members.map(({ policy }) => policy.mergeEveryMs));
  const last = lastMerge > now + every ? 0 : lastMerge;
  return (merged) => Math.max(last, merged) + every;
}

function abortsFirst(actions: readonly Action[]): readonly Action[] {
  const isAbort = (action: Action) => action.kind === "land" && isDown(action.fall);
  return [...actions.filter(isAbort), ...actions.filter((action) => !isAbort(action))];
}

/** It takes weight away, and waits for nobody. */
function isDown({ kind }: Fall): boolean {
  return kind === "abort" || kind === "lower" || kind === "toZero";
}

function reportUnconcerned(unconcerned: Unconcerned, stepOf: Member | undefined): Action {
  return { kind: "reportUnconcerned", unconcerned, stepOf };
}

function reportRefusal(refusal: Snapshot["refusals"][number]): readonly Action[] {
  return refusal.pulls.map(({ headSha }) => ({ kind: "reportRefusal", refusal, headSha }));
}

/** A service without a state file is its people's again: what is open for it is closed with a word. */
function letGo({ service, pull }: Snapshot["letGo"][number]): readonly Action[] {
  return [
    { kind: "note", pull: pull.number, note: { kind: "letGo", service } },
    { kind: "close", pull },
  ];
}

type Turn = {
  readonly stage: Stage;
  readonly heard: Heard;
  readonly head: Snapshot["head"];
  readonly now: number;
};

function decideMember(member: Member, turn: Turn): readonly Action[] {
  const actions = movesOf(member, turn);
  return [...actions, ...closing(member, actions)];
}

function movesOf(member: Member, turn: Turn): readonly Action[] {
  const { stage, heard, head } = turn;
  const aborting = abortingOf(stage, heard);
  if (aborting !== undefined) return abort(member, aborting, turn);
  const asked = heard.landing ?? raised(member, stage);
  if (asked !== undefined) return [land(member, head, asked)];
  return sayAnew(member, turn) ?? actionsOf(member, turn);
}

/** Pull requests that have no purpose any more; one that this look merges has. */
function closing({ leftovers }: Member, actions: readonly Action[]): readonly Action[] {
  const landing = new Set(actions.flatMap((action) => (action.kind === "land" ? [action.branch] : [])));
  return leftovers.filter(({ branch }) => !landing.has(branch)).map((pull): Action => ({ kind: "close", pull }));
}

/** A gate's failure and containment come before a person's wish: their reason is the one that is recorded. */
function abortingOf(stage: Stage, { abort: asked }: Heard): Aborting | undefined {
  if (stage.kind === "failed") return stage.aborting;
  if (asked === undefined) return undefined;
  return { by: "person", who: asked.by, reason: asked.reason ?? `asked by ${asked.by}` };
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function abort(member: Member, aborting: Aborting, { stage, heard, head }: Turn): readonly Action[] {
  const failure: In<"failed"> = stage.kind === "failed" ? stage : { kind: "failed", aborting, verdict: undefined };
  return [
    {
      kind: "land",
      member,
      fall: { kind: "abort", aborting, verdict: failure.verdict },
      change: abortOf(member, head, aborting, heard.abort?.comment ?? 0),
      branch: branchOf(member, "abort"),
    },
    ...(member.pull === undefined ? [] : [reportGate(member, member.pull, failure)]),
  ];
}

/** Whoever raises a weight by hand has overridden the gates up to it: the state says so at once. */
function raised(member: Member, stage: Stage): Asked | undefined {
  if (stage.kind !== "raised") return undefined;
  return {
    fall: { kind: "adopt", by: member.edit?.by ?? "a commit by hand", what: stage.divergence.what },
    comment: 0,
  };
}

const LEAVES = { adopt: "adopt", toZero: TO_ZERO, retry: "retry", rollback: "rollback" } as const;

function land(member: Member, head: Snapshot["head"], asked: Asked): Action {
  const { fall } = asked;
  const change = landingOf(member, head, asked);
  return { kind: "land", member, fall, change, branch: branchOf(member, LEAVES[fall.kind]) };
}

function reportGate(member: Member, { number, headSha }: StepPull, stage: Stage): Action {
  return { kind: "reportGate", member, stage, number, headSha };
}

/** What people have just said or done is a commit on the step's branch before anything else happens to the step. */
function sayAnew(member: Member, turn: Turn): readonly Action[] | undefined {
  const { stage, heard, head } = turn;
  if (heard.rebuild !== undefined) return propose(member, head, heard.said);
  const isStep = stage.kind !== "orphan" && nextStep(member) !== undefined;
  if (isStep && member.closed !== undefined) return closed(member, turn, member.closed);
  const changes = heard.said.heard > saidOf(member).heard;
  const isThere = member.pull?.current === true || member.kept !== undefined;
  return isStep && changes && isThere ? propose(member, head, heard.said) : undefined;
}

/**
 * A closed pull request is a hold by whoever closed it, before any that somebody has said: re-opening it lifts only this one.
 * Nothing is done to the step while it is not known whether that was a person.
 */
function closed(member: Member, { heard: { said }, head, now }: Turn, closing: Closing): readonly Action[] {
  if (closing.kind === "unnamed") return [askAgain(closing, now)];
  const { number, by, at } = closing;
  const hold = { target: member.target, by, comment: undefined, closed: number, at, reason: undefined };
  const others = said.holds.filter(({ target, closed: past }) => target !== member.target || past === undefined);
  const holds = [hold, ...others];
  return [
    ...propose(member, head, { ...said, override: undefined, holds }),
    { kind: "note", pull: number, note: { kind: "closed", by } },
  ];
}

/** How soon GitHub is asked again who closed a pull request, milliseconds. */
const NAME_AGAIN_MS = 15_000;

function askAgain({ until }: Extract<Closing, { readonly kind: "unnamed" }>, now: number): Action {
  return { kind: "wakeAt", at: Math.min(until, now + NAME_AGAIN_MS) };
}

function propose(member: Member, head: Snapshot["head"], said: Said = saidOf(member)): readonly Action[] {
  const step = nextStep(member);
  const isClosed = said.holds.some((hold) => hold.target === member.target && hold.closed !== undefined);
  const pull = isClosed && member.pull === undefined ? "kept" : "open";
  // On top of what was closed: a pull request whose branch was rewritten meanwhile cannot be re-opened.
  const change = proposalOf(member, pull === "kept" ? (member.kept?.headSha ?? head) : head, said);
  if (step === undefined || change === undefined) return [];
  return [{ kind: "propose", member, step, change, branch: branchOf(member, leafOf(step)), pull }];
}

function actionsOf(member: Member, turn: Turn): readonly Action[] {
  const { stage, head, now } = turn;
  const { pull, policy } = member;
  const nextWindow: Action = { kind: "wakeAt", at: now + policy.windowMs };
  const report = pull === undefined ? [] : [reportGate(member, pull, stage)];
  switch (stage.kind) {
    case "resting":
    case "blocked":
    case "queued":
      return [];
    case "failed":
    case "raised":
      throw new Error(`What is ${stage.kind} is a commit before it comes here.`);
    case "diverged":
      // Somebody has had a hand in it, and what fails must still be seen to fail.
      return member.at.release === undefined ? report : [...report, nextWindow];
    case "orphan":
      if (pull?.current === true) return report;
      if (member.closed === undefined) return offer(member, head);
      // Whoever closed the offer has seen it.
      return member.closed.kind === "named" ? [] : [askAgain(member.closed, now)];
    case "proposing":
      return propose(member, head);
    case "aborting":
      return fallActions(member, stage, turn);
    case "held":
    case "syncing":
    case "measuring":
      return [...report, nextWindow];
    case "gathering":
    case "baking":
    case "paced":
    case "refused":
      return [...report, { kind: "wakeAt", at: Math.min(stage.until, now + policy.windowMs) }];
    case "passed":
      return pull === undefined ? [] : passed(member, pull, stage);
    default:
      return unreachable(stage);
  }
}

function offer(member: Member, head: Snapshot["head"]): readonly Action[] {
  return [{ kind: "offer", member, change: toZero(member, head), branch: branchOf(member, TO_ZERO) }];
}

function passed(member: Member, pull: StepPull, stage: In<"passed">): readonly Action[] {
  const { number, headSha } = pull;
  const { step, word } = stage;
  return [reportGate(member, pull, stage), { kind: "merge", member, step, number, headSha, ...word }];
}

function fallActions(member: Member, stage: In<"aborting">, { head, now }: Turn): readonly Action[] {
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
