/** The lines of a text: how many, and the one (from 1) of an offset. */
export type Lines = { readonly count: number; readonly at: (offset: number) => number };

/** Finds line ends once, so that each later question costs a binary search. */
export function linesOf(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { count: starts.length, at: (offset) => lineIn(starts, offset) };
}

function lineIn(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
