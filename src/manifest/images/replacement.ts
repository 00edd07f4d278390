import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { itemsAt, textAt, textsAt } from "../services/node.ts";

/** Which objects are meant; what is undefined means any. */
export type Selector = {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
};

/** One part of a text that a delimiter divides; undefined: all of it. */
export type Part = { readonly delimiter: string; readonly index: number } | undefined;

/** Keys from an object's root, as kustomize writes field paths: `*` is any, `[name=app]` the items whose names have that in them. */
export type FieldPath = readonly string[];

export type Source = Selector & { readonly path: FieldPath; readonly part: Part };

export type Target = {
  readonly select: Selector;
  readonly reject: readonly Selector[];
  readonly paths: readonly FieldPath[];
  readonly part: Part;
};

/** One of kustomize's `replacements`: what is copied, from a field of an object or written there, and where to. */
export type Replacement = { readonly source: Source | Tree; readonly targets: readonly Target[] };

/** The replacements of a list of them, or of a file that holds one or a list. */
export function replacementsIn(tree: Tree | undefined): readonly Replacement[] {
  const items = tree?.kind === "list" ? tree.items : tree === undefined ? [] : [tree];
  return items.flatMap((item) => {
    const targets = itemsAt(item, ["targets"]).map(targetOf);
    const source = peek(item, ["sourceValue"]) ?? sourceOf(item);
    return source === undefined || targets.length === 0 ? [] : [{ source, targets }];
  });
}

/** Whether what is copied is written in the replacement itself. */
export function isWritten(source: Replacement["source"]): source is Tree {
  return !("path" in source);
}

function sourceOf(item: Tree): Source | undefined {
  const source = peek(item, ["source"]);
  if (source?.kind !== "map") return undefined;
  const path = fieldPath(textAt(source, ["fieldPath"]) ?? "metadata.name");
  return { ...selectorOf(source), path, part: partIn(source) };
}

function targetOf(item: Tree): Target {
  const select = peek(item, ["select"]);
  return {
    select: selectorOf(select),
    reject: itemsAt(item, ["reject"]).map(selectorOf),
    paths: textsAt(item, ["fieldPaths"]).map(fieldPath),
    part: partIn(item),
  };
}

function selectorOf(tree: Tree | undefined): Selector {
  return { kind: textAt(tree, ["kind"]), name: textAt(tree, ["name"]), namespace: textAt(tree, ["namespace"]) };
}

function partIn(tree: Tree): Part {
  const delimiter = textAt(tree, ["options", "delimiter"]);
  if (delimiter === undefined || delimiter === "") return undefined;
  return { delimiter, index: Number(textAt(tree, ["options", "index"]) ?? "0") };
}

const LONGEST = 1_000;

/** The keys of a field path: dots divide it, but for those in brackets and behind a backslash; brackets without `=` hold a key. */
export function fieldPath(text: string): FieldPath {
  if (text.length > LONGEST) return [];
  const parts = text.match(/(?:\[[^\]]*\]|\\.|[^.[\\])+/g) ?? [];
  return parts.map((part) => part.replace(/\\(.)/g, "$1").replace(/^\[([^=\]]*)\]$/, "$1"));
}

/** Whether an object is one of those that a selector means. Kustomize takes its words for anchored regular expressions. */
export function isMeant({ kind, name }: Selector, object: Selector): boolean {
  return fits(kind, object.kind) && fits(name, object.name);
}

// An expression that is more than a name matches anything here: nothing that others write is run.
function fits(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found || /[*+?|()[\]^$\\]/.test(wanted);
}

/** Whether a value in brackets means an item with this one. Kustomize takes it for a regular expression that may match anywhere in the text; of these only the ends are known here. */
export function fitsItem(wanted: string, found: string | undefined): boolean {
  if (found === undefined) return false;
  const [, begin, text = "", end] = /^(\^?)(.*?)(\$?)$/.exec(wanted) ?? [];
  if (begin !== "" && end !== "") return found === text;
  if (begin !== "") return found.startsWith(text);
  return end === "" ? found.includes(text) : found.endsWith(text);
}

/** The part of a text, and where in it; undefined where it has no such part. */
export function partOf(text: string, part: Part): { readonly text: string; readonly at: number } | undefined {
  if (part === undefined) return { text, at: 0 };
  const parts = text.split(part.delimiter);
  const found = parts[part.index];
  if (found === undefined) return undefined;
  return {
    text: found,
    at: parts.slice(0, part.index).reduce((at, one) => at + one.length + part.delimiter.length, 0),
  };
}

/** A text with a part of it exchanged; before the first and behind the last one, the part is added. */
export function withPart(text: string, part: Part, value: string): string {
  if (part === undefined) return value;
  const parts = text.split(part.delimiter);
  if (part.index < 0) return [value, ...parts].join(part.delimiter);
  const next = part.index >= parts.length ? [...parts, value] : parts.with(part.index, value);
  return next.join(part.delimiter);
}

/** The nodes at a field path; several where it says so. */
export function nodesAt(tree: Tree, path: FieldPath): readonly Tree[] {
  return path.reduce<readonly Tree[]>((nodes, part) => nodes.flatMap((node) => stepInto(node, part)), [tree]);
}

function stepInto(node: Tree, part: string): readonly Tree[] {
  if (node.kind === "map")
    return node.entries.flatMap(({ key, value }) => (part === "*" || key === part ? [value] : []));
  if (node.kind !== "list") return [];
  if (part === "*") return node.items;
  const [, key, value] = /^\[([^=]+)=(.*)\]$/.exec(part) ?? [];
  if (key !== undefined) return node.items.filter((item) => fitsItem(value ?? "", textAt(item, [key])));
  const item = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
  return item === undefined ? [] : [item];
}
