import type { Source } from "../yaml/source.ts";
import type { Mapping, Tree } from "../yaml/tree.ts";
import type { Look } from "./data.ts";
import { columnOf } from "./extent.ts";
import { markOf } from "./spelling.ts";

const DEFAULT_STEP = 2;

/** How a node and what is in it are written; what it does not show is taken from its document, else from habit. */
export function lookOf(source: Source, node: Tree, document: Tree): Look {
  const around = [node, document];
  const step = around.map((tree) => stepIn(source, tree)).find((found) => found !== undefined) ?? DEFAULT_STEP;
  return {
    step,
    dash: around.map((tree) => dashIn(source, tree)).find((found) => found !== undefined) ?? step,
    mark: markOf(source),
    pad: around.some((tree) => isPadded(source, tree)) ? " " : "",
    isJson: around.some((tree) => isJson(source, tree)),
  };
}

// Keys in quotes within braces are how JSON is told from other YAML.
function isJson(source: Source, tree: Tree): boolean {
  return tree.kind === "map" && tree.isFlow && tree.entries.some(({ start }) => source.text[start] === '"');
}

// How much further right the values of a mapping stand than its keys.
function stepIn(source: Source, tree: Tree): number | undefined {
  return firstIn(tree, (mapping) => {
    const nested = mapping.entries.find(({ value }) => value.kind === "map" && !value.isFlow);
    return nested === undefined ? undefined : columnOf(source, nested.value.start) - columnOf(source, nested.start);
  });
}

function dashIn(source: Source, tree: Tree): number | undefined {
  return firstIn(tree, (mapping) => {
    const nested = mapping.entries.find(({ value }) => value.kind === "list" && !value.isFlow);
    return nested === undefined ? undefined : columnOf(source, nested.value.start) - columnOf(source, nested.start);
  });
}

function isPadded(source: Source, tree: Tree): boolean {
  return (
    firstIn(tree, (mapping) => (mapping.isFlow && source.text[mapping.start + 1] === " " ? true : undefined)) ?? false
  );
}

function firstIn<T>(tree: Tree, find: (mapping: Mapping) => T | undefined): T | undefined {
  const own = tree.kind === "map" ? find(tree) : undefined;
  if (own !== undefined) return own;
  const children =
    tree.kind === "map" ? tree.entries.map(({ value }) => value) : tree.kind === "list" ? tree.items : [];
  for (const child of children) {
    const found = firstIn(child, find);
    if (found !== undefined) return found;
  }
  return undefined;
}
