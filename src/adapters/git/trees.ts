import { sha, type Sha } from "../../core/names.ts";
import { GitError } from "./error.ts";
import type { GitObject, Objects } from "./objects.ts";

/** What a folder has under a name. */
export type TreeEntry = { readonly mode: string; readonly id: Sha };

/** A folder's entries by name, in git's order. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** Folders by their ids, each read once: from commit to commit most stay as they are. */
export type Trees = (id: Sha) => Promise<Tree>;

/** An entry at its path. */
export type Entry = TreeEntry & { readonly path: string };

/** A folder of more entries is of many services: each commit that moves one makes a new version of it, alike but for an entry. */
const LARGE = 100;
/** Entries of folders of which the content is kept; those that were not asked for longest go first, and no large one drives out the others. */
const MOST_ENTRIES = { small: 200_000, large: 32_000 } as const;
/** Entries that one listing or comparison reads at most. */
const MOST_LISTED = 1_000_000;
const FOLDER = "40000";

/** Reads folders. Throws a GitError where one is not there: something that is names it, so the repository is damaged. */
export function treesOf(objects: Pick<Objects, "read">): Trees {
  const small = keptFolders(MOST_ENTRIES.small);
  const large = keptFolders(MOST_ENTRIES.large);
  const shared = { name: onlyOnes<string>(), entry: onlyOnes<TreeEntry>() };
  const sharedEntry = (entry: TreeEntry): TreeEntry => {
    const known = shared.entry(entry.id, entry);
    return known.mode === entry.mode ? known : entry;
  };
  return async (id) => {
    const sure = small.get(id) ?? large.get(id);
    if (sure !== undefined) return sure;
    const found = await objects.read(id);
    if (found?.kind !== "tree") throw new GitError("cat-file", `missing tree ${id}`);
    const read = [...entriesIn(found)];
    const isLarge = read.length > LARGE;
    const tree = new Map(read.map(([name, entry]) => [shared.name(name, name), isLarge ? sharedEntry(entry) : entry]));
    (isLarge ? large : small).keep(id, tree);
    return tree;
  };
}

/** Folders by their ids; those that were not asked for longest go first. The last one stays, however large it is. */
function keptFolders(most: number) {
  const known = new Map<Sha, Tree>();
  let held = 0;
  const keep = (id: Sha, tree: Tree) => {
    held += tree.size - (known.get(id)?.size ?? 0);
    known.delete(id);
    known.set(id, tree);
    for (const [oldest, { size }] of known) {
      if (held <= most || oldest === id) return;
      known.delete(oldest);
      held -= size;
    }
  };
  const get = (id: Sha): Tree | undefined => {
    const tree = known.get(id);
    if (tree !== undefined) keep(id, tree);
    return tree;
  };
  return { get, keep };
}

/** Values of which there is one for a key, however many folders have it; begun anew when there are many. */
function onlyOnes<T>(): (key: string, value: T) => T {
  const known = new Map<string, T>();
  return (key, value) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MOST_SHARED) known.clear();
    known.set(key, value);
    return value;
  };
}

const MOST_SHARED = 20_000;

/** Whether an entry is a folder itself. */
export function isFolder({ mode }: TreeEntry): boolean {
  return mode === FOLDER;
}

/** What is at those paths, and the folders above them. */
export async function entriesAt(trees: Trees, root: Sha, paths: readonly string[]): Promise<readonly Entry[]> {
  const found = new Map<string, Entry>();
  await Promise.all(paths.map((path) => descend(trees, root, path, found)));
  return [...found.values()];
}

async function descend(trees: Trees, root: Sha, path: string, found: Map<string, Entry>): Promise<void> {
  let folder = root;
  let above = "";
  for (const name of path.split("/")) {
    // oxlint-disable-next-line no-await-in-loop -- each names the next
    const entry = (await trees(folder)).get(name);
    if (entry === undefined) return;
    found.set(`${above}${name}`, { ...entry, path: `${above}${name}` });
    if (!isFolder(entry)) return;
    folder = entry.id;
    above += `${name}/`;
  }
}

/** Everything below a folder that is none itself, in git's order. Throws a GitError on more than a repository can sensibly hold. */
export async function entriesBelow(trees: Trees, folder: Sha, above: string): Promise<readonly Entry[]> {
  const counted = countedBy(trees);
  const found: Entry[] = [];
  const open = async (id: Sha, prefix: string): Promise<void> => {
    const tree = await counted(id);
    await ahead(trees, [...tree.values()]);
    for (const [name, entry] of tree)
      if (isFolder(entry)) await open(entry.id, `${prefix}${name}/`);
      else found.push({ ...entry, path: `${prefix}${name}` });
  };
  await open(folder, above);
  return found;
}

/** The paths at which two folders differ, their sub-folders opened. Renames are not looked for. Throws as `entriesBelow` does. */
export async function differing(trees: Trees, before: Sha, after: Sha): Promise<readonly string[]> {
  const counted = countedBy(trees);
  const found: string[] = [];
  const compare = async (one: Sha | undefined, other: Sha | undefined, above: string): Promise<void> => {
    const was = one === undefined ? NONE : await counted(one);
    const is = other === undefined ? NONE : await counted(other);
    const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => !isSame(was.get(name), is.get(name)));
    await ahead(
      trees,
      names.flatMap((name) => [was.get(name) ?? [], is.get(name) ?? []].flat()),
    );
    for (const name of names) {
      const sides = [was.get(name), is.get(name)];
      const path = `${above}${name}`;
      if (sides.some((entry) => entry !== undefined && !isFolder(entry))) found.push(path);
      const [from, to] = sides.map((entry) => (entry !== undefined && isFolder(entry) ? entry.id : undefined));
      // oxlint-disable-next-line no-await-in-loop -- in git's order, and no further than is counted
      if (from !== to) await compare(from, to, `${path}/`);
    }
  };
  if (before !== after) await compare(before, after, "");
  return found;
}

const NONE: Tree = new Map();

function isSame(was: TreeEntry | undefined, is: TreeEntry | undefined): boolean {
  return was?.id === is?.id && was?.mode === is?.mode;
}

/** Reads the folders among some entries together, so that each is there when its turn comes. */
async function ahead(trees: Trees, entries: readonly TreeEntry[]): Promise<void> {
  await Promise.all(entries.filter(isFolder).map(({ id }) => trees(id)));
}

// A few folders that hold one another many times over are more files than any machine can list.
function countedBy(trees: Trees): Trees {
  let left = MOST_LISTED;
  return async (id) => {
    const tree = await trees(id);
    left -= tree.size + 1;
    if (left < 0) throw new GitError("cat-file", `more than ${MOST_LISTED} files`);
    return tree;
  };
}

// Each entry: "<mode> <name>\0", then the id's twenty bytes.
function* entriesIn({ id, body }: GitObject): Generator<readonly [string, TreeEntry]> {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const end = body.indexOf(0, at);
    const next = end + 21;
    if (space < at || end < space || next > body.length) throw new GitError("cat-file", `corrupt tree ${id}`);
    const mode = modeOf(Number.parseInt(body.toString("latin1", at, space), 8));
    yield [body.toString("utf8", space + 1, end), { mode, id: sha(body.toString("hex", end + 1, next)) }];
    at = next;
  }
}

// Old programs wrote other modes than git knows, which takes each for the nearest.
function modeOf(mode: number): string {
  const kind = mode & 0o170_000;
  if (kind === 0o100_000) return (mode & 0o100) === 0 ? "100644" : "100755";
  if (kind === 0o040_000) return FOLDER;
  return kind === 0o120_000 ? "120000" : "160000";
}
