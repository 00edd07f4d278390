import { isStatePath } from "../config/state-file.ts";
import type { Sha } from "../core/names.ts";
import type { Brought, NewTarget, NewWorkload, Pitfall, Unfit } from "../core/policy.ts";
import type { ServiceState } from "../core/state.ts";
import { lintRepository, type Linted } from "../lint/lint.ts";
import { GITMODULES } from "../manifest/kustomize/absent.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { isWanted, type Inventory } from "../manifest/services/inventory.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { folderOf, isUnder } from "../manifest/services/paths.ts";
import { placesOfTarget } from "../manifest/services/placed.ts";
import type { Ground } from "../opt-in/model.ts";
import { additionsIn, untemplatedIn, type Addition } from "../policy/additions.ts";
import { namesAround, narrowed } from "../policy/narrowed.ts";
import { newPitfalls } from "../policy/pitfalls.ts";
import { newTarget, unfitAt } from "../policy/targets.ts";
import { unreadIn } from "../policy/unread.ts";
import { compareSome } from "./compared.ts";
import { advanced, inventoryAt } from "./inventories.ts";
import { keep } from "./memory.ts";
import { SERVICES } from "./readings.ts";
import type { Eyes } from "./scene.ts";

/** What policy has nothing to say of. */
export const NOTHING_BROUGHT: Brought = { workloads: [], pitfalls: [], unread: undefined };

type Sight = Pick<Eyes, "git" | "readings" | "memory">;
/** A pull request's head, and the tracked branch's. */
type Ends = { readonly head: Sha; readonly headSha: Sha };

/** Anybody may propose anything: so many manifests are looked into. */
const MOST_FILES = 2_000;
/** And so many letters of them, some at a time: as many files, each as large as one may be, would fill the memory. */
const MOST_LETTERS = 8_000_000;
const AT_A_TIME = 20;

/** `dear`: whether that may be found out now which takes an inventory of the whole. */
type Asked = Ends & { readonly dear: "now" | "later" };
/** `wasDear`: that took such an inventory now. */
type Answer = { readonly brought: Brought; readonly wasDear: boolean };

/**
 * The workloads without a template and the pitfalls that a pull request brings, against where it left the tracked branch: read from git, and found out once for the
 * same two commits. Undefined where that is left for later. In a repository that is too large for an inventory nothing is found.
 */
export async function broughtBy(sight: Sight, { head, headSha, dear }: Asked): Promise<Answer | undefined> {
  const { git, memory } = sight;
  const fork = await git.fork(head, headSha);
  const key = `${fork} ${headSha}`;
  const known = memory.brought.get(key);
  if (known !== undefined) return { brought: known, wasDear: false };
  const change = { fork, headSha, changed: (await git.changed(head, headSha)).filter(isOfInterest) };
  const cheap = await broughtAtSight(sight, change);
  if (cheap === undefined && dear === "later") return undefined;
  const brought = cheap ?? (await broughtFrom(sight, change));
  keep(memory.brought, key, brought);
  return { brought, wasDear: cheap === undefined };
}

type Change = { readonly fork: Sha; readonly headSha: Sha; readonly changed: readonly string[] };

/** What needs no inventory to be told. */
async function broughtAtSight(sight: Sight, change: Change): Promise<Brought | undefined> {
  const { changed } = change;
  const { length } = changed;
  const unread = (why: string) => ({ ...NOTHING_BROUGHT, unread: { why, paths: changed } });
  if (length > MOST_FILES) return unread(`it changes ${length} manifests, and at most ${MOST_FILES} are looked into`);
  if (await isTooMuch(sight, change))
    return unread(
      `its manifests have more than ${MOST_LETTERS / 1_000_000} million letters, which are not looked into`,
    );
  return length === 0 || (await isOnlyImages(sight, change)) ? NOTHING_BROUGHT : undefined;
}

async function isTooMuch({ git }: Sight, { headSha, changed }: Change): Promise<boolean> {
  let letters = 0;
  for (let at = 0; at < changed.length && letters <= MOST_LETTERS; at += AT_A_TIME) {
    // oxlint-disable-next-line no-await-in-loop -- no more at a time than may be held
    const some = await git.read(headSha, changed.slice(at, at + AT_A_TIME));
    for (const { text } of some.values()) letters += text.length;
  }
  return letters > MOST_LETTERS;
}

