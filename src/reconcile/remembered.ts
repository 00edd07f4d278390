import type { ForgeReader } from "../ports/forge.ts";
import type { Sha } from "../core/names.ts";
import type { Blob, GitReader } from "../ports/git.ts";

/** Answers and files kept, the oldest go first. Files are whole texts, commit by commit. */
const MOST = 20_000;
// What anybody proposes is read as well, and a file may be large.
const MOST_LETTERS = 200_000_000;

/**
 * The same reader, asked once: what a commit holds never changes, so only `fetch` goes to git every time.
 * A look at a repository in which nothing has moved reads nothing.
 */
export function remembered(git: GitReader): GitReader {
  return {
    fetch: git.fetch,
    commit: once(git.commit, (sha) => sha),
    // Of trees, which the reader keeps itself.
    entries: git.entries,
    list: listOnce(git),
    links: once(git.links, (commit, folder) => `${commit} ${folder}`),
    history: once(git.history, (from, path, limit) => `${from} ${limit} ${path}`),
    contains: once(git.contains, (head, commit) => `${head} ${commit}`),
    changed: once(git.changed, (base, head) => `${base} ${head}`),
    fork: once(git.fork, (base, head) => `${base} ${head}`),
    read: readOnce(git),
  };
}

/** The same forge, asked once for what never changes: which merged pull request brought a commit, and who merged it. */
export function rememberedMerges<Forge extends Pick<ForgeReader, "pullsOf" | "mergedBy">>(forge: Forge): Forge {
  return {
    ...forge,
    pullsOf: onceFound(
      forge.pullsOf,
      (commit) => commit,
      (pulls, asked) => pulls.length > 0 || asked > PUSHED_WITHOUT,
    ),
    mergedBy: onceFound(forge.mergedBy, String, (merger) => merger !== undefined),
  };
}

/** GitHub may be late to say which pull request brought a commit; one that has had none so often was pushed without. */
const PUSHED_WITHOUT = 20;

/** Like `once`, but only an answer that says something is kept; `asked` counts how often it was asked for. */
function onceFound<Given extends readonly unknown[], Answer>(
  ask: (...given: Given) => Promise<Answer>,
  keyOf: (...given: Given) => string,
  says: (answer: Answer, asked: number) => boolean,
): (...given: Given) => Promise<Answer> {
  const answers = new Map<string, Answer>();
  const times = new Map<string, number>();
  return async (...given) => {
    const key = keyOf(...given);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await ask(...given);
    const asked = (times.get(key) ?? 0) + 1;
    keep(times, key, asked);
    if (says(answer, asked)) keep(answers, key, answer);
    return answer;
  };
}

/** A question whose answer is kept by its key. A failure is no answer: it is asked again. */
function once<Given extends readonly unknown[], Answer>(
  ask: (...given: Given) => Promise<Answer>,
  keyOf: (...given: Given) => string,
): (...given: Given) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (...given) => {
    const key = keyOf(...given);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(...given);
    keep(answers, key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

/** Paths of all lists that are kept. Most commits have those of the one before, so this is far more than is held. */
const MOST_PATHS = 4_000_000;

/** Lists are kept by commit, and the same paths one commit after another are one list. */
function listOnce(git: GitReader): GitReader["list"] {
  const known = new Map<string, Promise<readonly string[]>>();
  const lengths = new Map<string, number>();
  const newest = new Map<string, readonly string[]>();
  let held = 0;
  const forget = (key: string) => {
    known.delete(key);
    held -= lengths.get(key) ?? 0;
    lengths.delete(key);
  };
  const ask = async (key: string, [commit, folder]: Parameters<GitReader["list"]>) => {
    const found = shared(newest.get(folder) ?? [], await git.list(commit, folder));
    keep(newest, folder, found);
    held += found.length;
    lengths.set(key, found.length);
    for (const oldest of lengths.keys()) {
      if (oldest === key || (lengths.size <= MOST && held <= MOST_PATHS)) break;
      forget(oldest);
    }
    return found;
  };
  return (commit, folder) => {
    const key = `${commit} ${folder}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const answer = ask(key, [commit, folder]);
    known.set(key, answer);
    answer.catch(() => known.delete(key));
    return answer;
  };
}

/** A list that has what it can of the one before: all of it where they are the same, else the texts of its paths. */
function shared(before: readonly string[], found: readonly string[]): readonly string[] {
  if (found.length === before.length && found.every((path, index) => path === before[index])) return before;
  const known = new Map(before.map((path) => [path, path]));
  return found.map((path) => known.get(path) ?? ownText(path));
}

// What is cut out of a long text keeps all of it in memory.
function ownText(path: string): string {
  return Buffer.from(path).toString();
}

/** Files are kept one by one, the same text once however many commits hold it; only those that are not known yet are read, in one question. */
function readOnce(git: GitReader): GitReader["read"] {
  const known = keptFiles();
  return async (commit, paths) => {
    const missing = paths.filter((path) => !known.has(commit, path));
    // What is known now may be forgotten by what is read meanwhile.
    const sure = new Map(paths.map((path) => [path, known.get(commit, path)]));
    const found = missing.length === 0 ? new Map<string, Blob>() : await git.read(commit, missing);
    for (const path of missing) sure.set(path, known.keep(commit, path, found.get(path)));
    known.forgetOldest();
    return new Map(
      paths.flatMap((path) => {
        const blob = sure.get(path);
        return blob === undefined ? [] : [[path, blob] as const];
      }),
    );
  };
}

/** Files of commits, undefined those that are not there; the oldest commit's oldest go first. */
function keptFiles() {
  // By commit and then by path: a key of both would be a text for each file of each commit.
  const known = new Map<Sha, Map<string, Blob | undefined>>();
  const blobs = countedBlobs();
  let files = 0;
  const isFull = () => files > MOST || blobs.letters() > MOST_LETTERS;
  return {
    has: (commit: Sha, path: string) => known.get(commit)?.has(path) === true,
    get: (commit: Sha, path: string) => known.get(commit)?.get(path),
    keep: (commit: Sha, path: string, blob: Blob | undefined) => {
      const ofCommit = known.get(commit) ?? new Map<string, Blob | undefined>();
      known.set(commit, ofCommit);
      if (!ofCommit.has(path)) files += 1;
      blobs.give(ofCommit.get(path));
      const held = blobs.take(blob);
      ofCommit.set(path, held);
      return held;
    },
    forgetOldest: () => {
      for (const [commit, ofCommit] of known) {
        for (const [path, blob] of ofCommit) {
          if (!isFull()) return;
          ofCommit.delete(path);
          files -= 1;
          blobs.give(blob);
        }
        known.delete(commit);
      }
    },
  };
}

/** Blobs that are held somewhere, one of each id, and how many letters they have together. */
function countedBlobs() {
  const held = new Map<Sha, { readonly blob: Blob; times: number }>();
  let letters = 0;
  return {
    letters: () => letters,
    take: (blob: Blob | undefined): Blob | undefined => {
      if (blob === undefined) return undefined;
      const known = held.get(blob.id);
      if (known !== undefined) {
        known.times += 1;
        return known.blob;
      }
      held.set(blob.id, { blob, times: 1 });
      letters += blob.text.length;
      return blob;
    },
    give: (blob: Blob | undefined): void => {
      const known = blob && held.get(blob.id);
      if (known === undefined) return;
      known.times -= 1;
      if (known.times > 0) return;
      held.delete(known.blob.id);
      letters -= known.blob.text.length;
    },
  };
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
