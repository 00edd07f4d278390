import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Cluster } from "./cluster/cluster.ts";
import { pathsOf, serviceOf } from "./fleet.ts";
import { TESTERS } from "./cluster/kinds/testers.ts";
import { ROUTES, type RouteKind } from "./fleet-routes.ts";
import { shareIn, testersIn } from "./fleet-shares.ts";
import type { SandboxGitHub } from "./github/start.ts";

/** What is lost in dividing. */
const GRAIN = 1e-9;
/** A restart of an Argo Rollout's steps shows no later than this after the sync that it comes from, milliseconds. */
const RESTART_MS = 5_000;

/** What a text asks for, per cent of the traffic: the least that it comes to and the most that it passes; `from`: where its steps begin, where it has some. */
export type Said = { readonly lowest: number; readonly highest: number; readonly from?: number };

/** A canary: where git says its weight, and what it is called in the cluster. */
export type LiveSite = {
  readonly place: string;
  /** How people call what splits its traffic. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The file that has the weight. */
  readonly path: string;
  /** What that file asks for; undefined where it cannot be read. */
  readonly said: (text: string) => Said | undefined;
  /** `atOnce`: every share is one that was asked for. `bySteps`: it rises from where the steps begin. `podByPod`: it passes through what is ready. */
  readonly moves: "atOnce" | "bySteps" | "podByPod";
  /** Folders of which a sync may restart the steps of an Argo Rollout; none where there are no steps. */
  readonly restarts: readonly string[];
};

/** Where a place's objects are, and what they were asked to be. */
export type LiveWorld = {
  readonly repo: string;
  readonly github: Pick<SandboxGitHub, "log" | "readFile">;
  readonly cluster: Pick<Cluster, "liveShares" | "syncs">;
};

/** The shares that a canary had in the cluster, and every one of them that what was committed does not account for. */
export type LivePath = {
  readonly place: string;
  readonly kind: string;
  readonly shares: readonly number[];
  readonly strays: readonly string[];
  /** Falls of which a restart of the steps is the reason. */
  readonly restarts: readonly string[];
  /** How far a share ever rose above the most that was committed, and fell below the least, points; restarts count among the falls. */
  readonly excess: number;
  readonly dip: number;
};

/** A canary behind a route that is Tidegate's. */
export function routeSite(place: string, namespace: string, kind: RouteKind): LiveSite {
  const said = (text: string): Said | undefined => {
    const weight = weightIn(text, place);
    if (weight === undefined) return undefined;
    const share = (1 - TESTERS) * weight + TESTERS * (testersOf(text, place) ?? weight);
    return { lowest: share, highest: share };
  };
  const { route: path } = pathsOf(place);
  const { called } = ROUTES[kind];
  return { place, kind: called, namespace, name: serviceOf(place), path, said, moves: "atOnce", restarts: [] };
}

/** The canary's weight in the text of a route, of whatever kind; undefined where it cannot be read. */
export function weightIn(route: string, place: string): number | undefined {
  const shares = parseAllDocuments(route).map((document) => shareIn(document.toJS(), serviceOf(place)));
  return shares.find((share) => share !== undefined);
}

function testersOf(route: string, place: string): number | undefined {
  const shares = parseAllDocuments(route).map((document) => testersIn(document.toJS(), serviceOf(place)));
  return shares.find((share) => share !== undefined);
}

/**
 * A canary has at no time more of the traffic than the highest weight that was committed since the revision that the cluster ran last, and not less
 * than the lowest: its share neither rises past what git says nor falls between two steps. Weights count as they stand in git, whoever wrote them.
 * The steps of an Argo Rollout may start anew when they or its pod template change: its share may fall to where they begin, or to 0.
 */
export async function livePath(world: LiveWorld, site: LiveSite): Promise<LivePath> {
  const { place, kind, namespace, name } = site;
  const committed = await committedOf(world, site);
  const shares = world.cluster.liveShares(namespace, name);
  const moves = shares.map((_, index) => moveAt(world, site, { committed, shares, index }));
  return {
    place,
    kind,
    shares: shares.map(({ share }) => share),
    strays: moves.filter(({ fault }) => fault === "stray").map(({ words }) => words),
    restarts: moves.filter(({ fault }) => fault === "restart").map(({ words }) => words),
    excess: Math.max(0, ...moves.map(({ excess }) => excess)),
    dip: Math.max(0, ...moves.map(({ dip }) => dip)),
  };
}

const AT_REST: Said = { lowest: 0, highest: 0 };

