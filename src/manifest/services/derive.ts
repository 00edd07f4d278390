import type { Refusal } from "../../yaml/refusal.ts";
import type { App } from "./apps.ts";
import { clustersOf, fluxDelivery } from "./contexts.ts";
import { deliveredBy, type Delivery } from "./deliveries.ts";
import { runs, type Facts } from "./facts.ts";
import { grouped, type Grouping } from "./fleet.ts";
import { cutText } from "./built.ts";
import type { Fleet, TargetPattern, Unplaced } from "./model.ts";
import type { ObjectFact } from "./object-facts.ts";
import { madeOf, type ClusterBy, type Made, type Occurrence, type Rendered } from "./occurrences.ts";
import { byText, folderOf } from "./paths.ts";
import { render, rootKey, type Rendering, type Root } from "./rendering.ts";
import { isInChart, isOwnToChart, loneCharts, loneFiles, loneKustomizations, rootOf } from "./roots.ts";
import { kustomizationIn, watched, type Asked, type Sight } from "./sight.ts";
import { looseOccurrence, looseUnplaced, unlisted, waiting, type Beside } from "./unplaced.ts";

/** Something that was made, and what was asked for it: it stays as it is while that does. */
export type Kept<T> = { readonly value: T; readonly asked: Asked };

export type KeptParts = {
  readonly delivered: ReadonlyMap<string, Kept<FromObject>>;
  readonly renderings: ReadonlyMap<string, Kept<Rendering>>;
  readonly made: ReadonlyMap<string, Made>;
  readonly grouping: Grouping | undefined;
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
  const objects = objectsOf(all);
  const delivered = new Map(
    objects.filter(isDelivering).map((fact) => [objectKey(fact), deliveredIn(ground, fact, objects)]),
  );
  const renderings = new Map<string, Kept<Rendering>>();
  const rendering = (root: Root): Rendering => {
    const key = rootKey(root);
    const kept = renderings.get(key) ?? keep(sight, ground.renderings.get(key), (own) => render(own, root));
    renderings.set(key, kept);
    return kept.value;
  };
  const { rendered, reads } = renderAll(
    { sight, all, rendering },
    [...delivered.values()].flatMap(({ value }) => value.deliveries),
  );
  const made = new Map(
    rendered.map((one) => [
      rootKey(one.rendering.root),
      madeOf(one, ground.made.get(rootKey(one.rendering.root)), patterns),
    ]),
  );
  const loose = looseOf(all, reads, patterns);
  const said = saidElsewhere(rendered);
  const running = [...made.values()].flatMap((one) => one.occurrences).filter(({ app }) => !isSaid(app, said));
  const occurrences = [...running, ...loose.given];
  const grouping = grouped(occurrences, ground.grouping);
  const unplaced = [
    ...[...delivered.values()].flatMap(({ value }) => value.unclear),
    ...looseUnplaced(loose.left),
    ...unlisted(besideKustomizations(sight, all, reads)),
    ...waiting(occurrences),
    ...all.flatMap((file) => file.unread.map((refusal) => ({ ...refusal, write: [] }))),
    ...cutIn(renderings).map((refusal) => ({ ...refusal, write: [] })),
  ];
  return { fleet: { services: grouping.services, unplaced }, kept: { delivered, renderings, made, grouping } };
}

/** The kustomizations of which not all is read. */
export function cutIn(renderings: KeptParts["renderings"]): readonly Refusal[] {
  return [...new Set([...renderings.values()].flatMap(({ value }) => value.cut))].toSorted(byText).map(cutText);
}

/** The objects of all files, those left out that only patch others. */
function objectsOf(all: readonly Facts[]): readonly ObjectFact[] {
  const patching = new Set(all.flatMap(({ kustomization }) => kustomization?.patching ?? []));
  for (const { kustomization } of all) for (const path of kustomization?.includes ?? []) patching.delete(path);
  return all.flatMap((file) => (patching.has(file.path) ? [] : file.objects));
}

const DELIVERING: ReadonlySet<string> = new Set(["argo-application", "application-set", "flux-kustomization"]);

function isDelivering({ holds: { kind } }: ObjectFact): boolean {
  return DELIVERING.has(kind);
}

type FromObject = { readonly deliveries: readonly Delivery[]; readonly unclear: readonly Unplaced[] };

