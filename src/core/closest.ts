const LONGEST = 40;

/** The word of the list that somebody most likely meant: at most a third of its letters away, one in short words; undefined where none is near. */
export function closest<Word extends string>(word: string, words: readonly Word[]): Word | undefined {
  if (word.length > LONGEST) return undefined;
  const wanted = word.toLowerCase();
  let best: Word | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    // The first of the nearest counts, so that another one has to be nearer.
    const most = Math.min(Math.max(1, Math.floor(candidate.length / 3)), least - 1);
    const away = lettersApart(wanted, candidate.toLowerCase(), most);
    if (away > most) continue;
    best = candidate;
    least = away;
  }
  return best;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each; of words further apart than `most` any number above it. */
export function lettersApart(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = nextRow(a, b, i, { before, last });
    // A swap leads from the row before the last one.
    if (isBeyond(next, most) && isBeyond(last, most)) return Number.POSITIVE_INFINITY;
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

function isBeyond(row: readonly number[], most: number): boolean {
  return row.every((away) => away > most);
}

type Rows = { readonly before: readonly number[]; readonly last: readonly number[] };

// It is asked of every name of a fleet: numbers in plain loops.
function nextRow(a: string, b: string, i: number, { before, last }: Rows): number[] {
  const row = [i];
  let left = i;
  for (let j = 1; j <= b.length; j += 1) {
    const isSame = a[i - 1] === b[j - 1];
    left = Math.min((last[j - 1] ?? 0) + (isSame ? 0 : 1), (last[j] ?? 0) + 1, left + 1);
    if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
      left = Math.min(left, (before[j - 2] ?? 0) + 1);
    row.push(left);
  }
  return row;
}
