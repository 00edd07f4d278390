import { filesOf } from "../core/manifests.ts";
import type { Beside, Beyond } from "../core/snapshot.ts";
import type { Sha } from "../core/names.ts";
import { runnersOf } from "../manifest/delta/attribute.ts";
import { membersOf, type MemberAt } from "../manifest/delta/members.ts";
import { besidesWords } from "../manifest/delta/table.ts";
import type { FileComparison } from "../manifest/images/compare.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import type { Fleet } from "../manifest/services/model.ts";
import { byText, sortedSet } from "../manifest/services/paths.ts";
import { compareSome, versionsOf } from "./compared.ts";
import { inventoryAt } from "./inventories.ts";
import { keep } from "./memory.ts";
import { doubtsAbout, unfollowedBy } from "./relied.ts";
import type { Eyes, Scene, UnmeasuredMember } from "./scene.ts";

/** A pull request by its head, the paths that it changes, and those of them that only Tidegate writes. */
export type Proposal = {
  readonly headSha: Sha;
  readonly changed: readonly string[];
  readonly trespasses: readonly string[];
};

/** Whom it reaches, with what their files would say, of all members. */
export type Steered = { readonly reached: readonly UnmeasuredMember[]; readonly members: readonly UnmeasuredMember[] };

type Looking = Pick<Scene, "head" | "branch" | "config"> & { readonly eyes: Pick<Eyes, "git" | "memory"> };

/** Nothing, and all of it compared. */
export const NOTHING_BEYOND: Beyond = {
  besides: [],
  unsteered: [],
  unfollowed: [],
  doubtful: [],
  uncompared: undefined,
};

/** What a pull request does beyond bumping the images of members. All of it is read from git, however many files it changes; the same heads are compared once. */
export async function beyondOf(scene: Looking, pull: Proposal, steered: Steered): Promise<Beyond> {
  const { beyond } = scene.eyes.memory;
  const key = `${scene.head} ${pull.headSha}`;
  const known = beyond.get(key);
  if (known !== undefined) return known;
  const found = await compare(scene, pull, steered);
  keep(beyond, key, found);
  return found;
}

// Anybody may propose anything: so much is read and told.
const MOST_FILES = 300;
const MOST_BESIDES = 200;

async function compare(looking: Looking, pull: Proposal, { reached, members }: Steered): Promise<Beyond> {
  const { head, eyes } = looking;
  const from = await eyes.git.fork(head, pull.headSha);
  const manifests = new Set(reached.flatMap(manifestsOf));
  const changed = pull.changed.filter((path) => !pull.trespasses.includes(path));
  const isElsewhere = changed.some((path) => !manifests.has(path) && isOfInterest(path));
  const inventory = isElsewhere ? await inventoryAt(eyes, from) : undefined;
  const { own, setting, others } = placesOf(inventory?.fleet, manifests, new Set(members.flatMap(manifestsOf)));
  const wanted = new Set([own, setting].flatMap((some) => changed.filter((path) => some.has(path))));
  const paths = [...wanted].slice(0, MOST_FILES);
  const compared = compareSome(paths, await versionsOf(eyes.git, [from, pull.headSha], paths), inventory);
  const unfollowed = await unfollowedBy(looking, reached);
  const doubtful = await doubtsAbout(looking, reached, { head: pull.headSha, changed: pull.changed });
  if (compared === undefined)
    return { ...NOTHING_BEYOND, unfollowed, doubtful, uncompared: "one of them cannot be compared" };
  const left = wanted.size - paths.length + compared.left;
  return {
    besides: besidesIn(compared.files, own),
    unsteered: sortedSet(compared.files.bumps.flatMap((bump) => runnersOf(bump, others)).map(nameOf)),
    unfollowed,
    doubtful,
    uncompared: whyNot(left, isElsewhere && inventory === undefined),
  };
}

function manifestsOf({ at: { manifests } }: UnmeasuredMember): readonly string[] {
  return filesOf(manifests);
}

type Places = {
  /** Files of the services that are reached. */
  readonly own: ReadonlySet<string>;
  /** Members without a state, and the files that say what they run. */
  readonly others: readonly MemberAt[];
  readonly setting: ReadonlySet<string>;
};

function placesOf(fleet: Fleet | undefined, reached: ReadonlySet<string>, steered: ReadonlySet<string>): Places {
  const all = fleet === undefined ? [] : membersOf(fleet);
  const own = all.filter((member) => isRunBy(member, reached));
  const others = all.filter((member) => !isRunBy(member, steered));
  return {
    own: new Set([...reached, ...own.flatMap(({ at }) => at.reads)]),
    others,
    setting: new Set(others.flatMap(({ at }) => at.images.map(({ set }) => set.path))),
  };
}

function isRunBy({ at }: MemberAt, paths: ReadonlySet<string>): boolean {
  return at.workloads.some(({ path }) => paths.has(path));
}

function besidesIn({ others }: FileComparison, own: ReadonlySet<string>): readonly Beside[] {
  return others
    .filter(({ path }) => own.has(path))
    .toSorted((a, b) => byText(a.path, b.path) || a.line - b.line)
    .slice(0, MOST_BESIDES)
    .map(({ path, line, ...rest }) => ({ path, line, what: besidesWords(rest) }));
}

function nameOf({ member: { service, target } }: MemberAt): string {
  return `${service} in ${target}`;
}

function whyNot(left: number, isLarge: boolean): string | undefined {
  if (isLarge) return "the repository has too many files";
  return left === 0 ? undefined : `${left} more than is compared here`;
}
