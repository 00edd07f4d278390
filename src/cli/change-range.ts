import type { Clone } from "../adapters/git/clone.ts";
import type { Branch } from "../adapters/git/difference.ts";
import { UserError } from "../core/error.ts";
import type { Sha } from "../core/names.ts";

/** The two ends of a change, and in words which they are. */
export type Range = { readonly from: Sha; readonly to: Sha; readonly words: string };

/** The range that some words name (none, one, or two). Throws a UserError where they name none. */
export async function rangeIn(clone: Clone, [first, second]: readonly string[]): Promise<Range> {
  if (first === undefined) return lastCommit(clone);
  if (second !== undefined) return between(clone, first, second);
  const dotted = /^(.*?)(\.{2,3})(.*)$/.exec(first);
  if (dotted === null) return ofOne(clone, first);
  const [base = "HEAD", head = "HEAD"] = [dotted[1], dotted[3]].map((name) => (name === "" ? undefined : name));
  const ends = { base: await commitOf(clone, base), head: await commitOf(clone, head) };
  if (dotted[2] === "...") return parted(clone, ends, `what ${head} brings to ${base}`);
  return { from: ends.base, to: ends.head, words: `from ${base} to ${head}` };
}

async function lastCommit(clone: Clone): Promise<Range> {
  const to = await commitOf(clone, "HEAD");
  const from = await clone.resolve(`${to}^1`);
  if (from === undefined)
    throw new UserError("HEAD has no parent here: it is the first commit, or the clone is shallow.");
  return { from, to, words: "what HEAD changed of its first parent" };
}

/** A branch as a pull request of it would be; the default branch, or a commit, as what HEAD started from. */
async function ofOne(clone: Clone, name: string): Promise<Range> {
  const [branch, base] = await Promise.all([clone.branch(name), clone.defaultBranch()]);
  if (branch === undefined || isSame(branch, base)) return between(clone, name, "HEAD");
  if (base === undefined)
    throw new UserError(`Which branch ${name} would be merged into is not known: name both, BASE first.`);
  return parted(clone, { base: base.commit, head: branch.commit }, `what ${name} brings to ${shortOf(base)}`);
}

function isSame(branch: Branch, base: Branch | undefined): boolean {
  return base !== undefined && shortOf(branch) === shortOf(base);
}

function shortOf({ ref }: Branch): string {
  return ref.replace(/^refs\/(?:heads|remotes\/origin|remotes)\//, "");
}

async function between(clone: Clone, base: string, head: string): Promise<Range> {
  const [branch, to] = [await clone.branch(base), await commitOf(clone, head)];
  const words = `what ${head} brings to ${base}`;
  if (branch !== undefined) return parted(clone, { base: branch.commit, head: to }, words);
  return { from: await commitOf(clone, base), to, words };
}

async function parted(
  clone: Clone,
  { base, head }: { readonly base: Sha; readonly head: Sha },
  words: string,
): Promise<Range> {
  const from = await clone.mergeBase(base, head);
  if (from === undefined)
    throw new UserError("The two have no commit in common here; BASE..HEAD compares them as they are.");
  return { from, to: head, words };
}

async function commitOf(clone: Clone, name: string): Promise<Sha> {
  const commit = (await clone.resolve(name)) ?? (await clone.branch(name))?.commit;
  if (commit === undefined) throw new UserError(`There is no commit ${name} here.`);
  return commit;
}
