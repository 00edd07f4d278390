import { attempt, lineAt } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Data } from "../data.ts";
import { folderOf, isRemote, resolvePath, within } from "../services/paths.ts";
import { notThere, type Open } from "./absent.ts";
import { generated } from "./generate.ts";
import type { Built } from "./object.ts";
import { patched, patchesIn, type Patch, type Sources } from "./patch.ts";
import { replaced } from "./replace.ts";
import { annotated, imageEntry, imaged, inNamespace, labelled, renamed, scaled } from "./transform.ts";
import { at, dataOf, isMapping, itemsOf, textAt, type Values } from "./value.ts";

/** Gives a file's text; undefined where there is none. */
export type Read = (path: string) => string | undefined;

/** What a kustomization makes, as far as the repository tells, and what about it is not known. */
export type Evaluated = {
  readonly objects: readonly Built[];
  /** What is not evaluated here: things on other machines, charts, plugins, files that cannot be read. */
  readonly open: readonly Open[];
  /** Every file that was read. */
  readonly reads: readonly string[];
};

const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const MOST_DEEP = 30;
const MOST_OBJECTS = 10_000;

/** The path of a folder's kustomization. */
export function kustomizationOf(read: Read, folder: string): string | undefined {
  return NAMES.map((name) => within(folder, name)).find((path) => read(path) !== undefined);
}

/** Makes the objects of a folder's kustomization as kustomize does, with further components laid over them. Order, names, labels, selectors, images, replicas, patches and replacements are followed; hashes in names of generated objects are not. */
export function evaluate(read: Read, folder: string, components: readonly string[] = []): Evaluated {
  const state: State = { read, open: [], reads: new Set(), above: [] };
  const path = kustomizationOf(read, folder);
  if (path === undefined) return { objects: [], open: [], reads: [] };
  const objects = assembled(state, path, [], components);
  return { objects, open: state.open, reads: [...state.reads] };
}

type State = {
  readonly read: Read;
  readonly open: Open[];
  readonly reads: Set<string>;
  readonly above: readonly string[];
};

/** A kustomization with all that it has to say of what there already is. */
function assembled(
  above: State,
  path: string,
  given: readonly Built[],
  more: readonly string[] = [],
): readonly Built[] {
  const source = sourceAt(above, path);
  const said = source?.documents[0] === undefined ? undefined : dataAt(above, source, 0);
  if (source === undefined || !isMapping(said)) return given;
  const state = { ...above, above: [...above.above, path] };
  const folder = folderOf(path);
  const names = [...textsIn(said, "resources"), ...textsIn(said, "bases")];
  const own = names.flatMap((name) => resource(state, folder, path, name));
  const made = generated(said, path, (name) => fileText(state, folder, name));
  const all = [...given, ...own];
  const listed = [...textsIn(said, "components"), ...more];
  const composed = listed.reduce<readonly Built[]>(
    (objects, name) => component(state, folder, path, { name, objects }),
    all,
  );
  doubt(state, source, said);
  const whole = [...composed, ...made];
  if (whole.length > MOST_OBJECTS) above.open.push(tooLarge(path));
  return transformed(state, { path, folder, said }, whole.slice(0, MOST_OBJECTS));
}

function tooLarge(path: string): Open {
  const why = "what comes after them is not made here";
  return { path, line: 1, found: "more than 10,000 objects", why, prevents: "too-large" };
}

function component(
  state: State,
  folder: string,
  owner: string,
  { name, objects }: { readonly name: string; readonly objects: readonly Built[] },
): readonly Built[] {
  const at = isRemote(name) ? undefined : resolvePath(folder, name);
  const path = at === undefined ? undefined : kustomizationOf(state.read, at);
  if (path === undefined || isTooDeep(state, path)) return missing(state, owner, name) ?? objects;
  return assembled(state, path, objects);
}

function isTooDeep({ above }: State, path: string): boolean {
  return above.includes(path) || above.length > MOST_DEEP;
}

const NOWHERE = "no such file or folder is in this repository";

function missing({ open, read, above }: State, owner: string, name: string): undefined {
  const at = isRemote(name) ? undefined : resolvePath(folderOf(owner), name);
  const isAround = at !== undefined && above.some((path) => folderOf(path) === at);
  const why = isRemote(name) ? "it lies on another machine" : isAround ? "it is what includes it" : NOWHERE;
  open.push(notThere(read, { owner, what: "resource", name, at: isAround ? undefined : at }, why));
  return undefined;
}

