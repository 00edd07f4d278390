import type { Sha } from "../core/names.ts";
import type { Blob, GitReader } from "../ports/git.ts";

/** Answers and files kept, the oldest go first. Files are whole texts, commit by commit. */
const MOST = 20_000;

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
    changed: once(git.changed, (base, head) => `${base} ${head}`),
    read: readOnce(git),
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
  const keyOf = (commit: Sha, path: string) => `${commit}:${path}`;
  return async (commit, paths) => {
    const missing = paths.filter((path) => !known.has(keyOf(commit, path)));
    const found = missing.length === 0 ? new Map<string, Blob>() : await git.read(commit, missing);
    for (const path of missing) keep(known, keyOf(commit, path), found.get(path));
    return new Map(
      paths.flatMap((path) => {
        const blob = found.get(path) ?? known.get(keyOf(commit, path));
        return blob === undefined ? [] : [[path, blob] as const];
      }),
    );
  };
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
