import { pathText } from "../yaml/look.ts";
import { refuse, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Source } from "../yaml/source.ts";
import { stray, type Intent } from "./intent.ts";

/** Text to put in place of [start, end). */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

/** An edit under way: what to put where, and what the file says differently afterwards. */
export type Draft = { readonly splices: readonly Splice[]; readonly intents: readonly Intent[] };

/** No edit yet. */
export const NO_EDIT: Draft = { splices: [], intents: [] };

/** The text with the splices in it; they must not overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, text: piece }) => edited.slice(0, start) + piece + edited.slice(end), text);
}

/**
 * The edited text, read again: throws Refused unless it differs in exactly what was intended, so that no edit is wrong in silence.
 * Without splices it is the same text.
 */
export function edited(
  source: Source,
  { splices, intents }: Draft,
  read: (file: TextFile) => Source = readSource,
): string {
  if (splices.length === 0) return source.text;
  const text = splice(source.text, splices);
  const different = stray(source.documents, read({ path: source.path, text }).documents, intents);
  if (different !== undefined) {
    const why = `an edit would have changed ${pathText(different.slice(1))} as well`;
    refuse(source, splices[0]?.start ?? 0, "what cannot be edited safely", why);
  }
  return text;
}

/** The line break in use at an offset: that of its line, else the file's first. */
export function lineBreakAt(text: string, offset: number): string {
  const here = /\r?\n/g;
  here.lastIndex = offset;
  return (here.exec(text) ?? /\r?\n/.exec(text))?.[0] ?? "\n";
}

/** Where the line of an offset begins. */
export function lineStart({ text }: Pick<TextFile, "text">, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the line of an offset ends, its break not counted. */
export function lineEnd({ text }: Pick<TextFile, "text">, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" && end > offset ? end - 1 : end;
}