function resource(state: State, folder: string, owner: string, name: string): readonly Built[] {
  const path = isRemote(name) ? undefined : resolvePath(folder, name);
  if (path === undefined) return missing(state, owner, name) ?? [];
  if (state.read(path) !== undefined) return objectsIn(state, path);
  const inner = kustomizationOf(state.read, path);
  if (inner === undefined || isTooDeep(state, inner)) return missing(state, owner, name) ?? [];
  return assembled(state, inner, []);
}

/** The objects of a file as they are written there. */
export function objectsOf(read: Read, path: string): Evaluated {
  const state: State = { read, open: [], reads: new Set(), above: [] };
  return { objects: objectsIn(state, path), open: state.open, reads: [...state.reads] };
}

function objectsIn(state: State, path: string): readonly Built[] {
  const source = sourceAt(state, path);
  if (source === undefined) return [];
  return source.documents.flatMap((tree, index) => {
    const value = dataAt(state, source, index);
    const line = lineAt(source.text, tree.start);
    const items = textAt(value, "kind")?.endsWith("List") === true ? at(value, "items") : undefined;
    const all = items === undefined ? [value] : itemsOf(items);
    return all.flatMap((one): readonly Built[] => (isObject(one) ? [{ value: one, before: [], path, line }] : []));
  });
}

function isObject(value: Data | undefined): value is Values {
  return isMapping(value) && textAt(value, "kind") !== undefined && textAt(value, "apiVersion") !== undefined;
}

function sourceAt(state: State, path: string): Source | undefined {
  const text = state.read(path);
  state.reads.add(path);
  if (text === undefined) return undefined;
  const source = attempt(() => readSource({ path, text }));
  if (source.kind === "ok") return source.value;
  state.open.push(source.error);
  return undefined;
}

function dataAt(state: State, source: Source, index: number): Data | undefined {
  const tree = source.documents[index];
  if (tree === undefined) return undefined;
  const data = attempt(() => dataOf(source, tree));
  if (data.kind === "ok") return data.value;
  state.open.push(data.error);
  return undefined;
}

function fileText(state: State, folder: string, name: string): string | undefined {
  const path = isRemote(name) ? undefined : resolvePath(folder, name);
  if (path === undefined) return undefined;
  state.reads.add(path);
  return state.read(path);
}

export function textsIn(said: Values, key: string): readonly string[] {
  return itemsOf(said[key]).flatMap((item) => (typeof item === "string" ? [item] : []));
}

const NOT_EVALUATED: Readonly<Record<string, string>> = {
  helmCharts: "charts are not rendered here",
  helmChartInflationGenerator: "charts are not rendered here",
  generators: "what plugins make is not known here",
  vars: "variables of kustomize are not followed here",
};

function doubt(state: State, source: Source, said: Values): void {
  for (const [key, why] of Object.entries(NOT_EVALUATED))
    if (itemsOf(said[key]).length > 0)
      state.open.push({ path: source.path, line: lineOfKey(source, key), found: `${key}:`, why });
}

function lineOfKey(source: Source, key: string): number {
  const [root] = source.documents;
  const entry = root?.kind === "map" ? root.entries.find((one) => one.key === key) : undefined;
  return lineAt(source.text, entry?.start ?? 0);
}

/** Where a kustomization's patches are read. */
function sourcesOf(state: State, { path, folder }: Own): Sources {
  const unread = (name: string) => {
    const at = isRemote(name) ? undefined : resolvePath(folder, name);
    return notThere(state.read, { owner: path, what: "patch", name, at }, "it is not there");
  };
  return { path, text: (name) => fileText(state, folder, name), unread };
}

type Own = { readonly path: string; readonly folder: string; readonly said: Values };

