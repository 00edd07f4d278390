import {
  BACKSLASH,
  codeAt,
  COLON,
  CR,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  endLine,
  HASH,
  isBlank,
  LF,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from "./cursor.ts";
import { plainValue } from "./plain.ts";
import type { Scalar, Style } from "./tree.ts";

// What means something else at the start of a word, or may.
const NO_START = new Set("!\"#%&'*,:>?@[]`{|} \t\r\n\u{FEFF}");

/** Whether unquoted text may start at an offset. Denies also what may, and is rare. */
export function startsPlain(cursor: Cursor, at: number): boolean {
  const code = codeAt(cursor, at);
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 47 && code <= 57)) return true;
  if (code === DASH) return !isBlank(codeAt(cursor, at + 1));
  return code !== -1 && !NO_START.has(cursor.text.charAt(at));
}

/** The first offset after unquoted text in a block that could still belong to it: the colon of a key, a comment's blank, or the line's end; -1 on a tab. */
export function plainStop(cursor: Cursor, from: number): number {
  const { text, length } = cursor;
  for (let at = from; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > COLON) continue;
    if (code === COLON ? isBlank(codeAt(cursor, at + 1)) : code === LF || code === CR) return at;
    if (code === TAB) return -1;
    if (code === SPACE && codeAt(cursor, at + 1) === HASH) return at;
  }
  return length;
}

/** The end of the text before `stop`, without the blanks. */
export function trimmedEnd({ text }: Cursor, stop: number): number {
  let end = stop;
  while (text.charCodeAt(end - 1) === SPACE) end -= 1;
  return end;
}

/** Unquoted text from the cursor to `end`, where the cursor stands then. */
export function plainScalar(cursor: Cursor, end: number): Scalar {
  const start = cursor.at;
  const source = cursor.text.slice(start, end);
  cursor.at = end;
  return { kind: "scalar", start, end, oddity: undefined, style: "plain", value: plainValue(source), source };
}

/** Unquoted text that goes on over lines deeper than the column `parent`, the second of which starts at the cursor; the cursor stands at the next content then. */
export function continued(cursor: Cursor, first: Scalar, parent: number): Scalar | undefined {
  const { text } = cursor;
  let { end, source } = first;
  do {
    const breaks = breaksBetween(text, end, cursor.at);
    const stop = startsPlain(cursor, cursor.at) ? plainStop(cursor, cursor.at) : -1;
    if (breaks === -1 || stop === -1 || codeAt(cursor, stop) === COLON) return undefined;
    end = trimmedEnd(cursor, stop);
    source += (breaks === 1 ? " " : "\n".repeat(breaks - 1)) + text.slice(cursor.at, end);
    cursor.at = end;
    if (!endLine(cursor)) return undefined;
  } while (cursor.column > parent);
  return { ...first, end, value: source, source };
}

// How many line breaks a part of the text holds; -1 where it holds a comment as well.
function breaksBetween(text: string, start: number, end: number): number {
  let breaks = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === HASH) return -1;
    if (code === LF) breaks += 1;
  }
  return breaks;
}

/** Text in quotes on one line, after which the cursor stands then. */
export function quotedScalar(cursor: Cursor): Scalar | undefined {
  const start = cursor.at;
  const value = quotedText(cursor);
  if (value === undefined) return undefined;
  const style: Style = cursor.text.charCodeAt(start) === SINGLE_QUOTE ? "single" : "double";
  return { kind: "scalar", start, end: cursor.at, oddity: undefined, style, value, source: value };
}

/** What quotes hold on one line, after which the cursor stands then. */
export function quotedText(cursor: Cursor): string | undefined {
  return codeAt(cursor, cursor.at) === SINGLE_QUOTE ? singleQuoted(cursor) : doubleQuoted(cursor);
}

function singleQuoted(cursor: Cursor): string | undefined {
  const { text, length, at: start } = cursor;
  let doubled = false;
  for (let at = start + 1; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF) return undefined;
    if (code !== SINGLE_QUOTE) continue;
    if (codeAt(cursor, at + 1) !== SINGLE_QUOTE) {
      cursor.at = at + 1;
      const written = text.slice(start + 1, at);
      return doubled ? written.replaceAll("''", "'") : written;
    }
    doubled = true;
    at += 1;
  }
  return undefined;
}

function doubleQuoted(cursor: Cursor): string | undefined {
  const { text, length, at: start } = cursor;
  let escaped = false;
  for (let at = start + 1; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) {
      cursor.at = at + 1;
      const written = text.slice(start + 1, at);
      return escaped ? unescaped(written) : written;
    }
    if (code === LF) return undefined;
    if (code === BACKSLASH) {
      escaped = true;
      at += 1;
      if (codeAt(cursor, at) === LF || codeAt(cursor, at) === CR) return undefined;
    }
  }
  return undefined;
}

// The escapes of YAML 1.2, section 5.7, but for those of eight digits.
const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[\s\S])/g;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["a", "\u0007"],
  ["b", "\b"],
  ["e", "\u001B"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["N", "\u0085"],
  ["_", "\u00A0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
  [" ", " "],
  ['"', '"'],
  ["/", "/"],
  ["\\", "\\"],
  ["\t", "\t"],
]);

function unescaped(written: string): string | undefined {
  let known = true;
  const text = written.replace(ESCAPE, (escape) => {
    if (escape.length > 2) return String.fromCodePoint(Number.parseInt(escape.slice(2), 16));
    const meant = ESCAPES.get(escape.charAt(1));
    known &&= meant !== undefined;
    return meant ?? "";
  });
  return known ? text : undefined;
}
