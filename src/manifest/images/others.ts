import { canonical } from "../../yaml/canonical.ts";
import { pathText, peekText, type YamlPath } from "../../yaml/look.ts";
import { lineAt, type TextFile } from "../../yaml/refusal.ts";
import type { Tree } from "../../yaml/tree.ts";
import { masked, readable } from "./mask.ts";
import type { Pair } from "./pair.ts";
import { documentsOf } from "./parse.ts";

/** A change that is no image's: what it is, the line (from 1) of the file after it, before it where nothing is left, and what there. */
export type OtherChange = {
  readonly kind:
    | "chart-version"
    | "replicas"
    | "format"
    | "moved"
    | "new-object"
    | "removed-object"
    | "comment"
    | "other";
  readonly path: string;
  readonly line: number;
  readonly what: string;
};

/** A file before and after, and which of its images belong together. */
export type Compared = {
  readonly before: TextFile | undefined;
  readonly after: TextFile | undefined;
  readonly pairs: readonly Pair[];
};

// A file may be rewritten as a whole; nobody reads more of it.
const MOST = 50;

/** What changed besides the paired images: none exactly where the two texts are equal once these are taken out. At most 50. */
export function otherChanges({ before, after, pairs }: Compared): readonly OtherChange[] {
  if (before === undefined) return after === undefined ? [] : [change("new-object", after, 0, "a new file")];
  if (after === undefined) return [change("removed-object", before, 0, "the whole file")];
  const moved = before.path === after.path ? [] : [change("moved", after, 0, before.path)];
  const [was, is] = masked(before, after, pairs);
  return was.text === is.text ? moved : [...moved, ...differences(was, is)];
}

function change(kind: OtherChange["kind"], { path, text }: TextFile, at: number, what: string): OtherChange {
  return { kind, path, line: lineAt(text, at), what };
}

function differences(before: TextFile, after: TextFile): readonly OtherChange[] {
  const [was, is] = [documentsOf(readable(before)), documentsOf(readable(after))];
  if (was === undefined || is === undefined)
    return [change("other", after, firstDifference(before, after), "the text")];
  const changes = changedLeaves(was, is, readable(after));
  if (changes.length > 0) return changes;
  const kind = withoutComments(before) === withoutComments(after) ? "comment" : "format";
  return [change(kind, after, firstDifference(before, after), "the same values")];
}

function firstDifference({ text: before }: TextFile, { text: after }: TextFile): number {
  let at = 0;
  while (at < after.length && after[at] === before[at]) at += 1;
  return at;
}

// Text that only looks like a comment is the same on both sides, or the values would differ.
function withoutComments({ text }: TextFile): string {
  return text
    .replace(/(?:^|[ \t])[ \t]*#[^\n]*/gm, "")
    .replace(/\n+/g, "\n")
    .replace(/^\n/, "");
}

type Leaf = { readonly object: string; readonly path: YamlPath; readonly says: string; readonly start: number };

function changedLeaves(was: readonly Tree[], is: readonly Tree[], after: TextFile): readonly OtherChange[] {
  const [old, now] = [leavesIn(was), leavesIn(is)];
  const changed = [...now].filter(([key, { says }]) => old.get(key)?.says !== says).map(([, leaf]) => leaf);
  const lost = [...old].filter(([key]) => !now.has(key)).map(([, leaf]) => leaf);
  const [objectsWas, objectsIs] = [objectsOf(old), objectsOf(now)];
  const changes = [
    ...changed.map(
      (leaf) => ({ leaf, kind: objectsWas.has(leaf.object) ? kindOf(leaf, after.path) : "new-object" }) as const,
    ),
    ...lost.map(
      (leaf) =>
        ({
          leaf: { ...leaf, start: 0 },
          kind: objectsIs.has(leaf.object) ? kindOf(leaf, after.path) : "removed-object",
        }) as const,
    ),
  ];
  const told = new Map<string, OtherChange>();
  for (const { leaf, kind } of changes) {
    const what = whatOf(leaf, kind);
    if (told.size < MOST && !told.has(`${kind} ${what}`))
      told.set(`${kind} ${what}`, change(kind, after, leaf.start, what));
  }
  return [...told.values()];
}

function whatOf({ object, path }: Leaf, kind: OtherChange["kind"]): string {
  if (kind === "new-object" || kind === "removed-object") return object;
  return `${object} ${pathText(path)}`.trim();
}

function objectsOf(leaves: ReadonlyMap<string, Leaf>): ReadonlySet<string> {
  return new Set([...leaves.values()].map(({ object }) => object));
}

function leavesIn(documents: readonly Tree[]): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [index, tree] of documents.entries()) addLeaves(leaves, objectOf(tree, index), tree, []);
  return leaves;
}

function addLeaves(leaves: Map<string, Leaf>, object: string, tree: Tree, path: YamlPath): void {
  const key = `${object} ${JSON.stringify(path)}`;
  if (tree.oddity !== undefined) leaves.set(`${key}&`, { object, path, says: tree.oddity, start: tree.start });
  if (tree.kind === "map" && tree.entries.length > 0) {
    for (const { key: name, value } of tree.entries) addLeaves(leaves, object, value, [...path, name]);
  } else if (tree.kind === "list" && tree.items.length > 0) {
    for (const [index, item] of tree.items.entries()) addLeaves(leaves, object, item, [...path, index]);
  } else {
    leaves.set(key, { object, path, says: canonical(tree), start: tree.start });
  }
}

function objectOf(tree: Tree, index: number): string {
  const [kind, name] = [peekText(tree, ["kind"]), peekText(tree, ["metadata", "name"])];
  if (kind === undefined || name === undefined) return index === 0 ? "" : `#${index}`;
  const namespace = peekText(tree, ["metadata", "namespace"]);
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

const REPLICAS = new Set(["replicas", "replicaCount", "minReplicas", "maxReplicas"]);

function kindOf({ object, path }: Leaf, file: string): OtherChange["kind"] {
  const last = path.at(-1);
  if (typeof last === "string" && REPLICAS.has(last)) return "replicas";
  const isChart = /(?:^|\/)Chart\.ya?ml$/.test(file) || path.includes("chart") || path.includes("helmCharts");
  if (isChart && (last === "version" || last === "appVersion")) return "chart-version";
  const isSource = object.startsWith("OCIRepository ") && path.includes("ref");
  return last === "targetRevision" || isSource ? "chart-version" : "other";
}
