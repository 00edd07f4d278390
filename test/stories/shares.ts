import { posix } from "node:path";
import { pathsOf, serviceOf } from "../../src/sandbox/fleet.ts";
import type { Story } from "../support/story.ts";
import { namespaceOf } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";

/** What is lost in dividing. */
const GRAIN = 1e-9;

/** The shares that a canary had in the cluster, and every one of them that what was committed does not account for. */
export type LivePath = {
  readonly place: string;
  readonly shares: readonly number[];
  readonly strays: readonly string[];
};

/**
 * A canary has at no time more of the traffic than the highest weight that was committed since the revision that the cluster ran last, and not less
 * than the lowest: its share neither rises past what git says nor falls between two steps. Weights count as they stand in git, whoever wrote them.
 */
export async function livePath(story: Story, place: string): Promise<LivePath> {
  const { route } = pathsOf(place);
  const committed = await weightsByCommit(story, place, route);
  const syncs = story.cluster.syncs(posix.dirname(route));
  const [first] = syncs;
  const shares = story.cluster.liveShares(namespaceOf(place), serviceOf(place));
  const strays = shares.flatMap(({ at, share }) => {
    const before = syncs.findLast((sync) => sync.at < at) ?? first;
    const now = syncs.findLast((sync) => sync.at <= at);
    const weights = between(committed, before?.revision, now?.revision);
    const [lowest, highest] = [Math.min(...weights), Math.max(...weights)];
    if (share >= lowest - GRAIN && share <= highest + GRAIN) return [];
    return [`${place} had ${share}% at ${at}, of ${[...new Set(weights)].join(", ")}% in git`];
  });
  return { place, shares: shares.map(({ share }) => share), strays };
}

type Committed = { readonly sha: string; readonly weight: number };

/** The canary's weight at each commit of the tracked branch, oldest first; the one before where a commit's cannot be read. */
async function weightsByCommit(story: Story, place: string, route: string): Promise<readonly Committed[]> {
  const committed: Committed[] = [];
  for (const { sha, files, parents } of (await story.github.log(REPO, "HEAD")).toReversed()) {
    const before = committed.at(-1)?.weight ?? 0;
    const isNew = parents.length !== 1 || files.some(({ path }) => path === route);
    const weight = isNew ? await story.weight(place, sha) : before;
    committed.push({ sha, weight: Number.isNaN(weight) ? before : weight });
  }
  return committed;
}

/** The weights from a commit to another, both included. */
function between(committed: readonly Committed[], from: string | undefined, to: string | undefined): readonly number[] {
  const start = committed.findIndex(({ sha }) => sha === from);
  const end = committed.findIndex(({ sha }) => sha === to);
  return committed.slice(Math.max(0, start), end < 0 ? undefined : end + 1).map(({ weight }) => weight);
}
