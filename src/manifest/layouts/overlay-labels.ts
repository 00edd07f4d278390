import type { Places } from "../../core/state.ts";
import { peek } from "../../yaml/look.ts";
import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { podLabelsIn, type Labels } from "../routers/destination-rule.ts";
import { baseOf, folderOf, resolvePath } from "../services/paths.ts";

/** Whether an overlay pins stable: a pin in a values file is a chart's, whose templates are not read. */
export function isOverlay({ stable }: Places): boolean {
  return stable.at.startsWith("ConfigMap ");
}

/**
 * The labels of both arms' pods where an overlay splits a Deployment, by all files that have a say in what runs there: stable's are the Deployment's as it is written,
 * the canary's are the same with its own put over them. Undefined where a kustomization may change labels, and where not just one file says them.
 */
export function overlayLabels(
  files: readonly TextFile[],
  { stable, canaryReplicas, workloads }: Places,
): { readonly canary: Labels; readonly stable: Labels } | undefined {
  const arms = resolvePath(folderOf(stable.path), "arms.yaml");
  if (files.some((file) => isKustomization(file) && mayLabel(file, arms))) return undefined;
  const [deployed, ...others] = files.flatMap((file) => podLabelsIn(file, workloads.stable) ?? []);
  const owned = files.find(({ path }) => path === canaryReplicas?.path);
  const own = owned && podLabelsIn(owned, workloads.canary, "StatefulSet");
  if (deployed === undefined || others.length > 0 || own === undefined) return undefined;
  return { stable: deployed, canary: new Map([...deployed, ...own]) };
}

function isKustomization({ path }: TextFile): boolean {
  return /^kustomization(?:\.ya?ml)?$/i.test(baseOf(path));
}

// Patches may, whatever they are for: nobody applies them here.
const LABELLING: ReadonlySet<string> = new Set([
  "labels",
  "commonLabels",
  "patches",
  "patchesStrategicMerge",
  "patchesJson6902",
  "components",
  "replacements",
  "configurations",
  "vars",
  "<<",
]);

/** Whether a kustomization does anything that may change labels of pods, besides the owned transformers. */
function mayLabel(file: TextFile, arms: string | undefined): boolean {
  const source = attempt(() => readSource(file));
  const [root] = source.kind === "ok" ? source.value.documents : [];
  if (root?.kind !== "map" || root.entries.some(({ key }) => LABELLING.has(key))) return true;
  const transformers = peek(root, ["transformers"]);
  return (
    transformers !== undefined && !isOnly(transformers, (entry) => resolvePath(folderOf(file.path), entry) === arms)
  );
}

function isOnly(list: Tree, isOwned: (entry: string) => boolean): boolean {
  return (
    list.kind === "list" &&
    list.items.every((item) => item.kind === "scalar" && typeof item.value === "string" && isOwned(item.value))
  );
}
