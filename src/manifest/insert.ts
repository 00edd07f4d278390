import { entryAt, lookList, lookMapping, pathText, type YamlPath } from "../yaml/look.ts";
import { refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { List, Mapping, Tree } from "../yaml/tree.ts";
import { canonicalData, flowPair, flowText, itemLines, pairLines, type Data } from "./data.ts";
import { lineBreakAt, lineEnd, type Draft, type Splice } from "./edit.ts";
import { blockOf, columnOf, flowParts, isFirstInLine, itemOf, withCommentsAbove } from "./extent.ts";
import { lookOf } from "./look-of.ts";

/** A collection of one document of a file. */
export type At = { readonly document: number; readonly path: YamlPath };

/** Where a new key goes: before all others, behind the last of some keys that is there, or behind all. */
export type KeySlot =
  | { readonly kind: "first" | "last" }
  | { readonly kind: "after"; readonly keys: readonly string[] };

/** The draft with a key added to a mapping, written as its neighbours are. Refused where there is no mapping, or the key is there. */
export function insertKey(
  source: Source,
  draft: Draft,
  at: At,
  { key, value, slot }: { readonly key: string; readonly value: Data; readonly slot: KeySlot },
): Draft {
  const root = rootOf(source, at);
  const mapping = lookMapping(source, root, at.path);
  if (mapping === undefined) return refuse(source, root, "nothing", `${pathText(at.path)} has no place`);
  const present = entryAt(mapping, key);
  if (present !== undefined) return refuse(source, present, `the key ${key}`, "what is added is not there yet");
  const look = lookOf(source, mapping, root);
  const index = positionIn(mapping, slot);
  const splice = mapping.isFlow
    ? intoFlow(source, mapping, index, flowPair(key, value, look))
    : intoMapping(source, mapping, index, pairLines(key, value, look));
  const intent = { kind: "value", path: [at.document, ...at.path, key], says: canonicalData(value) } as const;
  return { splices: [...draft.splices, splice], intents: [...draft.intents, intent] };
}

/** The draft with an item added to a list before the one at a position, or at the end, written as its neighbours are. Refused where there is no list. */
export function insertItem(
  source: Source,
  draft: Draft,
  at: At,
  { item, position }: { readonly item: Data; readonly position?: number },
): Draft {
  const root = rootOf(source, at);
  const list = lookList(source, root, at.path);
  if (list === undefined) return refuse(source, root, "nothing", `${pathText(at.path)} has no place`);
  const index = Math.min(position ?? list.items.length, list.items.length);
  const look = lookOf(source, list, root);
  const splice = list.isFlow
    ? intoFlow(source, list, index, flowText(item, look))
    : intoList(source, list, index, itemLines(item, look));
  const intent = { kind: "item", path: [at.document, ...at.path, index], says: canonicalData(item) } as const;
  return { splices: [...draft.splices, splice], intents: [...draft.intents, intent] };
}

function rootOf({ documents, ...file }: Source, { document }: At): Tree {
  return documents[document] ?? refuse(file, 0, "no such document", "an edit is made in a document of the file");
}

function positionIn({ entries }: Mapping, slot: KeySlot): number {
  if (slot.kind === "first") return 0;
  const beside = slot.kind === "after" ? slot.keys : [];
  const last = entries.findLastIndex(({ key }) => beside.includes(key));
  return last === -1 ? entries.length : last + 1;
}

function intoMapping(source: Source, { entries }: Mapping, index: number, lines: readonly string[]): Splice {
  const [first, before] = [entries[0], entries[index - 1]];
  if (first === undefined) return refuse(source, 0, "a mapping without keys", "a key is added beside others");
  const indent = " ".repeat(columnOf(source, first.start));
  if (before === undefined) return inFront(source, first.start, lines);
  return behind(source, blockOf(source, before).end, lines, indent);
}

function intoList(source: Source, list: List, index: number, lines: readonly string[]): Splice {
  const indent = " ".repeat(columnOf(source, list.start));
  const gap = isSpaced(source, list) ? [""] : [];
  if (index === 0) return inFront(source, itemOf(source, list, 0).dash, [...lines, ...gap]);
  return behind(source, itemOf(source, list, index - 1).end, [...gap, ...lines], indent);
}

// Comments right above the first one are about it, and stay with it.
function inFront(source: Source, start: number, lines: readonly string[]): Splice {
  const column = columnOf(source, start);
  const [indent, line] = [" ".repeat(column), lineBreakAt(source.text, start)];
  if (!isFirstInLine(source, start)) {
    const [first = "", ...others] = lines;
    const text = [first, ...others.map((each) => indented(each, indent)), indent].join(line);
    return { start, end: start, text };
  }
  const at = withCommentsAbove(source, start - column, column);
  return { start: at, end: at, text: lines.map((each) => `${indented(each, indent)}${line}`).join("") };
}

function behind(source: Source, end: number, lines: readonly string[], indent: string): Splice {
  const line = lineBreakAt(source.text, end);
  return { start: end, end, text: lines.map((each) => `${line}${indented(each, indent)}`).join("") };
}

function indented(line: string, indent: string): string {
  return line === "" ? "" : `${indent}${line}`;
}

// Whether a blank line stands between all items.
function isSpaced(source: Source, list: List): boolean {
  const pairs = list.items
    .slice(1)
    .map((_, index) => [itemOf(source, list, index), itemOf(source, list, index + 1)] as const);
  return pairs.length > 0 && pairs.every(([one, next]) => /\n[ \t]*\r?\n/.test(source.text.slice(one.end, next.dash)));
}

function intoFlow(source: Source, node: Mapping | List, index: number, piece: string): Splice {
  const parts = flowParts(node);
  const [first, before, next] = [parts[0], parts[index - 1], parts[index]];
  if (first === undefined) return intoEmpty(source, node, piece);
  if (before === undefined) {
    const gap = isFirstInLine(source, first.start) ? ownLine(source, first.start) : " ";
    return { start: first.start, end: first.start, text: `${piece},${gap}` };
  }
  const rest = source.text.slice(before.end, Math.min(next?.start ?? node.end, lineEnd(source, before.end)));
  if (rest.includes("#"))
    refuse(source, before.end, "a comment", "what is added would stand between it and what it is about");
  const gap = isFirstInLine(source, before.start) && parts.length > 1 ? ownLine(source, before.start) : " ";
  return { start: before.end, end: before.end, text: `,${gap}${piece}` };
}

function ownLine(source: Source, start: number): string {
  return `${lineBreakAt(source.text, start)}${" ".repeat(columnOf(source, start))}`;
}

function intoEmpty(source: Source, node: Mapping | List, piece: string): Splice {
  const inside = source.text.slice(node.start + 1, node.end - 1);
  if (inside.trim() !== "")
    refuse(source, node, "a comment in braces", "what is added stands beside others, or in empty braces");
  return { start: node.start + 1, end: node.start + 1, text: `${inside}${piece}` };
}
