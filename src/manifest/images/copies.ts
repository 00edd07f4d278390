import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { itemsAt, textAt, textOf, textsAt } from "../services/node.ts";
import { isRemote, resolvePath } from "../services/paths.ts";
import { isAboutImage, meaningOf } from "./keys.ts";
import {
  fieldPath,
  isMeant,
  nodesAt,
  replacementsIn,
  type FieldPath,
  type Replacement,
  type Selector,
  type Target,
} from "./replacement.ts";
import { documentsAt, generatorsNaming, objectsIn, objectsUnder, scopeOf, type Kustomization } from "./scope.ts";
import type { Surroundings } from "./site.ts";

/** A text that others may copy, and whose field it is. `is` says whether a field path leads to it. */
export type Offer = { readonly object: Selector; readonly is: (path: FieldPath) => boolean; readonly text: string };

/** A text of an object that is an image, or a part of one. */
export type Asking = {
  readonly text: string;
  readonly holds: "image" | "tag" | "digest";
  readonly image: string | undefined;
};

/** A variable of kustomize or Flux: which field it stands for, how texts ask for it, and the texts that may. */
export type Variable = {
  readonly object: Selector;
  readonly path: FieldPath;
  readonly token: RegExp;
  readonly asking: () => readonly Asking[];
};

/** What is copied between files, as far as the files around one tell. Looked for when it is first asked for. */
export type Copies = {
  readonly replacements: () => readonly Replacement[];
  readonly variables: (offer: Offer) => readonly Variable[];
  /** The texts at a target's field path, in the objects that can be seen; at most 20. */
  readonly seen: (target: Target, path: FieldPath) => readonly string[];
  /** What makes objects of the file itself. */
  readonly generators: () => readonly { readonly kind: string; readonly tree: Tree }[];
};