function deliveredIn({ sight, delivered }: Ground, fact: ObjectFact, objects: readonly ObjectFact[]): Kept<FromObject> {
  // What an artifact is made of stands in other objects, wherever they are: that is asked each time.
  const isOfArtifact = fact.holds.kind === "flux-kustomization" && fact.holds.sourceKind === "ExternalArtifact";
  const before = isOfArtifact ? undefined : delivered.get(objectKey(fact));
  return keep(sight, before, (own) => {
    // The object is asked for as well: what it delivers is another matter when its file is another.
    own.facts(fact.path);
    if (fact.holds.kind === "flux-kustomization") return { deliveries: fluxDelivery(own, fact, objects), unclear: [] };
    const { deliveries, unclear } = deliveredBy(own, fact);
    return { deliveries, unclear: unclear.map((why) => unclearText(fact, why)) };
  });
}

function keep<T>(sight: Sight, known: Kept<T> | undefined, make: (sight: Sight) => T): Kept<T> {
  if (known !== undefined) return known;
  const { sight: own, asked } = watched(sight);
  return { value: make(own), asked };
}

function objectKey({ path, line, kind, name }: ObjectFact): string {
  return `${path}:${line} ${kind} ${name}`;
}

function unclearText({ path, line, kind, name }: ObjectFact, why: string): Unplaced {
  return { path, line, found: `the ${kind} ${name}`, why, write: [] };
}

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
  const clusters = clustersOf(
    delivered.map(({ by, rendering: { delivering } }) => ({ by, holds: delivering.map(objectKey) })),
    objectKey,
  );
  return {
    reads,
    rendered: [
      ...delivered.map((one) => ({
        ...one,
        clusters: byCluster(one.by, (delivery) => clusters.get(delivery) ?? NOWHERE),
      })),
      ...lone.map((one) => ({ rendering: one, by: [], clusters: [] })),
    ],
  };
}

const NOWHERE: ReadonlySet<string> = new Set();

/** The clusters of some deliveries of the same files; one of no known cluster is of each. */
function byCluster(
  by: readonly Delivery[],
  clustersIn: (delivery: Delivery) => ReadonlySet<string>,
): readonly ClusterBy[] {
  const names = [...new Set(by.flatMap((delivery) => [...clustersIn(delivery)]))].toSorted(byText);
  const isIn = (delivery: Delivery, name: string) => clustersIn(delivery).size === 0 || clustersIn(delivery).has(name);
  return names.map((name) => ({ name, by: by.filter((delivery) => isIn(delivery, name)) }));
}

/** Applications whose images are those of what they deliver from here: they run nothing besides. */
function saidElsewhere(rendered: readonly Rendered[]): ReadonlySet<string> {
  const alone = rendered
    .filter(({ rendering }) => rendering.apps.length > 0)
    .flatMap(({ by, clusters }) => (clusters.length === 0 ? [by] : clusters.map((cluster) => cluster.by)))
    .flatMap((by) => (by.length === 1 ? by : []));
  return new Set(alone.flatMap(({ by }) => (by.holds.kind === "argo-application" ? [`${by.path}:${by.line}`] : [])));
}

function isSaid({ workloads }: App, said: ReadonlySet<string>): boolean {
  return workloads.length > 0 && workloads.every(({ path, line }) => said.has(`${path}:${line}`));
}

type Loose = { readonly given: readonly Occurrence[]; readonly left: readonly Facts[] };

/** Files of image versions that nothing has read: those that configuration places, and those that are left. */
function looseOf(all: readonly Facts[], reads: ReadonlySet<string>, patterns: readonly TargetPattern[]): Loose {
  const charts = new Set(all.flatMap(({ chart }) => chart?.folder ?? []));
  const loose = all.filter(
    (file) => file.loose.length > 0 && file.kustomization === undefined && !reads.has(file.path),
  );
  const given = loose.flatMap((file) => looseOccurrence(file, patterns));
  const placed = new Set(given.flatMap(({ app }) => app.reads));
  return { given, left: loose.filter(({ path }) => !placed.has(path) && !isOwnToChart(charts, path)) };
}

function besideKustomizations(sight: Sight, all: readonly Facts[], reads: ReadonlySet<string>): readonly Beside[] {
  const left = all.filter((file) => !reads.has(file.path) && runs(file));
  const charts = new Set(all.flatMap(({ chart }) => chart?.folder ?? []));
  return left.flatMap((file) => {
    const beside = isInChart(charts, file.path) ? undefined : kustomizationIn(sight, folderOf(file.path));
    return beside?.kustomization === undefined ? [] : [{ file, isComponent: beside.kustomization.isComponent }];
  });
}
