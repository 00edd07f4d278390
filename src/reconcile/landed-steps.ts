import type { Scene, UnmeasuredMember } from "./scene.ts";
import { SERVICES, serviceOf } from "./readings.ts";

/** Which of the pull requests asked about brought a step of the release that a member has under way. */
export type LandedSteps = (member: Pick<UnmeasuredMember, "state" | "target" | "at">) => readonly number[];

/** Reads from the heads of pull requests, open or not, which release each is a step of; asks GitHub nothing. */
export async function landedSteps(scene: Scene, pulls: ReadonlySet<number>): Promise<LandedSteps> {
  const found = await Promise.all([...pulls].map(async (pull) => ({ pull, releases: await releasesOf(scene, pull) })));
  return ({ state, target, at: { release } }) => {
    if (release === undefined) return [];
    const wanted = nameOf(state.service, target, release.commit);
    return found.filter(({ releases }) => releases.includes(wanted)).map(({ pull }) => pull);
  };
}

/** A step is one commit that changes a state file; what it says there names the release. */
async function releasesOf({ eyes: { git, readings }, refs }: Scene, pull: number): Promise<readonly string[]> {
  const head = refs.get(`refs/pull/${pull}/head`);
  if (head === undefined) return [];
  const [parent] = (await git.commit(head)).parents;
  if (parent === undefined) return [];
  const paths = (await git.changed(parent, head)).filter((path) => path.startsWith(`${SERVICES}/`));
  const blobs = await git.read(head, paths);
  return paths.flatMap((path) => {
    const state = readings.state(path, blobs.get(path));
    if (state.kind === "refused") return [];
    return [...state.value.targets].flatMap(([target, { release }]) =>
      release === undefined ? [] : [nameOf(serviceOf(path), target, release.commit)],
    );
  });
}

function nameOf(service: string, target: string, commit: string): string {
  return `${service}/${target}/${commit}`;
}
