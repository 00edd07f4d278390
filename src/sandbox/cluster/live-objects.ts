import { isEqual } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { Place } from "./kinds/manifest.ts";
import { writtenOf } from "./objects.ts";
import type { Kind, KubeObject, Written } from "./objects.ts";

/** An object as it is in the cluster, which is not always as git has it. */
export type Live = Written & {
  /** What was last applied from git for which folder, and what became of it; undefined for what a controller has made. */
  readonly applied: { readonly folder: string; readonly manifest: JsonObject; readonly result: JsonObject } | undefined;
  /** The key of the object that this one goes away with. */
  readonly owner: string | undefined;
};

export type LiveObjects = ReadonlyMap<string, Live>;

export function keyOf({ kind, namespace, name }: Place & { readonly kind: Kind }): string {
  return `${kind} ${namespace}/${name}`;
}

/** The objects of one kind. */
export function ofKind<K extends Kind>(objects: LiveObjects, kind: K): readonly Extract<KubeObject, { kind: K }>[] {
  return [...objects.values()].flatMap(({ object }) => (isOf(object, kind) ? [object] : []));
}

/** One object. */
export function find<K extends Kind>(
  objects: LiveObjects,
  kind: K,
  { namespace, name }: Place,
): Extract<KubeObject, { kind: K }> | undefined {
  const found = objects.get(keyOf({ kind, namespace, name }))?.object;
  return found !== undefined && isOf(found, kind) ? found : undefined;
}

/** What somebody in the cluster makes of an object, leaving what was applied from git as it is known. Nothing happens to an object that is not there. */
export function changed(objects: LiveObjects, key: string, change: (manifest: JsonObject) => JsonObject): LiveObjects {
  const before = objects.get(key);
  if (before === undefined) return objects;
  const manifest = change(before.manifest);
  if (isEqual(manifest, before.manifest)) return objects;
  return put(objects, { ...before, ...writtenAs(manifest, before) });
}

/** A new object, or another in the place of one. */
export function put(objects: LiveObjects, live: Live): LiveObjects {
  return new Map(objects).set(keyOf(live.object), live);
}

export function without(objects: LiveObjects, isGone: (live: Live, key: string) => boolean): LiveObjects {
  const kept = [...objects].filter(([key, live]) => !isGone(live, key));
  return kept.length === objects.size ? objects : new Map(kept);
}

/** Without what controllers made for objects that are gone. */
export function withoutOrphans(objects: LiveObjects): LiveObjects {
  return without(objects, ({ owner }) => owner !== undefined && !objects.has(owner));
}

/** A manifest with what it says; throws a ManifestError where it says nothing that the cluster knows. */
function writtenAs(manifest: JsonObject, before: Written): Written {
  return writtenOf(manifest)[0] ?? before;
}

function isOf<K extends Kind>(object: KubeObject, kind: K): object is Extract<KubeObject, { kind: K }> {
  return object.kind === kind;
}
