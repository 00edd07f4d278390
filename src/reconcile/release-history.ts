import type { Image } from "../core/image.ts";
import type { Version } from "../core/manifest.ts";
import { isSha, type Name, type Sha } from "../core/names.ts";
import type { Bump } from "../core/snapshot.ts";
import type { ReleaseState, ServiceState } from "../core/state.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { Commit, GitReader } from "../ports/git.ts";
import { SERVICES } from "./readings.ts";

/** As many changes of one state file as all targets of a service can make while one of them is under way, and then some. */
const STATE_CHANGES = 300;
/** As far back as the commit that brought a version is looked for, in changes of its file. */
const FILE_CHANGES = 100;

export type StateHistory = {
  /** When each step of the release under way landed, by index, milliseconds. */
  readonly landings: ReadonlyMap<number, number>;
  /** When the state of this target last changed, milliseconds. */
  readonly changedAt: number;
  /** The state before the newest of these changes, where that ended a release. */
  readonly ended: ServiceState | undefined;
  readonly newest: Commit;
};

type Past = { readonly commit: Commit; readonly state: ServiceState };

/** What the changes of a service's state file tell about one target, from the tracked branch's first parents. Changes of other targets are none of it. */
export async function stateHistory(
  { git, from, path }: { readonly git: Pick<GitReader, "history">; readonly from: Sha; readonly path: string },
  target: Name,
  stateAt: (commit: Sha) => Promise<ServiceState | undefined>,
): Promise<StateHistory> {
  const past = await pastOf(await git.history(from, path, STATE_CHANGES), target, stateAt);
  const own = past.findIndex(({ state }, index) => concerns(target, state, past[index + 1]?.state));
  const newest = past[own];
  if (newest === undefined) throw new Error(`No commit brought ${path}.`);
  const release = releaseIn(past[0], target);
  const before = past[own + 1];
  return {
    landings: release === undefined ? new Map() : landingsOf(release.commit, past, target),
    changedAt: newest.commit.at,
    ended: release === undefined && releaseIn(before, target) !== undefined ? before?.state : undefined,
    newest: newest.commit,
  };
}

/** The states from the newest on, as far back as the target's own last change and its release go; without those at which somebody had broken the file. */
async function pastOf(
  commits: readonly Commit[],
  target: Name,
  stateAt: (commit: Sha) => Promise<ServiceState | undefined>,
): Promise<readonly Past[]> {
  const past: Past[] = [];
  let isFound = false;
  for (const commit of commits) {
    // oxlint-disable-next-line no-await-in-loop -- newest first, no further than is asked for
    const state = await stateAt(commit.sha);
    if (state === undefined) continue;
    const after = past.at(-1);
    past.push({ commit, state });
    isFound ||= after !== undefined && concerns(target, after.state, state);
    const release = releaseIn(past[0], target);
    const isBefore = release === undefined || release.commit !== state.targets.get(target)?.release?.commit;
    if (isFound && isBefore) break;
  }
  return past;
}

/** Whether a change of a state file is the target's: of what stands there for it, or for no target more than for another. */
function concerns(target: Name, is: ServiceState, was: ServiceState | undefined): boolean {
  if (was === undefined || isOther(is, was, target)) return true;
  const targets = new Set([...is.targets.keys(), ...was.targets.keys()]);
  return ![...targets].some((other) => isOther(is, was, other));
}

function isOther(is: ServiceState, was: ServiceState, target: Name): boolean {
  return JSON.stringify(standingIn(is, target)) !== JSON.stringify(standingIn(was, target));
}

/** What a state has for a target without what people have said of its next step: whoever stays behind its wave has that there, and nothing new runs for it. */
function standingIn({ targets }: ServiceState, target: Name): unknown {
  const at = targets.get(target);
  return at?.release === undefined ? at : { ...at, release: { ...at.release, override: undefined, skips: [] } };
}

function releaseIn(past: Past | undefined, target: Name): ReleaseState | undefined {
  return past?.state.targets.get(target)?.release;
}

/** When each step of a release landed, by index: the oldest commit that holds it. Where the release was sent back to an earlier step, its time begins there. */
function landingsOf(release: Sha, past: readonly Past[], target: Name): ReadonlyMap<number, number> {
  const landings = new Map<number, number>();
  let lowest: number | undefined;
  for (const one of past) {
    const found = releaseIn(one, target);
    if (found?.commit !== release || found.step > (lowest ?? found.step)) break;
    lowest = found.step;
    if (found.aborting === undefined) landings.set(found.step, one.commit.at);
  }
  return landings;
}

