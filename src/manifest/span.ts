import { attempt, lineAt, quote, refuse, Refused, type TextFile } from "../yaml/refusal.ts";
import { checkText, MANIFEST_LIMITS, readSource, type Source } from "../yaml/source.ts";
import { readTemplate } from "../yaml/template.ts";
import type { Scalar } from "../yaml/tree.ts";
import { edited, lineStart, splice, type Splice } from "./edit.ts";
import { saying } from "./intent.ts";
import { aliasOf, leafAt, type Leaf } from "./leaf.ts";
import { spliceLines } from "./line.ts";
import { isWithinLine } from "./local.ts";
import { markOf, respelled } from "./spelling.ts";

/** The new words for a part of a file's text, from `start` up to `end`, quotes not included: letters, digits and `_./@:+-`. */
export type Piece = Splice;

/** What a file is made of: YAML, which may be a template, or lines such as those of a `.env` file. */
export type Fabric = "yaml" | "lines";

const WORDS = /^[\w./@:+-]*$/;

/**
 * The text with the pieces in it, each in the style of its scalar, read again before it is given: only those scalars say something else.
 * Inside of blocks of text that are YAML, the inner text is held to the same. Throws Refused where that cannot be told.
 */
export function respell(file: TextFile, pieces: readonly Piece[], fabric: Fabric): string {
  const strange = pieces.find(({ text }) => !WORDS.test(text));
  if (strange !== undefined)
    refuse(file, strange, quote(strange.text), "a version and a weight have no such characters");
  if (fabric === "lines") return splice(file.text, pieces);
  const { source, read } = reading(file);
  if (source === undefined) return splice(file.text, spliceLines(file, pieces));
  return written(source, partsOf(source, pieces), read);
}

/** One scalar of a file: what is put where, and what the whole of it says then. */
type Part = { readonly leaf: Leaf; readonly splices: readonly Splice[]; readonly says: string };

function written(source: Source, parts: readonly Part[], read: Level["read"]): string {
  const splices = parts.flatMap((part) => part.splices);
  if (read === readSource && areWithinLines(source, parts)) return splice(source.text, splices);
  const intents = parts.map(({ leaf, says }) => ({ kind: "value", path: leaf.path, says }) as const);
  return edited(source, { splices, intents }, read);
}

function areWithinLines(source: Source, parts: readonly Part[]): boolean {
  const lines = new Set(parts.map(({ leaf }) => lineStart(source, leaf.scalar.start)));
  const isWithin = ({ leaf, splices: [first, second], says }: Part) =>
    first !== undefined && second === undefined && isWithinLine(source, { leaf, splice: first, says });
  return lines.size === parts.length && parts.every(isWithin);
}

type Level = { readonly source: Source | undefined; readonly read: (file: TextFile) => Source };

