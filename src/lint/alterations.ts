import type { Facts } from "../manifest/services/facts.ts";
import { entriesAt, itemsAt, textAt, textOf, textsAt } from "../manifest/services/node.ts";
import { folderOf, isRemote, resolvePath } from "../manifest/services/paths.ts";
import type { RenderedObject } from "../manifest/services/rendered.ts";
import type { Sight } from "../manifest/services/sight.ts";
import { peek } from "../yaml/look.ts";
import { attempt } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Read } from "./objects.ts";

/** What kustomizations may do to an object beyond names, namespaces and images: not evaluated, only known to be possible. */
export type Alterations = {
  /** Keys of labels that are set for everything. */
  readonly labels: ReadonlySet<string>;
  /** Whether a patch, or anything else that is not followed, may touch what some words name. */
  readonly mayTouch: (words: RegExp) => boolean;
};

const UNALTERED: Alterations = { labels: new Set(), mayTouch: () => false };

/** A patch: what it is for (undefined parts match any), and its text; the text "anything" where that is not known. */
type Patch = {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly text: string | undefined;
};

type Own = { readonly labels: readonly string[]; readonly patches: readonly Patch[] };

/** The alterations of objects, by the kustomizations among the files that have a say in them. */
export function alterationsBy(sight: Sight, read: Read): (object: RenderedObject) => Alterations {
  const known = new Map<string, Own>();
  const ownOf = (path: string): Own | undefined => {
    const facts = sight.facts(path);
    if (facts?.kustomization === undefined) return undefined;
    const own = known.get(path) ?? ownIn(facts, read);
    known.set(path, own);
    return own;
  };
  return ({ fact, name, reads }) => {
    const all = [...new Set(reads)].flatMap((path) => ownOf(path) ?? []);
    if (all.length === 0) return UNALTERED;
    const patches = all.flatMap((own) => own.patches).filter((patch) => isFor(patch, fact.kind, [fact.name, name]));
    return {
      labels: new Set(all.flatMap(({ labels }) => labels)),
      mayTouch: (words) => patches.some(({ text }) => text === undefined || words.test(text)),
    };
  };
}

// kustomize takes a target's texts for anchored regular expressions; those that are more than names match anything here.
function isFor(patch: Patch, kind: string, names: readonly string[]): boolean {
  const isLike = (wanted: string | undefined, found: readonly string[]) =>
    wanted === undefined || /[.*+?|()[\]^$\\]/.test(wanted) || found.includes(wanted);
  return isLike(patch.kind, [kind]) && isLike(patch.name, names);
}

const UNKNOWN: Patch = { kind: undefined, name: undefined, text: undefined };
const OPAQUE = ["transformers", "vars", "configurations"];

function ownIn({ path }: Facts, read: Read): Own {
  const tree = treeOf(path, read(path));
  if (tree === undefined) return { labels: [], patches: [UNKNOWN] };
  const labels = ["commonLabels", "labels"].flatMap((key) => [
    ...entriesAt(tree, [key]),
    ...itemsAt(tree, [key]).flatMap((item) => entriesAt(item, ["pairs"])),
  ]);
  const listed = ["patches", "patchesJson6902"].flatMap((key) => itemsAt(tree, [key]));
  const merges = itemsAt(tree, ["patchesStrategicMerge"]).flatMap((item) => textOf(item) ?? []);
  return {
    labels: labels.map(({ key }) => key),
    patches: [
      ...listed.flatMap((item) => patchesIn(item, path, read)),
      ...merges.flatMap((one) => merged(one.includes("\n") ? one : textFrom(path, one, read))),
      ...itemsAt(tree, ["replicas"]).map((item) => scaled(item)),
      ...(peek(tree, ["commonAnnotations"]) === undefined ? [] : [{ ...UNKNOWN, text: "annotations" }]),
      ...(OPAQUE.some((key) => peek(tree, [key]) !== undefined) ? [UNKNOWN] : []),
      ...replacements(tree, path, read),
    ],
  };
}

function treeOf(path: string, text: string | undefined): Tree | undefined {
  if (text === undefined) return undefined;
  const source = attempt(() => readSource({ path, text }));
  return source.kind === "ok" ? source.value.documents[0] : undefined;
}

function textFrom(from: string, name: string, read: Read): string | undefined {
  const path = isRemote(name) ? undefined : resolvePath(folderOf(from), name);
  return path === undefined ? undefined : read(path);
}

function patchesIn(item: Tree, path: string, read: Read): readonly Patch[] {
  const file = textAt(item, ["path"]);
  const text = file === undefined ? textAt(item, ["patch"]) : textFrom(path, file, read);
  if (peek(item, ["target"]) === undefined) return merged(text);
  return [{ kind: textAt(item, ["target", "kind"]), name: textAt(item, ["target", "name"]), text }];
}

/** A merge patch says itself what it is for, document by document. */
function merged(text: string | undefined): readonly Patch[] {
  const source = text === undefined ? undefined : attempt(() => readSource({ path: "", text }));
  if (source?.kind !== "ok") return [{ ...UNKNOWN, text }];
  return source.value.documents.map((tree) => ({
    kind: textAt(tree, ["kind"]),
    name: textAt(tree, ["metadata", "name"]),
    text: withoutHead(tree, text ?? ""),
  }));
}

// Its kind, name and namespace say what it is for, and change nothing.
function withoutHead(tree: Tree, text: string): string {
  if (tree.kind !== "map") return text;
  const parts = tree.entries.flatMap(({ key, value }) => {
    if (key === "apiVersion" || key === "kind") return [];
    const inner = key === "metadata" ? entriesAt(value, []).filter((one) => !HEAD.has(one.key)) : undefined;
    const spans = inner ?? [{ key, value, start: 0 }];
    return spans.map((one) => `${one.key}: ${text.slice(one.value.start, one.value.end)}`);
  });
  return parts.join("\n");
}

const HEAD: ReadonlySet<string> = new Set(["name", "namespace"]);

function scaled(item: Tree): Patch {
  return { kind: undefined, name: textAt(item, ["name"]), text: "replicas" };
}

function replacements(tree: Tree, path: string, read: Read): readonly Patch[] {
  return itemsAt(tree, ["replacements"]).map((item) => {
    const file = textAt(item, ["path"]);
    if (file !== undefined) return { ...UNKNOWN, text: textFrom(path, file, read) };
    const fields = itemsAt(item, ["targets"]).flatMap((target) => textsAt(target, ["fieldPaths"]));
    return { ...UNKNOWN, text: fields.join("\n") };
  });
}
