import type { Change } from "./change.ts";
import type { Sha } from "./names.ts";
import { isSameWord, nothing, proposalOf, releaseBehind, withTarget, type Said } from "./proposal.ts";
import type { Member } from "./snapshot.ts";
import type { Hold, ServiceState, Skip } from "./state.ts";
import { together } from "./together.ts";

/** A member that stands at the step of a set, what people have said to it, and whether the set's commit moves it. */
export type Voice = { readonly member: Member; readonly said: Said; readonly isMoving: boolean };

/** The one commit of a set: every member that moves, and what was said to those that stay behind. Undefined where none moves. */
export function setProposalOf(voices: readonly Voice[], base: Sha): Change | undefined {
  const moving = voices.filter(({ isMoving }) => isMoving);
  const others = voices.filter(({ isMoving }) => !isMoving);
  const [first, ...rest] = moving.flatMap(({ member, said }) => proposalOf(member, base, said) ?? []);
  if (first === undefined) return undefined;
  return together([first, ...rest, ...others.map((voice) => saying(voice, base))]);
}

function saying({ member, said }: Voice, base: Sha): Change {
  const at = { ...member.at, release: releaseBehind(member, said) };
  return { ...nothing(member, base), state: { ...withTarget(member, at), holds: said.holds, heard: said.heard } };
}

/** Whether a proposed state moves a member on from where it stands. */
export function isMovedIn({ target, at }: Pick<Member, "target" | "at">, proposed: ServiceState): boolean {
  const there = proposed.targets.get(target);
  return there !== undefined && there.release?.step !== at.release?.step;
}

/** Whether a proposed state is about a member's step to come: it moves it, or has a word for it that has not landed. */
export function isToldIn(member: Pick<Member, "target" | "at" | "state">, proposed: ServiceState): boolean {
  const { target, at, state } = member;
  const there = proposed.targets.get(target)?.release;
  return (
    isMovedIn(member, proposed) ||
    !isSameWord(there?.override, at.release?.override) ||
    there?.skips.some((skip) => !hasWord(at.release?.skips, skip)) === true ||
    proposed.holds.some((hold) => hold.target === target && !isAmong(hold, state.holds))
  );
}

function hasWord(skips: readonly Skip[] = [], skip: Skip): boolean {
  return skips.some((one) => one.gate === skip.gate && isSameWord(one, skip));
}

function isAmong({ target, by, comment, closed }: Hold, holds: readonly Hold[]): boolean {
  return holds.some(
    (one) => one.target === target && one.by === by && one.comment === comment && one.closed === closed,
  );
}