// A template is read around its actions; where even that is no YAML, its lines are all there is to go by.
function reading(file: TextFile, otherwise: "refused" | "lines" = "refused"): Level {
  const whole = attempt(() => readSource(file));
  if (whole.kind === "ok") return { source: whole.value, read: readSource };
  const isTemplate = /\{\{|\{%/.test(file.text);
  if (!isTemplate && otherwise === "refused") throw new Refused(whole.error);
  const around = attempt(() => readTemplate(file));
  if (around.kind === "ok") return { source: around.value, read: readTemplate };
  checkText(file, MANIFEST_LIMITS);
  return { source: undefined, read: readTemplate };
}

function partsOf(source: Source, pieces: readonly Piece[]): readonly Part[] {
  const found = pieces.map((piece) => ({ piece, leaf: leafOf(source, piece) }));
  const leaves = found.filter(
    ({ leaf }, index) => found.findIndex((other) => other.leaf.scalar === leaf.scalar) === index,
  );
  return leaves.map(({ leaf }) => {
    const own = found.filter((other) => other.leaf.scalar === leaf.scalar).map(({ piece }) => piece);
    return leaf.scalar.style === "block" ? blockPart(source, leaf, own) : scalarPart(source, leaf, own);
  });
}

function leafOf(source: Source, { start, end }: Piece): Leaf {
  const leaf = leafAt(source.documents, start, end);
  if (leaf === undefined) return refuse(source, start, quote(source.text.slice(start, end)), "only a value can be set");
  const alias = aliasOf(leaf);
  if (alias !== undefined)
    refuse(source, start, `the anchor &${alias}`, "a value that is used elsewhere as well is left alone");
  if (leaf.scalar.oddity === "a tag") refuse(source, start, "a tag", "a value that is edited is written out plainly");
  return leaf;
}

function scalarPart(source: Source, leaf: Leaf, pieces: readonly Piece[]): Part {
  const { scalar } = leaf;
  const quotes = scalar.style === "plain" ? 0 : 1;
  const [start, end] = [scalar.start + quotes, scalar.end - quotes];
  const raw = splice(
    source.text.slice(start, end),
    pieces.map((piece) => moved(piece, -start)),
  );
  const text = respelled(source, scalar, raw, () => markOf(source));
  const isNumber = typeof scalar.value === "number" && text === raw;
  const says = isNumber ? raw : saying(valueAfter(source, scalar, pieces));
  return { leaf, splices: [{ start: scalar.start, end: scalar.end, text }], says };
}

/** Inside of a block the text is read as it stands there, indented, and edited like a file of its own. */
function blockPart(source: Source, leaf: Leaf, pieces: readonly Piece[]): Part {
  const { scalar } = leaf;
  const start = Math.min(nextLine(source, scalar.start), scalar.end);
  const inner = { path: source.path, text: source.text.slice(start, scalar.end) };
  const shifted = pieces.map((piece) => moved(piece, -start));
  const splices = within(source, start, () => insideSplices(inner, shifted)).map((each) => moved(each, start));
  return { leaf, splices, says: saying(valueAfter(source, scalar, splices)) };
}

function insideSplices(inner: TextFile, pieces: readonly Piece[]): readonly Splice[] {
  const { source, read } = reading(inner, "lines");
  const isInside = ({ start, end }: Piece) =>
    source !== undefined && leafAt(source.documents, start, end) !== undefined;
  if (source === undefined || !pieces.every(isInside)) return spliceLines(inner, pieces);
  const parts = partsOf(source, pieces);
  written(source, parts, read);
  return parts.flatMap(({ splices }) => splices);
}

// What is refused inside of a block is named by its line in the file.
function within<T>(file: TextFile, start: number, work: () => T): T {
  const done = attempt(work);
  if (done.kind === "ok") return done.value;
  throw new Refused({ ...done.error, line: done.error.line + lineAt(file.text, start) - 1 });
}

function moved({ start, end, text }: Splice, by: number): Splice {
  return { start: start + by, end: end + by, text };
}

function nextLine({ text }: TextFile, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}

function valueAfter({ text, path }: TextFile, scalar: Scalar, splices: readonly Splice[]): string {
  const value = typeof scalar.value === "string" ? scalar.value : scalar.source;
  const start = scalar.start + (scalar.style === "plain" ? 0 : 1);
  const isAsWritten = text.startsWith(value, start) && start + value.length >= scalar.end - 1;
  const found = splices.map((each) => {
    if (isAsWritten) return moved(each, -start);
    const was = text.slice(each.start, each.end);
    const at = placeIn(value, was, text.slice(scalar.start, each.start));
    if (at !== undefined) return { start: at, end: at + was.length, text: each.text };
    return refuse({ path, text }, each, quote(was), "a value to replace is written on one line");
  });
  return splice(value, found);
}

// The value of a folded or escaped scalar has other offsets than its text: the same words are behind as many of their kind.
function placeIn(value: string, words: string, before: string): number | undefined {
  if (words === "") return undefined;
  const at = nth(value, words, count(before, words));
  return at === -1 ? undefined : at;
}

function count(text: string, words: string): number {
  let found = 0;
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) found += 1;
  return found;
}

function nth(text: string, words: string, index: number): number {
  let at = text.indexOf(words);
  for (let left = index; left > 0 && at !== -1; left -= 1) at = text.indexOf(words, at + 1);
  return at;
}
