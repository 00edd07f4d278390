import { aliasAt } from "./scan-anchor.ts";
import {
  afterLine,
  afterSpaces,
  ASTERISK,
  CLOSE_LIST,
  CLOSE_MAP,
  codeAt,
  COLON,
  COMMA,
  CR,
  type Cursor,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  END,
  HASH,
  isBlank,
  isBracketOrComma,
  LF,
  OPEN_LIST,
  OPEN_MAP,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from "./cursor.ts";
import { addEntry, type Growing, keyText, newMapping } from "./scan-key.ts";
import { plainScalar, quotedScalar, quotedText, startsPlain, trimmedEnd } from "./scan-scalar.ts";
import type { Entry, List, Mapping, Tree } from "./tree.ts";

/** A collection in brackets at the cursor, whose further lines are indented by `least` columns; the cursor stands after it then. */
export function flowCollection(cursor: Cursor, least: number): List | Mapping | undefined {
  const start = cursor.at;
  if (cursor.depth === 0) return undefined;
  cursor.depth -= 1;
  cursor.brackets += 1;
  cursor.at += 1;
  const isMap = cursor.text.charCodeAt(start) === OPEN_MAP;
  const collection = isMap ? flowMapping(cursor, least, start) : flowList(cursor, least, start);
  cursor.depth += 1;
  cursor.brackets -= 1;
  return collection;
}

function flowMapping(cursor: Cursor, least: number, start: number): Mapping | undefined {
  const mapping = newMapping(cursor);
  if (!readEntries(cursor, least, mapping)) return undefined;
  return { kind: "map", start, end: cursor.at, oddity: mapping.oddity, isFlow: true, entries: mapping.entries };
}

function flowList(cursor: Cursor, least: number, start: number): List | undefined {
  const items: Tree[] = [];
  if (!readItems(cursor, least, items)) return undefined;
  return { kind: "list", start, end: cursor.at, oddity: undefined, isFlow: true, items };
}

function readItems(cursor: Cursor, least: number, items: Tree[]): boolean {
  if (!toNext(cursor, least)) return false;
  if (closes(cursor, CLOSE_LIST)) return true;
  for (;;) {
    const item = flowNode(cursor, least);
    if (item === undefined) return false;
    items.push(item);
    if (!toNext(cursor, least)) return false;
    if (closes(cursor, CLOSE_LIST)) return true;
    if (!continues(cursor, least)) return false;
  }
}

function readEntries(cursor: Cursor, least: number, mapping: Growing): boolean {
  if (!toNext(cursor, least)) return false;
  if (closes(cursor, CLOSE_MAP)) return true;
  for (;;) {
    const entry = flowEntry(cursor, least);
    if (entry === undefined || !addEntry(mapping, entry)) return false;
    if (!toNext(cursor, least)) return false;
    if (closes(cursor, CLOSE_MAP)) return true;
    if (!continues(cursor, least)) return false;
  }
}

function closes(cursor: Cursor, bracket: number): boolean {
  if (codeAt(cursor, cursor.at) !== bracket) return false;
  cursor.at += 1;
  return true;
}

function continues(cursor: Cursor, least: number): boolean {
  if (codeAt(cursor, cursor.at) !== COMMA) return false;
  cursor.at += 1;
  return toNext(cursor, least);
}

// Over blanks, comments and line breaks. A line of content that is not indented enough is left to the parser.
function toNext(cursor: Cursor, least: number): boolean {
  let line = END;
  for (;;) {
    const at = afterSpaces(cursor, cursor.at);
    const next = overBreak(cursor, at);
    if (next === at) {
      cursor.at = at;
      return line === END || isInside(cursor, line, least);
    }
    if (next === -1) return false;
    line = next;
    cursor.at = next;
  }
}

/** The offset of the line after a comment or a line break at `at`, which is the same offset where there is neither; -1 where the parser must say. */
function overBreak(cursor: Cursor, at: number): number {
  const code = codeAt(cursor, at);
  if (code === LF) return at + 1;
  if (code === CR) return at + 2;
  // A comment is apart from what comes before it, for the parser even at the start of a line.
  if (code === HASH) return at === cursor.at ? -1 : afterLine(cursor, at);
  return code === -1 || code === TAB ? -1 : at;
}

function isInside(cursor: Cursor, line: number, least: number): boolean {
  const { at } = cursor;
  const code = codeAt(cursor, at);
  if (at === line && (code === DASH || code === DOT)) return false;
  // The last bracket may stand at the column of the key.
  const isLast = cursor.brackets === 1 && (code === CLOSE_LIST || code === CLOSE_MAP);
  return at - line >= (isLast ? least - 1 : least);
}

function flowNode(cursor: Cursor, least: number): Tree | undefined {
  cursor.left -= 1;
  if (cursor.left < 0) return undefined;
  const code = codeAt(cursor, cursor.at);
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return quotedScalar(cursor);
  if (code === OPEN_LIST || code === OPEN_MAP) return flowCollection(cursor, least);
  if (code === ASTERISK) return aliasAt(cursor);
  const stop = plainFlowStop(cursor);
  return stop === -1 ? undefined : plainScalar(cursor, trimmedEnd(cursor, stop));
}

function flowEntry(cursor: Cursor, least: number): Entry | undefined {
  const start = cursor.at;
  const code = codeAt(cursor, start);
  const isQuoted = code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
  const key = isQuoted ? quotedText(cursor) : plainKey(cursor);
  if (key === undefined || codeAt(cursor, cursor.at) !== COLON) return undefined;
  const isApart = codeAt(cursor, cursor.at + 1) === SPACE;
  if (!isQuoted && !isApart) return undefined;
  cursor.at = afterSpaces(cursor, cursor.at + 1);
  const value = flowNode(cursor, least);
  return value === undefined ? undefined : { key, start, value };
}

function plainKey(cursor: Cursor): string | undefined {
  const start = cursor.at;
  const stop = plainFlowStop(cursor);
  if (stop === -1) return undefined;
  cursor.at = stop;
  return keyText(cursor.text.slice(start, trimmedEnd(cursor, stop)));
}

// Where unquoted text in brackets ends; -1 where the parser must say.
function plainFlowStop(cursor: Cursor): number {
  const { text, length, at: start } = cursor;
  const isSign = codeAt(cursor, start) === DASH && isBracketOrComma(codeAt(cursor, start + 1));
  if (isSign || !startsPlain(cursor, start)) return -1;
  for (let at = start; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === TAB) return -1;
    if (code === LF || code === CR || isBracketOrComma(code) || endsPlain(cursor, code, at + 1)) return at;
  }
  return -1;
}

function endsPlain(cursor: Cursor, code: number, next: number): boolean {
  if (code === SPACE) return codeAt(cursor, next) === HASH;
  return code === COLON && (isBlank(codeAt(cursor, next)) || isBracketOrComma(codeAt(cursor, next)));
}
