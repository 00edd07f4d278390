import { canonical } from "../yaml/canonical.ts";
import type { YamlPath } from "../yaml/look.ts";
import type { Entry, List, Mapping, Tree } from "../yaml/tree.ts";

/**
 * What an edit is to change; the path begins with the document's number and is the one before the edit. A number also names an entry of a mapping by its position.
 * `value`: set there, or added to its mapping; `says` in canonical form. `item`: put into its list, before what stands there. `gone`: taken away.
 */
export type Intent =
  | { readonly kind: "value" | "item"; readonly path: YamlPath; readonly says: string }
  | { readonly kind: "gone"; readonly path: YamlPath };

/** The canonical form of a single value. */
export function saying(value: string | number | boolean): string {
  return JSON.stringify(value);
}

/** The path of the first thing that two readings differ in beyond what is intended; undefined where there is none. One walk over both. */
export function stray(
  before: readonly Tree[],
  after: readonly Tree[],
  intents: readonly Intent[],
): YamlPath | undefined {
  if (before.length !== after.length) return [Math.min(before.length, after.length)];
  return firstOf(before.keys(), (index) => {
    const inside = intents.filter(({ path }) => path[0] === index);
    return strayIn(before[index], after[index], { path: [index], intents: inside });
  });
}

/** A place in both trees, and the intents that lie at it or below. */
type Spot = { readonly path: YamlPath; readonly intents: readonly Intent[] };

function strayIn(before: Tree | undefined, after: Tree | undefined, spot: Spot): YamlPath | undefined {
  const own = spot.intents.find(({ kind, path }) => kind === "value" && path.length === spot.path.length);
  if (own?.kind === "value") return says(after, own.says) ? undefined : spot.path;
  if (before === undefined || after === undefined || before.oddity !== after.oddity) return spot.path;
  if (before.kind === "map" && after.kind === "map") return strayInMapping(before, after, spot);
  if (before.kind === "list" && after.kind === "list") return strayInList(before, after, spot);
  return isSame(before, after) ? undefined : spot.path;
}

function strayInMapping(before: Mapping, after: Mapping, spot: Spot): YamlPath | undefined {
  if (spot.intents.length === 0) return strayInEntries(before.entries, after.entries, spot);
  const own = spot.intents.filter(({ path }) => path.length === spot.path.length + 1);
  const gone = new Set(own.filter(({ kind }) => kind === "gone").map(keyOf));
  const kept = before.entries.filter(({ key }) => !gone.has(key));
  const present = new Set(kept.map(({ key }) => key));
  const added = own.filter((intent) => intent.kind === "value" && isNew(keyOf(intent), present));
  const names = new Set(added.map(keyOf));
  const missing = added.find((intent) => !says(after.entries.find(({ key }) => key === keyOf(intent))?.value, intent));
  if (missing !== undefined) return missing.path;
  const others = after.entries.filter(({ key }) => !names.has(key));
  return strayInEntries(kept, others, spot);
}

function isNew(key: string | number | undefined, present: ReadonlySet<string>): boolean {
  return typeof key === "string" && !present.has(key);
}

function strayInEntries(before: readonly Entry[], after: readonly Entry[], spot: Spot): YamlPath | undefined {
  if (before.length !== after.length) return [...spot.path];
  return firstOf(before.keys(), (index) => {
    const [old, now] = [before[index], after[index]];
    if (old === undefined || old.key !== now?.key) return [...spot.path, old?.key ?? ""];
    return strayIn(old.value, now.value, below(spot, old.key, index));
  });
}

function strayInList(before: List, after: List, spot: Spot): YamlPath | undefined {
  let next = 0;
  const found = firstOf(Array(before.items.length + 1).keys(), (index) => {
    const here = below(spot, index);
    const own = here.intents.filter(({ path }) => path.length === here.path.length);
    const wrong = own.find((intent) => intent.kind === "item" && !says(after.items[next++], intent));
    if (wrong !== undefined) return here.path;
    if (index === before.items.length || own.some(({ kind }) => kind === "gone")) return undefined;
    const deeper = {
      ...here,
      intents: here.intents.filter(({ kind, path }) => kind !== "item" || path.length > here.path.length),
    };
    return strayIn(before.items[index], after.items[next++], deeper);
  });
  return found ?? (next === after.items.length ? undefined : spot.path);
}

function below({ path, intents }: Spot, part: string | number, position = part): Spot {
  const isHere = (here: string | number | undefined) => here === part || here === position;
  const inside = intents.length === 0 ? intents : intents.filter((intent) => isHere(intent.path[path.length]));
  return { path: [...path, part], intents: inside };
}

function keyOf({ path }: Intent): string | number | undefined {
  return path.at(-1);
}

function says(tree: Tree | undefined, wanted: string | Intent): boolean {
  const text = typeof wanted === "string" ? wanted : wanted.kind === "gone" ? undefined : wanted.says;
  return tree !== undefined && isPlainAll(tree) && canonical(tree) === text;
}

function isPlainAll(tree: Tree): boolean {
  if (tree.oddity !== undefined) return false;
  if (tree.kind === "map") return tree.entries.every(({ value }) => isPlainAll(value));
  return tree.kind !== "list" || tree.items.every(isPlainAll);
}

function isSame(before: Tree, after: Tree): boolean {
  if (before.kind === "alias") return after.kind === "alias" && before.name === after.name;
  if (before.kind !== "scalar" || after.kind !== "scalar") return false;
  return before.value === after.value && before.style === after.style && before.source === after.source;
}

function firstOf<T>(keys: Iterable<T>, find: (key: T) => YamlPath | undefined): YamlPath | undefined {
  for (const key of keys) {
    const found = find(key);
    if (found !== undefined) return found;
  }
  return undefined;
}
