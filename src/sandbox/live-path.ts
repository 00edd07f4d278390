import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Cluster } from "./cluster/cluster.ts";
import { pathsOf, serviceOf } from "./fleet.ts";
import { shareIn } from "./fleet-routes.ts";
import type { SandboxGitHub } from "./github/start.ts";

/** What is lost in dividing. */
const GRAIN = 1e-9;

/** Where a place's objects are, and what they were asked to be. */
export type LiveWorld = {
  readonly repo: string;
  readonly github: Pick<SandboxGitHub, "log" | "readFile">;
  readonly cluster: Pick<Cluster, "liveShares" | "syncs">;
};

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
export async function livePath(world: LiveWorld, place: string, namespace: string): Promise<LivePath> {
  const { route } = pathsOf(place);
  const committed = await committedWeights(world, place);
  const syncs = world.cluster.syncs(posix.dirname(route));
  const shares = world.cluster.liveShares(namespace, serviceOf(place));
  const strays = shares.flatMap(({ at, share }) => {
    const before = syncs.findLast((sync) => sync.at < at) ?? syncs[0];
    const now = syncs.findLast((sync) => sync.at <= at);
    const weights = between(committed, before?.revision, now?.revision);
    const [lowest, highest] = [Math.min(...weights), Math.max(...weights)];
    if (share >= lowest - GRAIN && share <= highest + GRAIN) return [];
    return [`${place} had ${share}% at ${at}, of ${[...new Set(weights)].join(", ")}% in git`];
  });
  return { place, shares: shares.map(({ share }) => share), strays };
}

/** The canary's weight in the text of a route, of whatever kind; undefined where it cannot be read. */
export function weightIn(route: string, place: string): number | undefined {
  const shares = parseAllDocuments(route).map((document) => shareIn(document.toJS(), serviceOf(place)));
  return shares.find((share) => share !== undefined);
}

type Committed = { readonly sha: string; readonly weight: number };

/** The canary's weight at each commit of the tracked branch, oldest first; the one before where a commit's cannot be read. */
async function committedWeights({ repo, github }: LiveWorld, place: string): Promise<readonly Committed[]> {
  const { route } = pathsOf(place);
  const committed: Committed[] = [];
  for (const { sha, files, parents } of (await github.log(repo, "HEAD")).toReversed()) {
    const before = committed.at(-1)?.weight ?? 0;
    const isNew = parents.length !== 1 || files.some(({ path }) => path === route);
    const text = isNew ? await github.readFile(repo, sha, route) : undefined;
    committed.push({ sha, weight: weightIn(text ?? "", place) ?? before });
  }
  return committed;
}

/** The weights from a commit to another, both included. */
function between(committed: readonly Committed[], from: string | undefined, to: string | undefined): readonly number[] {
  const start = committed.findIndex(({ sha }) => sha === from);
  const end = committed.findIndex(({ sha }) => sha === to);
  return committed.slice(Math.max(0, start), end < 0 ? undefined : end + 1).map(({ weight }) => weight);
}
