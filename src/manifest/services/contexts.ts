import type { Delivery } from "./deliveries.ts";
import type { ObjectFact } from "./object-facts.ts";
import { baseOf, folderOf, isUnder, resolvePath, segmentsOf } from "./paths.ts";
import { UNKNOWN } from "./generators.ts";
import { matchingFolders, standingFolders } from "./glob.ts";
import type { Sight } from "./sight.ts";
import { isGeneric, isStage } from "./words.ts";

/** What a Kustomization of Flux delivers; nothing where its folder is not in this repository. A variable in its path stands for every folder that is there. */
export function fluxDelivery(sight: Sight, fact: ObjectFact, artifacts: readonly ObjectFact[]): readonly Delivery[] {
  const { holds } = fact;
  if (holds.kind !== "flux-kustomization" || holds.folder === undefined) return [];
  const pattern = resolvePath("", holds.folder.replace(/\$\{[^}]*\}/g, UNKNOWN));
  if (pattern === undefined || /^[*/]+$/.test(pattern)) return [];
  const isArtifact = holds.sourceKind === "ExternalArtifact";
  const found = isArtifact ? fromArtifact(sight, pattern, holds.sourceName, artifacts) : pattern;
  const matches = found === undefined ? [] : standingFolders(sight, found);
  return matches
    .filter(({ path }) => sight.files(path).length + sight.folders(path).length > 0)
    .map(({ path, stands }) => ({
      by: fact,
      source: "flux",
      name: fact.name,
      folder: path,
      components: holds.components.flatMap((component) => resolvePath(path, component) ?? []),
      values: undefined,
      isRecursive: true,
      namespace: holds.targetNamespace,
      cluster: stands.length === 0 ? undefined : stands.join("-"),
    }));
}

/** Where a folder of an artifact lies in this repository: `@source/apps/**` copied to `@artifact/` makes `apps/x` of `x`. */
function fromArtifact(
  sight: Sight,
  folder: string,
  name: string | undefined,
  generators: readonly ObjectFact[],
): string | undefined {
  const copies = generators.flatMap(({ holds }) =>
    holds.kind === "artifact-generator"
      ? holds.artifacts.filter((artifact) => artifact.name === name).flatMap((artifact) => artifact.copies)
      : [],
  );
  const sources = copies.flatMap(
    ({ from }) => resolvePath("", from.replace(/^@[^/]*\//, "").replace(/\/?\*\*?$/, "")) ?? [],
  );
  const candidates = [folder, ...sources.map((source) => resolvePath(source, folder) ?? folder)];
  return candidates.find((path) => path !== "" && matchingFolders(sight, path).length > 0);
}

/** A delivery and where it stands: what is rendered for it, and the deliveries that bring it. */
export type Linked = { readonly delivery: Delivery; readonly parents: readonly Delivery[] };

/** The clusters of each delivery, as far as the repository says: its own word, else its parents', else that of the folder it lies in. */
export function clustersOf(linked: readonly Linked[]): ReadonlyMap<Delivery, ReadonlySet<string>> {
  const named = entryNames(linked.filter(({ parents }) => parents.length === 0).map(({ delivery }) => delivery));
  const own = (one: Linked) => one.delivery.cluster ?? (one.parents.length === 0 ? named(one.delivery) : undefined);
  const found = new Map(linked.map((one) => [one.delivery, new Set([own(one) ?? []].flat())]));
  const children = Map.groupBy(
    linked.flatMap((one) =>
      own(one) === undefined ? one.parents.map((parent) => ({ parent, child: one.delivery })) : [],
    ),
    ({ parent }) => parent,
  );
  const changed = linked.map(({ delivery }) => delivery);
  for (let parent = changed.pop(); parent !== undefined; parent = changed.pop()) {
    const names = found.get(parent) ?? new Set();
    for (const { child } of children.get(parent) ?? []) if (hand(names, found.get(child))) changed.push(child);
  }
  return found;
}

/** Adds names to those of a child; whether there was a new one. */
function hand(names: ReadonlySet<string>, to: Set<string> | undefined): boolean {
  const fresh = [...names].filter((name) => to?.has(name) === false);
  for (const name of fresh) to?.add(name);
  return fresh.length > 0;
}

/** The cluster that an entry's own place names. */
function entryNames(entries: readonly Delivery[]): (delivery: Delivery) => string | undefined {
  const folders = new Set(entries.filter(({ source }) => source === "flux").map(({ by }) => folderOf(by.path)));
  return (delivery) => {
    const { by, folder, source } = delivery;
    const segments = segmentsOf(folderOf(by.path));
    const at = segments.indexOf("clusters");
    if (at !== -1 && segments[at + 1] !== undefined) return segments[at + 1];
    const stage = segments.find(isStage);
    if (stage !== undefined) return stage;
    if (source !== "flux") return undefined;
    // The one that brings up a cluster delivers the folder it lies in.
    const own = isUnder(by.path, folder) ? baseOf(folder) : folders.size > 1 ? baseOf(folderOf(by.path)) : "";
    return own === "" || isGeneric(own) ? undefined : own;
  };
}
