import { branchOf, leafOf, stepBranchOf, type Action } from "./action.ts";
import { abortOf, fallOf } from "./fall.ts";
import type { Heard } from "./heard.ts";
import { landingOf, toZero, type Asked } from "./landing.ts";
import { nextStep, proposalOf, saidOf, takesWords, type Said } from "./proposal.ts";
import type { Closing, Member, Snapshot, StepPull } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import type { Aborting } from "./state.ts";
import { unreachable } from "./unreachable.ts";
import { TO_ZERO } from "./wanted.ts";

/** One member in one look. `cascade`: it goes down with another one of its release. */
export type Turn = {
  readonly member: Member;
  readonly stage: Stage;
  readonly heard: Heard;
  readonly cascade: Aborting | undefined;
  readonly head: Snapshot["head"];
  readonly now: number;
};

/** What a member does by itself, whoever else stands at its step: it is taken back, or what somebody asked for lands. Undefined where it does neither. */
export function downOf(turn: Turn): readonly Action[] | undefined {
  const { member, stage, heard, head } = turn;
  const aborting = abortingOf(turn);
  if (aborting !== undefined) return [abort(turn, aborting)];
  const asked = heard.landing ?? raised(member, stage);
  return asked === undefined ? undefined : [land(member, head, asked)];
}

/** What the check of a step says on which everybody goes down; undefined where that is not so. */
export function failureOf(turn: Turn): In<"failed"> | undefined {
  const aborting = abortingOf(turn);
  if (aborting === undefined) return undefined;
  return turn.stage.kind === "failed" ? turn.stage : { kind: "failed", aborting, verdict: undefined };
}

/** What a member does whose step no other one shares. */
export function aloneTurn(turn: Turn): readonly Action[] {
  return sayAnew(turn) ?? actionsOf(turn);
}

/** Pull requests that have no purpose any more; one that this look merges has. */
export function leftoversOf({ leftovers }: Member, actions: readonly Action[]): readonly Action[] {
  const landing = new Set(actions.flatMap((action) => (action.kind === "land" ? [action.branch] : [])));
  return leftovers.filter(({ branch }) => !landing.has(branch)).map((pull): Action => ({ kind: "close", pull }));
}

/** A gate's failure and containment come before a person's wish: their reason is the one that is recorded. */
function abortingOf({ stage, heard: { abort: asked }, cascade }: Turn): Aborting | undefined {
  if (stage.kind === "failed") return stage.aborting;
  if (asked === undefined) return cascade;
  return { by: "person", who: asked.by, reason: asked.reason ?? `asked by ${asked.by}` };
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function abort({ member, stage, heard, head }: Turn, aborting: Aborting): Action {
  return {
    kind: "land",
    member,
    fall: { kind: "abort", aborting, verdict: stage.kind === "failed" ? stage.verdict : undefined },
    change: abortOf(member, head, aborting, heard.abort?.comment ?? 0),
    branch: branchOf(member, "abort"),
  };
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
function sayAnew(turn: Turn): readonly Action[] | undefined {
  const { member, stage, heard, head } = turn;
  if (heard.rebuild !== undefined) return propose(member, head, heard.said);
  const isStep = stage.kind !== "orphan" && nextStep(member) !== undefined;
  if (isStep && member.closed !== undefined) return closed(turn, member.closed);
  const changes = heard.said.heard > saidOf(member).heard;
  return isStep && changes && takesWords(member) ? propose(member, head, heard.said) : undefined;
}

/**
 * A closed pull request is a hold by whoever closed it, before any that somebody has said: re-opening it lifts only this one.
 * Nothing is done to the step while it is not known whether that was a person.
 */
function closed({ member, heard: { said }, head, now }: Turn, closing: Closing): readonly Action[] {
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

/** Looks again for whoever closed a pull request. */
export function askAgain({ until }: Extract<Closing, { readonly kind: "unnamed" }>, now: number): Action {
  return { kind: "wakeAt", at: Math.min(until, now + NAME_AGAIN_MS) };
}

function propose(member: Member, head: Snapshot["head"], said: Said = saidOf(member)): readonly Action[] {
  const step = nextStep(member);
  const isClosed = said.holds.some((hold) => hold.target === member.target && hold.closed !== undefined);
  const pull = isClosed && member.pull === undefined ? "kept" : "open";
  // On top of what was closed: a pull request whose branch was rewritten meanwhile cannot be re-opened.
  const change = proposalOf(member, pull === "kept" ? (member.kept?.headSha ?? head) : head, said);
  if (step === undefined || change === undefined) return [];
  return [{ kind: "propose", member, step, change, branch: stepBranchOf(member, leafOf(step)), pull }];
}

function actionsOf(turn: Turn): readonly Action[] {
  const { member, stage, head, now } = turn;
  const { pull } = member;
  const wake: Action = { kind: "wakeAt", at: wakeOf(turn) };
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
      return member.at.release === undefined ? report : [...report, wake];
    case "orphan":
      if (pull?.current === true) return report;
      if (member.closed === undefined) return offer(member, head);
      // Whoever closed the offer has seen it.
      return member.closed.kind === "named" ? [] : [askAgain(member.closed, now)];
    case "proposing":
      return propose(member, head);
    case "aborting":
      return fallActions(turn, stage);
    case "held":
    case "syncing":
    case "measuring":
    case "gathering":
    case "baking":
    case "paced":
    case "refused":
      return [...report, wake];
    case "passed":
      return pull === undefined ? [] : passed(member, pull, stage);
    default:
      return unreachable(stage);
  }
}

/** When a member is to be looked at again: with its next window, or when its stage is over. */
export function wakeOf({ member, stage, now }: Pick<Turn, "member" | "stage" | "now">): number {
  const next = now + member.policy.windowMs;
  return "until" in stage ? Math.min(stage.until, next) : next;
}

function offer(member: Member, head: Snapshot["head"]): readonly Action[] {
  return [{ kind: "offer", member, change: toZero(member, head), branch: branchOf(member, TO_ZERO) }];
}

function passed(member: Member, pull: StepPull, stage: In<"passed">): readonly Action[] {
  const { number, headSha } = pull;
  const { step, word } = stage;
  return [reportGate(member, pull, stage), { kind: "merge", member, step, number, headSha, ...word }];
}

function fallActions({ member, head, now }: Turn, stage: In<"aborting">): readonly Action[] {
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
