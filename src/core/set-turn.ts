import { leafOf, stepBranchOf, type Action } from "./action.ts";
import { aloneTurn, askAgain, wakeOf, type Turn } from "./member-turn.ts";
import { nextStep, saidOf, takesWords } from "./proposal.ts";
import { isMovedIn, setProposalOf } from "./sets.ts";
import type { StepPull } from "./snapshot.ts";
import { standsAt, type Stage, type Unheld } from "./stage.ts";

/** What members do that stand at the same step of one release: they move in one pull request, when all that it moves may. */
export function setTurn(turns: readonly Turn[]): readonly Action[] {
  const [first, ...others] = turns;
  if (first === undefined) return [];
  if (others.length === 0 && !hasOthers(first)) return aloneTurn(first);
  return saidAnew(turns, first) ?? regrouped(turns, first) ?? onward(turns, first);
}

/** Its pull request still moves somebody who has left: it must not be merged as it is. */
function hasOthers({ stage, member: { pull, target } }: Turn): boolean {
  return stage.kind !== "orphan" && pull?.moves.some((other) => other !== target) === true;
}

/** What people have just said or done is a commit on the branch before anything else happens to the step. */
function saidAnew(turns: readonly Turn[], first: Turn): readonly Action[] | undefined {
  if (turns.some(({ heard }) => heard.rebuild !== undefined)) return propose(turns, first);
  if (turns.some(({ member }) => member.closed !== undefined)) return closed(turns, first);
  const changes = turns.some(({ member, heard }) => heard.said.heard > saidOf(member).heard);
  return changes && takesWords(first.member) ? propose(turns, first) : undefined;
}

/** A closed pull request is a hold of all that stood at its step, by whoever closed it. */
function closed(turns: readonly Turn[], first: Turn): readonly Action[] {
  const closing = turns.map(({ member }) => member.closed).find((one) => one !== undefined);
  if (closing === undefined) return [];
  if (closing.kind === "unnamed") return [askAgain(closing, first.now)];
  const { number, by, at } = closing;
  const held = turns.map((turn) => {
    const { target } = turn.member;
    const hold = { target, by, comment: undefined, closed: number, at, reason: undefined };
    const others = turn.heard.said.holds.filter((one) => one.target !== target || one.closed === undefined);
    return {
      ...turn,
      heard: { ...turn.heard, said: { ...turn.heard.said, override: undefined, holds: [hold, ...others] } },
    };
  });
  return [...propose(held, first), { kind: "note", pull: number, note: { kind: "closed", by } }];
}

/** The pull request is not open or not as it should be, or it moves others than those that are to go on together. */
function regrouped(turns: readonly Turn[], first: Turn): readonly Action[] | undefined {
  if (isKept(turns)) return undefined;
  if (turns.some(({ stage }) => stage.kind === "proposing")) return propose(turns, first);
  const { pull } = first.member;
  if (pull?.current !== true) return undefined;
  const going = new Set(goingOf(turns, first).map(({ member }) => member.target));
  const isSame = going.size === pull.moves.length && pull.moves.every((target) => going.has(target));
  return isSame ? undefined : propose(turns, first);
}

/** What is to be said, and the merge where everybody that it moves has passed. */
function onward(turns: readonly Turn[], { member: { pull } }: Turn): readonly Action[] {
  const wake: Action = { kind: "wakeAt", at: Math.min(...turns.map(wakeOf)) };
  if (pull === undefined) return [wake];
  const passed = turns.flatMap(({ member, stage }) =>
    pull.moves.includes(member.target) && stage.kind === "passed" ? [{ member, stage }] : [],
  );
  const [lead, ...others] = passed;
  if (lead === undefined || passed.length < pull.moves.length) return [report(turns, pull), wake];
  const { number, headSha } = pull;
  const { step, word } = lead.stage;
  const fellows = others.map(({ member, stage }) => ({ member, step: stage.step, ...stage.word }));
  return [report(turns, pull), { kind: "merge", member: lead.member, fellows, step, number, headSha, ...word }];
}

