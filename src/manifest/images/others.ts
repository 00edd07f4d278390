import { canonical } from "../../yaml/canonical.ts";
import { lineAt, type TextFile } from "../../yaml/refusal.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Pair } from "./pair.ts";
import { documentsOf } from "./parse.ts";
import type { ImageSite } from "./site.ts";

/** A change that is no image's: what it is, the line (from 1) after it, or before it where nothing is left, and where in the document. */
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
  readonly removed: readonly ImageSite[];
  readonly added: readonly ImageSite[];
};

/** What changed besides the paired images: none exactly where the two texts are equal once these are taken out. */
export function otherChanges({ before, after, pairs }: Compared): readonly OtherChange[] {
  if (before === undefined)
    return after === undefined ? [] : [{ kind: "new-object", path: after.path, line: 1, what: "a new file" }];
  if (after === undefined) return [{ kind: "removed-object", path: before.path, line: 1, what: "the whole file" }];
  const moved: readonly OtherChange[] =
    before.path === after.path ? [] : [{ kind: "moved", path: after.path, line: 1, what: before.path }];
  const was = masked(
    before,
    pairs.map((pair) => pair.before),
  );
  const is = masked(
    after,
    pairs.map((pair) => pair.after),
  );
  return was.text === is.text ? moved : [...moved, ...differences(was, is)];
}

const MASK = "\u{E000}";

// The whole of what a pair writes is taken out: the bump tells it.
function masked({ path, text }: TextFile, sites: readonly ImageSite[]): TextFile {
  const spans = sites.flatMap(({ spans: own }) => own);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, start));
    at = end;
  }
  return { path, text: [...pieces, text.slice(at)].join(MASK) };
}

const MOST = 50;

function differences(before: TextFile, after: TextFile): readonly OtherChange[] {
  const [was, is] = [documentsOf(plain(before)), documentsOf(plain(after))];
  if (was === undefined || is === undefined) return [lineChange(before, after)];
  if (was.map(canonical).join("\n") === is.map(canonical).join("\n")) return [layoutChange(before, after)];
  const changes = changedLeaves(before, was, after, is);
  return changes.length === 0 ? [lineChange(before, after)] : changes.slice(0, MOST);
}

// A character that YAML takes for text, whatever stands around it.
function plain({ path, text }: TextFile): TextFile {
  return { path, text: text.replaceAll(MASK, "x") };
}

function layoutChange(before: TextFile, after: TextFile): OtherChange {
  const bare = ({ text }: TextFile): string =>
    text
      .split("\n")
      .map((line) => line.replace(/(?:^|[ \t])#.*$/, "").trimEnd())
      .filter((line) => line !== "")
      .join("\n");
  const kind =
    bare(before) === bare(after) && before.text.includes("#") !== after.text.includes("#")
      ? "comment"
      : bare(before) === bare(after) && commentsOf(before) !== commentsOf(after)
        ? "comment"
        : "format";
  return { ...lineChange(before, after), kind };
}

function commentsOf({ text }: TextFile): string {
  return text
    .split("\n")
    .flatMap((line) => /(?:^|[ \t])(#.*)$/.exec(line)?.[1]?.trim() ?? [])
    .join("\n");
}

function lineChange(before: TextFile, after: TextFile): OtherChange {
  let at = 0;
  while (at < after.text.length && after.text[at] === before.text[at]) at += 1;
  return { kind: "other", path: after.path, line: lineAt(after.text, at), what: "lines of the text" };
}

type Leaf = { readonly says: string; readonly what: string; readonly object: string };

function changedLeaves(
  before: TextFile,
  was: readonly Tree[],
  after: TextFile,
  is: readonly Tree[],
): readonly OtherChange[] {
  const [old, now] = [leavesIn(was), leavesIn(is)];
  const changed = [...now].filter(([key, leaf]) => old.get(key)?.says !== leaf.says).map(([, leaf]) => leaf);
  const lost = [...old].filter(([key]) => !now.has(key)).map(([, leaf]) => leaf);
  const [objectsWas, objectsIs] = [
    new Set([...old.values()].map(({ object }) => object)),
    new Set([...now.values()].map(({ object }) => object)),
  ];
  const line = lineChange(before, after).line;
  const changes = [
    ...changed.map((leaf) =>
      changeOf(leaf, objectsWas.has(leaf.object) ? undefined : "new-object", { path: after.path, line }),
    ),
    ...lost.map((leaf) =>
      changeOf(leaf, objectsIs.has(leaf.object) ? undefined : "removed-object", { path: after.path, line }),
    ),
  ];
  return [...new Map(changes.map((change) => [`${change.kind} ${change.what}`, change])).values()];
}

function leavesIn(documents: readonly Tree[]): ReadonlyMap<string, Leaf> {
  const leaves = documents.flatMap((tree, index) => {
    const object = objectOf(tree, index);
    return leavesOf(tree).map(([path, says]) => [`${object} ${path}`, { says, what: path, object }] as const);
  });
  return new Map(leaves);
}

function objectOf(tree: Tree, index: number): string {
  const said = new Map(leavesOf(tree));
  const part = (...path: readonly string[]): string => said.get(JSON.stringify(path)) ?? "";
  const name = `${part("kind")} ${part("metadata", "namespace")}/${part("metadata", "name")}`;
  return name === " /" ? `#${index}` : name;
}

function changeOf(
  { what, object }: Leaf,
  kind: OtherChange["kind"] | undefined,
  at: { path: string; line: number },
): OtherChange {
  if (kind !== undefined) return { kind, ...at, what: object };
  return { kind: kindOfLeaf(what, at.path), ...at, what };
}

function kindOfLeaf(what: string, path: string): OtherChange["kind"] {
  if (/"(?:replicas|replicaCount|minReplicas|maxReplicas)"\]&?$/.test(what)) return "replicas";
  const isChart = /(?:^|\/)Chart\.ya?ml$/.test(path) || /"(?:chart|dependencies|helmCharts)"/.test(what);
  return (isChart && /"version"\]$/.test(what)) || /"targetRevision"\]$/.test(what) ? "chart-version" : "other";
}

function leavesOf(tree: Tree, path: readonly (string | number)[] = []): readonly (readonly [string, string])[] {
  if (tree.kind === "map" && tree.entries.length > 0)
    return tree.entries.flatMap(({ key, value }) => leavesOf(value, [...path, key]));
  if (tree.kind === "list" && tree.items.length > 0)
    return tree.items.flatMap((item, index) => leavesOf(item, [...path, index]));
  return [[JSON.stringify(path), canonical(tree)]];
}