type Committed = Said & { readonly sha: string };
type Shares = ReturnType<Cluster["liveShares"]>;
type At = { readonly committed: readonly Committed[]; readonly shares: Shares; readonly index: number };
type Move = {
  readonly excess: number;
  readonly dip: number;
  readonly fault: "none" | "stray" | "restart";
  readonly words: string;
};

const NO_MOVE: Move = { excess: 0, dip: 0, fault: "none", words: "" };

/** One change of a share, and how far it lies outside of what git said. */
function moveAt(world: LiveWorld, site: LiveSite, { committed, shares, index }: At): Move {
  const now = shares[index];
  if (now === undefined) return NO_MOVE;
  const before = shares[index - 1]?.share ?? 0;
  const said = saidAt(world, site, { committed, at: now.at });
  const fall = fallAround(shares, index);
  const { excess, dip } = outside(site.moves, said, { share: now.share, before, peak: fall.peak });
  const isBegun = fall.bottom === 0 || said.some(({ from }) => from === fall.bottom);
  const isRestart = excess === 0 && isBegun && isSyncedBefore(world, site, fall.began);
  const fault = isRestart ? "restart" : "stray";
  const weights = [...new Set(said.flatMap(({ lowest, highest, from = lowest }) => [from, lowest, highest]))];
  return {
    excess,
    dip,
    fault: excess === 0 && dip === 0 ? "none" : fault,
    words: `${site.place} had ${rounded(now.share)}% at ${now.at}, of ${weights.map(rounded).join(", ")}% in git`,
  };
}

type Live = { readonly share: number; readonly before: number; readonly peak: number };

/** How far a share is above and below what was said. What is on its way down may still be above, and what is on its way up below. */
function outside(
  moves: LiveSite["moves"],
  said: readonly Said[],
  { share, before, peak }: Live,
): Pick<Move, "excess" | "dip"> {
  const highest = Math.max(...said.map((one) => one.highest));
  const lowest = Math.min(...said.map((one) => one.lowest));
  const mayBeAbove = moves === "podByPod" && share < before;
  const mayBeBelow = moves !== "atOnce" && share > before;
  const floor = moves === "atOnce" ? lowest : Math.min(lowest, peak);
  return { excess: mayBeAbove ? 0 : above(share, highest), dip: mayBeBelow ? 0 : above(floor, share) };
}

function above(share: number, limit: number): number {
  return share > limit + GRAIN ? share - limit : 0;
}

function rounded(share: number): number {
  return Math.round(share * 10) / 10;
}

/** The fall that a share is part of, from where to where, and when it began; of any other share that one alone. */
function fallAround(
  shares: Shares,
  index: number,
): { readonly peak: number; readonly bottom: number; readonly began: number } {
  const shareAt = (one: number) => shares[one]?.share ?? 0;
  let [first, last] = [index, index];
  while (first > 0 && shareAt(first) < shareAt(first - 1)) first -= 1;
  while (last + 1 < shares.length && shareAt(last + 1) < shareAt(last)) last += 1;
  return { peak: shareAt(first), bottom: shareAt(last), began: shares[first + 1]?.at ?? 0 };
}

/** Whether something that may restart the steps was synced a moment before. */
function isSyncedBefore({ cluster }: LiveWorld, { restarts }: LiveSite, began: number): boolean {
  const syncs = restarts.flatMap((folder) => cluster.syncs(folder));
  return syncs.some(({ at }) => at <= began && began - at <= RESTART_MS);
}

/** What each commit of the tracked branch asks for, oldest first; what the one before did where a commit's cannot be read. */
async function committedOf({ repo, github }: LiveWorld, { path, said }: LiveSite): Promise<readonly Committed[]> {
  const committed: Committed[] = [];
  for (const { sha, files, parents } of (await github.log(repo, "HEAD")).toReversed()) {
    const before = committed.at(-1) ?? AT_REST;
    const isNew = parents.length !== 1 || files.some((file) => file.path === path);
    const text = isNew ? await github.readFile(repo, sha, path) : undefined;
    committed.push({ ...before, ...said(text ?? ""), sha });
  }
  return committed;
}

/** What was asked for from the commit that the cluster ran until then to the one that it runs now, both included. */
function saidAt(
  { cluster }: LiveWorld,
  { path }: LiveSite,
  { committed, at }: Pick<At, "committed"> & { readonly at: number },
): readonly Said[] {
  const syncs = cluster.syncs(posix.dirname(path));
  const before = syncs.findLast((sync) => sync.at < at) ?? syncs[0];
  const now = syncs.findLast((sync) => sync.at <= at);
  const start = committed.findIndex(({ sha }) => sha === before?.revision);
  const end = committed.findIndex(({ sha }) => sha === now?.revision);
  return committed.slice(Math.max(0, start), end < 0 ? undefined : end + 1);
}
