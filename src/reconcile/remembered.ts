import type { Sha } from "../core/names.ts";
import type { Blob, GitReader } from "../ports/git.ts";

/** Entries kept of each kind, some ten thousand services' worth; the oldest go first. */
const MOST = 100_000;

/**
 * The same reader, asked once: what a commit holds never changes, so only `fetch` goes to git every time.
 * A look at a repository in which nothing has moved reads nothing.
 */
export function remembered(git: GitReader): GitReader {
  const blobs = new Map<string, Blob | undefined>();
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = answers.get(key);
    if (known !== undefined) return known as Promise<T>;
    const answer = ask();
    keep(answers, key, answer);
    // A failure is not an answer: it is asked again.
    answer.catch(() => answers.delete(key));
    return answer;
  };
  const readMissing = async (commit: Sha, paths: readonly string[]) => {
    const missing = paths.filter((path) => !blobs.has(`${commit}:${path}`));
    if (missing.length === 0) return;
    const found = await git.read(commit, missing);
    for (const path of missing) keep(blobs, `${commit}:${path}`, found.get(path));
  };
  return {
    fetch: git.fetch,
    commit: (sha) => once(`commit ${sha}`, () => git.commit(sha)),
    list: (commit, folder) => once(`list ${commit} ${folder}`, () => git.list(commit, folder)),
    history: (from, path, limit) => once(`history ${from} ${limit} ${path}`, () => git.history(from, path, limit)),
    changed: (base, head) => once(`changed ${base} ${head}`, () => git.changed(base, head)),
    read: async (commit, paths) => {
      await readMissing(commit, paths);
      return new Map(paths.flatMap((path) => {
        const blob = blobs.get(`${commit}:${path}`);
        return blob === undefined ? [] : [[path, blob] as const];
      }));
    },
  };
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