/** One check for all, those first that it moves. */
function report(turns: readonly Turn[], { number, headSha, moves }: StepPull): Action {
  const inTurn = turns.toSorted(
    (one, two) => Number(moves.includes(two.member.target)) - Number(moves.includes(one.member.target)),
  );
  const [first, ...others] = inTurn;
  if (first === undefined) throw new Error("A set has members.");
  const fellows = others.map(({ member, stage }) => ({ member, stage }));
  return { kind: "reportGate", member: first.member, stage: first.stage, fellows, number, headSha };
}

function propose(turns: readonly Turn[], { member: first, head }: Turn): readonly Action[] {
  const going = new Set(goingOf(turns, { member: first }));
  const [lead, ...fellows] = [...going].map(({ member }) => member);
  const step = lead && nextStep(lead);
  const pull = isKept(turns) ? "kept" : "open";
  const base = pull === "kept" ? (first.kept?.headSha ?? head) : head;
  const voices = turns.map((turn) => ({ member: turn.member, said: turn.heard.said, isMoving: going.has(turn) }));
  const change = setProposalOf(voices, base);
  if (lead === undefined || step === undefined || change === undefined) return [];
  return [{ kind: "propose", member: lead, fellows, step, change, branch: stepBranchOf(lead, leafOf(step)), pull }];
}

/** Somebody has closed its pull request, and nobody is left for whom another one is to be opened. */
function isKept(turns: readonly Turn[]): boolean {
  const closed = turns.filter(isClosed);
  if (closed.length === 0) return false;
  return closed.some(isStart) || turns.every((turn) => isClosed(turn) || turn.stage.kind === "diverged");
}

function isClosed({ member, heard }: Turn): boolean {
  const { pull, target } = member;
  return pull === undefined && heard.said.holds.some((one) => one.target === target && one.closed !== undefined);
}

/** A wave begins together: what holds one of its members there is in no state file yet but on the branch. */
function isStart({ member }: Turn): boolean {
  return member.at.release === undefined;
}

/**
 * Who goes on together. Whose files contradict the state, or whom somebody holds, stays behind while others need not; who cannot be decided
 * by its deadline, as soon as another one may go. What was closed keeps what it moves.
 */
function goingOf(turns: readonly Turn[], { member: { kept } }: Pick<Turn, "member">): readonly Turn[] {
  const closedWith = isKept(turns) ? kept?.proposed : undefined;
  const moved = closedWith === undefined ? [] : turns.filter(({ member }) => isMovedIn(member, closedWith));
  if (moved.length > 0) return moved;
  const able = turns.filter(({ stage }) => stage.kind !== "diverged");
  const free = orElse(
    able.filter((turn) => isStart(turn) || !isHeld(turn)),
    able,
  );
  return free.some(isReady) ? free.filter((turn) => !isLate(turn)) : orElse(free, turns);
}

function orElse<T>(some: readonly T[], otherwise: readonly T[]): readonly T[] {
  return some.length > 0 ? some : otherwise;
}

function isHeld({ member, heard }: Turn): boolean {
  return heard.said.holds.some(({ target }) => target === member.target);
}

const READY: ReadonlySet<Stage["kind"]> = new Set(["passed", "paced", "refused"]);

function isReady(turn: Turn): boolean {
  const found = standing(turn);
  return turn.heard.said.override !== undefined || (found !== undefined && READY.has(found.kind));
}

function isLate(turn: Turn): boolean {
  if (turn.heard.said.override !== undefined) return false;
  const found = standing(turn);
  return (found?.kind === "measuring" || found?.kind === "syncing") && found.overdue;
}

/** Where it would stand if nobody held it and its pull request were as it should be. */
function standing({ member, stage, now }: Turn): Unheld | undefined {
  return stage.kind === "diverged" ? undefined : standsAt(member, now);
}