async function broughtFrom(sight: Sight, change: Change): Promise<Brought> {
  const { fork, headSha, changed } = change;
  const before = await inventoryAt(sight, fork);
  if (before === undefined) return NOTHING_BROUGHT;
  const after = await advanced(sight, { at: fork, inventory: before }, headSha);
  const states = { before: await statesAt(sight, fork), after: await statesAt(sight, headSha) };
  const additions = attempt(() => additionsIn(before.fleet, after.fleet, states.after));
  const freed = await freedIn(sight, change, { before, after, states });
  const is = { commit: headSha, inventory: after };
  const workloads = await Promise.all([
    ...(additions ?? []).map((one) => newWorkload(sight, is, { ...one, how: "added" })),
    ...freed.map((one) => newWorkload(sight, is, { ...one, how: "freed" })),
  ]);
  const pitfalls = await pitfallsIn(sight, change, { before, after });
  if (additions === undefined || pitfalls === undefined)
    return { workloads, pitfalls: pitfalls ?? [], unread: { why: FAULT, paths: changed } };
  const texts = await sight.git.read(headSha, changed);
  const dark = unreadIn({ before, after, changed, read: (path) => texts.get(path)?.text });
  return { workloads, pitfalls, unread: dark.length === 0 ? undefined : { why: darkText(dark), paths: dark } };
}

const FAULT = "what it brings could not be told, which is a fault of Tidegate's";

function darkText([first = "", ...others]: readonly string[]): string {
  const more = others.length === 0 ? "" : `, as ${others.length} more`;
  return `${first} cannot be read (too large, no UTF-8, or no YAML)${more}`;
}

/** A file that nobody foresaw costs what would be said of it, never the look: undefined then. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Nothing but versions moves, in files that are there on both sides: the most usual of pull requests. */
async function isOnlyImages({ git }: Sight, { fork, headSha, changed }: Change): Promise<boolean> {
  const [was, is] = await Promise.all([git.read(fork, changed), git.read(headSha, changed)]);
  if (changed.some((path) => !was.has(path) || !is.has(path))) return false;
  const compared = compareSome(changed, { before: was, after: is }, undefined);
  if (compared === undefined || compared.left > 0) return false;
  const { others, added, removed } = compared.files;
  return others.length + added.length + removed.length === 0;
}

async function statesAt({ git, readings }: Sight, commit: Sha): Promise<readonly ServiceState[]> {
  const blobs = await git.read(commit, await git.list(commit, SERVICES));
  return [...blobs].flatMap(([path, blob]) => {
    const state = readings.state(path, blob);
    return state.kind === "read" ? [state.value] : [];
  });
}

type Stated = Both & {
  readonly states: { readonly before: readonly ServiceState[]; readonly after: readonly ServiceState[] };
};

/** The workloads without a template that were there and could not be opted in, in the targets where the change takes away what kept them from it. */
async function freedIn(
  sight: Sight,
  { fork, headSha, changed }: Change,
  { before, after, states }: Stated,
): Promise<readonly Addition[]> {
  const [beforeNear, afterNear] = [near(before, new Set(changed)), near(after, new Set(changed))];
  const fleets = { before: before.fleet, after: after.fleet };
  const freed: Addition[] = [];
  for (const { service, targets, was } of attempt(() => untemplatedIn(fleets, states)) ?? []) {
    const touched = targets.flatMap((target) => {
      const had = was.targets.find(({ name }) => name === target.name);
      if (had === undefined) return [];
      const isNear =
        [...placesOfTarget(beforeNear, was, had), ...placesOfTarget(afterNear, service, target)].length > 0;
      return isNear ? [{ target, had }] : [];
    });
    if (touched.length === 0) continue;
    // oxlint-disable-next-line no-await-in-loop -- the texts of one service at a time
    const old = await groundAt(sight, { commit: fork, inventory: before }, { service: was, targets: was.targets });
    const kept = touched.flatMap(({ target, had }) => (unfitFor(old, was, had) === undefined ? [] : [target]));
    if (kept.length === 0) continue;
    // oxlint-disable-next-line no-await-in-loop -- as above
    const now = await groundAt(sight, { commit: headSha, inventory: after }, { service, targets: kept });
    const gained = kept.filter((target) => unfitFor(now, service, target) === undefined);
    if (gained.length > 0) freed.push({ service, targets: gained });
  }
  return freed;
}

/** What cannot be told keeps nobody from opting in. */
function unfitFor(ground: Ground, service: Service, target: ServiceTarget): Unfit | undefined {
  return attempt(() => unfitAt(ground, service, target));
}

