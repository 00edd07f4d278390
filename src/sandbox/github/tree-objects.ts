import type { ObjectReader } from "./object-reader.ts";

type Reads = Pick<ObjectReader, "read">;

export type TreeEntry = { readonly mode: string; readonly sha: string };

/** A path that two trees do not have in common; undefined where one of them has no file there. */
export type PathChange = {
  readonly path: string;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
};

type Tree = ReadonlyMap<string, TreeEntry>;

const FOLDER = "40000";
const NONE: Tree = new Map();

/** Every file below a tree, by its path, in git's order. */
export async function filesBelow(
  objects: Reads,
  tree: string,
  above = "",
): Promise<readonly (TreeEntry & { readonly path: string })[]> {
  const parts = [...(await treeAt(objects, tree))].map(async ([name, entry]) => {
    const path = `${above}${name}`;
    return entry.mode === FOLDER ? filesBelow(objects, entry.sha, `${path}/`) : [{ ...entry, path }];
  });
  return (await Promise.all(parts)).flat();
}

/** The files that differ between two trees, links and submodules among them; undefined is a tree without any. */
export async function changesBetween(
  objects: Reads,
  before: string | undefined,
  after: string | undefined,
  above = "",
): Promise<readonly PathChange[]> {
  const [one, other] = await Promise.all([before, after].map((tree) => treeAt(objects, tree)));
  const names = [...new Set([...(one ?? NONE).keys(), ...(other ?? NONE).keys()])];
  const parts = names.map((name) => changesAt(objects, `${above}${name}`, one?.get(name), other?.get(name)));
  return (await Promise.all(parts)).flat();
}

async function changesAt(
  objects: Reads,
  path: string,
  was: TreeEntry | undefined,
  is: TreeEntry | undefined,
): Promise<readonly PathChange[]> {
  if (was?.sha === is?.sha && was?.mode === is?.mode) return [];
  const change = { path, before: fileIn(was), after: fileIn(is) };
  const here = change.before === undefined && change.after === undefined ? [] : [change];
  return [...here, ...(await changesBetween(objects, folderIn(was), folderIn(is), `${path}/`))];
}

function fileIn(entry: TreeEntry | undefined): TreeEntry | undefined {
  return entry?.mode === FOLDER ? undefined : entry;
}

function folderIn(entry: TreeEntry | undefined): string | undefined {
  return entry?.mode === FOLDER ? entry.sha : undefined;
}

async function treeAt(objects: Reads, tree: string | undefined): Promise<Tree> {
  if (tree === undefined) return NONE;
  const found = await objects.read(tree);
  if (found?.type !== "tree") throw new Error(`There is no tree ${tree}`);
  return new Map(entriesIn(found.content));
}

// Each entry: "<mode> <name>\0", then the id's twenty bytes.
function* entriesIn(body: Buffer): Generator<readonly [string, TreeEntry]> {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const end = body.indexOf(0, at);
    if (space < 0 || end < 0) throw new Error("A tree breaks off");
    const name = body.toString("utf8", space + 1, end);
    yield [name, { mode: body.toString("latin1", at, space), sha: body.toString("hex", end + 1, end + 21) }];
    at = end + 21;
  }
}
