import type { ForgeReader } from "../ports/forge.ts";
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
    list: once(git.list, (commit, folder) => `${commit} ${folder}`),
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

/** Files are kept one by one, and only those that are not known yet are read, in one question. */
function readOnce(git: GitReader): GitReader["read"] {
  const known = new Map<string, Blob | undefined>();
  let held = 0;
  const keep = (key: string, blob: Blob | undefined) => {
    held += lengthOf(blob) - lengthOf(known.get(key));
    known.set(key, blob);
  };
  const forgetOldest = () => {
    for (const [key, blob] of known) {
      if (known.size <= MOST && held <= MOST_LETTERS) return;
      known.delete(key);
      held -= lengthOf(blob);
    }
  };
  return async (commit, paths) => {
    const keyOf = (path: string) => `${commit}:${path}`;
    const missing = paths.filter((path) => !known.has(keyOf(path)));
    // What is known now may be forgotten by what is read meanwhile.
    const sure = new Map(paths.map((path) => [path, known.get(keyOf(path))]));
    const found = missing.length === 0 ? new Map<string, Blob>() : await git.read(commit, missing);
    for (const path of missing) keep(keyOf(path), found.get(path));
    forgetOldest();
    return new Map(
      paths.flatMap((path) => {
        const blob = found.get(path) ?? sure.get(path);
        return blob === undefined ? [] : [[path, blob] as const];
      }),
    );
  };
}

function lengthOf(blob: Blob | undefined): number {
  return blob === undefined ? 0 : blob.text.length;
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