/** What one kustomization changes, in kustomize's order. */
function transformed(state: State, own: Own, given: readonly Built[]): readonly Built[] {
  const { path, said } = own;
  const sources = sourcesOf(state, own);
  const apply = (objects: readonly Built[], patches: readonly Patch[]) =>
    patches.reduce((all, patch) => patched(all, patch, state.open), objects);
  const merges = apply(given, patchesIn(said, ["patchesStrategicMerge", "patches"], sources));
  const labels = labelsOf(state, path, said);
  const [prefix, suffix] = [textAt(said, "namePrefix") ?? "", textAt(said, "nameSuffix") ?? ""];
  const namespace = textAt(said, "namespace");
  const annotations = at(said, "commonAnnotations");
  const named = merges
    .map((object) => (namespace === undefined || namespace === "" ? object : inNamespace(object, namespace)))
    .map((object) => renamed(object, prefix, suffix))
    .map((object) => labels.reduce(labelled, object))
    .map((object) => (isMapping(annotations) ? annotated(object, annotations) : object));
  const operated = apply(named, patchesIn(said, ["patchesJson6902"], sources));
  const sized = itemsOf(said["replicas"]).reduce<readonly Built[]>((all, entry) => {
    const [name, count] = [textAt(entry, "name"), at(entry, "count")];
    return name === undefined || typeof count !== "number" ? all : all.map((one) => scaled(one, { name, count }));
  }, operated);
  const entries = itemsOf(said["images"]).flatMap((entry) => imageEntry(entry) ?? []);
  const pictured = sized.map((object) => entries.reduce(imaged, object));
  const copied = withReplacements(state, own, pictured, itemsOf(said["replacements"]));
  return textsIn(said, "transformers").reduce((all, name) => withTransformers(state, own, all, name), copied);
}

function labelsOf(state: State, path: string, said: Values): readonly Parameters<typeof labelled>[1][] {
  const common = said["commonLabels"];
  const listed = itemsOf(said["labels"]).flatMap((entry) => {
    const pairs = at(entry, "pairs");
    if (at(entry, "fields") !== undefined)
      state.open.push({ path, line: 1, found: "fields of labels:", why: "where they go is not followed here" });
    const isTrue = (key: string) => at(entry, key) === true;
    return isMapping(pairs)
      ? [{ pairs, inSelectors: isTrue("includeSelectors"), inTemplates: isTrue("includeTemplates") }]
      : [];
  });
  return [...listed, ...(isMapping(common) ? [{ pairs: common, inSelectors: true, inTemplates: true }] : [])];
}

/** Entries of `replacements:`, those of files that they name among them. */
function withReplacements(
  state: State,
  { folder, path }: Own,
  objects: readonly Built[],
  entries: readonly Data[],
): readonly Built[] {
  const all = entries.flatMap((entry) => {
    const name = textAt(entry, "path");
    if (name === undefined) return [entry];
    const at = resolvePath(folder, name);
    const source = at === undefined ? undefined : sourceAt(state, at);
    const value = source === undefined ? undefined : dataAt(state, source, 0);
    return Array.isArray(value) ? itemsOf(value) : value === undefined ? [] : [value];
  });
  return all.reduce<readonly Built[]>((now, entry) => {
    if (!isMapping(entry)) return now;
    const next = replaced(now, entry);
    if (next !== undefined) return next;
    state.open.push({ path, line: 1, found: "a replacement", why: "its source is not known here" });
    return now;
  }, objects);
}

/** A file of `transformers:`, or a folder with a kustomization of them, as far as they are kustomize's own replacements and patches. */
function withTransformers(state: State, own: Own, objects: readonly Built[], name: string): readonly Built[] {
  const path = name.includes("\n") || isRemote(name) ? undefined : resolvePath(own.folder, name);
  const source = path === undefined || state.read(path) === undefined ? undefined : sourceAt(state, path);
  if (source === undefined) {
    state.open.push({ path: own.path, line: 1, found: "an entry of transformers:", why: "it is not evaluated here" });
    return objects;
  }
  return source.documents.reduce<readonly Built[]>((all, _, index) => {
    const value = dataAt(state, source, index);
    return isMapping(value) ? withTransformer(state, own, all, value) : all;
  }, objects);
}

function withTransformer(state: State, own: Own, objects: readonly Built[], config: Values): readonly Built[] {
  switch (textAt(config, "apiVersion") === "builtin" ? textAt(config, "kind") : undefined) {
    case "ReplacementTransformer":
      return withReplacements(state, own, objects, itemsOf(config["replacements"]));
    case "PatchTransformer": {
      return patchesIn({ patches: [config] }, ["patches"], sourcesOf(state, own)).reduce(
        (all, patch) => patched(all, patch, state.open),
        objects,
      );
    }
    default:
      state.open.push({
        path: own.path,
        line: 1,
        found: `the transformer ${textAt(config, "kind") ?? ""}`,
        why: "it is not evaluated here",
      });
      return objects;
  }
}
