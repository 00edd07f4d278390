import { contentsOf, standings, type Standing } from "./axes.ts";
import type { Service, ServiceTarget } from "./model.ts";
import { byPath, inTarget, namesOf, serviceName, vocabularyOf, type Named, type Vocabulary } from "./naming.ts";
import type { Occurrence } from "./occurrences.ts";
import { byText, sortedSet, targetName } from "./paths.ts";

const ALONE: Standing = { targets: [], home: [] };

/** Services, with the groups of occurrences that they are made of, in the same order. */
export type Grouping = {
  readonly all: readonly Occurrence[];
  readonly groups: readonly (readonly Named[])[];
  readonly services: readonly Service[];
};

/** The services of a repository, by all that was found to run in it; where only images and the like are other than before, no more than the services that have them is made anew. */
export function grouped(all: readonly Occurrence[], before: Grouping | undefined): Grouping {
  return before !== undefined && isSameShape(all, before.all) ? exchanged(all, before) : groupedAnew(all);
}

function groupedAnew(all: readonly Occurrence[]): Grouping {
  const free = all.filter(({ given }) => given === undefined);
  const groups = Map.groupBy(free, ({ id }) => id).values();
  const standing = standings(contentsOf(free), groups);
  const vocabulary = vocabularyOf(standing);
  const named = all.flatMap((one) => namesOf(one, standing.get(one) ?? ALONE, vocabulary));
  const settled = [...Map.groupBy(named, keyOf).values()].map((group) => distinct(group, standing, vocabulary));
  const byName = Map.groupBy(settled, ([first]) => (first === undefined ? "" : serviceName(first)));
  const made = [...byName.values()].flatMap(merged).map((group) => ({ group, service: serviceOf(group) }));
  const sorted = made.toSorted(
    (a, b) => byText(a.service.name, b.service.name) || byText(a.service.home, b.service.home),
  );
  return { all, groups: sorted.map(({ group }) => group), services: sorted.map(({ service }) => service) };
}

/** Whether each occurrence has the place in the fleet that the one before it had. */
function isSameShape(all: readonly Occurrence[], before: readonly Occurrence[]): boolean {
  return (
    all.length === before.length && all.every((one, index) => one === before[index] || standsAs(one, before[index]))
  );
}

function standsAs(one: Occurrence, other: Occurrence | undefined): boolean {
  return other !== undefined && JSON.stringify(shapeOf(one)) === JSON.stringify(shapeOf(other));
}

// All that grouping and naming ask of an occurrence.
function shapeOf({ id, name, stem, spine, clusters, given, app }: Occurrence): readonly unknown[] {
  return [id, name, stem, spine, clusters.map((cluster) => cluster.name), given, app.workloads.map(({ path }) => path)];
}

function exchanged(all: readonly Occurrence[], { all: old, groups, services }: Grouping): Grouping {
  const next = new Map(old.flatMap((one, index) => pairOf(one, all[index])));
  if (next.size === 0) return { all, groups, services };
  const renewed = groups.map((group) =>
    group.some(({ occurrence }) => next.has(occurrence))
      ? group.map((one) => ({ ...one, occurrence: next.get(one.occurrence) ?? one.occurrence }))
      : group,
  );
  const made = renewed.map(
    (group, index) => (group === groups[index] ? services[index] : undefined) ?? serviceOf(group),
  );
  return { all, groups: renewed, services: made };
}

function pairOf(old: Occurrence, one: Occurrence | undefined): readonly (readonly [Occurrence, Occurrence])[] {
  return one === undefined || one === old ? [] : [[old, one]];
}

function keyOf({ occurrence, home }: Named): string {
  return `${occurrence.id} ${home.join("/")}`;
}

/** The same targets with a name each: where a cluster has a service several times, its place tells them apart. */
function distinct(
  group: readonly Named[],
  standing: ReadonlyMap<Occurrence, Standing>,
  vocabulary: Vocabulary,
): readonly Named[] {
  const times = new Map<string, number>();
  for (const { target } of group) times.set(target, (times.get(target) ?? 0) + 1);
  if (times.size === group.length) return group;
  const renamed = group.map((one): Named => {
    if ((times.get(one.target) ?? 0) < 2 || one.naming !== "reference") return one;
    const { target, naming } = byPath(one.occurrence, standing.get(one.occurrence) ?? ALONE, vocabulary);
    return naming === "only"
      ? one
      : { ...one, target: times.size === 1 ? target : targetName(`${one.target}-${target}`), naming };
  });
  return renamed;
}

