import { quote, refuse, type TextFile } from "./refusal.ts";
import type { Entry, List, Mapping, Scalar, Tree } from "./tree.ts";

/** Keys of mappings and positions in lists, from the root of a document. */
export type YamlPath = readonly (string | number)[];

/** The path as people write it: `spec.rules[0].backendRefs`. */
export function pathText(path: YamlPath): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

/** The node at a path, whatever it is; undefined where there is none. For telling documents apart, not for editing. */
export function peek(tree: Tree | undefined, path: YamlPath): Tree | undefined {
  return path.reduce(childOf, tree);
}

/** The text of the scalar at a path; undefined where there is no text. */
export function peekText(tree: Tree, path: YamlPath): string | undefined {
  const node = peek(tree, path);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/**
 * The node at a path, undefined where there is none. Throws Refused where anything on the way is more than it seems
 * (an alias, an anchor, a tag, a merge key, a template): an edit there would mean something else, or something more.
 */
export function look(file: TextFile, tree: Tree, path: YamlPath): Tree | undefined {
  let node: Tree | undefined = tree;
  for (const part of path) {
    if (node !== undefined) checkPlain(file, node);
    node = childOf(node, part);
  }
  if (node !== undefined) checkPlain(file, node);
  return node;
}

export function lookMapping(file: TextFile, tree: Tree, path: YamlPath): Mapping | undefined {
  const node = look(file, tree, path);
  return node === undefined || node.kind === "map" ? node : wrong(file, node, path, "a mapping");
}

export function lookList(file: TextFile, tree: Tree, path: YamlPath): List | undefined {
  const node = look(file, tree, path);
  return node === undefined || node.kind === "list" ? node : wrong(file, node, path, "a list");
}

export function lookScalar(file: TextFile, tree: Tree, path: YamlPath): Scalar | undefined {
  const node = look(file, tree, path);
  return node === undefined || node.kind === "scalar" ? node : wrong(file, node, path, "a single value");
}

/** The text at a path; Refused where there is something else than text. */
export function lookText(file: TextFile, tree: Tree, path: YamlPath): string | undefined {
  const node = lookScalar(file, tree, path);
  if (node === undefined) return undefined;
  return typeof node.value === "string" ? node.value : wrong(file, node, path, "text");
}

/** The whole number at a path, at least 0, at most `most`; Refused where there is anything else. */
export function lookCount(file: TextFile, tree: Tree, path: YamlPath, most: number): number | undefined {
  const node = lookScalar(file, tree, path);
  if (node === undefined) return undefined;
  const { value, style, source } = node;
  // 0755 is one number to some readers and another to others.
  if (typeof value !== "number" || style !== "plain" || source !== String(value)) {
    return wrong(file, node, path, "a whole number without quotes");
  }
  if (!Number.isInteger(value) || value < 0 || value > most) {
    return wrong(file, node, path, `a whole number from 0 to ${most}`);
  }
  return value;
}

/** Refuses a node, and what it holds, that is more than its value. */
export function checkAllPlain(file: TextFile, tree: Tree): void {
  checkPlain(file, tree);
  if (tree.kind === "map") tree.entries.forEach(({ value }) => checkAllPlain(file, value));
  if (tree.kind === "list") tree.items.forEach((item) => checkAllPlain(file, item));
}

export function entryAt(mapping: Mapping, key: string): Entry | undefined {
  return mapping.entries.find((entry) => entry.key === key);
}

function childOf(node: Tree | undefined, part: string | number): Tree | undefined {
  if (typeof part === "number") return node?.kind === "list" ? node.items[part] : undefined;
  return node?.kind === "map" ? entryAt(node, part)?.value : undefined;
}

function checkPlain(file: TextFile, node: Tree): void {
  const found = node.kind === "alias" ? "an alias" : node.oddity;
  if (found !== undefined) refuse(file, node.start, found, "a place that is read and edited is written out plainly");
}

function wrong(file: TextFile, node: Tree, path: YamlPath, allowed: string): never {
  const text = file.text.slice(node.start, Math.min(node.end, node.start + 200)).trim();
  const found = text === "" ? "nothing" : quote(text);
  return refuse(file, node.start, found, `${pathText(path)} is ${allowed}`);
}
