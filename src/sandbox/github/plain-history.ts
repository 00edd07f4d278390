import type { Commit, FileStatus, Person } from "./history.ts";
import type { ObjectReader } from "./object-reader.ts";
import { changesBetween } from "./tree-objects.ts";
import type { PathChange } from "./tree-objects.ts";

/** Commits that were read already, by id; mutable. */
export type Commits = Map<string, Promise<Commit | undefined>>;

type Reading = { readonly objects: ObjectReader; readonly commits: Commits };

const MOST = 500;

/** A commit by its id; undefined where only git can read it. */
export function readCommit(reading: Reading, sha: string): Promise<Commit | undefined> {
  const known = reading.commits.get(sha) ?? parsed(reading, sha);
  reading.commits.set(sha, known);
  // one that is not there may come yet
  const forget = () => reading.commits.delete(sha);
  known.then((commit) => commit ?? forget(), forget);
  return known;
}

/** The commits that `to` has and `from` has not (undefined: all that it has), newest first; undefined where a merge is among them or where they part. */
export async function plainRange(
  reading: Reading,
  from: string | undefined,
  to: string,
): Promise<readonly Commit[] | undefined> {
  const ofFrom = from === undefined ? [] : await straight(reading, from);
  const known = new Set(ofFrom);
  const found: Commit[] = [];
  for (let at: string | undefined = to; at === undefined || !known.has(at);) {
    if (at === undefined) return from === undefined ? found : undefined;
    const commit: Commit | undefined = await readCommit(reading, at);
    if (commit === undefined || commit.parents.length > 1 || found.length === MOST) return undefined;
    found.push(commit);
    at = commit.parents[0];
  }
  return found;
}

/** A commit and those before it, until one that is a merge, that one included. */
async function straight(reading: Reading, sha: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let at: string | undefined = sha; at !== undefined && found.length < MOST;) {
    found.push(at);
    const parents: readonly string[] = (await readCommit(reading, at))?.parents ?? [];
    at = parents.length === 1 ? parents[0] : undefined;
  }
  return found;
}

const HEAD =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author ([^ <>\n](?:[^<>\n]*[^ <>\n])?) <([^<>\n]*)> (\d+) [+-]\d{4}\ncommitter ([^ <>\n](?:[^<>\n]*[^ <>\n])?) <([^<>\n]*)> (\d+) [+-]\d{4}\n\n/;

async function parsed(reading: Reading, sha: string): Promise<Commit | undefined> {
  const object = await reading.objects.read(sha);
  const text = object?.type === "commit" ? object.content.toString() : "";
  const match = HEAD.exec(text);
  if (match === null || /\0|\uFFFD/.test(text)) return undefined;
  const [head, tree = "", parentLines = "", ...people] = match;
  const parents = [...parentLines.matchAll(/[0-9a-f]{40}/g)].map(([parent]) => parent);
  return {
    sha,
    tree,
    parents,
    author: personOf(people.slice(0, 3)),
    committer: personOf(people.slice(3)),
    message: text.slice(head.length).replace(/\n+$/, ""),
    files: (await changesBetween(reading.objects, await treeOf(reading, parents[0]), tree)).map(fileOf),
  };
}

async function treeOf({ objects }: Reading, parent: string | undefined): Promise<string | undefined> {
  return parent === undefined ? undefined : (await objects.read(`${parent}^{tree}`))?.sha;
}

function personOf([name = "", email = "", seconds = ""]: readonly string[]): Person {
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, "Z") };
}

function fileOf({ path, before, after }: PathChange): { readonly status: FileStatus; readonly path: string } {
  return { path, status: before === undefined ? "added" : after === undefined ? "removed" : "modified" };
}
