/** A stretch of a text: offsets in UTF-16 units, `end` not included. */
export type Range = { readonly start: number; readonly end: number };

/** Tells whether two stretches share a character. */
export function overlaps(a: Range, b: Range): boolean {
  return a.start < b.end && b.start < a.end;
}
