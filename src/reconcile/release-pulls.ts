import type { Sha } from "../core/names.ts";
import { TO_ZERO } from "../core/wanted.ts";
import type { ServiceState } from "../core/state.ts";
import type { Commit, GitReader } from "../ports/git.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { readableState } from "./readable-state.ts";
import { SERVICES, serviceOf } from "./readings.ts";

/** Which of the pull requests asked about are of the release that a member has under way, waits to begin, or has ended just now. */
export type OfRelease = (
  member: Pick<UnmeasuredMember, "state" | "target" | "at" | "bump" | "ended">,
) => Promise<readonly number[]>;

type Sight = Pick<Scene, "refs" | "head"> & { readonly eyes: Pick<Scene["eyes"], "git" | "readings"> };

/** Reads from the heads of pull requests, open or not, which release each is of; asks GitHub nothing. */
export async function pullsOfReleases(scene: Sight, pulls: ReadonlySet<number>): Promise<OfRelease> {
  const found = await Promise.all([...pulls].map(async (pull) => ({ pull, made: await madeOn(scene, pull) })));
  return async ({ state, target, at, bump, ended }) => {
    const release = at.release?.commit ?? bump?.commit ?? ended?.targets.get(target)?.release?.commit;
    if (release === undefined) return [];
    const isOf = async (made: Made) =>
      made.releases.includes(nameOf(state.service, target, release)) ||
      (made.offerTo === `${state.service}/${target}` && (await scene.eyes.git.contains(made.base, release)));
    const are = await Promise.all(found.map(async ({ made }) => made !== undefined && (await isOf(made))));
    return found.filter((_, index) => are[index] === true).map(({ pull }) => pull);
  };
}

/** As many commits of others on a step's branch are looked through for our own. */
const MOST_COMMITS = 20;

/** What the last commit of ours on a branch was made on, the releases that it names, and the member to which a weight of 0 is offered by it. */
type Made = { readonly base: Sha; readonly releases: readonly string[]; readonly offerTo: string | undefined };

/** A step is one commit that changes a state file; what it says there, or said before the last one, names the release. An offer has none in it, and is of what was there when it was made. */
async function madeOn({ eyes: { git, readings }, refs, head }: Sight, pull: number): Promise<Made | undefined> {
  const found = await newestOfOurs(git, head, refs.get(`refs/pull/${pull}/head`));
  const [base] = found?.parents ?? [];
  if (found === undefined || base === undefined) return undefined;
  const releases = await releasesIn({ git, readings }, { parent: base, commit: found.sha });
  return { base, releases, offerTo: offerTo(found.message) };
}

/** The newest commit of ours on a branch, below what others have put on top; what the tracked branch at `head` has is no part of it. */
export async function newestOfOurs(
  git: Pick<GitReader, "commit" | "contains">,
  head: Sha,
  from: Sha | undefined,
): Promise<Commit | undefined> {
  let commit = from;
  for (let seen = 0; commit !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the head down, no further than our own commit
    const [found, isLanded] = await Promise.all([git.commit(commit), git.contains(head, commit)]);
    if (found.ours && (seen === 0 || !isLanded)) return found;
    if (isLanded) return undefined;
    [commit] = found.parents;
  }
  return undefined;
}

function offerTo(message: string): string | undefined {
  const trailer = (key: string) => new RegExp(`^Tidegate-${key}: (.*)$`, "m").exec(message)?.[1];
  return trailer("Fall") === TO_ZERO ? `${trailer("Service")}/${trailer("Target")}` : undefined;
}

async function releasesIn(
  { git, readings }: Sight["eyes"],
  { parent, commit }: { readonly parent: Sha; readonly commit: Sha },
): Promise<readonly string[]> {
  const paths = (await git.changed(parent, commit)).filter((path) => path.startsWith(`${SERVICES}/`));
  const after = await git.read(commit, paths);
  const named = paths.map(async (path) => {
    // The last step leaves no release behind: which one it ends is known from before, also where somebody had broken the file meanwhile.
    const before = await readableState({ git, readings }, parent, path);
    const now = readings.state(path, after.get(path));
    return movedBetween(serviceOf(path), targetsIn(before), targetsIn(now.kind === "read" ? now.value : undefined));
  });
  return (await Promise.all(named)).flat();
}

function targetsIn(state: ServiceState | undefined): ServiceState["targets"] {
  return state?.targets ?? new Map();
}

/** The releases of the targets that differ; of all where none does, as words alone may have been written down. */
function movedBetween(
  service: string,
  before: ServiceState["targets"],
  after: ServiceState["targets"],
): readonly string[] {
  const targets = [...new Set([...before.keys(), ...after.keys()])];
  const moved = targets.filter((target) => JSON.stringify(before.get(target)) !== JSON.stringify(after.get(target)));
  return (moved.length > 0 ? moved : targets).flatMap((target) =>
    [before, after].flatMap((side) => {
      const release = side.get(target)?.release;
      return release === undefined ? [] : [nameOf(service, target, release.commit)];
    }),
  );
}

function nameOf(service: string, target: string, commit: string): string {
  return `${service}/${target}/${commit}`;
}
