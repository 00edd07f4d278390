import { peek } from "../../yaml/look.ts";
import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { itemsAt, textAt, textsAt } from "./node.ts";
import type { RenderedObject } from "./rendered.ts";

/** Objects that a patch of kustomize's takes away, by what it names; undefined parts match any. */
export type Removal = { readonly kind: string | undefined; readonly name: string | undefined };

const DELETING = "$patch";

/** What a patch takes away as a whole. */
export function removalIn(tree: Tree): readonly Removal[] {
  if (textAt(tree, [DELETING]) !== "delete") return [];
  return [{ kind: textAt(tree, ["kind"]), name: textAt(tree, ["metadata", "name"]) }];
}

/** What the patches that are written into a kustomization take away. */
export function inlineRemovals({ path }: TextFile, tree: Tree): readonly Removal[] {
  const merges = textsAt(tree, ["patchesStrategicMerge"]).map((text) => ({ text, target: undefined }));
  const listed = itemsAt(tree, ["patches"]).map((item) => {
    return { text: textAt(item, ["patch"]) ?? "", target: peek(item, ["target"]) };
  });
  return [...merges, ...listed].flatMap(({ text, target }) => {
    if (!text.includes(DELETING)) return [];
    const read = attempt(() => readSource({ path, text }));
    const own = read.kind === "err" ? [] : read.value.documents.flatMap(removalIn);
    return own.flatMap((removal) => targeted(removal, target));
  });
}

const BY_NAME: ReadonlySet<string> = new Set(["group", "version", "kind", "name", "namespace"]);

/** A target says what is meant instead of the patch; of one that is more than a kind and a name nothing is known. */
function targeted(removal: Removal, target: Tree | undefined): readonly Removal[] {
  if (target?.kind !== "map") return [removal];
  if (target.entries.some(({ key }) => !BY_NAME.has(key))) return [];
  return [{ kind: textAt(target, ["kind"]), name: textAt(target, ["name"]) }];
}

/** Whether an object is taken away; in doubt it stays: a name that is a pattern takes nothing away here. */
export function isRemoved({ kind, name }: Removal, { fact, name: called }: RenderedObject): boolean {
  if (kind === undefined && name === undefined) return false;
  return (kind === undefined || kind === fact.kind) && (name === undefined || name === fact.name || name === called);
}
