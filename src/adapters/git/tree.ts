import type { Sha } from "../../core/names.ts";
import type { Blob } from "../../ports/git.ts";
import { GitError } from "./error.ts";
import { isRepositoryPath } from "./path.ts";
import { rootOf, type Repository } from "./repository.ts";
import { git, type Place } from "./run.ts";
import { entriesAt, entriesBelow, isFolder, type Entry } from "./trees.ts";

const LARGEST = 1_048_576;
const REGULAR: ReadonlySet<string> = new Set(["100644", "100755"]);
const LINK = "120000";

/** Texts of the regular files among the paths; what is none, is too large or is not UTF-8 is left out. */
export async function readFiles(
  repository: Repository,
  commit: Sha,
  paths: readonly string[],
  textsBy: (ids: readonly Sha[]) => Promise<ReadonlyMap<Sha, string>>,
): Promise<ReadonlyMap<string, Blob>> {
  const wanted = new Set(paths.filter(isRepositoryPath));
  const entries = await entriesAt(repository.trees, await rootOf(repository, commit), [...wanted]);
  const readable = entries.filter(({ path, mode }) => wanted.has(path) && REGULAR.has(mode));
  const texts = await textsBy([...new Set(readable.map(({ id }) => id))]);
  const files = readable.flatMap(({ path, id }) => {
    const text = texts.get(id);
    return text === undefined ? [] : [[path, { id, text }] as const];
  });
  return new Map(files);
}

/** Mode and id of what lies at the paths. */
export async function wordsAt(
  repository: Repository,
  commit: Sha,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const entries = await entriesAt(repository.trees, await rootOf(repository, commit), paths);
  const wanted = new Set(paths);
  return new Map(
    entries.filter(({ path }) => wanted.has(path)).map(({ path, mode, id }) => [path, `${mode} ${id}`] as const),
  );
}

/** Paths of the regular files under a folder (empty: the root), sorted by code unit. */
export async function listFiles(repository: Repository, commit: Sha, folder: string): Promise<readonly string[]> {
  const files = (await everythingIn(repository, commit, folder)).filter(isReadable);
  return files.map((file) => file.path).toSorted((a, b) => (a < b ? -1 : 1));
}

/** Where the symbolic links under a folder (empty: the root) lead, as they say it, by path; empty of what is too large or no UTF-8. */
export async function linksIn(
  repository: Repository,
  commit: Sha,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const links = (await everythingIn(repository, commit, folder)).filter(({ mode }) => mode === LINK);
  return new Map(
    await Promise.all(links.map(async ({ path, id }) => [path, (await textOf(repository, id)) ?? ""] as const)),
  );
}

async function everythingIn(repository: Repository, commit: Sha, folder: string): Promise<readonly Entry[]> {
  const path = folder.replace(/\/+$/, "");
  if (path !== "" && !isRepositoryPath(path)) return [];
  const root = await rootOf(repository, commit);
  const below = path === "" ? root : await folderAt(repository, root, path);
  return below === undefined ? [] : entriesBelow(repository.trees, below, path === "" ? "" : `${path}/`);
}

async function folderAt({ trees }: Repository, root: Sha, path: string): Promise<Sha | undefined> {
  const found = (await entriesAt(trees, root, [path])).find((entry) => entry.path === path);
  return found !== undefined && isFolder(found) ? found.id : undefined;
}

function isReadable({ mode, path }: Entry): boolean {
  return REGULAR.has(mode) && isRepositoryPath(path) && !path.includes("\uFFFD");
}

/** The text of a blob; undefined where it is too large or not UTF-8. Throws a GitError where it is not there: something that is names it. */
export async function textOf({ objects }: Repository, id: Sha): Promise<string | undefined> {
  const size = await objects.size(id);
  if (size !== undefined && size > LARGEST) return undefined;
  const blob = size === undefined ? undefined : await objects.read(id);
  if (blob?.kind !== "blob") throw new GitError("cat-file", `missing blob ${id}`);
  return decode(blob.body);
}

/** Texts of a clone's blobs by their ids; what is not UTF-8 is left out, and what is not there: the clone may be a partial one. */
export async function textsOf(place: Place, ids: readonly Sha[]): Promise<ReadonlyMap<Sha, string>> {
  if (ids.length === 0) return new Map();
  const output = await git(place, ["cat-file", "--batch"], `${ids.join("\n")}\n`);
  const texts = new Map<Sha, string>();
  let at = 0;
  for (const id of ids) {
    const end = output.indexOf(0x0a, at);
    const head = output.toString("latin1", at, end);
    if (head === `${id} missing`) {
      at = end + 1;
      continue;
    }
    const size = Number(/ blob (\d+)$/.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) throw new Error("git cat-file answered in an unknown form.");
    const text = decode(output.subarray(end + 1, end + 1 + size));
    if (text !== undefined) texts.set(id, text);
    at = end + 1 + size + 1;
  }
  return texts;
}

function decode(bytes: Buffer): string | undefined {
  try {
    // A byte order mark is part of the file: what is read must be writable again byte for byte.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
