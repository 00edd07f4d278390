import type { Sha } from "../core/names.ts";
import type { GitReader } from "../ports/git.ts";

/** A commit on a branch of ours, and the tracked branch as it is now. */
export type OnBase = { readonly commit: Sha; readonly base: Sha };

/**
 * Whether a commit gives exactly these files these texts (undefined: takes them away), from what the tracked branch still holds of them, and changes nothing else.
 * One that stands on history which the tracked branch no longer has would bring that back with it.
 */
export async function brings(
  git: GitReader,
  { commit, base }: OnBase,
  texts: ReadonlyMap<string, string | undefined>,
): Promise<boolean> {
  const paths = [...texts.keys()];
  const [parent] = (await git.commit(commit)).parents;
  if (parent === undefined || !(await git.contains(base, parent))) return false;
  const [there, before, tracked] = await Promise.all([commit, parent, base].map((each) => git.read(each, paths)));
  if (there === undefined || before === undefined || tracked === undefined) return false;
  const isAsWanted = paths.every(
    (path) => there.get(path)?.text === texts.get(path) && before.get(path)?.id === tracked.get(path)?.id,
  );
  return isAsWanted && (await git.changed(parent, commit)).every((path) => texts.has(path));
}
