import { sha, type Sha } from "../../core/names.ts";
import type { Blob } from "../../ports/git.ts";
import { isRepositoryPath } from "./path.ts";
import { git, records, type Place } from "./run.ts";

export type Entry = {
  readonly mode: string;
  readonly type: string;
  readonly id: Sha;
  readonly size: number;
  readonly path: string;
};

const LARGEST = 1_048_576;
// Paths per command: far below what an argument list may hold.
const AT_ONCE = 500;
const REGULAR: ReadonlySet<string> = new Set(["100644", "100755"]);

/** The entries of a commit's tree at those paths, and those of the folders above them. */
export async function entriesAt(place: Place, commit: Sha, paths: readonly string[]): Promise<readonly Entry[]> {
  const chunks = Array.from({ length: Math.ceil(paths.length / AT_ONCE) }, (_, n) =>
    paths.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  const outputs = await Promise.all(
    chunks.map((chunk) => git(place, ["ls-tree", "-z", "-t", "-l", "--full-tree", commit, "--", ...chunk])),
  );
  return outputs.flatMap((output) => records(output).map(entryOf));
}

/** Texts of the regular files among the paths; what is none, is too large or is not UTF-8 is left out. */
export async function readFiles(
  place: Place,
  commit: Sha,
  paths: readonly string[],
  textsBy: (ids: readonly Sha[]) => Promise<ReadonlyMap<Sha, string>> = (ids) => textsOf(place, ids),
): Promise<ReadonlyMap<string, Blob>> {
  const wanted = new Set(paths.filter(isRepositoryPath));
  const entries = await entriesAt(place, commit, [...wanted]);
  const readable = entries.filter(({ path, mode, size }) => wanted.has(path) && REGULAR.has(mode) && size <= LARGEST);
  const texts = await textsBy([...new Set(readable.map(({ id }) => id))]);
  const files = readable.flatMap(({ path, id }) => {
    const text = texts.get(id);
    return text === undefined ? [] : [[path, { id, text }] as const];
  });
  return new Map(files);
}

/** Paths of the regular files under a folder (empty: the root), sorted by code unit. */
export async function listFiles(place: Place, commit: Sha, folder: string): Promise<readonly string[]> {
  const root = folder.replace(/\/+$/, "");
  if (root !== "" && !isRepositoryPath(root)) return [];
  const output = await git(place, [
    "ls-tree",
    "-r",
    "-z",
    "-l",
    "--full-tree",
    commit,
    ...(root === "" ? [] : ["--", `${root}/`]),
  ]);
  const files = records(output)
    .map(entryOf)
    .filter(({ mode, path }) => REGULAR.has(mode) && isRepositoryPath(path) && !path.includes("\uFFFD"));
  return files.map(({ path }) => path).toSorted((a, b) => (a < b ? -1 : 1));
}

function entryOf(record: string): Entry {
  const match = /^([0-7]{6}) (\w+) ([0-9a-f]{40}) +(\d+|-)\t([^]*)$/.exec(record);
  if (match === null) throw new Error("git ls-tree answered in an unknown form.");
  const [, mode = "", type = "", id = "", size = "", path = ""] = match;
  return { mode, type, id: sha(id), size: size === "-" ? 0 : Number(size), path };
}

/** Texts of blobs by their ids; what is not UTF-8 is left out. A blob that is not there is a fault of a mirror; a clone may be a partial one. */
export async function textsOf(
  place: Place,
  ids: readonly Sha[],
  absent: "fault" | "left out" = "fault",
): Promise<ReadonlyMap<Sha, string>> {
  if (ids.length === 0) return new Map();
  const output = await git(place, ["cat-file", "--batch"], `${ids.join("\n")}\n`);
  const texts = new Map<Sha, string>();
  let at = 0;
  for (const id of ids) {
    const end = output.indexOf(0x0a, at);
    const head = output.toString("latin1", at, end);
    if (absent === "left out" && head === `${id} missing`) {
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
