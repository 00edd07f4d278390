import { clustersOf, fluxDelivery, type Linked } from "./contexts.ts";
import { deliveredBy, type Delivered as FromObject, type Delivery } from "./deliveries.ts";
import { runs, type Facts } from "./facts.ts";
import { servicesOf } from "./fleet.ts";
import type { Fleet, TargetPattern, Unplaced } from "./model.ts";
import type { ObjectFact } from "./object-facts.ts";
import { occurrencesOf, type Occurrence } from "./occurrences.ts";
import { byText, folderOf } from "./paths.ts";
import { render, rootKey, type Rendering, type Root } from "./rendering.ts";
import { isInChart, isOwnToChart, loneCharts, loneFiles, loneKustomizations, rootOf } from "./roots.ts";
import { kustomizationIn, watched, type Asked, type Sight } from "./sight.ts";
import { looseOccurrence, looseUnplaced, unlisted, waiting } from "./unplaced.ts";

/** Something that was made, and what was asked for it: it stays as it is while that does. */
export type Kept<T> = { readonly value: T; readonly asked: Asked };

export type KeptParts = {
  readonly delivered: ReadonlyMap<string, Kept<FromObject>>;
  readonly renderings: ReadonlyMap<string, Kept<Rendering>>;
};

/** All facts, in the order of their paths, and what is still true of what was made before. */
export type Ground = KeptParts & { readonly sight: Sight; readonly paths: readonly string[] };

/** Services and targets of a repository, and the parts to keep for the next time. */
export function derived(
  ground: Ground,
  patterns: readonly TargetPattern[],
): { readonly fleet: Fleet; readonly kept: KeptParts } {
  const { sight } = ground;
  const all = ground.paths.flatMap((path) => sight.facts(path) ?? []);
  const objects = all.flatMap((file) => file.objects);
  const delivered = new Map(
    objects
      .filter(isArgo)
      .map((fact) => [
        objectKey(fact),
        keep(sight, ground.delivered.get(objectKey(fact)), (own) => deliveredBy(own, fact)),
      ]),
  );
  const renderings = new Map<string, Kept<Rendering>>();
  const rendering = (root: Root): Rendering => {
    const key = rootKey(root);
    const kept = renderings.get(key) ?? keep(sight, ground.renderings.get(key), (own) => render(own, root));
    renderings.set(key, kept);
    return kept.value;
  };
  const fromArgo = [...delivered.values()].flatMap(({ value }) => value.deliveries);
  const deliveries = [...fromArgo, ...fluxDeliveries(sight, objects)];
  const found = renderAll({ sight, all, rendering }, deliveries);
  const unclear = objects.flatMap((fact) =>
    (delivered.get(objectKey(fact))?.value.unclear ?? []).map((why) => unclearText(fact, why)),
  );
  return { fleet: fleetOf({ sight, all, patterns }, found, unclear), kept: { delivered, renderings } };
}

function keep<T>(sight: Sight, known: Kept<T> | undefined, make: (sight: Sight) => T): Kept<T> {
  if (known !== undefined) return known;
  const { sight: own, asked } = watched(sight);
  return { value: make(own), asked };
}

function objectKey({ path, line, kind, name }: ObjectFact): string {
  return `${path}:${line} ${kind} ${name}`;
}

function isArgo({ holds: { kind } }: ObjectFact): boolean {
  return kind === "argo-application" || kind === "application-set";
}

function fluxDeliveries(sight: Sight, objects: readonly ObjectFact[]): readonly Delivery[] {
  const artifacts = objects.filter(({ holds }) => holds.kind === "artifact-generator");
  return objects.flatMap((fact) => fluxDelivery(sight, fact, artifacts));
}

function unclearText({ path, line, kind, name }: ObjectFact, why: string): Unplaced {
  return { path, line, found: `the ${kind} ${name}`, why, write: [] };
}

type Rendered = {
  readonly rendering: Rendering;
  readonly by: readonly Delivery[];
  readonly clusters: readonly string[];
};
type Found = { readonly rendered: readonly Rendered[]; readonly reads: ReadonlySet<string> };
type Making = { readonly sight: Sight; readonly all: readonly Facts[]; readonly rendering: (root: Root) => Rendering };

/** Everything that is rendered: what is delivered, then what nothing else has read, the larger things first. */
function renderAll({ sight, all, rendering }: Making, deliveries: readonly Delivery[]): Found {
  const roots = deliveries.map((delivery) => ({ delivery, root: rootOf(sight, delivery) }));
  const delivered = [...Map.groupBy(roots, ({ root }) => rootKey(root)).values()].flatMap((group) =>
    group.slice(0, 1).map(({ root }) => ({ rendering: rendering(root), by: group.map(({ delivery }) => delivery) })),
  );
  const reads = new Set(delivered.flatMap((one) => one.rendering.reads));
  const isRead = (path: string) => reads.has(path);
  const lone = [
    () => loneKustomizations(all, isRead),
    () => loneCharts(sight, all, isRead),
    () => loneFiles(sight, all, isRead),
  ].flatMap((step) => {
    const made = step().map(rendering);
    for (const one of made) for (const path of one.reads) reads.add(path);
    return made;
  });
  const clusters = clustersOf(linksOf(delivered));
  return {
    reads,
    rendered: [
      ...delivered.map((one) => ({
        ...one,
        clusters: [...new Set(one.by.flatMap((delivery) => [...(clusters.get(delivery) ?? [])]))].toSorted(byText),
      })),
      ...lone.map((one) => ({ rendering: one, by: [], clusters: [] })),
    ],
  };
}

/** Each delivery with those whose folders hold the object that it is. */
function linksOf(delivered: readonly Omit<Rendered, "clusters">[]): readonly Linked[] {
  const holders = new Map<string, Delivery[]>();
  for (const { rendering, by } of delivered) {
    for (const fact of rendering.delivering)
      holders.set(objectKey(fact), [...(holders.get(objectKey(fact)) ?? []), ...by]);
  }
  return delivered.flatMap(({ by }) =>
    by.map((delivery) => ({
      delivery,
      parents: (holders.get(objectKey(delivery.by)) ?? []).filter(
        (parent) => objectKey(parent.by) !== objectKey(delivery.by),
      ),
    })),
  );
}

type Known = { readonly sight: Sight; readonly all: readonly Facts[]; readonly patterns: readonly TargetPattern[] };

function fleetOf({ sight, all, patterns }: Known, { rendered, reads }: Found, unclear: readonly Unplaced[]): Fleet {
  const charts = new Set(all.flatMap(({ chart }) => chart?.folder ?? []));
  const loose = all.filter(
    (file) => file.loose.length > 0 && file.kustomization === undefined && !reads.has(file.path),
  );
  const given: readonly Occurrence[] = loose.flatMap((file) => looseOccurrence(file, patterns));
  const placed = new Set(given.flatMap(({ app }) => app.reads));
  const left = loose.filter(({ path }) => !placed.has(path) && !isOwnToChart(charts, path));
  const occurrences = [...rendered.flatMap((one) => occurrencesOf(one, patterns)), ...given];
  const beside = all.filter(
    (file) =>
      runs(file) &&
      !reads.has(file.path) &&
      !isInChart(charts, file.path) &&
      kustomizationIn(sight, folderOf(file.path)) !== undefined,
  );
  const unread = all.flatMap((file) => file.unread.map((refusal) => ({ ...refusal, write: [] })));
  return {
    services: servicesOf(occurrences),
    unplaced: [...unclear, ...looseUnplaced(left), ...unlisted(beside), ...waiting(occurrences), ...unread],
  };
}