/** The inventory with no more renderings than those that read some files, or are delivered by them. */
function near({ fleet, state }: Inventory, files: ReadonlySet<string>): Pick<Inventory, "fleet" | "state"> {
  const made = [...state.made].filter(
    ([, { rendering, by }]) =>
      rendering.reads.some((path) => files.has(path)) || by.some((delivery) => files.has(delivery.by.path)),
  );
  return { fleet, state: { ...state, made: new Map(made) } };
}

type Seen = { readonly commit: Sha; readonly inventory: Inventory };

/** All that opting a service in asks for, at a commit. */
async function groundAt({ git }: Sight, { commit, inventory }: Seen, addition: Addition): Promise<Ground> {
  const texts = await git.read(commit, filesAround(inventory, addition));
  const links = await git.links(commit, "");
  return { inventory, read: (path) => texts.get(path)?.text, links, revision: commit };
}

type Found = Addition & Pick<NewWorkload, "how">;

async function newWorkload(sight: Sight, seen: Seen, { how, ...addition }: Found): Promise<NewWorkload> {
  const { service, targets } = addition;
  const ground = await groundAt(sight, seen, addition);
  const [first = { kind: "workload", path: service.home, line: 1 }] = targets.flatMap((target) => target.workloads);
  const { kind, path, line } = first;
  const isOneOfMany = seen.inventory.fleet.services.some((one) => one !== service && one.name === service.name);
  return {
    how,
    service: isOneOfMany ? `${service.name}@${service.home}` : service.name,
    targets: targets.map(
      (target) => attempt(() => newTarget(ground, service, target)) ?? { ...writtenAt(target), unfit: undefined },
    ),
    isWhole: targets.length === service.targets.length,
    kind,
    path,
    line,
  };
}

function writtenAt({ name, workloads }: ServiceTarget): Pick<NewTarget, "name" | "paths"> {
  return { name, paths: workloads.map(({ path }) => path) };
}

/** All that opting in may ask for: what is rendered, what delivers it, and what lies beside these. */
function filesAround(inventory: Inventory, { service, targets }: Addition): readonly string[] {
  const places = targets.flatMap((target) => placesOfTarget(inventory, service, target));
  const roots = places.map(({ root }) => root.folder).filter((folder) => folder !== "");
  const reads = targets.flatMap((target) => target.reads);
  const by = places.flatMap((place) => place.by.map((delivery) => delivery.by.path));
  const folders = new Set(reads.map(folderOf));
  const near = [...inventory.listing.keys()].filter(
    (path) => folders.has(folderOf(path)) || roots.some((root) => isUnder(path, root)),
  );
  return [...new Set([...reads, ...by, ...near, GITMODULES])];
}

type Both = { readonly before: Inventory; readonly after: Inventory };

/** First in what the change can make otherwise; only what is found there is looked for in the whole repository, which knows better. Undefined where that fails. */
async function pitfallsIn(
  sight: Sight,
  change: Change,
  { before, after }: Both,
): Promise<readonly Pitfall[] | undefined> {
  const changed = new Set(change.changed);
  const names = namesAround([before, after], changed);
  const part = { before: narrowed(before, changed, names), after: narrowed(after, changed, names) };
  const candidates = await comparedIn(sight, change, { ...part, isWhole: false });
  return candidates === undefined || candidates.length === 0
    ? candidates
    : comparedIn(sight, change, { before, after, isWhole: true });
}

async function comparedIn(
  sight: Sight,
  { fork, headSha, changed }: Change,
  { before, after, isWhole }: Both & { readonly isWhole: boolean },
): Promise<readonly Pitfall[] | undefined> {
  const { git, memory } = sight;
  const was = await git.read(fork, filesOf(before, isWhole));
  // What the pull request leaves as it is need not be read again.
  const is = await git.read(
    headSha,
    filesOf(after, isWhole).filter((path) => changed.includes(path) || !was.has(path)),
  );
  const differs = new Set(changed);
  const readAfter = (path: string) => (differs.has(path) ? is.get(path) : (was.get(path) ?? is.get(path)))?.text;
  return attempt(() => {
    const known = isWhole ? memory.linted.get(before) : undefined;
    const found: Linted = known ?? lintRepository(before, (path) => was.get(path)?.text);
    if (isWhole) memory.linted.set(before, found);
    return newPitfalls({
      before: found,
      after: lintRepository(after, readAfter),
      changed: differs,
      there: after.listing,
    });
  });
}

function filesOf({ state, listing, patterns }: Inventory, isWhole: boolean): readonly string[] {
  if (!isWhole) return [...state.facts.keys()];
  return [...listing.keys()].filter((path) => isWanted(path, patterns) || isStatePath(path));
}
