import { divergence } from "../core/divergence.ts";
import type { Closing } from "../core/snapshot.ts";
import { wantedBranch } from "../core/wanted.ts";
import type { ClosedPull, ForgeReader } from "../ports/forge.ts";
import type { GitReader } from "../ports/git.ts";
import { keep, type Memory } from "./memory.ts";
import { asMember } from "./step-pull.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

type Sight = Pick<Scene, "branch" | "pulls"> & {
  readonly eyes: {
    readonly git: Pick<GitReader, "commit">;
    readonly forge: Pick<ForgeReader, "closedPulls" | "closedBy" | "mergedBy">;
    readonly memory: Pick<Memory, "closers" | "closedHere" | "opened">;
  };
};

/** The members with the newest closing, by a person, of their step's pull request since they last moved, where the branch does not tell of it yet. One list answers for all. `now` is in milliseconds. */
export async function withClosings(
  scene: Sight,
  members: readonly UnmeasuredMember[],
  now: number,
): Promise<readonly UnmeasuredMember[]> {
  for (const { ours, branch, number } of scene.pulls)
    if (ours) keep(scene.eyes.memory.opened, branch, { number, seen: now, gone: undefined });
  const asked = await Promise.all(members.map((member) => questionOf(scene, member)));
  const since = Math.min(...asked.flatMap((question) => question?.since ?? []));
  if (since === Number.POSITIVE_INFINITY) return members;
  const closed = await closedSince(scene, asked, since);
  return Promise.all(
    members.map(async (member, index) => {
      const question = asked[index];
      if (question === undefined) return member;
      return { ...member, closed: await closingOf(scene, newestOf(closed, question), { ...question, now }) };
    }),
  );
}

type Question = { readonly branch: string; readonly since: number; readonly isPushed: boolean };

/** Where a branch is there and its pull request neither listed nor remembered, either nobody has opened one yet or the list is old: it is asked for twice. */
async function closedSince(
  { branch: base, eyes: { forge, memory } }: Sight,
  asked: readonly (Question | undefined)[],
  since: number,
): Promise<readonly ClosedPull[]> {
  const closed = await forge.closedPulls(base, since);
  const isInDoubt = asked.some(
    (question) =>
      question?.isPushed === true && !memory.opened.has(question.branch) && newestOf(closed, question) === undefined,
  );
  return isInDoubt ? forge.closedPulls(base, since) : closed;
}

/** What is asked of a member whose pull request is not open; a hold that is on the branch was seen to be made, and whoever lifts it has another one opened. */
async function questionOf({ eyes: { git } }: Sight, member: UnmeasuredMember): Promise<Question | undefined> {
  const { pull, kept, target } = member;
  const wanted = wantedBranch(asMember(member));
  const recorded = kept?.proposed?.holds.find((hold) => hold.target === target)?.closed;
  if (pull !== undefined || kept?.pull !== undefined || wanted === undefined || recorded !== undefined)
    return undefined;
  // What somebody has closed before its wave changed is closed all the same.
  const branch = kept?.branch ?? wanted;
  return { branch, since: await movedAt(git, member), isPushed: kept !== undefined };
}

function newestOf(
  closed: readonly ClosedPull[],
  { branch, since }: Omit<Question, "isPushed">,
): ClosedPull | undefined {
  return closed.find((pull) => pull.branch === branch && pull.at >= since);
}

/** GitHub's name for whoever it does not know any more. */
const GHOST = "ghost";
/** GitHub may name nobody for so long after a closing, milliseconds. */
const UNNAMED_MS = 60_000;

/**
 * Whose closing it was, asked until GitHub names somebody, and once then. Bots, and this one above all, tidy up; it is people who mean something
 * by it, and whoever GitHub does not name by then may be one.
 */
async function closingOf(
  { eyes }: Sight,
  closed: ClosedPull | undefined,
  { branch, since, now }: Question & { readonly now: number },
): Promise<Closing | undefined> {
  const { forge, memory } = eyes;
  const missing = await missingOf(eyes, { branch, since, known: closed?.number ?? 0, now });
  if (closed === undefined || missing !== undefined) return missing;
  const { number, at } = closed;
  const key = `${number} ${at}`;
  const closer = memory.closers.get(key) ?? (await forge.closedBy(number));
  if (closer !== undefined) {
    keep(memory.closers, key, closer);
    return closer.byBot ? undefined : { kind: "named", number, by: closer.login, at };
  }
  if (isNear(memory.closedHere.get(number) ?? Number.NEGATIVE_INFINITY, at)) return undefined;
  return isNear(now, at)
    ? { kind: "unnamed", number, until: at + UNNAMED_MS }
    : { kind: "named", number, by: GHOST, at };
}

type Missed = Omit<Question, "isPushed"> & { readonly known: number; readonly now: number };

/** A pull request that was open at a look since the member moved, was not merged, and of which GitHub's lists do not know yet that it was closed: they are old. */
async function missingOf(
  { forge, memory }: Sight["eyes"],
  { branch, since, known, now }: Missed,
): Promise<Closing | undefined> {
  const last = memory.opened.get(branch);
  if (last === undefined || last.number <= known || memory.closedHere.has(last.number)) return undefined;
  if (last.seen < since) return undefined;
  if ((await forge.mergedBy(last.number)) !== undefined) {
    memory.opened.delete(branch);
    return undefined;
  }
  const gone = last.gone ?? now;
  keep(memory.opened, branch, { ...last, gone });
  return isNear(now, gone) ? { kind: "unnamed", number: last.number, until: gone + UNNAMED_MS } : undefined;
}

function isNear(one: number, two: number): boolean {
  return Math.abs(one - two) < UNNAMED_MS;
}

/** When what the branch is about came to be, milliseconds: what was closed before was about something else. */
async function movedAt(
  git: Pick<GitReader, "commit">,
  { at, bump, changedAt, edit, ...member }: UnmeasuredMember,
): Promise<number> {
  if (at.release !== undefined) return changedAt;
  const isOrphan = divergence({ at, bump, ...member })?.kind === "orphan";
  if (isOrphan && edit !== undefined) return (await git.commit(edit.commit)).at;
  return bump?.at ?? changedAt;
}
