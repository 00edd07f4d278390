import { fieldHolds } from "../images/copied.ts";
import {
  fitsItem,
  isMeant,
  partOf,
  withPart,
  type FieldPath,
  type Selector,
  type Source,
  type Target,
} from "../images/replacement.ts";
import type { CopyFact, Text, VariableFact, Word } from "./copy-facts.ts";
import type { ImageInUse } from "./model.ts";
import { valuesKey } from "./overlay.ts";
import { useOf, type RenderedContainer, type RenderedObject } from "./rendered.ts";

/** What a kustomization copies, in its order: texts, and whole pod templates. */
export type Copying = {
  readonly puts: readonly ({ readonly targets: readonly Target[] } & (
    | { readonly text: Text }
    | { readonly template: RenderedObject }
  ))[];
  readonly fills: readonly { readonly token: string; readonly text: Text }[];
};

// Beyond what any kustomization copies.
const MOST = 1_000;

/** What there is to be copied: texts, the images of containers, and pod templates. */
export type Given = { readonly words: readonly Word[]; readonly objects: readonly RenderedObject[] };

/** The texts and pod templates of replacements, and the texts of variables, from what there is to be copied; those without one are left out. */
export function copyingOf(copies: readonly CopyFact[], variables: readonly VariableFact[], given: Given): Copying {
  const puts = copies.slice(0, MOST).flatMap(({ targets, ...copy }): Copying["puts"] => {
    const template = "source" in copy ? templateOf(copy.source, given) : undefined;
    if (template !== undefined) return [{ template, targets }];
    const text = "text" in copy ? copy.text : textOf(copy.source, given);
    return text === undefined ? [] : [{ text, targets }];
  });
  const fills = variables.slice(0, MOST).flatMap(({ name, source }) => {
    const text = textOf(source, given);
    return text === undefined ? [] : [{ token: `$(${name})`, text }];
  });
  return { puts, fills };
}

/** An object after a kustomization's replacements and variables, in that order. */
export function withCopies({ puts, fills }: Copying, object: RenderedObject): RenderedObject {
  const replaced = puts.reduce(
    (one, put) => ("text" in put ? withText(put.text, put.targets, one) : withTemplate(put.template, put.targets, one)),
    object,
  );
  if (fills.length === 0) return replaced;
  const containers = replaced.containers.map((container) => fills.reduce(filled, container));
  return { ...replaced, containers };
}

function withText(text: Text, targets: readonly Target[], object: RenderedObject): RenderedObject {
  const own = targets.filter((target) => isFor(target, object));
  return own.reduce((one, { paths, part }) => paths.reduce((at, path) => put({ path, part, text }, at), one), object);
}

const TEMPLATE: FieldPath = ["spec", "template"];

/** The workload whose pod template a source means, as it is before anything is copied. */
function templateOf({ path, ...selector }: Source, { objects }: Given): RenderedObject | undefined {
  return isSame(path, TEMPLATE) ? objects.find((one) => one.containers.length > 0 && isOwn(selector, one)) : undefined;
}

function withTemplate(
  { containers, reads }: RenderedObject,
  targets: readonly Target[],
  object: RenderedObject,
): RenderedObject {
  const isMeantHere = targets.some(
    (target) => isFor(target, object) && target.paths.some((path) => isSame(path, TEMPLATE)),
  );
  return isMeantHere ? { ...object, containers, reads: [...new Set([...object.reads, ...reads])] } : object;
}

/** The last text that a source means: an overlay's generator says more than its base's. */
function textOf(source: Source, { words, objects }: Given): Text | undefined {
  const word =
    words.findLast((one) => isSaidBy(source, one) && isSame(source.path, one.field)) ?? imageAt(source, objects);
  const part = word === undefined ? undefined : partOf(word.value, source.part);
  return word === undefined || part === undefined ? undefined : { ...word, value: part.text };
}

function isSaidBy(source: Source, { object, renamed }: Word): boolean {
  return isMeant(source, object) || (renamed !== undefined && isMeant(source, { ...object, name: renamed }));
}

