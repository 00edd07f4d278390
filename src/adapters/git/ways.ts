import type { Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import { GitError } from "./error.ts";
import { log } from "./history.ts";
import { git, records, type Place } from "./run.ts";
import type { Identity } from "./write.ts";

/** A commit, and every path at which it differs from its first parent. */
export type Landed = { readonly commit: Commit; readonly paths: readonly string[] };

/** What leads from a commit to a later one by first parents, newest first; undefined where nothing does, or more than a few hundred commits. */
export type Ways = {
  readonly find: (from: Sha, to: Sha) => Promise<readonly Landed[] | undefined>;
  /** The same, of those that were looked for not long ago. */
  readonly found: (from: Sha, to: Sha) => readonly Landed[] | undefined;
};

const MOST_WAYS = 50;
const MOST_LANDED = 200;

/** Ways in a repository, each looked for once. */
export function waysIn(place: Place, identity: Identity): Ways {
  const asked = new Map<string, Promise<readonly Landed[] | undefined>>();
  const found = new Map<string, readonly Landed[] | undefined>();
  const look = async (key: string, from: Sha, to: Sha) => {
    const way = await landedSince(place, identity, from, to);
    keep(found, key, way);
    return way;
  };
  return {
    find: (from, to) => {
      const key = `${from} ${to}`;
      const way = asked.get(key) ?? look(key, from, to);
      keep(asked, key, way);
      way.catch(() => asked.delete(key));
      return way;
    },
    found: (from, to) => (from === to ? [] : found.get(`${from} ${to}`)),
  };
}

/** Whether something on a way changed a path, or what lies under it. */
export function touches({ paths }: Landed, path: string): boolean {
  return paths.some((one) => one === path || one.startsWith(`${path}/`));
}

async function landedSince(
  place: Place,
  identity: Identity,
  from: Sha,
  to: Sha,
): Promise<readonly Landed[] | undefined> {
  if (from === to) return [];
  const range = ["--first-parent", `--max-count=${MOST_LANDED}`, "--end-of-options", `${from}..${to}`];
  const commits = await log(place, identity, range).catch(ignoreUnknown);
  const ends = commits?.map(({ parents }) => parents[0]) ?? [];
  const isWay = ends.length > 0 && ends.every((parent, index) => parent === (commits?.[index + 1]?.sha ?? from));
  if (commits === undefined || !isWay) return undefined;
  const paths = await pathsOf(place, commits);
  return commits.map((commit) => ({ commit, paths: paths.get(commit.sha) ?? [] }));
}

// The mirror may have been cloned anew since, and a commit that no branch has any more be gone.
function ignoreUnknown(error: unknown): undefined {
  if (!(error instanceof GitError)) throw error;
}

async function pathsOf(place: Place, commits: readonly Commit[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const pairs = commits.map(({ sha, parents }) => `${sha} ${parents[0] ?? ""}\n`).join("");
  const args = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"];
  const fields = records(await git(place, args, pairs));
  const found = new Map<string, string[]>();
  let of: string[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? "";
    if (field.startsWith(":")) {
      at += 1;
      of.push(fields[at] ?? "");
    } else {
      of = [];
      found.set(field.trim(), of);
    }
  }
  return found;
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_WAYS && oldest !== undefined) map.delete(oldest);
}
