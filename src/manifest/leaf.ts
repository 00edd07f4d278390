import { unreachable } from "../core/unreachable.ts";
import type { YamlPath } from "../yaml/look.ts";
import type { Scalar, Tree } from "../yaml/tree.ts";

/** A scalar, the positions that lead to it (the document's first; entries of mappings by position), and the collections around it, outermost first. */
export type Leaf = { readonly scalar: Scalar; readonly path: YamlPath; readonly around: readonly Tree[] };

/** The scalar whose text holds the part from `start` up to `end`; undefined where that is a key, a comment, or more than a scalar. */
export function leafAt(documents: readonly Tree[], start: number, end: number): Leaf | undefined {
  const path: number[] = [];
  const around: Tree[] = [];
  let children = documents;
  for (;;) {
    const index = lastBefore(children, start);
    const node = children[index];
    if (node === undefined) return undefined;
    path.push(index);
    if (node.kind === "alias") return undefined;
    if (node.kind === "scalar")
      return start >= node.start && end <= node.end ? { scalar: node, path, around } : undefined;
    around.push(node);
    children = node.kind === "map" ? node.entries.map(({ value }) => value) : node.items;
  }
}

/** The name by which an alias elsewhere in the document means the leaf or what is around it; undefined where nothing does. */
export function aliasOf({ scalar, around }: Leaf): string | undefined {
  const anchors = [...around, scalar].flatMap(({ anchor }) => anchor ?? []);
  const [document] = around;
  return document === undefined ? undefined : anchors.find((anchor) => isNamed(document, anchor));
}

// Siblings stand in the order of the text, so that the last one that begins before the place is the one to look into.
function lastBefore(nodes: readonly Tree[], start: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((nodes[middle]?.start ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isNamed(tree: Tree, anchor: string): boolean {
  switch (tree.kind) {
    case "alias":
      return tree.name === anchor;
    case "map":
      return tree.entries.some(({ value }) => isNamed(value, anchor));
    case "list":
      return tree.items.some((item) => isNamed(item, anchor));
    case "scalar":
      return false;
    default:
      return unreachable(tree);
  }
}