function imageAt(source: Source, objects: readonly RenderedObject[]): Text | undefined {
  const object = objects.find((one) => one.containers.length > 0 && isOwn(source, one));
  const use = object?.containers.find((_, index, all) => isAt(source.path, index, all))?.use;
  return use === undefined ? undefined : { ...use.set, value: written(use) };
}

function isSame(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

function isFor({ select, reject }: Target, object: RenderedObject): boolean {
  return isOwn(select, object) && !reject.some((one) => isOwn(one, object));
}

// Kustomize knows an object by every name that it has had.
function isOwn(selector: Selector, { fact: { kind, name: was }, name }: RenderedObject): boolean {
  return [was, name].some((one) => isMeant(selector, { kind, name: one, namespace: undefined }));
}

type Put = { readonly path: FieldPath; readonly part: Target["part"]; readonly text: Text };

function put({ path, part, text }: Put, object: RenderedObject): RenderedObject {
  const holds = fieldHolds(path);
  if (holds === undefined) return object;
  const key = keyOf(path);
  const containers = holds === "image" ? object.containers.map(inContainer({ path, part, text })) : object.containers;
  const uses = object.uses.map((use): ImageInUse => {
    if (use.of !== key) return use;
    return holds === "image" ? imageOver(use, { part, text }) : { ...use, version: text.value, set: placeOf(text) };
  });
  return { ...object, containers, uses };
}

type Exchange = (container: RenderedContainer, index: number, all: readonly RenderedContainer[]) => RenderedContainer;

function inContainer({ path, part, text }: Put): Exchange {
  return (container, index, all) => {
    if (!isAt(path, index, all)) return container;
    const { use, fact } = container;
    const raw = withPart(use === undefined ? (container.raw ?? "") : written(use), part, text.value);
    const next = useOf(raw, fact.name, placeOf(text));
    return { ...container, raw, use: next === undefined ? use : kept(use, next) };
  };
}

/** Whether a field path leads to the image of a container, by its name, its position, or all of them. */
function isAt(path: FieldPath, index: number, all: readonly RenderedContainer[]): boolean {
  const start = path.findIndex((one) => one === "containers" || one === "initContainers");
  const [list, which, field, more] = start === -1 ? [] : path.slice(start);
  const own = all[index]?.fact;
  if (own === undefined || field !== "image" || more !== undefined) return false;
  if (own.isInit !== (list === "initContainers")) return false;
  const position = all.slice(0, index).filter(({ fact }) => fact.isInit === own.isInit).length;
  const [, name] = /^\[name=(.*)\]$/.exec(which ?? "") ?? [];
  return which === "*" || which === String(position) || (name !== undefined && fitsItem(name, own.name));
}

function imageOver(use: ImageInUse, { part, text }: Pick<Put, "part" | "text">): ImageInUse {
  const next = useOf(withPart(written(use), part, text.value), use.of, placeOf(text));
  return next === undefined ? use : kept(use, next);
}

// What changes the name alone leaves the version's place as it was.
function kept(old: ImageInUse | undefined, next: ImageInUse): ImageInUse {
  return old !== undefined && old.version === next.version && old.image !== next.image
    ? { ...next, set: old.set }
    : next;
}

function written({ image = "", version }: ImageInUse): string {
  if (version === undefined) return image;
  return `${image}${/^[a-z0-9]+:/.test(version) ? "@" : ":"}${version}`;
}

function placeOf({ path, line }: Text): ImageInUse["set"] {
  return { path, line };
}

/** A field path as the keys of sites are written. */
function keyOf(path: FieldPath): string {
  const parts = path.map((part) => part.replace(/^\[[^=\]]+=(.*)\]$/, "[$1]").replace(/^(\d+)$/, "[$1]"));
  return valuesKey(
    parts.reduce((all, part) => (all === "" || part.startsWith("[") ? all + part : `${all}.${part}`), ""),
  );
}

function filled(container: RenderedContainer, { token, text }: Copying["fills"][number]): RenderedContainer {
  if (container.raw?.includes(token) !== true) return container;
  const raw = container.raw.replaceAll(token, () => text.value);
  return { ...container, raw, use: useOf(raw, container.fact.name, placeOf(text)) };
}
