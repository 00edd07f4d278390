import type { Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import { GitError } from "./error.ts";
import { log } from "./history.ts";
import { git, records, type Place } from "./run.ts";
import type { Identity } from "./write.ts";

/** A commit, and every path at which it differs from its first parent, with the folders above. */
export type Landed = { readonly commit: Commit; readonly touched: ReadonlySet<string> };

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
  const touched = await touchedBy(place, commits);
  return commits.map((commit) => ({ commit, touched: touched.get(commit.sha) ?? new Set() }));
}

// The mirror may have been cloned anew since, and a commit that no branch has any more be gone.
function ignoreUnknown(error: unknown): undefined {
  if (!(error instanceof GitError)) throw error;
}

async function touchedBy(place: Place, commits: readonly Commit[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const pairs = commits.map(({ sha, parents }) => `${sha} ${parents[0] ?? ""}\n`).join("");
  const args = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"];
  const fields = records(await git(place, args, pairs));
  const found = new Map<string, Set<string>>();
  let of = new Set<string>();
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? "";
    if (field.startsWith(":")) {
      at += 1;
      for (const path of withFolders(fields[at] ?? "")) of.add(path);
    } else {
      of = new Set();
      found.set(field.trim(), of);
    }
  }
  return found;
}

function withFolders(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.map((_, count) => segments.slice(0, count + 1).join("/"));
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_WAYS && oldest !== undefined) map.delete(oldest);
}
