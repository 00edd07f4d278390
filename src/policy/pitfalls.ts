import type { Pitfall } from "../core/policy.ts";
import { entryOf } from "../lint/catalogue.ts";
import type { Linted } from "../lint/lint.ts";

/** What a linter found before and after a change of some files, and the files that are there after it. */
export type Compared = {
  readonly before: Linted;
  readonly after: Linted;
  readonly changed: ReadonlySet<string>;
  readonly there: { readonly has: (path: string) => boolean };
};

/** The findings that were not there before: told apart by rule, file and words, as lines move; those of a file that is gone by rule and words. Those of changed files come first. */
export function newPitfalls({ before, after, changed, there }: Compared): readonly Pitfall[] {
  const [was, is] = [findingsOf(before), findingsOf(after)];
  const known = counted(was.map(keyOf));
  const moved = counted(was.filter(({ path }) => !there.has(path)).map(wordsOf));
  return is
    .filter((one) => !isTaken(known, keyOf(one)) && !isTaken(moved, wordsOf(one)))
    .map((one) => ({ ...one, isChanged: changed.has(one.path) }))
    .toSorted((a, b) => Number(b.isChanged) - Number(a.isChanged));
}

type Found = Omit<Pitfall, "isChanged">;

function findingsOf({ findings, refusals }: Linted): readonly Found[] {
  return [
    ...findings.map(({ rule, severity, path, line, what }) => {
      const { why, fix } = entryOf(rule);
      return { rule, severity, path, line, what, why, fix };
    }),
    ...refusals.map(({ path, line, found, why: fix }): Found => {
      return { ...COMMENT, path, line, what: `${found} is not understood`, fix };
    }),
  ];
}

/** A comment that allows a finding has to be understood. */
const COMMENT = { rule: "comment", severity: "error", why: "what it is meant to allow is not allowed by it" } as const;

function keyOf({ rule, path, what }: Found): string {
  return JSON.stringify([rule, path, what]);
}

function wordsOf({ rule, what }: Found): string {
  return JSON.stringify([rule, what]);
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Takes one of a kind away; whether there was one left. */
function isTaken(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  counts.set(key, left - 1);
  return left > 0;
}
