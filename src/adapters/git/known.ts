import type { Sha } from "../../core/names.ts";
import type { Blob, Commit, GitReader } from "../../ports/git.ts";
import { containsCommit, historyOf, type Asked } from "./history.ts";
import type { Place } from "./run.ts";
import { readFiles, textsOf } from "./tree.ts";
import { waysIn, type Ways } from "./ways.ts";
import type { Identity } from "./write.ts";

/** Paths, and commits, of which something is kept, the oldest go first; of texts, letters. */
const MOST = 20_000;
const MOST_LETTERS = 50_000_000;
/** Of each, what was so at the last few commits that were asked about: the tracked branch's and those on branches of ours. */
const MOST_COMMITS = 4;

/**
 * Answers as git gives them, for what landed in between put together from what is known: a look at a new commit asks for that commit and
 * what it changed, and not anew for every file and every service.
 */
export function knownTo(place: Place, identity: Identity): Pick<GitReader, "contains" | "history" | "read"> {
  const ways = waysIn(place, identity);
  const histories = knownHistories(place, identity, ways);
  return {
    history: (from, path, limit) => histories({ from, path, limit }),
    contains: knownAncestors(place, ways),
    read: knownFiles(place, ways),
  };
}

function knownHistories(place: Place, identity: Identity, ways: Ways) {
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

// What a commit contains, every later one does.
function knownAncestors(place: Place, ways: Ways): GitReader["contains"] {
  const known = kept<{ readonly at: Sha }>();
  return async (head, commit) => {
    const isKnown = known.of(commit).some(({ at }) => ways.found(at, head) !== undefined);
    const isContained = isKnown || (await containsCommit(place, head, commit));
    if (isContained) known.keep(commit, { at: head });
    return isContained;
  };
}

function knownFiles(place: Place, ways: Ways): GitReader["read"] {
  const known = kept<{ readonly at: Sha; readonly id: Sha | undefined }>();
  const texts = knownTexts(place);
  const unchanged = (path: string, commit: Sha) =>
    known.of(path).find(({ at }) => ways.found(at, commit)?.some(({ touched }) => touched.has(path)) === false);
  return async (commit, paths) => {
    const sure = new Map(paths.flatMap((path) => entryOf(path, unchanged(path, commit))));
    const same = await texts([...sure.values()].flatMap(({ id }) => id ?? []));
    const changed = paths.filter((path) => !sure.has(path));
    const files = changed.length === 0 ? [] : await readFiles(place, commit, changed, texts);
    const all = new Map<string, Blob>(files);
    for (const [path, { id }] of sure) {
      const text = id && same.get(id);
      if (id !== undefined && text !== undefined) all.set(path, { id, text });
    }
    for (const path of paths) known.keep(path, { at: commit, id: all.get(path)?.id });
    return all;
  };
}

/** Texts of blobs, each read once: from commit to commit most files stay as they are. */
function knownTexts(place: Place): (ids: readonly Sha[]) => Promise<ReadonlyMap<Sha, string>> {
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
  return async (ids) => {
    const sure = new Map(ids.flatMap((id) => entryOf(id, known.get(id))));
    const missing = ids.filter((id) => !sure.has(id));
    const found = await textsOf(place, missing);
    for (const [id, text] of found) keep(id, text);
    return new Map([...sure, ...found]);
  };
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
