import type { Place } from "../config/document.ts";
import type { Data } from "../manifest/data.ts";
import type { TextFile } from "../yaml/refusal.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Node } from "./model.ts";

/** A file's tree with the place of each value, so that it may be laid over another file's. Throws at aliases, which `readFile` refuses. */
export function nodeOf(file: TextFile & { readonly tree: Tree }): Node {
  return placedAt(file.tree, file.tree.start, { path: file.path, lineOf: linesOf(file.text) });
}

type Reading = { readonly path: string; readonly lineOf: (offset: number) => number };

// What stands under a key is told on the line of the key.
function placedAt(tree: Tree, start: number, reading: Reading): Node {
  const place = { path: reading.path, line: reading.lineOf(start) };
  switch (tree.kind) {
    case "map": {
      const entries = tree.entries.map(({ key, start: at, value }) => ({ key, value: placedAt(value, at, reading) }));
      return { kind: "map", place, entries };
    }
    case "list":
      return { kind: "list", place, items: tree.items.map((item) => placedAt(item, item.start, reading)) };
    case "scalar":
      return { kind: "scalar", place, value: tree.value };
    default:
      throw new Error("Aliases are refused when a file is read.");
  }
}

/** The line, from 1, of an offset; the text is gone through once. */
function linesOf(text: string): (offset: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** The value that a key of a mapping has. */
export function childOf(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === "map" ? node.entries.find((entry) => entry.key === key)?.value : undefined;
}

/** The node at a path; undefined where there is none. */
export function nodeAt(node: Node, path: readonly (string | number)[]): Node | undefined {
  return path.reduce<Node | undefined>((at, part) => {
    if (typeof part === "string") return childOf(at, part);
    return at?.kind === "list" ? at.items[part] : undefined;
  }, node);
}

/** Where what a path leads to is written, or what lacks it. */
export function placeIn(node: Node, path: readonly (string | number)[]): Place {
  const found = nodeAt(node, path);
  return found === undefined ? placeIn(node, path.slice(0, -1)) : found.place;
}

/** The text that a key of a mapping has; undefined where it has none. */
export function textAt(node: Node | undefined, key: string): string | undefined {
  const found = childOf(node, key);
  return found?.kind === "scalar" && typeof found.value === "string" ? found.value : undefined;
}

/** The plain value. */
export function dataOf(node: Node): Data {
  switch (node.kind) {
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, dataOf(value)]));
    case "list":
      return node.items.map(dataOf);
    default:
      return node.value;
  }
}
