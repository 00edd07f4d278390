import { actionsOf } from "./actions.ts";
import type { Range } from "./ranges.ts";

/** A text whose template actions are masked: as long as the original, and which parts of it are not the file's own words. */
export type Masked = { readonly text: string; readonly masks: readonly Range[] };

/**
 * The text with every action `{{ … }}` of Go's templates replaced at equal length, so that what remains reads as YAML at the same
 * offsets: blanks on a line that holds nothing else, letters within a value or a key.
 */
export function maskTemplates(text: string): Masked {
  const masks = actionsOf(text);
  if (masks.length === 0) return { text, masks };
  const lines = linesOf(text, masks);
  const indents = indentsBelow(lines);
  const masked: string[] = [];
  let block: Block | undefined;
  for (const [index, line] of lines.entries()) {
    const below = indents[index] ?? 0;
    if (block !== undefined && isAfter(block, line, below)) block = undefined;
    masked.push(line.kind === "actions" ? filled(line, block) : line.masked);
    if (block === undefined && line.kind === "text") block = blockBelow(line.masked, below);
  }
  return { text: masked.join("\n"), masks };
}

/** Whether text still waits for its value: `{{ … }}`, `${…}`, `$(…)`, `$NAME`, `<name>` or `%name%`. */
export function isTemplated(text: string): boolean {
  return /\{\{|\{%|\$\{|\$\(|\$[A-Za-z_]|<[A-Za-z_][\w .-]{0,99}>|%[A-Za-z_]\w{0,99}%/.test(text);
}

/** A line without its break. `masked` holds letters for actions; `indent` is the column of the first character. */
type Line = { readonly kind: "text" | "actions" | "blank"; readonly masked: string; readonly indent: number };

function linesOf(text: string, masks: readonly Range[]): readonly Line[] {
  const lines: Line[] = [];
  let next = 0;
  for (let start = 0; start <= text.length;) {
    const stop = text.indexOf("\n", start);
    const end = stop === -1 ? text.length : stop;
    const first = next;
    while ((masks[next]?.end ?? Number.POSITIVE_INFINITY) <= end) next += 1;
    lines.push(lineOf(text.slice(start, end), start, masks.slice(first, next + 1)));
    start = end + 1;
  }
  return lines;
}

function lineOf(written: string, start: number, masks: readonly Range[]): Line {
  const indent = written.search(/\S/);
  if (indent === -1) return { kind: "blank", masked: written, indent: 0 };
  let masked = "";
  let rest = "";
  for (const mask of masks) {
    const from = Math.min(Math.max(mask.start - start, masked.length), written.length);
    const to = Math.min(Math.max(mask.end - start, from), written.length);
    rest += written.slice(masked.length, from);
    masked += written.slice(masked.length, from) + "x".repeat(to - from);
  }
  rest += written.slice(masked.length);
  // An action over several lines leaves their indentation.
  masked = written.slice(0, indent) + `${masked}${written.slice(masked.length)}`.slice(indent);
  if (masked === written) return { kind: "text", masked, indent };
  return { kind: /^\s*(?:#.*)?$/.test(rest) ? "actions" : "text", masked, indent };
}

// The indentation of the next line with the file's own words; -1 where there is none.
function indentsBelow(lines: readonly Line[]): readonly number[] {
  const indents: number[] = [];
  let below = -1;
  for (const { kind, indent } of lines.toReversed()) {
    indents.push(below);
    if (kind === "text") below = indent;
  }
  return indents.toReversed();
}

/** A block of text: the column of what holds it, and of its own lines. */
type Block = { readonly parent: number; readonly indent: number };

const HEADER = /\s[|>][-+\d]{0,2}[ \t\r]*(?:#.*)?$/;

function blockBelow(masked: string, below: number): Block | undefined {
  const header = HEADER.exec(masked)?.index;
  if (header === undefined) return undefined;
  const before = withoutProperty(masked.slice(0, header).trimEnd());
  if (!before.endsWith(":") && !before.endsWith("-")) return undefined;
  const parent = parentColumn(before);
  return { parent, indent: below > parent ? below : parent + 1 };
}

// An anchor or a tag may stand between a key and its block.
function withoutProperty(before: string): string {
  const word = before.slice(before.lastIndexOf(" ") + 1);
  return word.startsWith("&") || word.startsWith("!") ? before.slice(0, -word.length).trimEnd() : before;
}

// The column of the line's key, or of its last dash where it has no key.
function parentColumn(before: string): number {
  let column = before.search(/\S/);
  for (;;) {
    if (before.charAt(column) !== "-" || column === before.length - 1) return column;
    const next = column + 1 + before.slice(column + 1).search(/\S/);
    if (next === column + 1) return column;
    column = next;
  }
}

function isAfter({ parent }: Block, { kind, indent }: Line, below: number): boolean {
  if (kind === "blank") return false;
  return kind === "text" ? indent <= parent : below <= parent && indent <= parent;
}

// Within a block of text an action is text, at the block's own indentation; elsewhere it is not there.
function filled({ masked, indent }: Line, block: Block | undefined): string {
  const end = masked.endsWith("\r") ? masked.length - 1 : masked.length;
  const column = block === undefined ? end : Math.min(Math.max(indent, block.indent), end);
  return " ".repeat(column) + "x".repeat(end - column) + masked.slice(end);
}