/** Groups of one name that are one service after all: their targets differ, and they share a workload's file or the way to their folders. */
function merged(groups: readonly (readonly Named[])[]): readonly (readonly Named[])[] {
  if (groups.length === 1) return groups;
  const done: (readonly Named[])[] = [];
  const places = new Map<string, Set<number>>();
  for (const group of groups.toSorted((a, b) => homeOf(a).length - homeOf(b).length)) {
    const near = new Set(waysTo(group).flatMap((way) => [...(places.get(way) ?? [])]));
    const known = [...near].find((index) => areApart(done[index] ?? [], group));
    const at = known ?? done.length;
    done[at] = [...(done[at] ?? []), ...group];
    for (const way of placesOf(group)) places.set(way, (places.get(way) ?? new Set()).add(at));
  }
  return done;
}

function homeOf([first]: readonly Named[]): readonly string[] {
  return first?.home ?? [];
}

/** By what a group is found: its folder, and its workloads' files. */
function placesOf(group: readonly Named[]): readonly string[] {
  const home = homeOf(group);
  return [
    ...(home.length === 0 ? [] : [`in ${home.join("/")}`]),
    ...group.flatMap(filesOf).map((file) => `by ${file}`),
  ];
}

/** The places of groups that may be the same service: in the same folder or the one above, or with a file in common. */
function waysTo(group: readonly Named[]): readonly string[] {
  const home = homeOf(group);
  return [...placesOf(group), ...(home.length < 2 ? [] : [`in ${home.slice(0, -1).join("/")}`])];
}

function areApart(a: readonly Named[], b: readonly Named[]): boolean {
  const targets = new Set(a.map(({ target }) => target));
  return !b.some(({ target }) => targets.has(target));
}

function filesOf({ occurrence: { app } }: Named): readonly string[] {
  return app.workloads.map(({ path }) => path);
}

function serviceOf(group: readonly Named[]): Service {
  const byTarget = [...Map.groupBy(group, ({ target }) => target)].toSorted(([a], [b]) => byText(a, b));
  const targets = byTarget.map(([name, own]) => targetOf(name, own));
  const namespaces = new Set(targets.map(({ namespace }) => namespace));
  return {
    name: group[0] === undefined ? "" : serviceName(group[0]),
    namespace: namespaces.size === 1 ? targets[0]?.namespace : undefined,
    home: homeOf(group).join("/"),
    targets,
  };
}

function targetOf(name: string, group: readonly Named[]): ServiceTarget {
  const [first, ...others] = group;
  if (first === undefined) throw new RangeError("A target has at least one place.");
  return others.length === 0 ? single(name, first) : together(name, first, group);
}

function single(name: string, named: Named): ServiceTarget {
  const { app, namespace, files } = inTarget(named);
  const {
    naming,
    occurrence: { source },
  } = named;
  const { workloads, images, routes, reads } = app;
  return {
    name,
    namespace,
    workloads: unique(workloads),
    images: unique(images),
    routes: unique(routes),
    reads,
    why: { source, naming, files },
  };
}

/** A target to which several roots bring the same thing: all that they have in it. */
function together(name: string, first: Named, group: readonly Named[]): ServiceTarget {
  const parts = group.map(inTarget);
  const apps = parts.map(({ app }) => app);
  const { why, ...one } = single(name, first);
  return {
    ...one,
    workloads: unique(apps.flatMap(({ workloads }) => workloads)),
    images: unique(apps.flatMap(({ images }) => images)),
    routes: unique(apps.flatMap(({ routes }) => routes)),
    reads: sortedSet(apps.flatMap(({ reads }) => reads)),
    why: { ...why, files: [...new Set(parts.flatMap((part) => part.files))] },
  };
}

function unique<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
