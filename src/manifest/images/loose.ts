import type { Entry, Scalar, Tree } from "../../yaml/tree.ts";

/**
 * The documents of a text that is almost YAML, such as a Go template or a script with YAML in it: its lines `key: value` and
 * `- item` by their indentation. What a line does not say plainly is passed over, keys may repeat, and nothing is refused.
 */
export function looseDocuments(text: string): readonly Tree[] {
  const documents: Outline[] = [];
  let outline: Outline = { root: [], open: [] };
  const lines = linesOf(text);
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    if (line === undefined) break;
    if (/^---(?:\s|$)/.test(line.text)) {
      documents.push(outline);
      outline = { root: [], open: [] };
      index += 1;
    } else {
      index = addLine(outline, lines, index);
    }
  }
  return [...documents, outline].flatMap(({ root }) => root);
}

/** A line's text without its indentation, and where that begins. */
type Line = { readonly text: string; readonly start: number; readonly indent: number };

type Open =
  | { readonly kind: "map"; readonly indent: number; readonly entries: Entry[] }
  | { readonly kind: "list"; readonly indent: number; readonly items: Tree[] };

/** A document while its lines are added: what is open, the innermost last. */
type Outline = { readonly root: Tree[]; readonly open: Open[] };

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length;) {
    const stop = text.indexOf("\n", start);
    const end = stop === -1 ? text.length : stop;
    const line = text.slice(start, end);
    const content = line.trimStart();
    const indent = line.length - content.length;
    lines.push({ text: content.trimEnd(), start: start + indent, indent });
    start = end + 1;
  }
  return lines;
}

/** Adds the line at an index, and whatever lines belong to its value; gives the index of the next one. */
function addLine(outline: Outline, lines: readonly Line[], index: number): number {
  const line = lines[index];
  if (line === undefined || line.text === "" || line.text.startsWith("#")) return index + 1;
  if (line.text.startsWith("{{") || line.text.startsWith("{%")) {
    const after = withoutAction(line);
    if (after === undefined) return endOfAction(lines, index);
    if (after.text === "") return index + 1;
    return addContent(outline, lines, index, after);
  }
  return addContent(outline, lines, index, line);
}

// What stands on the line behind an action of the template: `{{ if .x }}image: app:1{{ end }}`.
function withoutAction(line: Line): Line | undefined {
  const closing = line.text.startsWith("{%") ? "%}" : "}}";
  const end = line.text.indexOf(closing);
  if (end === -1) return undefined;
  const rest = line.text.slice(end + 2);
  const content = rest.trimStart();
  const after = { ...line, text: content, start: line.start + line.text.length - content.length };
  return content.startsWith("{{") ? withoutAction(after) : after;
}

// An action goes over few lines; one that never ends takes no others with it.
const LONGEST_ACTION = 50;

function endOfAction(lines: readonly Line[], index: number): number {
  const stop = Math.min(lines.length, index + LONGEST_ACTION);
  for (let next = index + 1; next < stop; next += 1) {
    if (/\}\}|%\}/.test(lines[next]?.text ?? "")) return next + 1;
  }
  return index + 1;
}

function addContent(outline: Outline, lines: readonly Line[], index: number, line: Line): number {
  const dash = /^-(?:[ \t]+|$)/.exec(line.text)?.[0];
  if (dash !== undefined) {
    openList(outline, line.indent);
    const rest: Line = {
      text: line.text.slice(dash.length),
      start: line.start + dash.length,
      indent: line.indent + dash.length,
    };
    if (rest.text === "" || rest.text.startsWith("#")) return index + 1;
    return addContent(outline, lines, index, rest);
  }
  const pair = pairOf(line);
  if (pair === undefined) return addItem(outline, line, index);
  openMap(outline, line.indent);
  const top = outline.open.at(-1);
  const [value, next] = valueAt(lines, index, { ...line, text: pair.rest, start: line.start + pair.at });
  if (top?.kind === "map") top.entries.push({ key: pair.key, start: line.start, value });
  return next;
}

// A line without a key is an item of the list that is open, or nothing that can be read.
function addItem({ open }: Outline, line: Line, index: number): number {
  const top = open.at(-1);
  if (top?.kind === "list" && top.indent < line.indent) top.items.push(scalarAt(line.text, line.start));
  return index + 1;
}

type Pair = { readonly key: string; readonly rest: string; readonly at: number };

