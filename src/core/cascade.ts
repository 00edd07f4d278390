import { blocking } from "./proposal.ts";
import type { Hearing } from "./replies.ts";
import type { Member } from "./snapshot.ts";
import type { Aborting } from "./state.ts";

/** Why a member goes down with another one of its release, where configuration wants that; undefined where it does not. */
export function struck(one: Hearing, all: readonly Hearing[]): Aborting | undefined {
  const { member } = one;
  const { release } = member.at;
  if (member.policy.onAbort !== "all" || release === undefined || release.aborting !== undefined) return undefined;
  const block = blocking(member.state.blocked, release);
  if (block !== undefined) return { by: block.by, who: undefined, reason: block.reason };
  for (const other of all) {
    const aborting = isBeside(member, other.member) ? downOf(other) : undefined;
    if (aborting !== undefined) return { ...aborting, reason: `${aborting.reason} (in ${other.member.target})` };
  }
  return undefined;
}

function isBeside({ state, target, at }: Member, other: Member): boolean {
  const isSame = other.state.service === state.service && other.target !== target;
  return isSame && at.release !== undefined && other.at.release?.commit === at.release.commit;
}

/** What takes it back now; what containment does is about one target alone. */
function downOf({ member, stage, heard }: Hearing): Aborting | undefined {
  const asked = heard.abort && personal(heard.abort);
  const aborting = stage.kind === "failed" ? stage.aborting : (member.at.release?.aborting ?? asked);
  return aborting?.by === "containment" ? undefined : aborting;
}

function personal({ by, reason }: NonNullable<Hearing["heard"]["abort"]>): Aborting {
  return { by: "person", who: by, reason: reason ?? `asked by ${by}` };
}
