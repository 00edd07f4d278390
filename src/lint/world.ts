import { textAt } from "../manifest/services/node.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import { folderOf, resolvePath } from "../manifest/services/paths.ts";
import { foldersAbove, madeBy, type Maker, type Wanted } from "./makers.ts";
import { lineAt } from "../yaml/refusal.ts";
import type { Tree } from "../yaml/tree.ts";
import { placedObjects, type Placed, type Read, type Space } from "./objects.ts";
import type { Found } from "./finding.ts";

/** All that rules ask of a repository at one commit. */
export type World = {
  readonly inventory: Inventory;
  readonly read: Read;
  readonly objects: readonly Placed[];
  readonly byKind: ReadonlyMap<string, readonly Placed[]>;
  /** The same by rendering and kind. */
  readonly bySpace: ReadonlyMap<string, readonly Placed[]>;
  /** And by the names that they are rendered and written with. */
  readonly byName: ReadonlyMap<string, readonly Placed[]>;
  readonly isMadeAt: (folder: string, wanted: Wanted) => boolean;
};

/** The world of a commit. */
export function worldOf(inventory: Inventory, read: Read): World {
  const objects = placedObjects(inventory, read);
  const byKind = Map.groupBy(objects, ({ group, kind }) => `${group}/${kind}`);
  const bySpace = Map.groupBy(objects, ({ space, group, kind }) => `${space.key} ${group}/${kind}`);
  const named = objects.flatMap((one) => [...new Set([one.name, one.fact.name])].map((name) => ({ one, name })));
  const byName = new Map(
    [...Map.groupBy(named, ({ one, name }) => `${one.space.key} ${one.group}/${one.kind} ${name}`)].map(
      ([key, group]) => [key, group.map(({ one }) => one)],
    ),
  );
  return { inventory, read, objects, byKind, bySpace, byName, isMadeAt: madeBy(makersIn(inventory, objects)) };
}

/** The objects of a kind, by its group and its name: `apps/Deployment`. */
export function ofKind({ byKind }: Pick<World, "byKind">, ...kinds: readonly string[]): readonly Placed[] {
  return kinds.flatMap((kind) => byKind.get(kind) ?? []);
}

/** Of some objects those that an object means: the nearest of those that may be in its cluster, which lie in its file, in what is rendered with it, in its folder, or anywhere. */
export function nearest(from: Pick<Placed, "file" | "space">, all: readonly Placed[]): readonly Placed[] {
  const tiers: readonly ((one: Placed) => boolean)[] = [
    ({ file, space }) => file.path === from.file.path && space.key === from.space.key,
    ({ space }) => space.key === from.space.key,
    ({ file }) => folderOf(file.path) === folderOf(from.file.path),
    () => true,
  ];
  for (const isNear of tiers) {
    const found = all.filter(isNear);
    if (found.length > 0) return found;
  }
  return [];
}

/** Objects of a kind that are rendered with another one. */
export function beside(
  { bySpace }: Pick<World, "bySpace">,
  { space }: Pick<Placed, "space">,
  ...kinds: readonly string[]
): readonly Placed[] {
  return kinds.flatMap((kind) => bySpace.get(`${space.key} ${kind}`) ?? []);
}

/** Those that are rendered, or written, with a name. */
export function besideCalled(
  { byName }: Pick<World, "byName">,
  { space }: Pick<Placed, "space">,
  name: string,
  ...kinds: readonly string[]
): readonly Placed[] {
  return kinds.flatMap((kind) => byName.get(`${space.key} ${kind} ${name}`) ?? []);
}

/** Whether two namespaces may be the same; what is not said may be any. */
export function mayBeSame(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** Whether an object of a name, that the repository does not show, may be in a namespace as far as a rendering goes: something else brings objects there, or may and lies near or has such a name. */
export function isOpenAt({ isMadeAt }: World, { isOpen, folder }: Space, wanted: Wanted): boolean {
  return isOpen || isMadeAt(folder, wanted);
}

function makersIn({ state, listing }: Inventory, objects: readonly Placed[]): readonly Maker[] {
  const folders = new Set([...state.folders.keys()].flatMap((folder) => [folder, ...foldersAbove(folder), ""]));
  const isHere = (path: string | undefined) => {
    const place = path === undefined ? undefined : resolvePath("", path.replace(/\{\{.*/s, ""));
    return place !== undefined && (listing.has(place) || folders.has(place));
  };
  const made = objects.flatMap((object): readonly Maker[] => {
    const { fact, name, file, namespace } = object;
    const { holds } = fact;
    const at = { names: [name], folder: folderOf(file.path) };
    if (object.space.isOpen) return [{ ...at, names: [], folder: object.space.folder, namespace }];
    switch (holds.kind) {
      case "helm-release":
        return [{ ...at, namespace: holds.targetNamespace ?? namespace }];
      case "flux-kustomization":
        return isHere(holds.folder ?? "") ? [] : [{ ...at, namespace: holds.targetNamespace }];
      case "argo-application":
      case "application-set": {
        const { sources, namespace: into } = holds.kind === "argo-application" ? holds : holds.template;
        const isElsewhere = sources.some(({ chart, path }) => chart !== undefined || !isHere(path));
        return isElsewhere ? [{ ...at, namespace: into !== undefined && isWritten(into) ? into : undefined }] : [];
      }
      default:
        return [];
    }
  });
  return [...made, ...chartsIn(state)];
}

function chartsIn({ made }: Inventory["state"]): readonly Maker[] {
  return [...made.values()].flatMap(({ rendering: { root, apps, hasRemotes }, by }) => {
    if (root.kind !== "chart" && !hasRemotes) return [];
    const names = [...apps.flatMap(({ name }) => name ?? []), ...by.map(({ name }) => name)];
    const namespaces = by.length === 0 ? [undefined] : by.map(({ namespace }) => namespace);
    return namespaces.map((namespace) => ({ namespace, names, folder: root.folder }));
  });
}

/** What was found at a node of an object's file. */
export function found({ file }: Pick<Placed, "file">, node: Pick<Tree, "start">, what: string): Found {
  return { path: file.path, line: lineAt(file.text, node.start), what };
}

/** An object as sentences name it. */
export function called({ kind, fact }: Placed): string {
  return `the ${kind} ${fact.name}`;
}

const FILLED_IN = /\$[{(A-Za-z_]|\{\{/;

/** Whether text is written out: what Flux or a template fills in is not known. */
export function isWritten(text: string): boolean {
  return text !== "" && !FILLED_IN.test(text);
}

/** The text at a path, where it is written out. */
export function writtenAt(tree: Tree | undefined, path: readonly (string | number)[]): string | undefined {
  const text = textAt(tree, path);
  return text !== undefined && isWritten(text) ? text : undefined;
}
