import type { Sha } from "../core/names.ts";
import type { Edit } from "../core/snapshot.ts";
import type { ServiceState } from "../core/state.ts";
import { readableState } from "./readable-state.ts";
import { pathOf } from "./readings.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

type Sight = Pick<Scene, "head"> & { readonly eyes: Pick<Scene["eyes"], "git" | "readings"> };

type Ancestry = { readonly ours: Sha | undefined; readonly foreign: Edit | undefined };

/** As many commits of others on a branch of ours are looked through for our own. */
const MOST_COMMITS = 20;

/** The newest commit of ours on a branch, and the newest of somebody else's above it; merges of the base count as nobody's. */
export async function ancestryOf({ eyes: { git } }: Scene, headSha: Sha): Promise<Ancestry> {
  let foreign: Edit | undefined;
  let next: Sha | undefined = headSha;
  for (let seen = 0; next !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the head down, no further than our own commit
    const { ours, parents, author, at }: Awaited<ReturnType<typeof git.commit>> = await git.commit(next);
    if (ours) return { ours: next, foreign };
    if (parents.length < 2) foreign ??= { commit: next, by: author, at };
    next = parents[0];
  }
  return { ours: undefined, foreign };
}

/**
 * What a commit of ours proposes: the state of the member's service there; undefined where it cannot be read. Holds are what the tracked branch says,
 * and what the commit adds to it and takes from it: people may edit either. One that was built on a broken file was made from what could be read before.
 */
export async function proposedAt(
  scene: Sight,
  member: Pick<UnmeasuredMember, "state">,
  commit: Sha,
): Promise<ServiceState | undefined> {
  const proposed = await stateAt(scene, member, commit);
  const { holds } = member.state;
  if (proposed === undefined || (holds.length === 0 && proposed.holds.length === 0)) return proposed;
  const foundation = await foundationOf(scene, commit);
  const before = foundation && (await readableState(scene.eyes, foundation, pathOf(member.state.service)));
  return { ...proposed, holds: rebased(proposed.holds, before?.holds ?? holds, holds) };
}

async function stateAt(
  { eyes: { git, readings } }: Sight,
  { state }: Pick<UnmeasuredMember, "state">,
  commit: Sha,
): Promise<ServiceState | undefined> {
  const path = pathOf(state.service);
  const reading = readings.state(path, (await git.read(commit, [path])).get(path));
  return reading.kind === "read" ? reading.value : undefined;
}

/** The commit of the tracked branch that one of ours was built on, with others of ours in between. */
async function foundationOf({ head, eyes: { git } }: Sight, commit: Sha): Promise<Sha | undefined> {
  let next = (await git.commit(commit)).parents[0];
  for (let seen = 0; next !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the commit down, no further than the tracked branch
    if (await git.contains(head, next)) return next;
    // oxlint-disable-next-line no-await-in-loop -- as above
    next = (await git.commit(next)).parents[0];
  }
  return undefined;
}

type Holds = ServiceState["holds"];

/** What is proposed on top of `before`, on top of `now`: a hold that people took out there is gone, one that they put in there is there. */
function rebased(proposed: Holds, before: Holds, now: Holds): Holds {
  const kept = proposed.filter((hold) => has(now, hold) || !has(before, hold));
  // Beside what holds the same target already: a word from in between may lift that.
  const added = now.filter((hold) => !has(before, hold) && !has(kept, hold));
  return [...kept, ...added];
}

function has(holds: Holds, { target, by, comment, closed, at, reason }: Holds[number]): boolean {
  return holds.some(
    (one) =>
      one.target === target &&
      one.by === by &&
      one.comment === comment &&
      one.closed === closed &&
      one.at === at &&
      one.reason === reason,
  );
}
