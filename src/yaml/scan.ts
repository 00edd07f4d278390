import {
  afterSpaces,
  AMPERSAND,
  BAR,
  codeAt,
  COLON,
  type Cursor,
  DOUBLE_QUOTE,
  END,
  endLine,
  GREATER,
  HASH,
  isBlank,
  isItem,
  OPEN_LIST,
  OPEN_MAP,
  SINGLE_QUOTE,
  SPACE,
  startLine,
} from "./cursor.ts";
import { aliasAt, anchorAt, anchored } from "./scan-anchor.ts";
import { flowCollection } from "./scan-flow.ts";
import { addEntry, keyText, newMapping } from "./scan-key.ts";
import { continued, plainScalar, plainStop, quotedScalar, quotedText, startsPlain, trimmedEnd } from "./scan-scalar.ts";
import { blockText } from "./scan-text.ts";
import { nothingAt, type Entry, type List, type Mapping, type Reading, type Tree } from "./tree.ts";

// The longest that a key may be before its colon (https://yaml.org/spec/1.2.2/#742-flow-mappings).
const LONGEST_KEY = 1024;

/** How many nodes a text may have, how deep collections may nest, and whether a mapping may have a key twice. */
export type ScanBounds = { readonly nodes: number; readonly depth: number; readonly repeats?: Reading["repeats"] };

/**
 * The documents of a text in the plain style that nearly every manifest has, exactly as the full parser reads them; undefined
 * for any other text, right or wrong. `text` holds no carriage return but before a line feed. Linear.
 */
export function scan(text: string, bounds: ScanBounds): readonly Tree[] | undefined {
  const { nodes, depth, repeats = "refused" } = bounds;
  const cursor: Cursor = { text, length: text.length, at: 0, column: END, depth, brackets: 0, left: nodes, repeats };
  if (!skipByteOrderMark(cursor) || !startLine(cursor)) return undefined;
  const documents: Tree[] = [];
  while (cursor.column !== END || cursor.at < cursor.length) {
    const document = cursor.column === END ? markedDocument(cursor) : root(cursor);
    if (document === undefined || cursor.column !== END) return undefined;
    documents.push(document);
  }
  return documents;
}

// The parser does not count the mark as a column, but then neither the blanks and dashes that follow it.
function skipByteOrderMark(cursor: Cursor): boolean {
  if (codeAt(cursor, 0) !== 0xfe_ff) return true;
  cursor.at = 1;
  const code = codeAt(cursor, 1);
  return code !== SPACE && !isItem(cursor, 1);
}

function markedDocument(cursor: Cursor): Tree | undefined {
  cursor.left -= 1;
  if (cursor.left < 0) return undefined;
  cursor.at += "---".length;
  const nothing = afterSpaces(cursor, cursor.at);
  if (!endLine(cursor)) return undefined;
  return cursor.column === END ? nothingAt(nothing) : root(cursor);
}

// A scalar alone may go on over lines of any indentation.
function root(cursor: Cursor): Tree | undefined {
  const node = content(cursor, END);
  return node?.kind === "scalar" ? undefined : node;
}

/** What stands at the cursor, the first on its line or after a dash, and belongs to a collection of the column `parent`. */
function content(cursor: Cursor, parent: number): Tree | undefined {
  if (isItem(cursor, cursor.at)) return list(cursor);
  const code = codeAt(cursor, cursor.at);
  if (code === OPEN_LIST || code === OPEN_MAP) return lineValue(cursor, parent);
  return startsEntry(cursor, code) ? mapping(cursor) : lineValue(cursor, parent);
}

function startsEntry(cursor: Cursor, code: number): boolean {
  const start = cursor.at;
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
    const isRead = quotedText(cursor) !== undefined;
    const colon = afterSpaces(cursor, cursor.at);
    cursor.at = start;
    return isRead && isColon(cursor, colon);
  }
  const stop = plainStop(cursor, start);
  return stop !== -1 && codeAt(cursor, stop) === COLON;
}

function isColon(cursor: Cursor, at: number): boolean {
  return codeAt(cursor, at) === COLON && isBlank(codeAt(cursor, at + 1));
}

function mapping(cursor: Cursor): Mapping | undefined {
  const { at: start, column } = cursor;
  if (cursor.depth === 0) return undefined;
  cursor.depth -= 1;
  const growing = newMapping(cursor);
  let end = start;
  do {
    const entry = entryAt(cursor, column);
    if (entry === undefined || !addEntry(growing, entry)) return undefined;
    ({ end } = entry.value);
  } while (cursor.column === column);
  cursor.depth += 1;
  if (cursor.column > column) return undefined;
  return { kind: "map", start, end, oddity: growing.oddity, isFlow: false, entries: growing.entries };
}

