import { refuse, type TextFile } from "./refusal.ts";
import type { Entry, Mapping, Tree } from "./tree.ts";

const ELSEWHERE = "what is written elsewhere";

/** Whether a node of a resolved document only repeats, by an alias or a merge key, what is written elsewhere; its offsets are those of that place. */
export function isElsewhere({ oddity }: Tree): boolean {
  return oddity === ELSEWHERE;
}

/** A document with its aliases and merge keys replaced by what they stand for; `file` is the one with the document's text. Throws Refused where that makes more than `most` nodes, or has no end. */
export function resolved(file: TextFile, tree: Tree, most = 100_000): Tree {
  // Most files have neither.
  if (!file.text.includes("*") && !file.text.includes("<<")) return tree;
  return resolve({ file, anchors: new Map(), left: most }, tree);
}

type Walk = { readonly file: TextFile; readonly anchors: Map<string, Tree | "open">; left: number };

function resolve(walk: Walk, tree: Tree): Tree {
  if (tree.kind === "alias") return aliased(walk, tree);
  if (tree.anchor !== undefined) walk.anchors.set(tree.anchor, "open");
  const own = inside(walk, tree);
  if (tree.anchor !== undefined) walk.anchors.set(tree.anchor, own);
  return own;
}

function inside(walk: Walk, tree: Exclude<Tree, { kind: "alias" }>): Tree {
  switch (tree.kind) {
    case "map":
      return merged({
        ...tree,
        entries: tree.entries.map((entry) => ({ ...entry, value: resolve(walk, entry.value) })),
      });
    case "list":
      return { ...tree, items: tree.items.map((item) => resolve(walk, item)) };
    default:
      return tree;
  }
}

function aliased(walk: Walk, alias: Tree & { kind: "alias" }): Tree {
  const target = walk.anchors.get(alias.name);
  // An unquoted *.example.com is an alias to the parser, and names nothing.
  if (target === undefined) return alias;
  if (target === "open") return refuse(walk.file, alias, `the alias *${alias.name} within itself`, "it has no end");
  return copied(walk, target, alias);
}

function copied(walk: Walk, tree: Tree, at: Tree): Tree {
  walk.left -= 1;
  if (walk.left < 0) return refuse(walk.file, at, "aliases of too much", "the file is too large");
  switch (tree.kind) {
    case "map":
      return {
        ...tree,
        oddity: ELSEWHERE,
        entries: tree.entries.map((entry) => ({ ...entry, value: copied(walk, entry.value, at) })),
      };
    case "list":
      return { ...tree, oddity: ELSEWHERE, items: tree.items.map((item) => copied(walk, item, at)) };
    default:
      return { ...tree, oddity: ELSEWHERE };
  }
}

// What a mapping says itself goes before what it merges, and what is merged first before what comes later.
function merged(mapping: Mapping): Mapping {
  const merges = mapping.entries.filter(({ key, value }) => key === "<<" && isMergeable(value));
  if (merges.length === 0) return mapping;
  const entries = new Map<string, Entry>();
  for (const entry of mapping.entries) if (!merges.includes(entry)) entries.set(entry.key, entry);
  for (const entry of merges.flatMap(({ value }) => mergedEntries(value))) {
    if (!entries.has(entry.key)) entries.set(entry.key, entry);
  }
  return { ...mapping, entries: [...entries.values()] };
}

function isMergeable(value: Tree): boolean {
  return value.kind === "map" || (value.kind === "list" && value.items.every(({ kind }) => kind === "map"));
}

function mergedEntries(value: Tree): readonly Entry[] {
  if (value.kind === "map") return value.entries;
  return value.kind === "list" ? value.items.flatMap(mergedEntries) : [];
}
