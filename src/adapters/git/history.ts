import { sha, type Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import { plainFork } from "./commits.ts";
import { mergeBase } from "./difference.ts";
import { isRepositoryPath } from "./path.ts";
import { rootOf, type Repository } from "./repository.ts";
import { git, gitAnswer, records, type Place } from "./run.ts";
import { differing } from "./trees.ts";
import type { Identity } from "./write.ts";

const FORMAT = "--format=tformat:%H%x00%P%x00%ct%x00%an%x00%ae%x00%B";
const FIELDS = 6;
/** Commits on either side of a fork that are looked at before git is asked. */
const MOST_PLAIN = 200;

/** One commit by its id. */
export async function readCommit({ place, identity, commits }: Repository, id: Sha): Promise<Commit> {
  const found = (await commits(id))?.commit ?? (await log(place, identity, ["--no-walk", "--end-of-options", id]))[0];
  if (found === undefined) throw new Error(`There is no commit ${id}.`);
  return found;
}

/** A path's history up to a commit, at most so many commits of it. */
export type Asked = { readonly from: Sha; readonly path: string; readonly limit: number };

/** First-parent commits that changed the path, newest first. A merge counts where it differs from its first parent. */
export function historyOf(place: Place, identity: Identity, { from, path, limit }: Asked): Promise<readonly Commit[]> {
  if (!isRepositoryPath(path)) throw new RangeError(`Not a path inside a repository: ${JSON.stringify(path)}.`);
  return log(place, identity, ["--first-parent", `--max-count=${limit}`, "--end-of-options", from, "--", path]);
}

/** Whether a commit is another one or an ancestor of it; one that the mirror has not is not. */
export async function containsCommit(place: Place, head: Sha, commit: Sha): Promise<boolean> {
  try {
    return (await gitAnswer(place, ["merge-base", "--is-ancestor", commit, head])) !== undefined;
  } catch (error) {
    if ((await gitAnswer(place, ["cat-file", "-e", commit])) === undefined) return false;
    throw error;
  }
}

/** The merge base of two commits; where they have none, the first. */
export async function forkOf({ place, commits }: Repository, base: Sha, head: Sha): Promise<Sha> {
  const plain = await plainFork(commits, base, head, MOST_PLAIN);
  return plain ?? (await mergeBase(place, base, head)) ?? base;
}

/** Paths that differ between the merge base of two commits and the second; without a common ancestor, between the two. */
export async function changedPaths(repository: Repository, base: Sha, head: Sha): Promise<readonly string[]> {
  const from = await forkOf(repository, base, head);
  const [before, after] = await Promise.all([from, head].map((commit) => rootOf(repository, commit)));
  return before === undefined || after === undefined
    ? []
    : (await differing(repository.trees, before, after)).toSorted();
}

/** Commits by arguments of `git log`, in its order. */
async function log(place: Place, identity: Identity, args: readonly string[]): Promise<readonly Commit[]> {
  const output = await git(place, ["log", "-z", "--no-show-signature", "--no-notes", "--no-color", FORMAT, ...args]);
  const fields = records(output);
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS)
    commits.push(commitOf(fields.slice(at, at + FIELDS), identity));
  return commits;
}

function commitOf(fields: readonly string[], { name, email }: Identity): Commit {
  const [id = "", parents = "", seconds = "", author = "", address = "", message = ""] = fields;
  return {
    sha: sha(id),
    parents: parents.split(" ").filter(Boolean).map(sha),
    at: Number(seconds) * 1_000,
    message: message.replace(/\n+$/, ""),
    author,
    ours: author === name && address === email,
  };
}
