import type { Sha } from "../core/names.ts";
import { compareFiles, type FileComparison } from "../manifest/images/compare.ts";
import type { Surroundings } from "../manifest/images/site.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import { isUnder } from "../manifest/services/paths.ts";
import type { Blob, GitReader } from "../ports/git.ts";

/** Some files before and after a change, by path. */
export type Versions = { readonly before: ReadonlyMap<string, Blob>; readonly after: ReadonlyMap<string, Blob> };

/** The comparison of the first files that are not too much together, and how many are left. */
export type Compared = { readonly files: FileComparison; readonly left: number };

// What a second or so suffices for.
const MOST_LETTERS = 4_000_000;

/** Files that are read at a time. */
const AT_A_TIME = 20;

/** Files on both sides of a change, in their order, as far as they are compared: anybody may propose many, each as large as one may be. */
export async function versionsOf(
  git: Pick<GitReader, "read">,
  [from, to]: readonly [Sha, Sha],
  paths: readonly string[],
): Promise<Versions> {
  const [before, after] = [new Map<string, Blob>(), new Map<string, Blob>()];
  let letters = 0;
  for (let at = 0; at < paths.length && letters <= MOST_LETTERS; at += AT_A_TIME) {
    const some = paths.slice(at, at + AT_A_TIME);
    // oxlint-disable-next-line no-await-in-loop -- no more at a time than may be held
    for (const [path, blob] of await git.read(from, some)) before.set(path, blob);
    // oxlint-disable-next-line no-await-in-loop -- as above
    for (const [path, blob] of await git.read(to, some)) after.set(path, blob);
    for (const path of some) letters += lettersOf(path, { before, after });
  }
  return { before, after };
}

function lettersOf(path: string, { before, after }: Versions): number {
  return (before.get(path)?.text.length ?? 0) + (after.get(path)?.text.length ?? 0);
}

/** Compares files in their order, as far as may be afforded. A file that nobody foresaw costs the comparison, never the look: undefined then. */
export function compareSome(
  paths: readonly string[],
  { before, after }: Versions,
  inventory: Inventory | undefined,
): Compared | undefined {
  let letters = 0;
  const within = paths.filter((path) => {
    letters += lettersOf(path, { before, after });
    return letters <= MOST_LETTERS;
  });
  const [was, is] = [textsOf(before, within), textsOf(after, within)];
  try {
    const around = { before: aroundOf(was, inventory), after: aroundOf(is, inventory) };
    return { files: compareFiles(was, is, around), left: paths.length - within.length };
  } catch {
    return undefined;
  }
}

function textsOf(blobs: ReadonlyMap<string, Blob>, paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    paths.flatMap((path) => {
      const blob = blobs.get(path);
      return blob === undefined ? [] : [[path, blob.text] as const];
    }),
  );
}

/** What a chart's files tell of each other, as the inventory keeps it. */
function aroundOf(texts: ReadonlyMap<string, string>, inventory: Inventory | undefined): Surroundings {
  const paths = inventory?.state.paths ?? [];
  return {
    read: (path) => texts.get(path) ?? inventory?.state.facts.get(path)?.text,
    list: (folder) => paths.filter((path) => isUnder(path, folder)),
  };
}
