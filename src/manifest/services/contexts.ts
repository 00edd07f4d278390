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
  const sources = copies.flatMap(({ from, to }) => {
    const source = resolvePath("", from.replace(/^@[^/]*\//, "").replace(/\/?\*\*?$/, ""));
    const place = resolvePath("", to.replace(/^@[^/]*\/?/, "")) ?? "";
    if (source === undefined || !isUnder(folder, place)) return [];
    return resolvePath(source, `./${place === "" ? folder : folder.slice(place.length + 1)}`) ?? [];
  });
  return [...sources, folder].find((path) => path !== "" && matchingFolders(sight, path).length > 0);
}

/** A folder that is delivered: what brings it, and the objects in it that deliver further ones (by their keys). */
export type Delivered = { readonly by: readonly Delivery[]; readonly holds: readonly string[] };

/** The clusters of each delivery, as far as the repository says: its own word, else those of what brings it, else that of the folder it lies in. */
export function clustersOf(
  folders: readonly Delivered[],
  keyOf: (fact: ObjectFact) => string,
): ReadonlyMap<Delivery, ReadonlySet<string>> {
  const all = folders.flatMap((folder) => folder.by.map((delivery) => ({ key: keyOf(delivery.by), delivery, folder })));
  const byKey = Map.groupBy(all, ({ key }) => key);
  const brought = new Set(folders.flatMap((folder) => folder.holds.filter((key) => isBrought(folder, key, keyOf))));
  const entries = all.filter(({ key }) => !brought.has(key)).map(({ delivery }) => delivery);
  const named = entryNames(entries);
  const isEntry = new Set(entries);
  const own = (delivery: Delivery) => delivery.cluster ?? (isEntry.has(delivery) ? named(delivery) : undefined);
  const found = new Map(all.map(({ delivery }) => [delivery, new Set([own(delivery) ?? []].flat())]));
  const changed = [...folders];
  for (let folder = changed.pop(); folder !== undefined; folder = changed.pop()) {
    const names = new Set(folder.by.flatMap((delivery) => [...(found.get(delivery) ?? [])]));
    const below = folder.holds
      .flatMap((key) => byKey.get(key) ?? [])
      .filter(({ delivery }) => own(delivery) === undefined);
    for (const child of below) if (hand(names, found.get(child.delivery))) changed.push(child.folder);
  }
  return found;
}

/** Whether an object is brought by another one than itself. */
function isBrought({ by }: Delivered, key: string, keyOf: (fact: ObjectFact) => string): boolean {
  const [first, second] = by;
  return second !== undefined || (first !== undefined && keyOf(first.by) !== key);
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
