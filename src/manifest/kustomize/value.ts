import type { Tree } from "../../yaml/tree.ts";
import { refuse, type TextFile } from "../../yaml/refusal.ts";
import type { Data } from "../data.ts";

/** A mapping of what a manifest says. */
export type Values = { readonly [key: string]: Data };

/** Keys, and positions in lists. */
export type DataPath = readonly (string | number)[];

// Beyond these, aliases of aliases stand for more than any manifest says.
const MOST_NODES = 200_000;

/** What a document says, aliases and merge keys followed. Throws Refused where they stand for too much. */
export function dataOf(file: TextFile, tree: Tree): Data {
  const reading: Reading = { file, anchors: new Map(), count: 0 };
  return valueIn(reading, tree);
}

type Reading = { readonly file: TextFile; readonly anchors: Map<string, Tree>; count: number };

function valueIn(reading: Reading, tree: Tree): Data {
  reading.count += 1;
  if (reading.count > MOST_NODES) refuse(reading.file, tree.start, "too many aliases", "the file is not followed");
  if (tree.anchor !== undefined) reading.anchors.set(tree.anchor, tree);
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "list":
      return tree.items.map((item) => valueIn(reading, item));
    case "alias": {
      const meant = reading.anchors.get(tree.name);
      return meant === undefined ? null : valueIn(reading, meant);
    }
    default:
      return mappingIn(reading, tree);
  }
}

function mappingIn(reading: Reading, tree: Extract<Tree, { kind: "map" }>): Values {
  const merged: Record<string, Data> = {};
  const own: Record<string, Data> = {};
  for (const { key, value } of tree.entries) {
    const data = valueIn(reading, value);
    // The first of several that are merged counts.
    const parts = key === "<<" ? (isList(data) ? data.toReversed() : [data]).flatMap(entriesOf) : [];
    for (const [name, inner] of parts) put(merged, name, inner);
    if (key !== "<<") put(own, key, data);
  }
  return { ...merged, ...own };
}

// A key that objects inherit is a key like any other.
function put(into: Record<string, Data>, key: string, value: Data): void {
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

export function isList(data: Data | undefined): data is readonly Data[] {
  return Array.isArray(data);
}

export function isMapping(data: Data | undefined): data is Values {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(data: Data | undefined): readonly (readonly [string, Data])[] {
  return isMapping(data) ? Object.entries(data) : [];
}

/** The items of a list; none of anything else. */
export function itemsOf(data: Data | undefined): readonly Data[] {
  return isList(data) ? data : [];
}

/** The value at a path; undefined where there is none. */
export function at(data: Data | undefined, ...path: DataPath): Data | undefined {
  return path.reduce<Data | undefined>((here, part) => {
    if (isList(here)) return typeof part === "number" ? here[part] : undefined;
    return isMapping(here) && typeof part === "string" && Object.hasOwn(here, part) ? here[part] : undefined;
  }, data);
}

/** The text at a path, numbers and truth values as they are written; undefined where there is none. */
export function textAt(data: Data | undefined, ...path: DataPath): string | undefined {
  const found = at(data, ...path);
  return found === undefined || found === null || typeof found === "object" ? undefined : String(found);
}

/** The mapping of texts at a path, such as labels. */
export function textsAt(data: Data | undefined, ...path: DataPath): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entriesOf(at(data, ...path)).flatMap(([key, value]) => {
      const text = textAt(value);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** The value with another one at a path of keys; mappings that are missing are made, and undefined takes the key away. */
export function withAt(data: Data | undefined, path: DataPath, next: Data | undefined): Data {
  const [part, ...rest] = path;
  if (part === undefined) return next ?? null;
  if (typeof part === "number") {
    const items = itemsOf(data);
    return items.map((item, index) => (index === part ? withAt(item, rest, next) : item));
  }
  const values = isMapping(data) ? data : {};
  if (rest.length === 0 && next === undefined)
    return Object.fromEntries(Object.entries(values).filter(([key]) => key !== part));
  return { ...values, [part]: rest.length === 0 ? (next ?? null) : withAt(at(values, part), rest, next) };
}

/** The value with what is at a path exchanged where it is there. */
export function changedAt(data: Data, path: DataPath, work: (value: Data) => Data): Data {
  const found = at(data, ...path);
  return found === undefined ? data : withAt(data, path, work(found));
}
