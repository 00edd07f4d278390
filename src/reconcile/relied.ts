import { filesOf } from "../core/manifests.ts";
import { unplannable } from "../core/plan.ts";
import type { Beside } from "../core/snapshot.ts";
import { asideIn } from "../manifest/services/aside.ts";
import { hindrancesIn } from "../manifest/services/following.ts";
import { scalingDoubts } from "../manifest/services/scaling.ts";
import { fieldsWritten } from "../manifest/services/written.ts";
import { doubtsOf, unfitOf } from "./fitness.ts";
import { inventoryAt } from "./inventories.ts";
import { labelDoubts } from "./labelled.ts";
import type { Over } from "./over.ts";
import type { Eyes, Scene, UnmeasuredMember } from "./scene.ts";

type Looking = Pick<Scene, "head" | "branch" | "config"> & { readonly eyes: Pick<Eyes, "git" | "memory"> };

/** What releases of members rely on and is not so, or may not be: which services would not begin and why, with file and line; and the rest by its places. */
export type Relied = {
  readonly unfit: readonly { readonly service: string; readonly problem: string }[];
  readonly unfollowed: readonly Beside[];
  readonly doubtful: readonly Beside[];
};

/** All of it, as the tracked branch stands. */
export async function reliedOn(looking: Looking, members: readonly UnmeasuredMember[]): Promise<Relied> {
  const problems = await Promise.all(
    members.map(async (member) => ({
      service: member.state.service,
      problem: unplannable(member.policy, member.at, member.manifest) ?? (await unfitOf(looking, member)),
    })),
  );
  return {
    unfit: problems.flatMap(({ service, problem }) => (problem === undefined ? [] : [{ service, problem }])),
    unfollowed: await unfollowedBy(looking, members),
    doubtful: await doubtsAbout(looking, members, { head: looking.head, changed: [] }),
  };
}

// Anybody may write anything: so much is told.
const MOST = 200;

/** What keeps the clusters of some members from following the tracked branch, as that says it now. */
export async function unfollowedBy(
  { head, branch, eyes }: Looking,
  reached: readonly UnmeasuredMember[],
): Promise<readonly Beside[]> {
  const files = [...new Set(reached.flatMap(({ at }) => filesOf(at.manifests)))];
  const texts = await eyes.git.read(head, files);
  const aside = [...texts].flatMap(([path, { text }]) => asideIn({ path, text }));
  const inventory = await inventoryAt(eyes, head);
  if (inventory === undefined) return aside.slice(0, MOST);
  const hindrances = hindrancesIn(inventory);
  const found = reached.flatMap(({ at, manifest }) =>
    hindrances({ files: filesOf(at.manifests), branch, writes: fieldsWritten(at, manifest) }),
  );
  return once([...found, ...aside]).slice(0, MOST);
}

/** What is to be settled before the releases of some members are relied on, and is not for certain. */
export async function doubtsAbout(
  looking: Looking,
  reached: readonly UnmeasuredMember[],
  over: Over,
): Promise<readonly Beside[]> {
  const inventory = await inventoryAt(looking.eyes, looking.head);
  if (inventory === undefined) return [];
  const subsets = await Promise.all(reached.map((member) => doubtsOf(looking, member, over)));
  const labels = await Promise.all(reached.map((member) => labelDoubts(looking, member, over)));
  // Of a Canary it is no doubt: its releases do not begin.
  const scaled = reached.filter(({ manifest }) => manifest.flagger === undefined);
  const all = [...subsets.flat(), ...scaled.flatMap(scalingDoubts(inventory)), ...labels.flat()];
  return once(all).slice(0, MOST);
}

function once(all: readonly Beside[]): readonly Beside[] {
  return [...new Map(all.map((one) => [`${one.path}:${one.line} ${one.what}`, one])).values()];
}