type Changes = {
  readonly git: Pick<GitReader, "history" | "contains">;
  readonly from: Sha;
  readonly paths: readonly string[];
};

/** The first-parent commits that changed one of some files, newest first; no further back than is asked for. */
async function* changesOf({ git, from, paths }: Changes): AsyncGenerator<Commit> {
  let left = await Promise.all(paths.map((path) => git.history(from, path, FILE_CHANGES)));
  while (left.some((history) => history.length > 0)) {
    // oxlint-disable-next-line no-await-in-loop -- one history after the other says which is the newest
    const newest = await newestOf(git, left);
    if (newest === undefined) return;
    yield newest;
    left = left.map((history) => (history[0]?.sha === newest.sha ? history.slice(1) : history));
  }
}

async function newestOf(
  git: Pick<GitReader, "contains">,
  histories: readonly (readonly Commit[])[],
): Promise<Commit | undefined> {
  let newest: Commit | undefined;
  for (const [head] of histories)
    if (head !== undefined && (newest === undefined || (await git.contains(head.sha, newest.sha)))) newest = head;
  return newest;
}

/** The newest first-parent commit that brought the version which the canary has at `from`; undefined where the files have always had it. */
export async function findBump(
  {
    git,
    forge,
    from,
    paths,
  }: {
    readonly git: GitReader;
    readonly forge: Pick<ForgeReader, "pullsOf">;
    readonly from: Sha;
    readonly paths: readonly string[];
  },
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Bump | undefined> {
  const wanted = await versionAt(from);
  for await (const commit of changesOf({ git, from, paths })) {
    const [before] = commit.parents;
    if (before === undefined) return undefined;
    const was = await versionAt(before);
    if (was?.template !== wanted?.template) return landed(commit, { before, was }, { git, forge });
  }
  return undefined;
}

async function landed(
  { sha: commit, at, message }: Commit,
  from: Pick<Bump, "before" | "was">,
  { git, forge }: { readonly git: GitReader; readonly forge: Pick<ForgeReader, "pullsOf"> },
): Promise<Bump> {
  // A version that was given again belongs to the pull request that brought it first: there people speak of it.
  const again = /^Tidegate-Bump: ([0-9a-f]{40})$/m.exec(message)?.[1];
  // Anybody may write that, for the labels of another pull request; what gives a version again changes the state as well.
  const isOurs =
    isSha(again) && (await git.changed(from.before, commit)).some((path) => path.startsWith(`${SERVICES}/`));
  const [source] = await forge.pullsOf(isOurs ? again : commit);
  return { ...from, commit, source: source?.number, labels: source?.labels ?? [], at };
}

/**
 * The newest first-parent commit at which a file had another version than it has at `from`, of this image; where it never had one, the newest with
 * another version at all, and undefined where it has always had the same. Somebody may have had another image there for a while.
 */
export async function beforeVersion(
  { git, from, path }: { readonly git: Pick<GitReader, "history">; readonly from: Sha; readonly path: string },
  image: Image,
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Sha | undefined> {
  const wanted = await versionAt(from);
  let other: Sha | undefined;
  for (const { parents } of await git.history(from, path, FILE_CHANGES)) {
    const [before] = parents;
    if (before === undefined) break;
    // oxlint-disable-next-line no-await-in-loop -- newest first, no further than the version goes back
    const was = await versionAt(before);
    if (was?.template === wanted?.template) continue;
    if (was?.image === image) return before;
    other ??= before;
  }
  return other;
}

/** The newest commit, `from` or the parent of one that changed one of some files, at which their version is that of a digest; undefined where none is found. */
export async function commitWith(
  changes: Changes,
  template: string,
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Sha | undefined> {
  if ((await versionAt(changes.from))?.template === template) return changes.from;
  for await (const { parents } of changesOf(changes)) {
    const [before] = parents;
    if (before !== undefined && (await versionAt(before))?.template === template) return before;
  }
  return undefined;
}

/** The bump of a release whose commit the state names; undefined where the tracked branch does not have it any more. */
export async function knownBump(
  { git, head }: { readonly git: GitReader; readonly head: Sha },
  { commit, source, since }: Pick<ReleaseState, "commit" | "source" | "since">,
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Bump | undefined> {
  if (!(await git.contains(head, commit))) return undefined;
  const [before] = (await git.commit(commit)).parents;
  return before === undefined
    ? undefined
    : { commit, before, was: await versionAt(before), source, labels: [], at: since };
}
