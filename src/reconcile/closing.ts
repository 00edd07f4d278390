import { branchOf } from "../core/action.ts";
import { divergence } from "../core/divergence.ts";
import type { Closing } from "../core/snapshot.ts";
import { wantedLeaf } from "../core/wanted.ts";
import type { ClosedPull } from "../ports/forge.ts";
import { keep } from "./memory.ts";
import { asMember } from "./step-pull.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** The members with the newest closing, by a person, of their step's pull request since they last moved, where the branch does not tell of it yet. One list answers for all. */
export async function withClosings(
  scene: Scene,
  members: readonly UnmeasuredMember[],
): Promise<readonly UnmeasuredMember[]> {
  const asked = await Promise.all(members.map((member) => questionOf(scene, member)));
  const since = Math.min(...asked.flatMap((question) => question?.since ?? []));
  if (since === Number.POSITIVE_INFINITY) return members;
  const closed = await scene.eyes.forge.closedPulls(scene.branch, since);
  return Promise.all(
    members.map(async (member, index) => {
      const question = asked[index];
      return question === undefined ? member : { ...member, closed: await closingOf(scene, closed, question) };
    }),
  );
}

type Question = { readonly branch: string; readonly since: number };

/** What is asked of a member whose pull request is not open; a hold that is on the branch was seen to be made, and whoever lifts it has another one opened. */
async function questionOf({ eyes: { git } }: Scene, member: UnmeasuredMember): Promise<Question | undefined> {
  const { pull, kept, target } = member;
  const full = asMember(member);
  const leaf = wantedLeaf(full);
  const recorded = kept?.proposed?.holds.find((hold) => hold.target === target)?.closed;
  if (pull !== undefined || leaf === undefined || recorded !== undefined) return undefined;
  return { branch: branchOf(full, leaf), since: await movedAt(git, member) };
}

async function closingOf(
  scene: Scene,
  closed: readonly ClosedPull[],
  { branch, since }: Question,
): Promise<Closing | undefined> {
  const newest = closed.find((pull) => pull.branch === branch && pull.at >= since);
  if (newest === undefined) return undefined;
  const by = await closerOf(scene, newest);
  return by === undefined ? undefined : { number: newest.number, by };
}

/** GitHub's name for whoever it does not know any more. */
const GHOST = "ghost";

/**
 * Who closed a pull request, asked once for each closing. Bots tidy up; it is people who mean something by it, and whoever GitHub does not
 * name, or does not yet, may be one.
 */
async function closerOf({ eyes: { forge, memory } }: Scene, { number, at }: ClosedPull): Promise<string | undefined> {
  const key = `${number} ${at}`;
  const known = memory.closers.get(key);
  if (known !== undefined) return known.byBot ? undefined : known.login;
  const closer = await forge.closedBy(number);
  if (closer === undefined) return GHOST;
  keep(memory.closers, key, closer);
  return closer.byBot ? undefined : closer.login;
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
