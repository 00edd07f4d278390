import type { Sha } from "../core/names.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { SERVICES, serviceOf } from "./readings.ts";

/** Which of the pull requests asked about brought a step of the release that a member has under way, or has ended just now. */
export type LandedSteps = (member: Pick<UnmeasuredMember, "state" | "target" | "at" | "ended">) => readonly number[];

/** Reads from the heads of pull requests, open or not, which release each is a step of; asks GitHub nothing. */
export async function landedSteps(scene: Scene, pulls: ReadonlySet<number>): Promise<LandedSteps> {
  const found = await Promise.all([...pulls].map(async (pull) => ({ pull, releases: await releasesOf(scene, pull) })));
  return ({ state, target, at, ended }) => {
    const release = at.release ?? ended?.targets.get(target)?.release;
    if (release === undefined) return [];
    const wanted = nameOf(state.service, target, release.commit);
    return found.filter(({ releases }) => releases.includes(wanted)).map(({ pull }) => pull);
  };
}

/** As many commits of others on a step's branch are looked through for our own. */
const MOST_COMMITS = 20;

/** A step is one commit that changes a state file; what it says there, or said before the last one, names the release. */
async function releasesOf({ eyes: { git, readings }, refs }: Scene, pull: number): Promise<readonly string[]> {
  let commit = refs.get(`refs/pull/${pull}/head`);
  for (let seen = 0; commit !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the head down, no further than our own commit
    const { ours, parents } = await git.commit(commit);
    const [parent] = parents;
    if (ours) return parent === undefined ? [] : releasesIn({ git, readings }, parent, commit);
    commit = parent;
  }
  return [];
}

async function releasesIn(
  { git, readings }: Pick<Scene["eyes"], "git" | "readings">,
  parent: Sha,
  commit: Sha,
): Promise<readonly string[]> {
  const paths = (await git.changed(parent, commit)).filter((path) => path.startsWith(`${SERVICES}/`));
  const read = await Promise.all([parent, commit].map((each) => git.read(each, paths)));
  return read.flatMap((blobs) =>
    [...blobs].flatMap(([path, blob]) => {
      const state = readings.state(path, blob);
      if (state.kind === "refused") return [];
      return [...state.value.targets].flatMap(([target, { release }]) =>
        release === undefined ? [] : [nameOf(serviceOf(path), target, release.commit)],
      );
    }),
  );
}

function nameOf(service: string, target: string, commit: string): string {
  return `${service}/${target}/${commit}`;
}
