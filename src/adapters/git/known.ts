import type { Sha } from "../../core/names.ts";
import type { Commit, GitReader } from "../../ports/git.ts";
import { wayBetween } from "./commits.ts";
import { containsCommit, historyOf, type Asked } from "./history.ts";
import type { Repository } from "./repository.ts";
import { readFiles, textOf } from "./tree.ts";
import { MOST_LANDED, waysIn, type Ways } from "./ways.ts";

/** Paths, and commits, of which something is kept, the oldest go first; of texts, letters. */
const MOST = 20_000;
const MOST_LETTERS = 50_000_000;
/** Of each, what was so at the last few commits that were asked about: the tracked branch's and those on branches of ours. */
const MOST_COMMITS = 4;

/**
 * Answers as git gives them, for what landed in between put together from what is known: a look at a new commit asks for that commit and
 * what it changed, and not anew for every file and every service.
 */
export function knownTo(repository: Repository): Pick<GitReader, "contains" | "history" | "read"> {
  const histories = knownHistories(repository, waysIn(repository));
  return {
    history: (from, path, limit) => histories({ from, path, limit }),
    contains: knownAncestors(repository),
    read: knownFiles(repository),
  };
}

function knownHistories({ place, identity }: Repository, ways: Ways) {
  const known = kept<{ readonly at: Sha; readonly commits: readonly Commit[] }>();
  return async (asked: Asked): Promise<readonly Commit[]> => {
    const { from, path, limit } = asked;
    const key = `${limit} ${path}`;
    const [last] = known.of(key);
    const since = last && (await ways.find(last.at, from))?.filter(({ touched }) => touched.has(path));
    const commits =
      last === undefined || since === undefined
        ? await historyOf(place, identity, asked)
        : [...since.map(({ commit }) => commit), ...last.commits].slice(0, limit);
    known.keep(key, { at: from, commits });
    return commits;
  };
}

// What a commit contains, every later one does; and no answer about two commits ever changes, once both are here.
function knownAncestors({ place, commits }: Repository): GitReader["contains"] {
  const known = kept<{ readonly at: Sha; readonly isContained: boolean }>();
  const isOnTheWay = async (from: Sha, to: Sha) => (await wayBetween(commits, from, to, MOST_LANDED)) !== undefined;
  const isKnown = async (froms: readonly Sha[], to: Sha) =>
    (await Promise.all(froms.map((from) => isOnTheWay(from, to)))).includes(true);
  return async (head, commit) => {
    const asked = known.of(commit);
    const same = asked.find(({ at }) => at === head);
    if (same !== undefined) return same.isContained;
    const within = asked.flatMap(({ at, isContained }) => (isContained ? [at] : []));
    const isContained =
      (await isKnown(within, head)) || (await isOnTheWay(commit, head)) || (await containsCommit(place, head, commit));
    if (isContained || (await commits(commit)) !== undefined) known.keep(commit, { at: head, isContained });
    return isContained;
  };
}

/** Texts of files, each read once: from commit to commit most stay as they are. */
function knownFiles(repository: Repository): GitReader["read"] {
  const known = new Map<Sha, string>();
  let held = 0;
  const keep = (id: Sha, text: string) => {
    held += text.length - (known.get(id)?.length ?? 0);
    known.set(id, text);
    for (const [oldest, { length }] of known) {
      if (held <= MOST_LETTERS) return;
      known.delete(oldest);
      held -= length;
    }
  };
  const texts = async (ids: readonly Sha[]) => {
    const sure = new Map(ids.flatMap((id) => entryOf(id, known.get(id))));
    const missing = ids.filter((id) => !sure.has(id));
    const read = await Promise.all(missing.map(async (id) => entryOf(id, await textOf(repository, id))));
    for (const [id, text] of read.flat()) keep(id, text);
    return new Map([...sure, ...read.flat()]);
  };
  return (commit, paths) => readFiles(repository, commit, paths, texts);
}

function entryOf<K, V>(key: K, value: V | undefined): readonly (readonly [K, V])[] {
  return value === undefined ? [] : [[key, value]];
}

/** What was so of something at the commits that were asked about last, newest first. */
function kept<T extends { readonly at: Sha }>() {
  const all = new Map<string, readonly T[]>();
  const of = (key: string): readonly T[] => all.get(key) ?? [];
  return {
    of,
    keep: (key: string, one: T) => {
      const others = of(key).filter(({ at }) => at !== one.at);
      all.delete(key);
      all.set(key, [one, ...others].slice(0, MOST_COMMITS));
      const [oldest] = all.keys();
      if (all.size > MOST && oldest !== undefined) all.delete(oldest);
    },
  };
}
