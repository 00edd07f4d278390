/** The word of the list that somebody most likely meant: at most a third of its letters away; undefined where none is near. */
export function closest(word: string, words: readonly string[]): string | undefined {
  const near = words
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(1, Math.floor(candidate.length / 3)));
  return near.toSorted((a, b) => a.away - b.away)[0]?.candidate;
}

const LONGEST = 40;

// Levenshtein: insertions, deletions and substitutions cost one each.
function distance(a: string, b: string): number {
  if (a.length > LONGEST) return LONGEST;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const letter of a) row = nextRow(row, letter, b);
  return row.at(-1) ?? 0;
}

function nextRow(above: readonly number[], letter: string, b: string): number[] {
  const row = [(above[0] ?? 0) + 1];
  for (let column = 1; column <= b.length; column += 1) {
    const swap = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
    row.push(Math.min(swap, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
  }
  return row;
}
