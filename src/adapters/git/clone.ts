import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { sha, type Sha } from "../../core/names.ts";
import { branchOf, defaultBranchOf, differences, mergeBase, type Branch, type Difference } from "./difference.ts";
import { environmentOf } from "./environment.ts";
import { GitError } from "./error.ts";
import { isRepositoryPath } from "./path.ts";
import { git, gitAnswer, records, type Place } from "./run.ts";
import { textsOf } from "./tree.ts";

/** A file of a commit that is not read, and why. */
export type Skipped = { readonly path: string; readonly why: string };

/** The regular files of a commit that can be read: blob ids by path, and what was left out. */
export type Files = { readonly ids: ReadonlyMap<string, Sha>; readonly skipped: readonly Skipped[] };

/** Reads a repository that is somebody's own, through its objects alone: nothing is checked out, no link is followed, nothing is written. */
export type Clone = {
  /** The commit that a name stands for; undefined where it stands for none. */
  readonly resolve: (name: string) => Promise<Sha | undefined>;
  readonly files: (commit: Sha) => Promise<Files>;
  /** Texts by blob id; what is not UTF-8, or not in a partial clone, is absent. */
  readonly texts: (ids: readonly Sha[]) => Promise<ReadonlyMap<Sha, string>>;
  /** Files that differ between two commits, with their ids in the second; undefined for those that are not there, or not to be read. */
  readonly changed: (from: Sha, to: Sha) => Promise<ReadonlyMap<string, Sha | undefined>>;
  /** All that differs between two commits, links, submodules and names that are not safe to use among it. */
  readonly differences: (from: Sha, to: Sha) => Promise<readonly Difference[]>;
  /** The newest commit that two have in common. */
  readonly mergeBase: (one: Sha, other: Sha) => Promise<Sha | undefined>;
  /** The branch of a name, here or on the remote as it was last fetched. */
  readonly branch: (name: string) => Promise<Branch | undefined>;
  /** The branch that pull requests are for, as far as the clone knows. */
  readonly defaultBranch: () => Promise<Branch | undefined>;
};

const TIMEOUT_MS = 120_000;
const LARGEST = 1_048_576;
// So much is held in memory as bytes and as text at once.
const AT_ONCE = 4_000;

/** Opens the repository that a folder is, or lies in. Throws a GitError where there is none. */
export async function openClone(folder: string, ambient: Readonly<Record<string, string | undefined>>): Promise<Clone> {
  const environment = environmentOf("https:", ambient);
  const directory = await directoryOf({ directory: resolve(folder), environment, timeoutMs: TIMEOUT_MS });
  const place: Place = { directory, environment, timeoutMs: TIMEOUT_MS };
  return {
    resolve: (name) => commitOf(place, name),
    files: (commit) => filesOf(place, commit),
    texts: (ids) => inParts(place, ids),
    changed: (from, to) => changedFiles(place, from, to),
    differences: (from, to) => differences(place, from, to),
    mergeBase: (one, other) => mergeBase(place, one, other),
    branch: (name) => branchOf(place, name),
    defaultBranch: () => defaultBranchOf(place),
  };
}

/** The repository's own folder: the one that is given, or the one in it or in the nearest folder above. Named outright, so that git itself looks for none. */
async function directoryOf(place: Place): Promise<string> {
  for (const directory of [place.directory, ...above(place.directory).map((folder) => join(folder, ".git"))]) {
    if (!existsSync(directory)) continue;
    // oxlint-disable-next-line no-await-in-loop -- the nearest that is one counts
    const found = await git({ ...place, directory }, ["rev-parse", "--absolute-git-dir"]).catch(() => undefined);
    if (found !== undefined) return found.toString().replace(/\n$/, "");
  }
  throw new GitError("rev-parse", `not a git repository (or any of the folders above it): ${place.directory}`);
}

function above(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

async function commitOf(place: Place, name: string): Promise<Sha | undefined> {
  if (name === "" || /[\p{Cc}]/u.test(name)) return undefined;
  const found = await gitAnswer(place, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
  return found === undefined ? undefined : sha(found.split("\n").at(-1) ?? "");
}

const REGULAR: ReadonlySet<string> = new Set(["100644", "100755"]);
const ODD: Readonly<Record<string, string>> = { "120000": "a link, which is not followed", "160000": "a submodule" };

async function filesOf(place: Place, commit: Sha): Promise<Files> {
  const output = await git(place, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]);
  const ids = new Map<string, Sha>();
  const skipped: Skipped[] = [];
  for (const record of records(output)) {
    const tab = record.indexOf("\t");
    const [mode = "", , id = "", size = ""] = record.slice(0, tab).split(/ +/);
    const path = record.slice(tab + 1);
    const why = whySkipped(mode, Number(size), path);
    if (why === undefined) ids.set(path, sha(id));
    else skipped.push({ path, why });
  }
  return { ids, skipped };
}

function whySkipped(mode: string, size: number, path: string): string | undefined {
  if (!REGULAR.has(mode)) return ODD[mode] ?? "no regular file";
  if (path.includes("\uFFFD")) return "its name is no UTF-8";
  if (!isRepositoryPath(path)) return "its name is not safe to use";
  return size > LARGEST ? `${size} bytes; files of more than ${LARGEST} are not read` : undefined;
}

async function inParts(place: Place, ids: readonly Sha[]): Promise<ReadonlyMap<Sha, string>> {
  const unique = [...new Set(ids)];
  const texts = new Map<Sha, string>();
  for (let at = 0; at < unique.length; at += AT_ONCE) {
    // oxlint-disable-next-line no-await-in-loop -- one part after the other bounds the memory
    for (const [id, text] of await textsOf(place, unique.slice(at, at + AT_ONCE))) texts.set(id, text);
  }
  return texts;
}

async function changedFiles(place: Place, from: Sha, to: Sha): Promise<ReadonlyMap<string, Sha | undefined>> {
  const fields = records(await git(place, ["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]));
  const changed = new Map<string, Sha | undefined>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", , id = ""] = (fields[at] ?? "").split(" ");
    const path = fields[at + 1] ?? "";
    if (path.includes("\uFFFD") || !isRepositoryPath(path)) continue;
    changed.set(path, REGULAR.has(mode) ? sha(id) : undefined);
  }
  return changed;
}
