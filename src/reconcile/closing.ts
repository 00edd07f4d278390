import { divergence } from "../core/divergence.ts";
import type { Closing } from "../core/snapshot.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** The newest closing, by a person, of a branch's pull request since the member last moved; undefined where there is none, or its branch tells of it already. */
export async function closingOf(
  { eyes: { forge, git }, branch: base }: Scene,
  member: UnmeasuredMember,
  branch: string,
): Promise<Closing | undefined> {
  const { kept, target } = member;
  const since = await movedAt(git, member);
  const recorded = kept?.proposed?.holds.find((hold) => hold.target === target)?.closed;
  // A hold that is on the branch was seen to be made; whoever lifts it has the pull request opened anew.
  if (recorded !== undefined) return undefined;
  const closed = await forge.closedPulls(base, since);
  const newest = closed.find((pull) => pull.branch === branch && pull.at >= since);
  if (newest === undefined) return undefined;
  const closer = await forge.closedBy(newest.number);
  // Bots tidy up; it is people who mean something by it.
  return closer === undefined || closer.byBot ? undefined : { number: newest.number, by: closer.login };
}

/** When what the branch is about came to be, milliseconds: what was closed before was about something else. */
async function movedAt(
  git: Scene["eyes"]["git"],
  { at, bump, changedAt, edit, ...member }: UnmeasuredMember,
): Promise<number> {
  if (at.release !== undefined) return changedAt;
  const isOrphan = divergence({ at, bump, ...member })?.kind === "orphan";
  if (isOrphan && edit !== undefined) return (await git.commit(edit.commit)).at;
  return bump?.at ?? changedAt;
}