/** What is copied from a file into images elsewhere, as the kustomizations say that take it in. */
export function copiesFrom(path: string, around: Surroundings): Copies {
  const scope = once(() => scopeOf(path, around));
  const every = () => [...scope().over, ...scope().beside];
  const objects = once(() => objectsUnder(around, every()));
  const asking = once(() =>
    objects()
      .flatMap((tree) => askingIn(tree))
      .slice(0, MOST),
  );
  const vars = once(() =>
    every()
      .flatMap((one) => varsIn(one, asking))
      .slice(0, MOST_VARIABLES),
  );
  const flux = once(() => fluxIn(path, around));
  return {
    replacements: once(() => bounded(every().flatMap((one) => replacementsOf(one, around)))),
    seen: seenIn(objects),
    generators: once(() => scope().over.flatMap((one) => generatorsNaming(path, one))),
    variables: (offer) => [...vars(), ...flux().flatMap((one) => substituted(one, offer))],
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

// Beyond what anybody copies; each costs time for each text that it may be about.
const MOST = 1_000;
const MOST_VARIABLES = 100;
const MOST_SEEN = 20;
const LONGEST = 512;

function bounded(all: readonly Replacement[]): readonly Replacement[] {
  let paths = 0;
  return all.filter(({ targets }) => {
    paths += targets.reduce((sum, target) => sum + target.paths.length + 1, 0);
    return paths <= MOST;
  });
}

function seenIn(objects: () => readonly Tree[]): Copies["seen"] {
  const known = new Map<FieldPath, readonly string[]>();
  return (target, path) => {
    const texts = known.get(path) ?? textsIn(objects(), target, path);
    known.set(path, texts);
    return texts;
  };
}

function textsIn(objects: readonly Tree[], { select, reject }: Target, path: FieldPath): readonly string[] {
  const texts = new Set<string>();
  for (const tree of objects) {
    const object = selectorFor(tree);
    if (texts.size >= MOST_SEEN) break;
    if (!isMeant(select, object) || reject.some((one) => isMeant(one, object))) continue;
    for (const node of nodesAt(tree, path)) texts.add(textOf(node) ?? "");
  }
  return [...texts].filter((text) => text !== "").slice(0, MOST_SEEN);
}

/** An object's own names. */
export function selectorFor(tree: Tree): Selector {
  return {
    kind: textAt(tree, ["kind"]),
    name: textAt(tree, ["metadata", "name"]),
    namespace: textAt(tree, ["metadata", "namespace"]),
  };
}

/** The replacements of a kustomization: written in it, in files, or as transformers. */
function replacementsOf({ folder, tree }: Kustomization, around: Surroundings): readonly Replacement[] {
  const items = itemsAt(tree, ["replacements"]);
  const files = items.flatMap((item) => textAt(item, ["path"]) ?? []);
  const documents = (names: readonly string[]) =>
    names.flatMap((name) => {
      const path = isRemote(name) || name.includes("\n") ? undefined : resolvePath(folder, name);
      return path === undefined ? [] : documentsAt(around, path);
    });
  return [
    ...items.flatMap(replacementsIn),
    ...documents(files).flatMap(replacementsIn),
    ...documents(textsAt(tree, ["transformers"])).flatMap((one) => replacementsIn(peek(one, ["replacements"]))),
  ];
}

const WORD = /^[A-Za-z_]\w{0,100}$/;

function varsIn({ tree }: Kustomization, asking: () => readonly Asking[]): readonly Variable[] {
  return itemsAt(tree, ["vars"]).flatMap((item) => {
    const name = textAt(item, ["name"]);
    if (name === undefined || !WORD.test(name)) return [];
    const object = {
      kind: textAt(item, ["objref", "kind"]),
      name: textAt(item, ["objref", "name"]),
      namespace: undefined,
    };
    const field = textAt(item, ["fieldref", "fieldpath"]) ?? textAt(item, ["fieldref", "fieldPath"]);
    const path = fieldPath(field ?? "metadata.name");
    return [{ object, path, token: new RegExp(`\\$\\(${name}\\)`), asking }];
  });
}

type Flux = { readonly tree: Tree; readonly asking: () => readonly Asking[]; readonly names: () => readonly string[] };

const MOST_SEARCHED = 5_000;

/** The Kustomizations of Flux that fill variables in what lies in a folder of this repository. */
function fluxIn(path: string, around: Surroundings): readonly Flux[] {
  const [top = ""] = path.split("/");
  const files = top === path ? [] : around.list(top).filter((file) => /\.ya?ml$/.test(file));
  return [...new Set([path, ...files.slice(0, MOST_SEARCHED)])]
    .filter((file) => around.read(file)?.includes("postBuild:") === true)
    .flatMap((file) => documentsAt(around, file))
    .flatMap((tree) => {
      const isFlux = textAt(tree, ["apiVersion"])?.startsWith("kustomize.toolkit.fluxcd.io/") === true;
      const folder = isFlux ? resolvePath("", textAt(tree, ["spec", "path"]) ?? "") : undefined;
      if (folder === undefined || folder === "") return [];
      const asking = once(() =>
        objectsIn(around, folder)
          .flatMap((one) => askingIn(one))
          .slice(0, MOST),
      );
      return [{ tree, asking, names: once(() => asked(asking())) }];
    });
}

function substituted({ tree, asking, names }: Flux, { object, is }: Offer): readonly Variable[] {
  const isFrom = itemsAt(tree, ["spec", "postBuild", "substituteFrom"]).some(
    (item) => textAt(item, ["kind"]) === object.kind && textAt(item, ["name"]) === object.name,
  );
  const isOwn = object.kind === "Kustomization" && object.name === textAt(tree, ["metadata", "name"]);
  if (!isFrom && !isOwn) return [];
  const above: readonly FieldPath[] = isOwn ? [["spec", "postBuild", "substitute"]] : [["data"], ["stringData"]];
  return names().flatMap((name) =>
    above
      .map((parts) => [...parts, name])
      .filter(is)
      .map((path) => ({ object, path, token: new RegExp(`\\$\\{${name}(?::?[-=][^}]*)?\\}`), asking })),
  );
}

function asked(asking: readonly Asking[]): readonly string[] {
  const names = asking.flatMap(({ text }) =>
    [...text.matchAll(/\$\{([A-Za-z_]\w{0,100})/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)];
}

/** The texts of an object that stand where an image does, or a part of one. */
function askingIn(tree: Tree, above = ""): readonly Asking[] {
  if (tree.kind === "list") return tree.items.flatMap((item) => askingIn(item, above));
  if (tree.kind !== "map") return [];
  return tree.entries.flatMap(({ key, value }) => {
    const { says, ofImage } = meaningOf(key);
    const text = textOf(value);
    if (text === undefined) return askingIn(value, key);
    if (text.length > LONGEST) return [];
    if (says === "image") return [{ text, holds: says, image: undefined }];
    if ((says !== "tag" && says !== "digest") || !(ofImage || isAboutImage(above))) return [];
    return [{ text, holds: says, image: textAt(tree, ["repository"]) }];
  });
}