function pairOf({ text }: Line): Pair | undefined {
  const colon = colonIn(text);
  if (colon === -1) return undefined;
  const key = text
    .slice(0, colon)
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
  if (key === "" || key.length > 200 || (/\s/.test(key) && !key.includes("{{"))) return undefined;
  const rest = text.slice(colon + 1);
  const value = rest.trimStart();
  return { key, rest: value, at: colon + 1 + rest.length - value.length };
}

function colonIn(text: string): number {
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) {
    if (at + 1 === text.length || text[at + 1] === " " || text[at + 1] === "\t") return at;
  }
  return -1;
}

function openList(outline: Outline, indent: number): void {
  const { open } = outline;
  while (isPast(open.at(-1), indent, "list")) open.pop();
  const top = open.at(-1);
  if (top?.kind === "list" && top.indent === indent) return;
  const items: Tree[] = [];
  attach(outline, { kind: "list", ...spot, isFlow: false, items });
  open.push({ kind: "list", indent, items });
}

function openMap(outline: Outline, indent: number): void {
  const { open } = outline;
  while (isPast(open.at(-1), indent, "map")) open.pop();
  const top = open.at(-1);
  if (top?.kind === "map" && top.indent === indent) return;
  const entries: Entry[] = [];
  attach(outline, { kind: "map", ...spot, isFlow: false, entries });
  open.push({ kind: "map", indent, entries });
}

// A list may stand at the indentation of the key that it belongs to.
function isPast(top: Open | undefined, indent: number, kind: Open["kind"]): boolean {
  if (top === undefined) return false;
  return top.indent > indent || (top.indent === indent && top.kind === "list" && kind === "map");
}

const spot = { start: 0, end: 0, oddity: undefined } as const;

function attach({ root, open }: Outline, node: Tree): void {
  const top = open.at(-1);
  if (top === undefined) root.push(node);
  else if (top.kind === "list") top.items.push(node);
  else {
    const last = top.entries.at(-1);
    if (last !== undefined && isNothing(last.value)) top.entries[top.entries.length - 1] = { ...last, value: node };
    else top.entries.push({ key: "", start: 0, value: node });
  }
}

function isNothing(node: Tree): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The value that begins on a line, and the index of the first line behind it. */
function valueAt(lines: readonly Line[], index: number, line: Line): readonly [Tree, number] {
  if (/^[|>][-+0-9]{0,2}(?:\s|$)/.test(line.text)) return blockAt(lines, index, line);
  return [scalarAt(line.text, line.start), index + 1];
}

function blockAt(lines: readonly Line[], index: number, line: Line): readonly [Tree, number] {
  const held: string[] = [];
  let next = index + 1;
  let end = line.start + line.text.length;
  for (; next < lines.length; next += 1) {
    const inner = lines[next];
    if (inner === undefined || (inner.text !== "" && inner.indent <= line.indent)) break;
    if (inner.text !== "") end = inner.start + inner.text.length;
    held.push(inner.text);
  }
  const value = held.join("\n");
  return [{ kind: "scalar", start: line.start, end, oddity: undefined, style: "block", value, source: value }, next];
}

const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')\s*,?\s*(?:#.*)?$/;

function scalarAt(written: string, at: number): Tree {
  const anchor = /^&[\w-]+\s+/.exec(written)?.[0].length ?? 0;
  const [text, start] = [written.slice(anchor), at + anchor];
  const alias = /^\*([\w-]+)/.exec(text)?.[1];
  if (alias !== undefined)
    return { kind: "alias", start, end: start + alias.length + 1, oddity: undefined, name: alias };
  return quotedAt(text, start) ?? plainAt(text, start);
}

function quotedAt(text: string, start: number): Scalar | undefined {
  const quoted = QUOTED.exec(text);
  const value = quoted?.[1] ?? quoted?.[2];
  if (value === undefined) return undefined;
  const style = quoted?.[1] === undefined ? "single" : "double";
  return { kind: "scalar", start, end: start + value.length + 2, oddity: undefined, style, value, source: value };
}

// What opens a collection over several lines says nothing yet.
function plainAt(text: string, start: number): Scalar {
  const comment = text.search(/(?:^|\s)#/);
  const plain = (comment === -1 ? text : text.slice(0, comment)).trimEnd().replace(/,$/, "");
  const isOpen = plain === "" || plain === "{" || plain === "[";
  const end = isOpen ? start : start + plain.length;
  return {
    kind: "scalar",
    start,
    end,
    oddity: undefined,
    style: "plain",
    value: isOpen ? null : plain,
    source: isOpen ? "" : plain,
  };
}
