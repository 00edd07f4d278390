import { isCommand } from "../core/commands.ts";
import { pinnedIn } from "../core/manifests.ts";
import type { PastVersion } from "../core/snapshot.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { manifestAt } from "./service.ts";

/** As far back as earlier versions of stable are looked for, in changes of its file. */
const CHANGES = 50;

/** The member with the versions that stable had before, where somebody asks to go back to one. */
export async function withPast(scene: Scene, member: UnmeasuredMember): Promise<UnmeasuredMember> {
  const isAsked = member.heard.some(({ commands }) =>
    commands.some((command) => isCommand(command) && command.verb === "rollback"),
  );
  return isAsked ? { ...member, past: await pastOf(scene, member) } : member;
}

/** One entry a pod template, newest first, with the newest commit that holds it. */
async function pastOf(scene: Scene, member: UnmeasuredMember): Promise<readonly PastVersion[]> {
  const { git } = scene.eyes;
  const commits = await git.history(scene.head, pinnedIn(member.at.manifests), CHANGES);
  const versions = await Promise.all(
    commits.map(async ({ sha }) => ({ sha, manifest: await manifestAt(scene, sha, member) })),
  );
  const found = new Map<string, PastVersion>();
  for (const { sha, manifest } of versions) {
    if (manifest.kind === "refused") continue;
    const { image, template } = manifest.value.stable;
    if (!found.has(template)) found.set(template, { image, template, commit: sha });
  }
  return [...found.values()];
}
