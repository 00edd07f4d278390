import type { Delivery } from "../manifest/services/deliveries.ts";
import { isTemplate } from "../manifest/services/facts.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import type { ObjectFact } from "../manifest/services/object-facts.ts";
import { folderOf } from "../manifest/services/paths.ts";
import { asWritten, type RenderedObject } from "../manifest/services/rendered.ts";
import { objectsOf, rootKey, type Root } from "../manifest/services/rendering.ts";
import { isInChart } from "../manifest/services/roots.ts";
import { foldersOf, kustomizationIn, sightOf, type Sight } from "../manifest/services/sight.ts";
import { resolved } from "../yaml/resolved.ts";
import { attempt, lineAt, type TextFile } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import { peek } from "../yaml/look.ts";
import type { Tree } from "../yaml/tree.ts";
import { alterationsBy, type Alterations } from "./alterations.ts";

/** Gives a file's text; undefined for what cannot be read as text. */
export type Read = (path: string) => string | undefined;

/** An object as one rendering has it. */
export type Placed = {
  readonly kind: string;
  readonly group: string;
  /** As the cluster calls it. */
  readonly name: string;
  /** Undefined where the repository does not say. */
  readonly namespace: string | undefined;
  readonly fact: ObjectFact;
  readonly file: TextFile;
  /** As its file has it, aliases followed; what kustomizations change is in `changes`. */
  readonly tree: Tree;
  readonly space: Space;
  /** What else may be said of it by the kustomizations that render it. */
  readonly changes: Alterations;
};

/** What is rendered as a whole, and so lies in one cluster. */
export type Space = {
  readonly key: string;
  /** The folder, as people call it. */
  readonly folder: string;
  /** Objects come from elsewhere as well: a chart, another machine, a generator. */
  readonly isOpen: boolean;
  readonly by: readonly Delivery[];
};

/** Every object of a repository, in each rendering that has it; what only patches others is none. */
export function placedObjects({ state, listing }: Inventory, read: Read): readonly Placed[] {
  const sight = sightOf(state.folders, state.facts);
  const documents = documentsBy(read);
  const alterations = alterationsBy(sight, read);
  const rendered = [...state.made.values()].map(({ rendering: { root, reads }, by }) => {
    const { objects, isOpen } = objectsOf(sight, root);
    // What lies among templates is a part of a chart, be that here or not.
    const isPart = root.kind === "files" && root.files.some(isTemplate);
    const space = { key: rootKey(root), folder: root.folder, isOpen: isOpen || isPart || lacksPart(sight, reads), by };
    return { space, root, objects };
  });
  const known = new Set(rendered.flatMap(({ objects }) => objects.map(({ fact }) => fact.path)));
  const all = [...rendered, ...besides(state, known, [...listing.keys()])];
  return apart(all).flatMap(({ space, objects }) =>
    objects.flatMap((object) => {
      const document = documents(object.fact);
      if (document === undefined) return [];
      const { kind, group } = object.fact;
      const named = { kind, group, name: object.name, namespace: namespaceOf(object, space.by) };
      return [{ ...named, fact: object.fact, ...document, space, changes: alterations(object) }];
    }),
  );
}

/** Whether a kustomization lists what is not in the repository, or cannot be read. */
function lacksPart(sight: Sight, reads: readonly string[]): boolean {
  return reads.some((path) =>
    (sight.facts(path)?.kustomization?.includes ?? []).some(
      (name) => (sight.facts(name)?.objects ?? []).length === 0 && kustomizationIn(sight, name) === undefined,
    ),
  );
}

type Part = { readonly space: Space; readonly root: Root; readonly objects: readonly RenderedObject[] };

/** Files of a folder that say the same of one object are examples to choose from, not parts of a whole: each is for itself. */
function apart(parts: readonly Part[]): readonly Part[] {
  const loose = parts.filter(({ root }) => root.kind === "files");
  const places = loose.flatMap(({ space, objects }) =>
    objects.map(({ fact: { kind, name, namespace = "", path } }) => ({
      key: `${space.folder} ${kind} ${namespace}/${name}`,
      folder: space.folder,
      path,
    })),
  );
  const repeated = [...Map.groupBy(places, ({ key }) => key).values()].filter(
    (group) => new Set(group.map(({ path }) => path)).size > 1,
  );
  const folders = new Set(repeated.flatMap(([first]) => first?.folder ?? []));
  return parts.flatMap((part) => {
    if (part.root.kind !== "files" || !folders.has(part.space.folder)) return [part];
    return [...Map.groupBy(part.objects, ({ fact }) => fact.path)].map(([path, objects]) => ({
      ...part,
      space: { ...part.space, key: `file ${path}` },
      objects,
    }));
  });
}

/** Flux puts all that it delivers into its target's namespace, Argo CD what says none. */
function namespaceOf({ namespace }: RenderedObject, by: readonly Delivery[]): string | undefined {
  const [said, ...others] = new Set(by.flatMap((one) => one.namespace ?? []));
  if (said === undefined || others.length > 0) return namespace;
  return by[0]?.source === "flux" ? said : (namespace ?? said);
}

/** Objects in files that run nothing and that no rendering reads: routes beside other folders, settings. */
function besides({ facts }: Inventory["state"], known: ReadonlySet<string>, paths: readonly string[]): readonly Part[] {
  const all = [...facts.values()];
  const patching = new Set(all.flatMap(({ kustomization }) => kustomization?.patching ?? []));
  const included = new Set(all.flatMap(({ kustomization }) => kustomization?.includes ?? []));
  const charts = new Set(all.flatMap(({ chart }) => chart?.folder ?? []));
  const folders = foldersOf(paths);
  const left = all.filter(({ path, objects, kustomization }) => {
    if (objects.length === 0 || known.has(path) || kustomization !== undefined) return false;
    return (included.has(path) || !patching.has(path)) && !isInChart(charts, path) && !isTemplate(path);
  });
  return [...Map.groupBy(left, ({ path }) => folderOf(path))].flatMap(([folder, files]) => {
    // What a kustomization beside it does not list is in no cluster.
    const isBeside = (folders.get(folder)?.files ?? []).some((path) => facts.get(path)?.kustomization !== undefined);
    const root: Root = { kind: "files", folder, files: files.map(({ path }) => path) };
    const objects = files.flatMap((file) => file.objects.map((fact) => asWritten(fact, folder)));
    return isBeside ? [] : [{ space: { key: rootKey(root), folder, isOpen: false, by: [] }, root, objects }];
  });
}

type Document = Pick<Placed, "file" | "tree">;

/** The documents of files by the lines that they begin at; each file is read once. */
function documentsBy(read: Read): (fact: ObjectFact) => Document | undefined {
  const known = new Map<string, ReadonlyMap<number, Document>>();
  return ({ path, line }) => {
    const found = known.get(path) ?? documentsIn(path, read(path));
    known.set(path, found);
    return found.get(line);
  };
}

function documentsIn(path: string, text: string | undefined): ReadonlyMap<number, Document> {
  if (text === undefined) return new Map();
  const file = { path, text };
  const trees = attempt(() => readSource(file).documents.flatMap((tree) => objectTrees(resolved(file, tree))));
  if (trees.kind === "err") return new Map();
  return new Map(trees.value.map((tree) => [lineAt(text, tree.start), { file, tree }]));
}

function objectTrees(tree: Tree): readonly Tree[] {
  const items = peek(tree, ["items"]);
  return items?.kind === "list" ? [tree, ...items.items] : [tree];
}
