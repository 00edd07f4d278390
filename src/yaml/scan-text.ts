import { afterSpaces, BAR, codeAt, CR, type Cursor, DASH, LF, lineAfter, PLUS, startLine, TAB } from "./cursor.ts";
import type { Scalar } from "./tree.ts";

type Header = { readonly isLiteral: boolean; readonly chomp: number; readonly digit: number; readonly end: number };

/** The lines of a block of text. `blanks` counts the line breaks from the end of the last line with content on; `next` is the first line after the block. */
type Body = { value: string; end: number; next: number; blanks: number };

/** A block of text whose header is at the cursor, below a collection of a column; the cursor stands at the next content then. */
export function blockText(cursor: Cursor, column: number): Scalar | undefined {
  const start = cursor.at;
  const header = headerAt(cursor, start);
  if (header === undefined) return undefined;
  const first = firstLine(cursor, header.end);
  const indent = first === undefined ? 0 : header.digit === 0 ? first.indent : column + header.digit;
  if (first === undefined || indent <= column || first.indent < indent || first.widest > indent) return undefined;
  const body = header.isLiteral ? literal(cursor, first, indent) : folded(cursor, first, indent);
  if (body === undefined) return undefined;
  cursor.at = body.next;
  if (!startLine(cursor)) return undefined;
  const value = chomped(header, first.leading, body);
  const end = header.chomp === PLUS ? body.next : body.end;
  return { kind: "scalar", start, end, oddity: undefined, style: "block", value, source: value };
}

function headerAt(cursor: Cursor, start: number): Header | undefined {
  let chomp = 0;
  let digit = 0;
  let at = start + 1;
  for (; ; at += 1) {
    const code = codeAt(cursor, at);
    if ((code === PLUS || code === DASH) && chomp === 0) chomp = code;
    else if (code > 48 && code <= 57 && digit === 0) digit = code - 48;
    else break;
  }
  const end = lineAfter(cursor, at);
  return end === -1 ? undefined : { isLiteral: codeAt(cursor, start) === BAR, chomp, digit, end };
}

/** The first line with content: `leading` blank lines come before it, the widest of them `widest` blanks wide. */
type First = { readonly at: number; readonly indent: number; readonly leading: number; readonly widest: number };

function firstLine(cursor: Cursor, from: number): First | undefined {
  let widest = 0;
  let leading = 0;
  for (let line = from; ; leading += 1) {
    const at = afterSpaces(cursor, line);
    const next = lineBreak(cursor, at);
    if (codeAt(cursor, at) === -1) return undefined;
    if (next === -1) return { at: line, indent: at - line, leading, widest };
    widest = Math.max(widest, at - line);
    line = next;
  }
}

/** The offset after a line break; -1 where there is none. */
function lineBreak(cursor: Cursor, at: number): number {
  const code = codeAt(cursor, at);
  if (code === LF) return at + 1;
  return code === CR && codeAt(cursor, at + 1) === LF ? at + 2 : -1;
}

function literal(cursor: Cursor, first: First, indent: number): Body | undefined {
  const body: Body = { value: "", end: first.at, next: first.at, blanks: 0 };
  for (let line = first.at; line < cursor.length; line = body.next) {
    const at = afterSpaces(cursor, line);
    const next = lineBreak(cursor, at);
    if (next === -1 && at - line < indent) return codeAt(cursor, at) === TAB ? undefined : body;
    const isEmpty = next !== -1 || at === cursor.length;
    if (isEmpty && at - line > indent) {
      // Blanks further right than the block's own indentation are content, if any content follows.
      if (!continues(cursor, next, indent)) return undefined;
    } else if (isEmpty) {
      skipBlank(cursor, body, next);
      continue;
    }
    addLine(cursor, body, "\n".repeat(body.blanks), line + indent);
  }
  return body;
}

function folded(cursor: Cursor, first: First, indent: number): Body | undefined {
  const body: Body = { value: "", end: first.at, next: first.at, blanks: 0 };
  let fold: Fold = "start";
  for (let line = first.at; line < cursor.length; line = body.next) {
    const at = afterSpaces(cursor, line);
    const next = lineBreak(cursor, at);
    if (next === -1 && at - line < indent) return codeAt(cursor, at) === TAB ? undefined : body;
    const isEmpty = next !== -1 || at === cursor.length;
    if (isEmpty && at - line > indent) return undefined;
    if (isEmpty) {
      skipBlank(cursor, body, next);
      continue;
    }
    const now: Fold = at - line > indent || codeAt(cursor, at) === TAB ? "deeper" : "text";
    addLine(cursor, body, foldBefore(fold, now, body.blanks), line + indent);
    fold = now;
  }
  return body;
}

/** What a line of folded text is. The breaks around lines that are indented deeper are not folded. */
type Fold = "start" | "text" | "deeper";

function foldBefore(before: Fold, now: Fold, breaks: number): string {
  if (before === "start") return "";
  if (before === "text" && now === "text") return breaks === 1 ? " " : "\n".repeat(breaks - 1);
  return "\n".repeat(breaks);
}

function skipBlank(cursor: Cursor, body: Body, next: number): void {
  body.blanks += next === -1 ? 0 : 1;
  body.next = next === -1 ? cursor.length : next;
}

function addLine({ text, length }: Cursor, body: Body, before: string, start: number): void {
  const stop = text.indexOf("\n", start);
  const end = stop === -1 ? length : stop;
  const written = text.slice(start, text.charCodeAt(end - 1) === CR && stop !== -1 ? end - 1 : end);
  body.value += before + written;
  body.blanks = stop === -1 ? 0 : 1;
  body.end = stop === -1 ? length : stop + 1;
  body.next = body.end;
}

// Whether a line with content, and no blank one, comes next in the block.
function continues(cursor: Cursor, line: number, indent: number): boolean {
  if (line === -1) return false;
  const at = afterSpaces(cursor, line);
  return at - line >= indent && at < cursor.length && lineBreak(cursor, at) === -1;
}

function chomped({ chomp }: Header, leading: number, { value, blanks }: Body): string {
  const text = leading === 0 ? value : "\n".repeat(leading) + value;
  if (chomp === DASH) return text;
  return text + (chomp === PLUS ? "\n".repeat(Math.max(1, blanks)) : "\n");
}
