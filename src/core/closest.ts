const LONGEST = 40;

/** The word of the list that somebody most likely meant: at most a third of its letters away, one in short words; undefined where none is near. */
export function closest<Word extends string>(word: string, words: readonly Word[]): Word | undefined {
  if (word.length > LONGEST) return undefined;
  const near = words
    .map((candidate) => ({ candidate, away: lettersApart(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(1, Math.floor(candidate.length / 3)));
  return near.toSorted((a, b) => a.away - b.away)[0]?.candidate;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each. */
export function lettersApart(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = nextRow(a, b, i, { before, last });
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

function nextRow(
  a: string,
  b: string,
  i: number,
  rows: { readonly before: readonly number[]; readonly last: readonly number[] },
): number[] {
  const row = [i];
  const cell = (cells: readonly number[], j: number): number => cells[j] ?? Number.POSITIVE_INFINITY;
  for (let j = 1; j <= b.length; j += 1) {
    const substituted = cell(rows.last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
    const swapped =
      i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? cell(rows.before, j - 2) + 1
        : Number.POSITIVE_INFINITY;
    row.push(Math.min(substituted, swapped, cell(rows.last, j) + 1, cell(row, j - 1) + 1));
  }
  return row;
}
