import type { Action, Part } from "./action.ts";
import type { Member } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import type { ReleaseState } from "./state.ts";

/** For so long after a release ended how it did is told, milliseconds: a look in between may have failed. */
const TOLD_FOR_MS = 3_600_000;

type Standing = { readonly member: Member; readonly stage: Stage };

/** How releases ended that were over lately, on their bumps' pull requests: one word a service and bump, which grows as targets end. */
export function summariesOf(standings: readonly Standing[], now: number): readonly Action[] {
  const parts = standings.flatMap(partOf);
  const groups = Map.groupBy(parts, ({ member, pull }) => `${member.state.service} ${pull}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const isLate = group.some(({ member, release }) => release !== undefined && member.changedAt > now - TOLD_FOR_MS);
    if (first === undefined || !isLate) return [];
    return [{ kind: "summarise", service: first.member.state.service, pull: first.pull, parts: group }];
  });
}

function partOf({ member, stage }: Standing): readonly (Part & { readonly pull: number })[] {
  const { at, bump, ended, target } = member;
  const release: ReleaseState | undefined = ended?.targets.get(target)?.release;
  const pull = (at.release ?? release ?? bump)?.source;
  return pull === undefined ? [] : [{ member, stage, release, pull }];
}
