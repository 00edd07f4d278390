import { isStatePath } from "../config/state-file.ts";
import type { Sha } from "../core/names.ts";
import type { Brought, NewTarget, NewWorkload, Pitfall, Unfit } from "../core/policy.ts";
import type { ServiceState } from "../core/state.ts";
import { lintRepository, type Linted } from "../lint/lint.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { isWanted, type Inventory } from "../manifest/services/inventory.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { placesOfTarget } from "../manifest/services/placed.ts";
import type { Ground } from "../opt-in/model.ts";
import { additionsIn, untemplatedIn, type Addition } from "../policy/additions.ts";
import { namesAround, narrowed } from "../policy/narrowed.ts";
import { newPitfalls } from "../policy/pitfalls.ts";
import { isChart, newTarget, unfitAt } from "../policy/targets.ts";
import { unreadIn } from "../policy/unread.ts";
import { compareSome } from "./compared.ts";
import { advanced, inventoryAt } from "./inventories.ts";
import { toldOf, type Seen } from "./ground-around.ts";
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
/** A chart is evaluated some dozens of times to tell whether it can be opted in: so many in so many targets are. */
const MOST_CHARTS = 20;

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
  const charts = (additions ?? []).flatMap(({ service, targets }) =>
    targets.filter((one) => isChart(after, service, one)),
  );
  const is = { commit: headSha, inventory: after, unjudged: new Set(charts.slice(MOST_CHARTS)) };
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
    const kept = await toldOf(
      sight,
      { commit: fork, inventory: before },
      { service: was, targets: was.targets },
      (old) => touched.flatMap(({ target, had }) => (unfitFor(old, was, had) === undefined ? [] : [target])),
    );
    if (kept === undefined || kept.length === 0) continue;
    // oxlint-disable-next-line no-await-in-loop -- as above
    const gained = await toldOf(sight, { commit: headSha, inventory: after }, { service, targets: kept }, (now) =>
      kept.filter((target) => attempt(() => newTarget(now, service, target).unfit) === undefined),
    );
    if (gained !== undefined && gained.length > 0) freed.push({ service, targets: gained });
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

type Found = Addition & Pick<NewWorkload, "how">;

/** `unjudged`: charts of which nobody has the time to tell whether they can be opted in. */
type Judging = Seen & { readonly unjudged: ReadonlySet<ServiceTarget> };

async function newWorkload(sight: Sight, seen: Judging, { how, ...addition }: Found): Promise<NewWorkload> {
  const { service, targets } = addition;
  const told = await toldOf(sight, seen, addition, (ground) =>
    targets.map(
      (target) => attempt(() => newTarget(ground, service, target, !seen.unjudged.has(target))) ?? untold(target),
    ),
  );
  const [first = { kind: "workload", path: service.home, line: 1 }] = targets.flatMap((target) => target.workloads);
  const { kind, path, line } = first;
  const isOneOfMany = seen.inventory.fleet.services.some((one) => one !== service && one.name === service.name);
  return {
    how,
    service: isOneOfMany ? `${service.name}@${service.home}` : service.name,
    targets: told ?? targets.map(untold),
    isWhole: targets.length === service.targets.length,
    kind,
    path,
    line,
  };
}

/** What cannot be told of is asked for a template. */
function untold({ name, workloads }: ServiceTarget): NewTarget {
  return { name, paths: workloads.map(({ path }) => path), unfit: undefined };
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
