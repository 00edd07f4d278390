import { peek } from "../../yaml/look.ts";
import type { TextFile } from "../../yaml/refusal.ts";
import type { Tree } from "../../yaml/tree.ts";
import { readSource } from "../../yaml/source.ts";
import { attempt } from "../../yaml/refusal.ts";
import {
  copyFacts,
  envFacts,
  literalWords,
  variableFacts,
  type CopyFact,
  type EnvFact,
  type VariableFact,
  type Word,
} from "./copy-facts.ts";
import type { Lines } from "./lines.ts";
import { itemsAt, textAt, textOf, textsAt } from "./node.ts";
import { folderOf, isRemote, resolvePath } from "./paths.ts";
import { inlineRemovals, type Removal } from "./removals.ts";
import { versionFrom } from "./reference.ts";

/** One of `images`: what an image is replaced by. */
export type ImageRule = {
  readonly name: string;
  readonly newName: string | undefined;
  readonly version: string | undefined;
  readonly line: number;
};

/** An image that a patch gives to containers of some workloads; undefined parts match any. */
export type ImagePatch = {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly container: string | number;
  readonly isInit: boolean;
  readonly image: string;
  readonly line: number;
};

/** A chart that kustomize inflates. */
export type InflatedChart = {
  readonly name: string;
  readonly release: string;
  readonly namespace: string | undefined;
  readonly valuesFiles: readonly string[];
  readonly line: number;
};

export type KustomizationFact = {
  readonly isComponent: boolean;
  /** Folders, files and what lies on other machines, as written: resources, bases and components. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  /** Of both, the paths inside the repository. */
  readonly includes: readonly string[];
  /** Every other file that is read: patches, generators' files, replacements, charts' values. */
  readonly files: readonly string[];
  readonly patchFiles: readonly PatchFile[];
  /** The patches' files, as paths of the repository. */
  readonly patching: readonly string[];
  readonly patches: readonly ImagePatch[];
  /** What patches within it take away. */
  readonly removals: readonly Removal[];
  readonly images: readonly ImageRule[];
  readonly charts: readonly InflatedChart[];
  readonly copies: readonly CopyFact[];
  readonly variables: readonly VariableFact[];
  /** Literals of generators, and the files of variables that they read. */
  readonly words: readonly Word[];
  readonly envs: readonly EnvFact[];
  /** Files that hold replacements. */
  readonly copying: readonly string[];
  /** It makes objects by generators that are configured in files. */
  readonly hasGenerators: boolean;
  readonly namespace: string | undefined;
  readonly prefix: string;
  readonly suffix: string;
};

export type PatchFile = { readonly path: string; readonly kind: string | undefined; readonly name: string | undefined };

/** What a kustomization reads and changes. */
export function kustomizationFact(file: TextFile, tree: Tree, lines: Lines): KustomizationFact {
  const resources = [...textsAt(tree, ["resources"]), ...textsAt(tree, ["bases"])];
  const components = textsAt(tree, ["components"]);
  const folder = folderOf(file.path);
  const patches = patchFiles(tree);
  const includes = [...resources, ...components].flatMap((name) =>
    isRemote(name) ? [] : (resolvePath(folder, name) ?? []),
  );
  return {
    isComponent: textAt(tree, ["kind"]) === "Component",
    resources,
    components,
    includes,
    files: filesOf(tree),
    patchFiles: patches,
    patching: patches.flatMap(({ path }) => (isRemote(path) ? [] : (resolvePath(folder, path) ?? []))),
    patches: itemsAt(tree, ["patches"]).flatMap((item) => inlinePatches(file, item, lines)),
    removals: inlineRemovals(file, tree),
    images: itemsAt(tree, ["images"]).flatMap((item) => imageRule(item, lines)),
    charts: itemsAt(tree, ["helmCharts"]).map((item) => inflated(item, lines)),
    copies: copyFacts(file.path, peek(tree, ["replacements"]), lines),
    variables: variableFacts(tree),
    words: literalWords(file.path, tree, lines),
    envs: envFacts(tree),
    copying: copyingFiles(tree).flatMap((name) => (isRemote(name) ? [] : (resolvePath(folder, name) ?? []))),
    hasGenerators: itemsAt(tree, ["generators"]).length > 0,
    namespace: textAt(tree, ["namespace"]),
    prefix: textAt(tree, ["namePrefix"]) ?? "",
    suffix: textAt(tree, ["nameSuffix"]) ?? "",
  };
}

const LISTS_OF_FILES = ["crds", "configurations", "transformers", "generators", "validators", "patchesStrategicMerge"];
const LISTS_OF_PATHS = ["patches", "patchesJson6902", "replacements"];
const GENERATORS = ["configMapGenerator", "secretGenerator"];

