import { sha, type Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import type { Objects } from "./objects.ts";
import type { Identity } from "./write.ts";

/** A commit as it is told, and the folder that it holds. */
export type TreeCommit = { readonly commit: Commit; readonly tree: Sha };

/** Commits by their ids, each read once; undefined for one that is not there, or is not written as git writes them. */
export type Commits = (id: Sha) => Promise<TreeCommit | undefined>;

const MOST_COMMITS = 20_000;
const DAY_MS = 86_400_000;

export function commitsOf(objects: Objects, identity: Identity): Commits {
  const known = new Map<Sha, TreeCommit>();
  return async (id) => {
    const sure = known.get(id);
    if (sure !== undefined) return sure;
    const found = await objects.read(id);
    const commit = found?.kind === "commit" ? commitIn(id, found.body.toString(), identity) : undefined;
    if (commit !== undefined) known.set(id, commit);
    const [oldest] = known.keys();
    if (known.size > MOST_COMMITS && oldest !== undefined) known.delete(oldest);
    return commit;
  };
}

const HEAD =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author ([^ <>\n](?:[^<>\n]*[^ <>\n])?) *<([^<>\n]*)> \d+ [+-]\d{4}\ncommitter [^<>\n]*<[^<>\n]*> (\d+) [+-]\d{4}\n/;

/** Undefined for what only git reads as it should be read: another encoding, people without a name or an address. */
function commitIn(id: Sha, text: string, identity: Identity): TreeCommit | undefined {
  const fields = HEAD.exec(text);
  if (fields === null || /\0|\uFFFD/.test(text)) return undefined;
  const [{ length }] = fields;
  const end = text.indexOf("\n\n", length - 1);
  if (end < 0 || /^encoding /m.test(text.slice(length, end))) return undefined;
  return toldBy(id, fields, text.slice(end + 2).replace(/\n+$/, ""), identity);
}

function toldBy(id: Sha, fields: readonly string[], message: string, { name, email }: Identity): TreeCommit {
  const [, tree = "", parents = "", author = "", address = "", seconds = ""] = fields;
  return {
    tree: sha(tree),
    commit: {
      sha: id,
      parents: [...parents.matchAll(/[0-9a-f]{40}/g)].map(([parent]) => sha(parent)),
      at: Number(seconds) * 1_000,
      message,
      author,
      ours: author === name && address === email,
    },
  };
}

/**
 * What leads from a commit to a later one by first parents, newest first; undefined where nothing does, where it is more than `most`,
 * and where a commit of it is a day older than what it follows.
 */
export async function wayBetween(
  commits: Commits,
  from: Sha,
  to: Sha,
  most: number,
): Promise<readonly TreeCommit[] | undefined> {
  const start = await commits(from);
  const found: TreeCommit[] = [];
  for (let at: Sha | undefined = to; at !== from; at = found.at(-1)?.commit.parents[0]) {
    // oxlint-disable-next-line no-await-in-loop -- each names the next
    const one: TreeCommit | undefined = at && (await commits(at));
    if (start === undefined || one === undefined || found.length === most) return undefined;
    if (one.commit.at < start.commit.at - DAY_MS) return undefined;
    found.push(one);
  }
  return found;
}

/** The merge base of two commits where neither follows a merge since; undefined where only git can tell. */
export async function plainFork(commits: Commits, one: Sha, other: Sha, most: number): Promise<Sha | undefined> {
  const seen: readonly [Set<Sha>, Set<Sha>] = [new Set(), new Set()];
  const at: [Sha | undefined, Sha | undefined] = [one, other];
  for (let count = 0; count < most; count += 1)
    for (const side of [0, 1] as const) {
      const id = at[side];
      if (id === undefined) continue;
      seen[side].add(id);
      if (seen[1 - side]?.has(id) === true) return id;
      // oxlint-disable-next-line no-await-in-loop -- each names the next
      const parents: readonly Sha[] = (await commits(id))?.commit.parents ?? [];
      at[side] = parents.length === 1 ? parents[0] : undefined;
    }
  return undefined;
}
