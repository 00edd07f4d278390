import type { Version } from "../core/manifest.ts";
import type { Name, Sha } from "../core/names.ts";
import type { Bump } from "../core/snapshot.ts";
import type { ReleaseState, ServiceState } from "../core/state.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { GitReader } from "../ports/git.ts";

/** As many changes of one state file as a release and its way back can make, and then some. */
const STATE_CHANGES = 60;
/** As far back as the commit that brought a version is looked for, in changes of its file. */
const FILE_CHANGES = 100;

export type StateHistory = {
  /** When each step of the release under way landed, by index, milliseconds. */
  readonly landings: ReadonlyMap<number, number>;
  /** When the state file last changed, milliseconds. */
  readonly changedAt: number;
  /** The release that the newest change ended, where it ended one. */
  readonly ended: ServiceState | undefined;
};

/** What the changes of a service's state file tell about one target, from the tracked branch's first parents. */
export async function stateHistory(
  { git, from, path }: { readonly git: GitReader; readonly from: Sha; readonly path: string },
  target: Name,
  stateAt: (commit: Sha) => Promise<ServiceState | undefined>,
): Promise<StateHistory> {
  const commits = await git.history(from, path, STATE_CHANGES);
  const [newest] = commits;
  if (newest === undefined) throw new Error(`No commit brought ${path}.`);
  const current = (await stateAt(newest.sha))?.targets.get(target)?.release;
  const before = newest.parents[0] === undefined ? undefined : await stateAt(newest.parents[0]);
  const hadRelease = before?.targets.get(target)?.release !== undefined;
  const landings = new Map<number, number>();
  if (current !== undefined) {
    for (const { sha, at } of commits) {
      const release = (await stateAt(sha))?.targets.get(target)?.release;
      if (release?.commit !== current.commit) break;
      if (release.aborting === undefined) landings.set(release.step, at);
    }
  }
  return { landings, changedAt: newest.at, ended: current === undefined && hadRelease ? before : undefined };
}

/** The newest first-parent commit that brought the version which the canary has at `from`; undefined where the file has always had it. */
export async function findBump(
  { git, forge, from, path }: { readonly git: GitReader; readonly forge: ForgeReader; readonly from: Sha; readonly path: string },
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Bump | undefined> {
  const wanted = await versionAt(from);
  const commits = await git.history(from, path, FILE_CHANGES);
  for (const commit of commits) {
    const [before] = commit.parents;
    if (before === undefined) return undefined;
    // The order of commits is the search: the newest that changed the template is the one that brought it.
    const was = await versionAt(before);
    if (was?.template !== wanted?.template) return { commit: commit.sha, before, was, source: (await forge.pullsOf(commit.sha))[0], at: commit.at };
  }
  return undefined;
}

/** The bump of a release whose commit the state names. */
export async function knownBump(
  git: GitReader,
  { commit, source, since }: Pick<ReleaseState, "commit" | "source" | "since">,
  versionAt: (commit: Sha) => Promise<Version | undefined>,
): Promise<Bump | undefined> {
  const [before] = (await git.commit(commit)).parents;
  return before === undefined ? undefined : { commit, before, was: await versionAt(before), source, at: since };
}
