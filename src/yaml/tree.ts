import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
  type Scalar as ScalarNode,
} from "yaml";
import { quote, refuse, type TextFile } from "./refusal.ts";

/** What a YAML document holds, with the places in the text. `start` and `end` are offsets; `end` is the first one after the value, or after the last value of a block. */
export type Tree = Mapping | List | Scalar | Alias;

type Spot = {
  readonly start: number;
  readonly end: number;
  /** What makes the node more than its value: "an anchor", "a tag", "a merge key", "a key that is no text". */
  readonly oddity: string | undefined;
  /** By which aliases name the node. */
  readonly anchor?: string;
};

export type Mapping = Spot & { readonly kind: "map"; readonly isFlow: boolean; readonly entries: readonly Entry[] };
export type List = Spot & { readonly kind: "list"; readonly isFlow: boolean; readonly items: readonly Tree[] };
export type Scalar = Spot & {
  readonly kind: "scalar";
  readonly style: Style;
  readonly value: string | number | boolean | null;
  /** As it is written, quotes not included. */
  readonly source: string;
};
export type Alias = Spot & { readonly kind: "alias"; readonly name: string };

export type Style = "plain" | "single" | "double" | "block";

/** `start` is the offset of the key. */
export type Entry = { readonly key: string; readonly start: number; readonly value: Tree };

const STYLES: Readonly<Record<ScalarNode.Type, Style>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_FOLDED: "block",
  BLOCK_LITERAL: "block",
};

/** How a parser's node is read: in which file, how deep collections may nest, and whether a mapping may have a key twice. */
export type Reading = {
  readonly file: TextFile;
  readonly depth: number;
  readonly repeats: "refused" | "kept";
};

/** The parser's node as a tree. Throws Refused on collections nested too deeply and on a key that a mapping has twice, unless that is allowed. */
export function treeOf(reading: Reading, node: unknown, depth = 0, fallback = 0): Tree {
  if (isScalar(node)) return scalarOf(node);
  if (isAlias(node)) return { kind: "alias", ...spotOf(node, fallback), name: node.source };
  if (!isMap(node) && !isSeq(node)) return nothingAt(fallback);
  if (depth === reading.depth) {
    refuse(reading.file, spotOf(node, fallback), "collections nested too deeply", "the file is not read");
  }
  return isMap(node) ? mapOf(reading, node, depth) : listOf(reading, node, depth);
}

/** Nothing, where a value could stand. */
export function nothingAt(offset: number): Scalar {
  return { kind: "scalar", start: offset, end: offset, oddity: undefined, style: "plain", value: null, source: "" };
}

function mapOf(reading: Reading, node: YAMLMap, depth: number): Mapping {
  const spot = spotOf(node, 0);
  const entries = node.items.map((pair) => entryOf(reading, pair, { depth, spot }));
  if (reading.repeats === "refused") checkRepeats(reading.file, entries);
  const isFlow = node.flow === true;
  const end = isFlow ? spot.end : (entries.at(-1)?.value.end ?? spot.end);
  return { kind: "map", ...spot, end, oddity: spot.oddity ?? oddKey(node), isFlow, entries };
}

function checkRepeats(file: TextFile, entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { key, start } of entries) {
    if (seen.has(key)) refuse(file, start, `the key ${quote(key)} twice`, "a mapping has a key once");
    seen.add(key);
  }
}

function entryOf(reading: Reading, { key, value }: Pair, { depth, spot }: { depth: number; spot: Spot }): Entry {
  const { start, end } = isScalar(key) || isAlias(key) || isMap(key) || isSeq(key) ? spotOf(key, spot.start) : spot;
  const text = isScalar(key) ? String(key.value) : reading.file.text.slice(start, end);
  return { key: text, start, value: treeOf(reading, value, depth + 1, end) };
}

// A template expression such as {{ .Values.image }} is a mapping whose key is a mapping.
function oddKey({ items }: YAMLMap): string | undefined {
  if (items.some(({ key }) => !isScalar(key) || key.anchor !== undefined || key.tag !== undefined)) {
    return "a key that is no plain text (a template?)";
  }
  return items.some(({ key }) => isScalar(key) && key.value === "<<") ? "a merge key" : undefined;
}

function listOf(reading: Reading, node: YAMLSeq, depth: number): List {
  const spot = spotOf(node, 0);
  const items = node.items.map((item) => treeOf(reading, item, depth + 1, spot.start));
  const isFlow = node.flow === true;
  return { kind: "list", ...spot, end: isFlow ? spot.end : (items.at(-1)?.end ?? spot.end), isFlow, items };
}

function scalarOf(node: ScalarNode): Scalar {
  const { value } = node;
  const style = STYLES[node.type ?? "PLAIN"];
  const known = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
  return { kind: "scalar", ...spotOf(node, 0), style, value: known, source: node.source ?? "" };
}

type Located = { readonly range?: readonly number[] | null; readonly anchor?: string; readonly tag?: string };

function spotOf({ range, anchor, tag }: Located, fallback: number): Spot {
  const oddity = anchor !== undefined ? "an anchor" : tag !== undefined ? "a tag" : undefined;
  const spot = { start: range?.[0] ?? fallback, end: range?.[1] ?? fallback, oddity };
  return anchor === undefined ? spot : { ...spot, anchor };
}
