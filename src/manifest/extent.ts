import type { Range } from "../yaml/ranges.ts";
import type { TextFile } from "../yaml/refusal.ts";
import type { Entry, List, Mapping, Tree } from "../yaml/tree.ts";
import { lineEnd, lineStart } from "./edit.ts";

const BYTE_ORDER_MARK = "\u{FEFF}";

/** The lines of an entry: from the line of its key to its last value, with the comments that follow and are indented deeper than the key. */
export function blockOf(file: TextFile, { start, key, value }: Entry): Range {
  const end = lineEnd(file, lastOfEntry(file, { start, key, value }));
  return { start: lineStart(file, start), end: withDeeperComments(file, end, columnOf(file, start)) };
}

/** The lines of an item of a block list, from the line of its dash. */
export function itemOf(file: TextFile, list: List, index: number): Range & { readonly dash: number } {
  const item = list.items[index] ?? list;
  const dash = dashBefore(file, list, item);
  const end = lineEnd(file, Math.max(dash, lastOffset(file, item)));
  return { dash, start: lineStart(file, dash), end: withDeeperComments(file, end, columnOf(file, dash)) };
}

/** Where the comments begin that stand on the lines right above a line, in its column: they are about what it says. */
export function withCommentsAbove(file: TextFile, start: number, column: number): number {
  let first = start;
  while (first > 0) {
    const above = lineStart(file, first - 1);
    const line = file.text.slice(above, first);
    if (line.search(/\S/) !== column || line[column] !== "#") break;
    first = above;
  }
  return first;
}

/** How many characters stand before an offset in its line; a byte order mark counts as none. */
export function columnOf(file: TextFile, offset: number): number {
  const start = lineStart(file, offset);
  return offset - start - (file.text[start] === BYTE_ORDER_MARK ? 1 : 0);
}

/** Whether there are only blanks before an offset in its line. */
export function isFirstInLine(file: TextFile, offset: number): boolean {
  return file.text.slice(lineStart(file, offset), offset).trim() === "";
}

function dashBefore(file: TextFile, list: List, item: Tree): number {
  const column = columnOf(file, list.start);
  for (let line = lineStart(file, item.start); line > list.start; line = lineStart(file, line - 1)) {
    if (file.text[line + column] === "-" && line + column <= item.start) return line + column;
  }
  return list.start;
}

// A block of text owns the break of its last line, and, where it keeps them, the blank lines after it.
function lastOffset(file: TextFile, tree: Tree): number {
  if (tree.kind === "map" && !tree.isFlow) return Math.max(...tree.entries.map((entry) => lastOfEntry(file, entry)));
  if (tree.kind === "list" && !tree.isFlow) return Math.max(...tree.items.map((item) => lastOffset(file, item)));
  if (tree.kind !== "scalar" || tree.style !== "block") return tree.end;
  const written = file.text.slice(tree.start, tree.end);
  const keepsBlankLines = written.slice(0, written.indexOf("\n")).includes("+");
  return tree.start + written.replace(keepsBlankLines ? /\r?\n$/ : /\s+$/, "").length;
}

function lastOfEntry(file: TextFile, { start, key, value }: Entry): number {
  const isNothing = value.kind === "scalar" && value.value === null;
  return Math.max(start, isNothing ? Math.max(start + key.length, value.end) : lastOffset(file, value));
}

function withDeeperComments(file: TextFile, end: number, column: number): number {
  const rest = file.text.slice(end);
  const deeper = new RegExp(`^(?:(?:\\r?\\n[ \\t]*)*\\r?\\n {${column + 1},}#[^\\r\\n]*)+`);
  return end + (deeper.exec(rest)?.[0].length ?? 0);
}

/** The parts of a collection in braces or brackets, commas not included. */
export function flowParts(node: Mapping | List): readonly Range[] {
  if (node.kind === "list") return node.items.map(({ start, end }) => ({ start, end }));
  return node.entries.map(({ start, key, value }) => ({
    start,
    end: value.kind === "scalar" && value.value === null ? Math.max(start + key.length, value.end) : value.end,
  }));
}
