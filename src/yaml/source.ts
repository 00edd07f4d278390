import { CST, Lexer, parseAllDocuments, type Document } from "yaml";
import { refuse, type TextFile } from "./refusal.ts";
import { scan } from "./scan.ts";
import { treeOf, type Reading, type Tree } from "./tree.ts";

/** A YAML file that was read within bounds: its own text, and its documents, whose places are offsets into that text. */
export type Source = TextFile & { readonly documents: readonly Tree[] };

/** What a file may cost before it is refused. `bytes` of UTF-8; `depth` of nested collections; `tokens` bound the time: those of the lexer, or the nodes where the scanner reads the file. */
export type Limits = { readonly bytes: number; readonly tokens: number; readonly depth: number };

export const MANIFEST_LIMITS: Limits = { bytes: 1024 * 1024, tokens: 100_000, depth: 100 };

// Line breaks to some readers of YAML and not to others, characters that no reader should meet, and what stands for bytes that are no text.
const STRANGE = /[[\p{Cc}--[\t\n\r]]\u{2028}\u{2029}\u{FFFD}]|\r(?!\n)/v;

const TOO_DEEP = ["collections nested too deeply", "the file is not read"] as const;

/** Throws Refused on what is too large, no YAML, or means different things to different readers: directives, repeated keys, strange line breaks. */
export function readSource(file: TextFile, limits: Limits = MANIFEST_LIMITS): Source {
  checkText(file, limits);
  const { path, text } = file;
  const scanned = scan(text, { nodes: limits.tokens, depth: limits.depth });
  return { path, text, documents: scanned ?? parsed(file, text, limits, "refused") };
}

/** Throws Refused on what is too large, and on characters that are not the same to every reader. */
export function checkText(file: TextFile, limits: Limits): void {
  checkSize(file, limits);
  checkCharacters(file);
}

/** What the full parser makes of a text; `file` is what a refusal names. */
export function parsed(file: TextFile, text: string, limits: Limits, repeats: Reading["repeats"]): readonly Tree[] {
  const { path } = file;
  checkTokens({ path, text }, limits);
  return parse(file, text).map((document) => {
    checkErrors(file, document);
    return treeOf({ file: { path, text }, depth: limits.depth, repeats }, document.contents);
  });
}

function checkSize({ path, text }: TextFile, { bytes }: Limits): void {
  // A unit of UTF-16 is at most three bytes.
  if (text.length * 3 <= bytes) return;
  const size = Buffer.byteLength(text);
  if (size > bytes) refuse({ path, text }, 0, `${size} bytes`, `a file has at most ${bytes}`);
}

function checkCharacters(file: TextFile): void {
  const at = file.text.search(STRANGE);
  if (at !== -1) refuseCharacter(file, at);
  if (!file.text.isWellFormed()) refuseCharacter(file, file.text.search(/\p{Cs}/u));
}

function refuseCharacter(file: TextFile, at: number): never {
  const code = (file.text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return refuse(file, at, `the character U+${code}`, "not every reader of YAML takes it for the same thing");
}

// The parser's time grows with the tokens, worst with errors; the lexer is linear and can be stopped.
function checkTokens(file: TextFile, limits: Limits): void {
  let count = 0;
  let offset = 0;
  let before = "";
  for (const token of new Lexer().lex(file.text)) {
    count += 1;
    if (count > limits.tokens) refuse(file, offset, `more than ${limits.tokens} tokens`, "the file is too large");
    if (before !== CST.SCALAR && CST.tokenType(token) === "directive-line") {
      refuse(file, offset, "a YAML directive", "directives change what a file means and are not followed");
    }
    before = token;
    offset += isMark(token) ? 0 : token.length;
  }
}

// The lexer announces documents and scalars by characters that are not in the text.
function isMark(token: string): boolean {
  return token === CST.DOCUMENT || token === CST.FLOW_END || token === CST.SCALAR;
}

// Repeated keys are found by treeOf, in linear time; the parser's own check is quadratic.
function parse(file: TextFile, text: string): readonly Document.Parsed[] {
  try {
    return Array.from(parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" }));
  } catch (error) {
    // The parser calls itself for what is nested.
    if (error instanceof RangeError) return refuse(file, 0, ...TOO_DEEP);
    throw error;
  }
}

function checkErrors(file: TextFile, document: Document.Parsed): void {
  const error = document.errors[0];
  if (error === undefined) return;
  if (error.code === "RESOURCE_EXHAUSTION") refuse(file, error.pos[0], ...TOO_DEEP);
  const found = file.text.includes("{{") ? "a template" : "what is no YAML";
  refuse(file, error.pos[0], found, `the parser says: ${error.message.replace(/\.?\s*$/, "")}`);
}
