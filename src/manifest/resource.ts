import type { Name } from "../core/names.ts";
import { lookText, peekText } from "../yaml/look.ts";
import { quote, refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";

/** A Kubernetes object in a file: which document, and its root. */
export type Resource = { readonly document: number; readonly tree: Tree };

/** The objects of one kind of an API group (whatever the version), in the file's order. */
export function resourcesOf({ documents }: Source, group: string, kind: string): readonly Resource[] {
  return documents
    .map((tree, document) => ({ document, tree }))
    .filter(({ tree }) => peekText(tree, ["kind"]) === kind && groupOf(tree) === group);
}

/** Refuses an object that says it lives in another namespace. */
export function checkNamespace(source: Source, { tree }: Resource, namespace: Name): void {
  const found = lookText(source, tree, ["metadata", "namespace"]);
  if (found === undefined || found === namespace) return;
  refuse(source, tree.start, `the namespace ${quote(found)}`, `the service's state says ${namespace}`);
}

function groupOf(tree: Tree): string | undefined {
  return peekText(tree, ["apiVersion"])?.split("/")[0];
}
