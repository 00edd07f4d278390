import type { Tree } from "../../yaml/tree.ts";
import { itemsAt, textAt, textsAt } from "../services/node.ts";
import { baseOf, folderOf, isRemote, resolvePath, segmentsOf, within } from "../services/paths.ts";
import { documentsOf } from "./parse.ts";
import type { Surroundings } from "./site.ts";

/** A kustomization that can be seen. */
export type Kustomization = { readonly path: string; readonly folder: string; readonly tree: Tree };

/** Kustomizations in whose hands a file's objects come: that take it in themselves or through others, and the components that these lay over it. */
export type Scope = { readonly over: readonly Kustomization[]; readonly beside: readonly Kustomization[] };

const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const NAMED = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

// Beyond any real nesting, and any number of overlays of one base.
const MOST = 60;
const MOST_FILES = 300;
const MOST_LISTED = 5_000;

/** The kustomizations that have a say in what a file holds, as far as they can be seen. */
export function scopeOf(path: string, around: Surroundings): Scope {
  const all = kustomizationsIn(path, around);
  const over = new Map<string, Kustomization>();
  const waiting = NAMED.test(path) ? ownOf(around, path) : holders(all, around, path);
  for (let one = waiting.pop(); one !== undefined && over.size < MOST; one = waiting.pop()) {
    if (over.has(one.path)) continue;
    over.set(one.path, one);
    if (one.folder !== "") waiting.push(...holders(all, around, one.folder));
  }
  return { over: [...over.values()], beside: componentsOf(around, [...over.values()]) };
}

function ownOf(around: Surroundings, path: string): Kustomization[] {
  return [kustomizationAt(around, path)].filter((one) => one !== undefined);
}

function kustomizationsIn(path: string, around: Surroundings): readonly string[] {
  const [top = ""] = segmentsOf(folderOf(path));
  const above = NAMES.map((name) => within("", name)).filter((name) => around.read(name) !== undefined);
  const listed = top === "" ? [] : around.list(top).filter((file) => NAMED.test(file));
  return [...new Set([...above, ...listed.slice(0, MOST_LISTED)])];
}

/** Kustomizations that name a file or a folder, by a quick look at their letters first. */
function holders(all: readonly string[], around: Surroundings, wanted: string): Kustomization[] {
  const name = baseOf(wanted);
  return all.flatMap((path) => {
    // A folder above may be named by how many levels up it is.
    const isNamed = path.startsWith(`${wanted}/`) || around.read(path)?.includes(name) === true;
    const one = isNamed ? kustomizationAt(around, path) : undefined;
    return one !== undefined && takenIn(one).includes(wanted) ? [one] : [];
  });
}

function kustomizationAt(around: Surroundings, path: string): Kustomization | undefined {
  const text = around.read(path);
  const tree = text === undefined ? undefined : documentsOf({ path, text })?.[0];
  return tree?.kind === "map" ? { path, folder: folderOf(path), tree } : undefined;
}

const LISTS = ["resources", "bases", "components"];

/** What makes objects of literals and files. */
export const GENERATORS = [
  { key: "configMapGenerator", kind: "ConfigMap" },
  { key: "secretGenerator", kind: "Secret" },
] as const;

/** Folders and files whose objects a kustomization takes in, and the files that it makes objects of. */
function takenIn({ folder, tree }: Kustomization): readonly string[] {
  const generated = generatorsOf(tree).flatMap((one) => envFiles(one.tree));
  return inRepository(folder, [...LISTS.flatMap((key) => textsAt(tree, [key])), ...generated]);
}

type Generator = { readonly kind: string; readonly tree: Tree };

function generatorsOf(tree: Tree): readonly Generator[] {
  return GENERATORS.flatMap(({ key, kind }) => itemsAt(tree, [key]).map((one) => ({ kind, tree: one })));
}

/** The generators that make an object of a file of variables. */
export function generatorsNaming(path: string, { folder, tree }: Kustomization): readonly Generator[] {
  return generatorsOf(tree).filter((one) => inRepository(folder, envFiles(one.tree)).includes(path));
}

function envFiles(generator: Tree): readonly string[] {
  return [...textsAt(generator, ["envs"]), ...[textAt(generator, ["env"])].filter((text) => text !== undefined)];
}

function inRepository(folder: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (isRemote(name) ? [] : (resolvePath(folder, name) ?? [])));
}

function componentsOf(around: Surroundings, over: readonly Kustomization[]): readonly Kustomization[] {
  const found = new Map<string, Kustomization>();
  const known = new Set(over.map(({ path }) => path));
  const waiting = [...over];
  for (let one = waiting.pop(); one !== undefined && found.size < MOST; one = waiting.pop()) {
    for (const folder of inRepository(one.folder, textsAt(one.tree, ["components"]))) {
      const component = inFolder(around, folder);
      if (component === undefined || known.has(component.path)) continue;
      known.add(component.path);
      found.set(component.path, component);
      waiting.push(component);
    }
  }
  return [...found.values()];
}

function inFolder(around: Surroundings, folder: string): Kustomization | undefined {
  for (const name of NAMES) {
    const one = kustomizationAt(around, within(folder, name));
    if (one !== undefined) return one;
  }
  return undefined;
}

/** The documents of the files that some kustomizations take in, through others as well; at most those of 300 files. */
export function objectsUnder(around: Surroundings, over: readonly Kustomization[]): readonly Tree[] {
  const seen = new Set<string>();
  const objects: Tree[] = [];
  const waiting = [...over];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (seen.has(one.path)) continue;
    seen.add(one.path);
    for (const path of takenIn(one)) {
      if (seen.has(path) || seen.size > MOST_FILES) continue;
      const inner = inFolder(around, path);
      if (inner !== undefined) waiting.push(inner);
      else {
        seen.add(path);
        objects.push(...documentsAt(around, path));
      }
    }
  }
  return objects;
}

/** The documents of a folder's manifests, by its kustomization where it has one. */
export function objectsIn(around: Surroundings, folder: string): readonly Tree[] {
  const own = inFolder(around, folder);
  if (own !== undefined) return objectsUnder(around, [own]);
  const files = around.list(folder).filter((path) => /\.ya?ml$/.test(path));
  return files.slice(0, MOST_FILES).flatMap((path) => documentsAt(around, path));
}

/** The documents of a file that is manifests. */
export function documentsAt(around: Surroundings, path: string): readonly Tree[] {
  const text = /\.(?:ya?ml|json)$/.test(path) ? around.read(path) : undefined;
  return text === undefined ? [] : (documentsOf({ path, text }) ?? []);
}
