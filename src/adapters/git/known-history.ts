import type { Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import { GitError } from "./error.ts";
import { historyOf, log, type Asked } from "./history.ts";
import { git, records, type Place } from "./run.ts";
import type { Identity } from "./write.ts";

/** A first-parent commit, and every path at which it differs from its first parent. */
type Landed = { readonly commit: Commit; readonly paths: readonly string[] };

type Known = { readonly from: Sha; readonly commits: readonly Commit[] };

/** Paths whose histories are kept, and ways from one commit to another. */
const MOST_PATHS = 5_000;
const MOST_WAYS = 50;
/** Where more has landed meanwhile, git is asked for the whole history. */
const MOST_LANDED = 200;

/**
 * First-parent histories of paths, as `historyOf` gives them. In full each is asked of git once: what has landed since is put before what is
 * known, for all paths by the same two questions, however many services there are.
 */
export function knownHistories(place: Place, identity: Identity): (asked: Asked) => Promise<readonly Commit[]> {
  const histories = new Map<string, Known>();
  const ways = new Map<string, Promise<readonly Landed[] | undefined>>();
  const wayOf = (from: Sha, to: Sha) => {
    const key = `${from} ${to}`;
    const way = ways.get(key) ?? landedSince(place, identity, from, to);
    keep(ways, key, way, MOST_WAYS);
    way.catch(() => ways.delete(key));
    return way;
  };
  return async (asked) => {
    const key = `${asked.limit} ${asked.path}`;
    const known = histories.get(key);
    const commits = await (known === undefined
      ? historyOf(place, identity, asked)
      : (goneOn(known, asked, await wayOf(known.from, asked.from)) ?? historyOf(place, identity, asked)));
    keep(histories, key, { from: asked.from, commits }, MOST_PATHS);
    return commits;
  };
}

/** A history with what has landed since; undefined where that is not known. */
function goneOn(
  { commits }: Known,
  { path, limit }: Asked,
  way: readonly Landed[] | undefined,
): readonly Commit[] | undefined {
  const since = way?.filter(({ paths }) => paths.some((one) => one === path || one.startsWith(`${path}/`)));
  return since && [...since.map(({ commit }) => commit), ...commits].slice(0, limit);
}

/** What leads from a commit to a later one by first parents, newest first; undefined where that is no way, or a long one. */
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

function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