function entryAt(cursor: Cursor, column: number): Entry | undefined {
  const start = cursor.at;
  const key = keyAt(cursor);
  if (key === undefined || !isColon(cursor, cursor.at) || cursor.at - start > LONGEST_KEY) return undefined;
  cursor.at += 1;
  const value = valueBelow(cursor, column, true);
  return value === undefined ? undefined : { key, start, value };
}

/** The key at the cursor, which stands where its colon should be then. */
function keyAt(cursor: Cursor): string | undefined {
  const code = codeAt(cursor, cursor.at);
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
    const key = quotedText(cursor);
    cursor.at = afterSpaces(cursor, cursor.at);
    return key;
  }
  const start = cursor.at;
  const stop = startsPlain(cursor, start) ? plainStop(cursor, start) : -1;
  if (stop === -1) return undefined;
  cursor.at = stop;
  return keyText(cursor.text.slice(start, trimmedEnd(cursor, stop)));
}

function list(cursor: Cursor): List | undefined {
  const { at: start, column } = cursor;
  if (cursor.depth === 0) return undefined;
  cursor.depth -= 1;
  const items: Tree[] = [];
  let end = start;
  do {
    cursor.at += 1;
    const item = valueBelow(cursor, column, false);
    if (item === undefined) return undefined;
    ({ end } = item);
    items.push(item);
  } while (cursor.column === column && isItem(cursor, cursor.at));
  cursor.depth += 1;
  if (cursor.column > column) return undefined;
  return { kind: "list", start, end, oddity: undefined, isFlow: false, items };
}

/** The value after the colon of an entry or the dash of an item, whose collection has a column. */
function valueBelow(cursor: Cursor, column: number, isEntry: boolean): Tree | undefined {
  cursor.left -= 1;
  if (cursor.left < 0) return undefined;
  const at = afterSpaces(cursor, cursor.at);
  const code = codeAt(cursor, at);
  if (isBlank(code) || code === HASH) return nextLineValue(cursor, column, isEntry);
  if (!isEntry) cursor.column = column + 1 + at - cursor.at;
  cursor.at = at;
  if (code === AMPERSAND) return anchoredValue(cursor, column, isEntry);
  if (code === BAR || code === GREATER) return blockText(cursor, column);
  return isEntry ? lineValue(cursor, column) : content(cursor, column);
}

// An anchor before a key on its line would be the key's own: such a line is not read here.
function anchoredValue(cursor: Cursor, column: number, isEntry: boolean): Tree | undefined {
  const anchor = anchorAt(cursor);
  if (anchor === undefined) return undefined;
  const at = afterSpaces(cursor, cursor.at);
  const code = codeAt(cursor, at);
  if (isBlank(code) || code === HASH) return anchored(anchor, nextLineValue(cursor, column, isEntry));
  if (at === cursor.at) return undefined;
  cursor.at = at;
  const isText = code === BAR || code === GREATER;
  return anchored(anchor, isText ? blockText(cursor, column) : lineValue(cursor, column));
}

function nextLineValue(cursor: Cursor, column: number, isEntry: boolean): Tree | undefined {
  const nothing = afterSpaces(cursor, cursor.at);
  if (!endLine(cursor)) return undefined;
  if (cursor.column > column) return ownLineValue(cursor, column, nothing);
  // The items of a list may stand at the column of its key.
  if (isEntry && cursor.column === column && isItem(cursor, cursor.at)) return list(cursor);
  return nothingAt(nothing);
}

// After a comment further left, the parser takes unquoted text on a line of its own to go on over lines of any indentation.
function ownLineValue(cursor: Cursor, column: number, from: number): Tree | undefined {
  const value = content(cursor, column);
  const isText = value?.kind === "scalar" && value.style === "plain";
  return isText && cursor.text.slice(from, value.start).includes("#") ? undefined : value;
}

/** A value that starts at the cursor and is no block, up to the next content. */
function lineValue(cursor: Cursor, parent: number): Tree | undefined {
  const code = codeAt(cursor, cursor.at);
  if (startsPlain(cursor, cursor.at)) return plainValue(cursor, parent);
  const value = code === OPEN_LIST || code === OPEN_MAP ? flowCollection(cursor, parent + 1) : wordAt(cursor, code);
  return value !== undefined && endLine(cursor) ? value : undefined;
}

function wordAt(cursor: Cursor, code: number): Tree | undefined {
  return code === DOUBLE_QUOTE || code === SINGLE_QUOTE ? quotedScalar(cursor) : aliasAt(cursor);
}

function plainValue(cursor: Cursor, parent: number): Tree | undefined {
  const stop = plainStop(cursor, cursor.at);
  // A key on the line of another.
  if (stop === -1 || codeAt(cursor, stop) === COLON) return undefined;
  const value = plainScalar(cursor, trimmedEnd(cursor, stop));
  if (!endLine(cursor)) return undefined;
  return cursor.column > parent && parent !== END ? continued(cursor, value, parent) : value;
}
