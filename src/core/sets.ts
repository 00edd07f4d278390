import type { Change } from "./change.ts";
import type { Sha } from "./names.ts";
import { nothing, proposalOf, type Said } from "./proposal.ts";
import type { Member } from "./snapshot.ts";
import type { ServiceState } from "./state.ts";
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
  return { ...nothing(member, base), state: { ...member.state, holds: said.holds, heard: said.heard } };
}

/** Whether a proposed state moves a member on from where it stands. */
export function isMovedIn({ target, at }: Pick<Member, "target" | "at">, proposed: ServiceState): boolean {
  const there = proposed.targets.get(target);
  return there !== undefined && there.release?.step !== at.release?.step;
}
