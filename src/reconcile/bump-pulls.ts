import type { Sha } from "../core/names.ts";
import type { BumpPull, Reach } from "../core/snapshot.ts";
import type { Pull } from "../ports/forge.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { pathOf } from "./readings.ts";
import { manifestAt } from "./service.ts";

/** The open pull requests of others that would change a member's canary, or what only Tidegate writes. */
export async function observeBumps(scene: Scene, members: readonly UnmeasuredMember[]): Promise<readonly BumpPull[]> {
  const others = scene.pulls.filter(({ ours }) => !ours);
  const bumps = await Promise.all(others.map((pull) => observeBump(scene, members, pull)));
  return bumps.filter(({ reaches, trespasses }) => reaches.length + trespasses.length > 0);
}

async function observeBump(
  scene: Scene,
  members: readonly UnmeasuredMember[],
  { number, headSha }: Pull,
): Promise<BumpPull> {
  const changed = await scene.eyes.git.changed(scene.head, headSha);
  const touched = members.filter(({ at }) => changed.includes(at.manifests.canary));
  const reaches = await Promise.all(touched.map((member) => reachOf(scene, member, headSha)));
  return {
    number,
    headSha,
    reaches: reaches.filter((reach) => reach !== undefined),
    trespasses: changed.filter((path) => isOurs(path, members)),
  };
}

async function reachOf(scene: Scene, member: UnmeasuredMember, head: Sha): Promise<Reach | undefined> {
  const to = await manifestAt(scene, head, member);
  if (to.kind === "refused") return { kind: "unreadable", member, problem: to.problems.join("\n") };
  return to.value.canary.template === member.manifest.canary.template
    ? undefined
    : { kind: "bump", member, to: to.value };
}

/** A path that only Tidegate writes. A folder of owned files ends in a slash. */
function isOurs(path: string, members: readonly UnmeasuredMember[]): boolean {
  return members.some(
    ({ state }) =>
      path === pathOf(state.service) ||
      state.owned.some((owned) => (owned.endsWith("/") ? path.startsWith(owned) : path === owned)),
  );
}
