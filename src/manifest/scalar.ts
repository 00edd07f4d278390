import { isPlainText } from "../yaml/canonical.ts";
import { look, lookMapping, lookScalar, pathText, type YamlPath } from "../yaml/look.ts";
import { quote, refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { Entry, Mapping, Scalar } from "../yaml/tree.ts";
import { lineBreakAt, lineEnd, lineStart, type Draft, type Splice } from "./edit.ts";
import { saying } from "./intent.ts";

/** A scalar of one document of a file, and what it should be. */
export type Setting = {
  readonly document: number;
  readonly path: YamlPath;
  readonly value: string | number | boolean;
};

/** The draft with one present scalar set, in the style it has there; the same draft where it says so already. Refused where there is none. */
export function set(source: Source, draft: Draft, setting: Setting): Draft {
  const { document, path, value } = setting;
  const tree = source.documents[document];
  const node = tree === undefined ? undefined : lookScalar(source, tree, path);
  if (node === undefined) return refuse(source, tree?.start ?? 0, "nothing", `${pathText(path)} is missing`);
  if (node.value === value) return draft;
  return drafted(draft, replacement(source, node, value), setting);
}

/** Where a missing key goes: on a line of its own before the first key, or after the last of some keys whose values are scalars. */
export type Slot = { readonly kind: "first" } | { readonly kind: "after"; readonly keys: readonly string[] };

/** The draft with a scalar set, and added to its mapping, in its style, where the key is missing. */
export function put(source: Source, draft: Draft, setting: Setting, slot: Slot): Draft {
  const { document, path, value } = setting;
  const tree = source.documents[document];
  if (tree !== undefined && look(source, tree, path) !== undefined) return set(source, draft, setting);
  const mapping = tree === undefined ? undefined : lookMapping(source, tree, path.slice(0, -1));
  if (mapping === undefined) return refuse(source, tree?.start ?? 0, "nothing", `${pathText(path)} has no place`);
  return drafted(draft, addition(source, mapping, `${path.at(-1)}: ${value}`, slot), setting);
}

function drafted({ splices, intents }: Draft, splice: Splice, { document, path, value }: Setting): Draft {
  const intent = { kind: "value", path: [document, ...path], says: saying(value) } as const;
  return { splices: [...splices, splice], intents: [...intents, intent] };
}

function replacement(source: Source, node: Scalar, value: Setting["value"]): Splice {
  const { start, end, style } = node;
  if (typeof value !== "string" && style !== "plain") {
    return refuse(source, start, quote(source.text.slice(start, end)), `a ${typeof value} has no quotes`);
  }
  if (start === end) return refuse(source, start, "nothing", "there must be a value to replace");
  if (style === "block") return inBlock(source, node, String(value));
  return { start, end, text: typeof value === "string" ? written(value, style) : String(value) };
}

function written(value: string, style: Scalar["style"]): string {
  if (style === "plain" && isPlainText(value)) return value;
  return style === "single" ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

// The header and the indentation stay: only the one line of content is another.
function inBlock(source: Source, { start, end, value }: Scalar, next: string): Splice {
  const content = String(value).trim();
  const at = source.text.indexOf(content, lineEnd(source, start));
  if (content === "" || /[\r\n]/.test(content) || at === -1 || at >= end) {
    return refuse(source, start, "a block of several lines", "a value to replace stands on one line");
  }
  return { start: at, end: at + content.length, text: next };
}

function addition(source: Source, mapping: Mapping, pair: string, slot: Slot): Splice {
  const entry = slot.kind === "first" ? mapping.entries[0] : lastOf(mapping, slot.keys);
  if (entry === undefined) return refuse(source, mapping.start, "a mapping without its keys", `"${pair}" has no place`);
  return slot.kind === "first" ? before(source, mapping, entry, pair) : after(source, mapping, entry, pair);
}

function lastOf({ entries }: Mapping, keys: readonly string[]): Entry | undefined {
  return entries.findLast(({ key, value }) => keys.includes(key) && value.kind === "scalar" && value.style !== "block");
}

function before(source: Source, { isFlow }: Mapping, { start }: Entry, pair: string): Splice {
  if (isFlow) return { start, end: start, text: `${pair}, ` };
  const indent = " ".repeat(start - lineStart(source, start));
  return { start, end: start, text: `${pair}${lineBreakAt(source.text, start)}${indent}` };
}

function after(source: Source, { isFlow }: Mapping, { start, value }: Entry, pair: string): Splice {
  if (isFlow) return { start: value.end, end: value.end, text: `, ${pair}` };
  const indent = " ".repeat(start - lineStart(source, start));
  const end = lineEnd(source, value.end);
  return { start: end, end, text: `${lineBreakAt(source.text, end)}${indent}${pair}` };
}
