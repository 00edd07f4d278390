import { leavesOf } from "../yaml/canonical.ts";
import { pathText, type YamlPath } from "../yaml/look.ts";
import { refuse, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Source } from "../yaml/source.ts";

/** Text to put in place of [start, end). */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

/** Every value of a file by document and path, in a normal form. */
export type Leaves = ReadonlyMap<string, string>;

/** The text with the splices in it; they must not overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, text: piece }) => edited.slice(0, start) + piece + edited.slice(end), text);
}

export function leavesOfFile({ documents }: Source): Leaves {
  return new Map(documents.flatMap((document, index) => leavesOf(document, [index])));
}

/** The leaves with one scalar set, or added. */
export function withScalar(
  leaves: Leaves,
  document: number,
  path: YamlPath,
  value: string | number,
): ReadonlyMap<string, string> {
  return new Map(leaves).set(JSON.stringify([document, ...path]), JSON.stringify(value));
}

/**
 * The edited text, read again: throws Refused unless it says exactly what was intended, so that no edit is wrong in silence.
 * Without splices it is the same text.
 */
export function edited(source: Source, splices: readonly Splice[], intended: Leaves): string {
  if (splices.length === 0) return source.text;
  const text = splice(source.text, splices);
  const stray = strayLeaf(leavesOfFile(readSource({ path: source.path, text })), intended);
  if (stray !== undefined) {
    const why = `an edit would have changed ${stray} as well`;
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

function strayLeaf(found: Leaves, intended: Leaves): string | undefined {
  const keys = new Set([...found.keys(), ...intended.keys()]);
  const stray = [...keys].find((key) => found.get(key) !== intended.get(key));
  return stray === undefined ? undefined : pathText(pathOf(stray));
}

function pathOf(key: string): YamlPath {
  const parts: unknown = JSON.parse(key.replace(/&$/, ""));
  if (!Array.isArray(parts)) return [];
  return parts.slice(1).filter((part) => typeof part === "string" || typeof part === "number");
}
