import { randomUUID } from "node:crypto";

import { sha, type Sha } from "../../core/names.ts";
import type { NewCommit } from "../../ports/git.ts";
import { isRepositoryPath } from "./path.ts";
import { rootOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";
import { entriesAt, isFolder, type TreeEntry } from "./trees.ts";

/** Who commits. */
export type Identity = { readonly name: string; readonly email: string };

const NEW_FILE = "100644";
const NOTHING = "0".repeat(40);

/**
 * Makes a commit's objects and moves no ref; the same facts give the same id. Throws a RangeError on a path that is unfit,
 * is a folder, a link or a submodule in the parent, or lies below a file.
 */
export async function writeCommit(repository: Repository, commit: NewCommit): Promise<Sha> {
  const modes = await modesOf(repository, commit);
  const stream = streamOf(repository.identity, commit, modes);
  const output = await git(repository.place, ["fast-import", "--quiet", "--done", "--date-format=raw"], stream);
  return sha(output.toString().trim());
}

/** The mode of each file: its own in the parent, else that of a new file. */
async function modesOf(repository: Repository, { parent, files }: NewCommit): Promise<ReadonlyMap<string, string>> {
  const paths = [...files.keys()];
  const unfit = paths.find((path) => !isRepositoryPath(path));
  if (unfit !== undefined) throw new RangeError(`Not a path inside a repository: ${JSON.stringify(unfit)}.`);
  const above = new Set(paths.flatMap(foldersAbove));
  const root = await rootOf(repository, parent);
  const entries = await entriesAt(repository.trees, root, [...new Set([...above, ...paths])]);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const inTheWay = [...above].find((folder) => {
    const entry = byPath.get(folder);
    return entry !== undefined && !isFolder(entry);
  });
  if (inTheWay !== undefined) throw new RangeError(`Not a folder: ${JSON.stringify(inTheWay)}.`);
  return new Map(paths.map((path) => [path, modeOf(path, byPath.get(path))]));
}

function modeOf(path: string, entry: TreeEntry | undefined): string {
  if (entry === undefined) return NEW_FILE;
  if (entry.mode !== "100644" && entry.mode !== "100755")
    throw new RangeError(`Not a regular file: ${JSON.stringify(path)}.`);
  return entry.mode;
}

function foldersAbove(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, count) => segments.slice(0, count + 1).join("/"));
}

function streamOf(
  identity: Identity,
  { parent, files, message, at }: NewCommit,
  modes: ReadonlyMap<string, string>,
): Buffer {
  if (!Number.isFinite(at) || at < 0) throw new RangeError(`Not a date: ${at}.`);
  const who = `${plain(identity.name)} <${plain(identity.email)}> ${Math.floor(at / 1_000)} +0000`;
  // The branch lives only inside the stream: it is reset to nothing before the end, so that no ref is made or moved.
  const branch = `refs/tidegate/scratch/${randomUUID()}`;
  const changes = [...files].flatMap(([path, text]) =>
    text === undefined
      ? [`D ${quoted(path)}\n`]
      : [`M ${modes.get(path) ?? NEW_FILE} inline ${quoted(path)}\n`, datum(text)],
  );
  return Buffer.concat(
    [
      `commit ${branch}\nmark :1\nauthor ${who}\ncommitter ${who}\n`,
      datum(`${message.replace(/\n+$/, "")}\n`),
      `from ${parent}\n`,
      ...changes,
      `get-mark :1\nreset ${branch}\nfrom ${NOTHING}\n\ndone\n`,
    ].map((part) => Buffer.from(part)),
  );
}

function datum(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("A text with half a character cannot be written as UTF-8.");
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}

function plain(text: string): string {
  return text.replace(/[<>\p{Cc}]/gu, "");
}
