/** A part of a text, from `start` up to `end`. */
export type Range = { readonly start: number; readonly end: number };

/** Whether one of some ranges, which are sorted and apart, shares a character with the part from `start` up to `end`. */
export function overlaps(ranges: readonly Range[], { start, end }: Range): boolean {
  const range = ranges[firstEndingAfter(ranges, start)];
  return range !== undefined && range.start < end;
}

function firstEndingAfter(ranges: readonly Range[], offset: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
