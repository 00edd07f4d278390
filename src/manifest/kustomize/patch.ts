import { attempt, type Refusal } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Data } from "../data.ts";
import type { Open } from "./absent.ts";
import { merged } from "./merge.ts";
import { becoming, isCalled, isSelected, kindOf, groupOf, namespaceOf, selectorIn, type Built } from "./object.ts";
import { operated } from "./operations.ts";
import { at, dataOf, isList, isMapping, itemsOf, textAt, withAt, type Values } from "./value.ts";

/** A patch: what it says, and the target that is written beside it, if any. */
export type Patch = {
  readonly path: string;
  /** Undefined where it cannot be read. */
  readonly says: Data | undefined;
  readonly unread?: Open;
  readonly target: Data | undefined;
  readonly changesKind: boolean;
};

/** Where patches are written: the kustomization, and the files that it names. */
export type Sources = {
  readonly path: string;
  readonly text: (name: string) => string | undefined;
  /** What is said of one that has no text. */
  readonly unread: (name: string) => Open;
};

/** The patches of some lists of a kustomization, in its order; a file may hold several. */
export function patchesIn(said: Values, keys: readonly string[], sources: Sources): readonly Patch[] {
  return keys.flatMap((key) =>
    itemsOf(said[key]).flatMap((item) => {
      if (typeof item === "string") return read(item.includes("\n") ? item : undefined, item, sources, {});
      const target = at(item, "target");
      const changesKind = at(item, "options", "allowKindChange") === true;
      return read(textAt(item, "patch"), textAt(item, "path") ?? "", sources, { target, changesKind });
    }),
  );
}

type Beside = { readonly target?: Data | undefined; readonly changesKind?: boolean };

function read(
  inline: string | undefined,
  name: string,
  { path, text, unread }: Sources,
  { target, changesKind = false }: Beside,
): readonly Patch[] {
  const said = inline ?? text(name);
  const base = { path, target, changesKind };
  if (said === undefined) return [{ ...base, says: undefined, unread: unread(name) }];
  const where = inline === undefined ? name : path;
  const values = attempt(() => {
    const source = readSource({ path: where, text: said });
    return source.documents.map((tree) => dataOf(source, tree));
  });
  if (values.kind === "err") return [{ ...base, says: undefined, unread: values.error }];
  return values.value.filter((value) => value !== null).map((says) => ({ ...base, says }));
}

/** The objects after a patch; `open` is told what could not be applied. */
export function patched(objects: readonly Built[], patch: Patch, open: Refusal[]): readonly Built[] {
  const { path, says: data, target, changesKind, unread } = patch;
  if (unread !== undefined) open.push(unread);
  if (isList(data)) {
    const selector = selectorIn(target);
    return objects.map((object) => {
      if (target === undefined || !isSelected(selector, object)) return object;
      const value = operated(annotatable(object.value), data);
      if (isMapping(value)) return becoming(object, plainly(value));
      open.push({ path, line: 1, found: "a JSON patch", why: `an operation has no place in the ${kindOf(object)}` });
      return object;
    });
  }
  if (!isMapping(data)) return objects;
  const isFor =
    target === undefined
      ? (object: Built) => isNamed(data, object)
      : (object: Built) => isSelected(selectorIn(target), object);
  return objects.flatMap((object) => {
    if (!isFor(object)) return [object];
    const next = merged(object.value, withoutName(data));
    if (next === undefined) return [];
    return [becoming(object, changesKind ? { ...next, kind: data["kind"] ?? next["kind"] ?? null } : next)];
  });
}

const ANNOTATIONS = ["metadata", "annotations"];

// Kustomize notes things of its own in annotations meanwhile, so that there are always some to add to.
function annotatable(value: Values): Data {
  return at(value, ...ANNOTATIONS) === undefined ? withAt(value, ANNOTATIONS, {}) : value;
}

function plainly(value: Values): Values {
  const found = at(value, ...ANNOTATIONS);
  if (!isMapping(found) || Object.keys(found).length > 0) return value;
  const plain = withAt(value, ANNOTATIONS, undefined);
  return isMapping(plain) ? plain : value;
}

function isNamed(patch: Values, object: Built): boolean {
  const version = textAt(patch, "apiVersion") ?? "";
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  const namespace = textAt(patch, "metadata", "namespace");
  return (
    textAt(patch, "kind") === kindOf(object) &&
    group === groupOf(object) &&
    isCalled(object, textAt(patch, "metadata", "name") ?? "") &&
    (namespace === undefined ||
      namespace === namespaceOf(object) ||
      namespaceOf(object) === undefined ||
      object.before.some((one) => one.namespace === namespace))
  );
}

// A patch names what it is for; it gives no other name.
function withoutName(patch: Values): Values {
  const metadata = at(patch, "metadata");
  if (!isMapping(metadata)) return patch;
  const { name: _, namespace: __, ...rest } = metadata;
  return { ...patch, metadata: rest };
}
