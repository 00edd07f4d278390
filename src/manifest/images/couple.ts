import type { TextFile } from "../../yaml/refusal.ts";

/** Texts of files by path. */
export type Texts = ReadonlyMap<string, string>;

/** The same file before and after; one of them is missing where the file is new or gone. */
export type Couple = { readonly before: TextFile | undefined; readonly after: TextFile | undefined };

/** The files that differ: each with what it was, under its own path or, where it moved, under another. */
export function couplesOf(before: Texts, after: Texts): readonly Couple[] {
  const gone = new Map([...before].filter(([path]) => !after.has(path)));
  const fresh = [...after].filter(([path]) => !before.has(path));
  const moves = new Map<string, string>();
  for (const like of [isSame, isAlike]) {
    const known = Map.groupBy(gone, like.group);
    for (const [path, text] of fresh) {
      if (moves.has(path)) continue;
      const near = known.get(like.group([path, text])) ?? [];
      const from = near
        .filter(([old]) => gone.has(old))
        .slice(0, MOST)
        .find((old) => like.is(old, [path, text]))?.[0];
      if (from === undefined) continue;
      moves.set(path, from);
      gone.delete(from);
    }
  }
  const couples = [...after].flatMap(([path, text]): readonly Couple[] => {
    const from = moves.get(path) ?? path;
    const old = before.get(from);
    if (old === text && from === path) return [];
    return [{ before: old === undefined ? undefined : { path: from, text: old }, after: { path, text } }];
  });
  return [...couples, ...[...gone].map(([path, text]): Couple => ({ before: { path, text }, after: undefined }))];
}

type Named = readonly [path: string, text: string];

/** A way to know a file again: only files of the same group are compared. */
type Likeness = { readonly group: (file: Named) => string; readonly is: (before: Named, after: Named) => boolean };

const isSame: Likeness = { group: ([, text]) => text, is: () => true };
const isAlike: Likeness = { group: ([path]) => baseOf(path), is: hasMostLines };

const ALIKE = 0.7;
const LONGEST = 200_000;
// Charts have their values under one name in every folder.
const MOST = 10;

function hasMostLines([, before]: Named, [, after]: Named): boolean {
  if (before.length + after.length > LONGEST) return false;
  const lines = new Map<string, number>();
  const [was, is] = [before.split("\n"), after.split("\n")];
  for (const line of was) lines.set(line, (lines.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of is) {
    const left = lines.get(line) ?? 0;
    if (left > 0) shared += 1;
    lines.set(line, left - 1);
  }
  return (2 * shared) / (was.length + is.length) >= ALIKE;
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
