import { entryAt, peek, type YamlPath } from "../../yaml/look.ts";
import type { Entry, Tree } from "../../yaml/tree.ts";

/** The text of a scalar as it is written, numbers among them; undefined for anything else, and for what a template would write. */
export function textOf(node: Tree | undefined): string | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : node.source;
}

/** The text at a path. */
export function textAt(tree: Tree | undefined, path: YamlPath): string | undefined {
  return textOf(peek(tree, path));
}

/** The items of a list at a path; none where there is no list. */
export function itemsAt(tree: Tree | undefined, path: YamlPath): readonly Tree[] {
  const node = peek(tree, path);
  return node?.kind === "list" ? node.items : [];
}

/** The texts of a list at a path, what is no text left out. */
export function textsAt(tree: Tree | undefined, path: YamlPath): readonly string[] {
  return itemsAt(tree, path).flatMap((item) => textOf(item) ?? []);
}

/** The entries of a mapping at a path; none where there is no mapping. */
export function entriesAt(tree: Tree | undefined, path: YamlPath): readonly Entry[] {
  const node = peek(tree, path);
  return node?.kind === "map" ? node.entries : [];
}

/** Whether a mapping has a key. */
export function hasKey(tree: Tree | undefined, key: string): boolean {
  return tree?.kind === "map" && entryAt(tree, key) !== undefined;
}

/** Whether a path leads to the scalar `true`. */
export function isTrueAt(tree: Tree | undefined, path: YamlPath): boolean {
  const node = peek(tree, path);
  return node?.kind === "scalar" && node.value === true;
}
