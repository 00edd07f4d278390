import type { TextFile } from "../../yaml/refusal.ts";
import type { Pair } from "./pair.ts";
import type { ImageSite } from "./site.ts";

// A character that nobody writes; where somebody does, nothing is taken out.
const MARK = "\u{E000}";

/**
 * Two versions of a file with what their paired images write taken out, each pair's places marked by its number:
 * equal exactly where nothing else differs, the order of the pairs included.
 */
export function masked(before: TextFile, after: TextFile, pairs: readonly Pair[]): readonly [TextFile, TextFile] {
  if (before.text.includes(MARK) || after.text.includes(MARK)) return [before, after];
  const was = pairs.map((pair) => pair.before);
  const is = pairs.map((pair) => pair.after);
  return [maskedFile(before, was), maskedFile(after, is)];
}

function maskedFile({ path, text }: TextFile, sites: readonly ImageSite[]): TextFile {
  const spans = sites
    .flatMap(({ spans: own }, pair) =>
      own.map(({ start, end, holds }) => ({ start, end, mark: `${MARK}${pair}${holds}${MARK}` })),
    )
    .toSorted((a, b) => a.start - b.start);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, mark } of spans) {
    pieces.push(text.slice(at, start), mark);
    at = end;
  }
  return { path, text: [...pieces, text.slice(at)].join("") };
}

/** A masked file whose marks are plain words, which YAML reads as text. */
export function readable({ path, text }: TextFile): TextFile {
  return { path, text: text.replaceAll(/\u{E000}(\w+)\u{E000}/gu, "masked$1") };
}
