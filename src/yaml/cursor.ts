import type { Reading } from "./tree.ts";

/** Where a scan stands. Mutable: one is made per scan and seen by nobody else. */
export type Cursor = {
  readonly text: string;
  readonly length: number;
  /** The offset that is read next. */
  at: number;
  /** The column of `at`, where that is the first of a line's content; END at the end of a document. */
  column: number;
  /** How many more collections may nest here. */
  depth: number;
  /** How many brackets are open. */
  brackets: number;
  /** How many more nodes may come. */
  left: number;
  readonly repeats: Reading["repeats"];
};

/** The column at the end of a document, left of every other. */
export const END = -1;

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const DOUBLE_QUOTE = 34;
export const HASH = 35;
export const AMPERSAND = 38;
export const SINGLE_QUOTE = 39;
export const ASTERISK = 42;
export const PLUS = 43;
export const COMMA = 44;
export const DASH = 45;
export const DOT = 46;
export const COLON = 58;
export const GREATER = 62;
export const OPEN_LIST = 91;
export const BACKSLASH = 92;
export const CLOSE_LIST = 93;
export const OPEN_MAP = 123;
export const BAR = 124;
export const CLOSE_MAP = 125;

/** The UTF-16 unit at an offset; -1 after the last one. */
export function codeAt({ text, length }: Cursor, at: number): number {
  return at < length ? text.charCodeAt(at) : -1;
}

/** The offset of the first unit from `at` on that is no space. */
export function afterSpaces({ text, length }: Cursor, at: number): number {
  let next = at;
  while (next < length && text.charCodeAt(next) === SPACE) next += 1;
  return next;
}

/** Whether a unit, or the end of the text, ends a word. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === -1 || code === CR || code === TAB;
}

/** Whether a unit is one of `[]{},`, which end a word in brackets. */
export function isBracketOrComma(code: number): boolean {
  return code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP || code === OPEN_LIST || code === OPEN_MAP;
}

/** Whether an item of a block list starts at an offset. */
export function isItem(cursor: Cursor, at: number): boolean {
  return codeAt(cursor, at) === DASH && isBlank(codeAt(cursor, at + 1));
}

/** From the end of a value to the next content; false where more than blanks and a comment follows it on its line. */
export function endLine(cursor: Cursor): boolean {
  const next = lineAfter(cursor, cursor.at);
  if (next === -1) return false;
  cursor.at = next;
  return startLine(cursor);
}

/** The offset of the line after `at`; -1 where more than blanks and a comment comes first. */
export function lineAfter(cursor: Cursor, at: number): number {
  const next = afterSpaces(cursor, at);
  const code = codeAt(cursor, next);
  if (code === LF) return next + 1;
  if (code === -1) return next;
  if (code === CR) return codeAt(cursor, next + 1) === LF ? next + 2 : -1;
  return code === HASH && next > at ? afterLine(cursor, next) : -1;
}

/** From the start of a line to the next content, over blank lines and comments; false where a tab, or the end mark of a document, makes that a question. */
export function startLine(cursor: Cursor): boolean {
  let line = cursor.at;
  for (;;) {
    const at = afterSpaces(cursor, line);
    const code = codeAt(cursor, at);
    if (code === LF) line = at + 1;
    else if (code === HASH) line = afterLine(cursor, at);
    else if (code === CR && codeAt(cursor, at + 1) === LF) line = at + 2;
    else return startContent(cursor, at, at - line);
  }
}

function startContent(cursor: Cursor, at: number, column: number): boolean {
  const code = codeAt(cursor, at);
  cursor.at = at;
  cursor.column = code === -1 ? END : column;
  if (code === TAB || code === CR) return false;
  if (column > 0 || !isMark(cursor, at)) return true;
  cursor.column = END;
  return code === DASH;
}

/** Whether `---` or `...` stands alone at an offset. */
export function isMark(cursor: Cursor, at: number): boolean {
  const code = codeAt(cursor, at);
  return (
    (code === DASH || code === DOT) &&
    codeAt(cursor, at + 1) === code &&
    codeAt(cursor, at + 2) === code &&
    isBlank(codeAt(cursor, at + 3))
  );
}

/** The offset of the line after the one of an offset. */
export function afterLine({ text, length }: Cursor, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? length : end + 1;
}
