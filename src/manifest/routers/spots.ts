import { peek, type YamlPath } from "../../yaml/look.ts";
import type { Scalar, Tree } from "../../yaml/tree.ts";
import type { Spot } from "./site.ts";

/** Stands in a pattern for every item of a list. */
export const EACH = "[]";

/** Keys from an object's root to its lists of backends. */
export type Pattern = readonly string[];

/** Where a backend says its name and its weight. */
export type Backend = { readonly name: readonly YamlPath[]; readonly weight: string };

/** The weights of the backends of every list that a pattern leads to; a backend without one has none. */
export function backendSpots(root: Tree, lists: Pattern, { name, weight }: Backend): readonly Spot[] {
  return nodesAt(root, [...lists, EACH]).flatMap(({ path, node }) => {
    const backend = name.map((keys) => textAt(node, keys)).find((text) => text !== undefined);
    return spotsOf(peek(node, [weight]), { path: [...path, weight], split: path.slice(0, -1), backend });
  });
}

/** The spot of one node; none where there is no node, or one that is no scalar. */
export function spotsOf(node: Tree | undefined, place: Pick<Spot, "path" | "split" | "backend">): readonly Spot[] {
  if (node === undefined || node.kind === "map" || node.kind === "list") return [];
  if (node.kind === "alias") return [{ ...place, start: node.start, end: node.end, written: undefined }];
  return [{ ...place, ...inside(node), written: node.oddity === undefined ? node.source : undefined }];
}

/** The nodes that a pattern leads to, each with its path. */
export function nodesAt(
  node: Tree,
  [first, ...rest]: Pattern,
  path: YamlPath = [],
): readonly { readonly path: YamlPath; readonly node: Tree }[] {
  if (first === undefined) return [{ path, node }];
  if (first === EACH) {
    return node.kind === "list" ? node.items.flatMap((item, index) => nodesAt(item, rest, [...path, index])) : [];
  }
  const child = peek(node, [first]);
  return child === undefined ? [] : nodesAt(child, rest, [...path, first]);
}

/** The single value at a path as text. */
export function textAt(node: Tree, path: YamlPath): string | undefined {
  const found = peek(node, path);
  return found?.kind === "scalar" && found.value !== null ? String(found.value) : undefined;
}

function inside({ start, end, style }: Scalar): { readonly start: number; readonly end: number } {
  const quotes = style === "single" || style === "double" ? 1 : 0;
  return { start: start + quotes, end: end - quotes };
}
