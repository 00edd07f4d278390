import type { Sha } from "../core/names.ts";
import type { GitReader } from "../ports/git.ts";
import type { TextFile } from "../yaml/refusal.ts";

/** What a pull request would change of the tracked branch. */
export type Over = { readonly head: Sha; readonly changed: readonly string[] };

type Looking = { readonly head: Sha; readonly eyes: { readonly git: Pick<GitReader, "read"> } };

/** Files of the tracked branch, with what a pull request would make of them; what is not there is left out. */
export async function textsOver(
  { head, eyes: { git } }: Looking,
  paths: readonly string[],
  over?: Over,
): Promise<readonly TextFile[]> {
  const changed = new Set(over?.changed);
  const [kept, brought] = await Promise.all(
    [paths.filter((path) => !changed.has(path)), paths.filter((path) => changed.has(path))].map((some, index) =>
      git.read(index === 0 ? head : (over?.head ?? head), some),
    ),
  );
  return [...(kept ?? []), ...(brought ?? [])].map(([path, { text }]) => ({ path, text }));
}