function filesOf(tree: Tree): readonly string[] {
  const named = LISTS_OF_FILES.flatMap((key) => textsAt(tree, [key]));
  const paths = LISTS_OF_PATHS.flatMap((key) => itemsAt(tree, [key]).flatMap((item) => textAt(item, ["path"]) ?? []));
  const generated = GENERATORS.flatMap((key) => itemsAt(tree, [key])).flatMap((item) => [
    ...textsAt(item, ["files"]).map((text) => text.slice(text.indexOf("=") + 1)),
    ...textsAt(item, ["envs"]),
    ...[textAt(item, ["env"])].filter((text) => text !== undefined),
  ]);
  const values = itemsAt(tree, ["helmCharts"]).flatMap(valuesFilesOf);
  return [...named, ...paths, ...generated, ...values].filter((text) => !text.includes("\n"));
}

function copyingFiles(tree: Tree): readonly string[] {
  const listed = itemsAt(tree, ["replacements"]).flatMap((item) => textAt(item, ["path"]) ?? []);
  return [...listed, ...textsAt(tree, ["transformers"]).filter((text) => !text.includes("\n"))];
}

function patchFiles(tree: Tree): readonly PatchFile[] {
  const merges = textsAt(tree, ["patchesStrategicMerge"]).filter((text) => !text.includes("\n"));
  const listed = ["patches", "patchesJson6902"].flatMap((key) => itemsAt(tree, [key]));
  return [
    ...merges.map((path) => ({ path, kind: undefined, name: undefined })),
    ...listed.flatMap((item) => {
      const path = textAt(item, ["path"]);
      return path === undefined ? [] : [{ path, ...targetOf(item) }];
    }),
  ];
}

function targetOf(item: Tree): { readonly kind: string | undefined; readonly name: string | undefined } {
  return { kind: textAt(item, ["target", "kind"]), name: textAt(item, ["target", "name"]) };
}

function inlinePatches(file: TextFile, item: Tree, lines: Lines): readonly ImagePatch[] {
  const node = peek(item, ["patch"]);
  const text = textOf(node);
  if (node === undefined || text === undefined || !text.includes("image")) return [];
  // The line of the patch's own first line: a block begins on the line after its header.
  const first = lines.at(node.start);
  const read = attempt(() => readSource({ path: file.path, text }));
  return read.kind === "err"
    ? []
    : read.value.documents.flatMap((tree) => patchesIn(tree, targetOf(item), () => first));
}

type Target = ReturnType<typeof targetOf>;

/** The images that a patch gives, whether it is a merge or a list of operations (RFC 6902). */
export function patchesIn(tree: Tree, target: Target, lineOf: (offset: number) => number): readonly ImagePatch[] {
  return tree.kind === "list" ? operations(tree.items, target, lineOf) : merged(tree, target, lineOf);
}

const POINTER = /\/(containers|initContainers)\/(\d+)\/image$/;

function operations(items: readonly Tree[], target: Target, lineOf: (offset: number) => number): readonly ImagePatch[] {
  return items.flatMap((item) => {
    const [, list, index] = POINTER.exec(textAt(item, ["path"]) ?? "") ?? [];
    const image = textAt(item, ["value"]);
    if (image === undefined || index === undefined) return [];
    const line = lineOf(peek(item, ["value"])?.start ?? item.start);
    return [{ ...target, container: Number(index), isInit: list === "initContainers", image, line }];
  });
}

const PODS = [["spec", "template", "spec"], ["spec", "jobTemplate", "spec", "template", "spec"], ["spec"]];

function merged(tree: Tree, target: Target, lineOf: (offset: number) => number): readonly ImagePatch[] {
  const own = { kind: target.kind ?? textAt(tree, ["kind"]), name: target.name ?? textAt(tree, ["metadata", "name"]) };
  return PODS.flatMap((pod) =>
    ["containers", "initContainers"].flatMap((list) =>
      itemsAt(tree, [...pod, list]).flatMap((item) => {
        const image = textAt(item, ["image"]);
        const container = textAt(item, ["name"]);
        if (image === undefined || container === undefined) return [];
        const line = lineOf(peek(item, ["image"])?.start ?? item.start);
        return [{ ...own, container, isInit: list === "initContainers", image, line }];
      }),
    ),
  );
}

function imageRule(item: Tree, lines: Lines): readonly ImageRule[] {
  const name = textAt(item, ["name"]);
  if (name === undefined) return [];
  const tag = peek(item, ["newTag"]);
  const digest = peek(item, ["digest"]);
  // kustomize takes the digest where both are given.
  const version = versionFrom(textOf(tag), textOf(digest));
  const at = digest ?? tag ?? item;
  return [{ name, newName: textAt(item, ["newName"]), version, line: lines.at(at.start) }];
}

function inflated(item: Tree, lines: Lines): InflatedChart {
  const name = textAt(item, ["name"]) ?? "";
  const release = textAt(item, ["releaseName"]) ?? name;
  return {
    name,
    release,
    namespace: textAt(item, ["namespace"]),
    valuesFiles: valuesFilesOf(item),
    line: lines.at(item.start),
  };
}

function valuesFilesOf(item: Tree): readonly string[] {
  const own = textAt(item, ["valuesFile"]);
  return [...(own === undefined ? [] : [own]), ...textsAt(item, ["additionalValuesFiles"])];
}
