import type { Sha } from "../../core/names.ts";
import type { Commit } from "../../ports/git.ts";
import { wayBetween } from "./commits.ts";
import type { Repository } from "./repository.ts";
import { differing } from "./trees.ts";

/** A commit, and every path at which it differs from its first parent, with the folders above. */
export type Landed = { readonly commit: Commit; readonly touched: ReadonlySet<string> };

/** What leads from a commit to a later one by first parents, newest first; undefined where nothing does, or what only git would find. */
export type Ways = { readonly find: (from: Sha, to: Sha) => Promise<readonly Landed[] | undefined> };

const MOST_WAYS = 50;
export const MOST_LANDED = 200;

/** Ways in a repository, each looked for once. */
export function waysIn(repository: Repository): Ways {
  const asked = new Map<string, Promise<readonly Landed[] | undefined>>();
  return {
    find: (from, to) => {
      const key = `${from} ${to}`;
      const way = asked.get(key) ?? landedSince(repository, from, to);
      keep(asked, key, way);
      way.catch(() => asked.delete(key));
      return way;
    },
  };
}

async function landedSince({ trees, commits }: Repository, from: Sha, to: Sha): Promise<readonly Landed[] | undefined> {
  const way = await wayBetween(commits, from, to, MOST_LANDED);
  const start = await commits(from);
  if (way === undefined || start === undefined) return undefined;
  const landed = way.map(async ({ commit, tree }, index): Promise<Landed> => {
    const before = way[index + 1]?.tree ?? start.tree;
    return { commit, touched: new Set((await differing(trees, before, tree)).flatMap(withFolders)) };
  });
  return Promise.all(landed);
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
