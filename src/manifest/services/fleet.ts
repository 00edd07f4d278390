import { contentsOf, standings, type Standing } from "./axes.ts";
import type { Service, ServiceTarget } from "./model.ts";
import { byPath, namesOf, serviceName, vocabularyOf, type Named, type Vocabulary } from "./naming.ts";
import type { Occurrence } from "./occurrences.ts";
import { byText, targetName } from "./paths.ts";

const ALONE: Standing = { targets: [], home: [] };

/** The services of a repository, by all that was found to run in it. */
export function servicesOf(all: readonly Occurrence[]): readonly Service[] {
  const free = all.filter(({ given }) => given === undefined);
  const groups = Map.groupBy(free, ({ id }) => id).values();
  const standing = standings(contentsOf(free), groups);
  const vocabulary = vocabularyOf(standing);
  const named = all.flatMap((one) => namesOf(one, standing.get(one) ?? ALONE, vocabulary));
  const settled = [...Map.groupBy(named, keyOf).values()].map((group) => distinct(group, standing, vocabulary));
  return [...Map.groupBy(settled, ([first]) => (first === undefined ? "" : serviceName(first))).values()]
    .flatMap((same) => merged(same))
    .map(serviceOf)
    .toSorted((a, b) => byText(a.name, b.name) || byText(a.home, b.home));
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
  for (const group of groups.toSorted((a, b) => homeOf(a).length - homeOf(b).length)) {
    const at = done.findIndex((known) => isSame(known, group));
    const known = done[at];
    if (known === undefined) done.push(group);
    else done[at] = [...known, ...group];
  }
  return done;
}

function homeOf([first]: readonly Named[]): readonly string[] {
  return first?.home ?? [];
}

function isSame(a: readonly Named[], b: readonly Named[]): boolean {
  const targets = new Set(a.map(({ target }) => target));
  if (b.some(({ target }) => targets.has(target))) return false;
  const files = new Set(a.flatMap(filesOf));
  if (b.flatMap(filesOf).some((file) => files.has(file))) return true;
  const [short, long] = [homeOf(a), homeOf(b)];
  return (
    short.length > 0 && long.length - short.length <= 1 && short.every((segment, index) => long[index] === segment)
  );
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

/** One target; where several roots bring the same thing to it, all that they have in it. */
function targetOf(name: string, group: readonly Named[]): ServiceTarget {
  const [first, ...others] = group;
  if (first === undefined) throw new RangeError("A target has at least one place.");
  const { app, namespace, source, files } = first.occurrence;
  const apps = group.map(({ occurrence }) => occurrence.app);
  const all = others.length === 0 ? [app] : apps;
  return {
    name,
    namespace,
    workloads: unique(all.flatMap(({ workloads }) => workloads)),
    images: unique(all.flatMap(({ images }) => images)),
    routes: unique(all.flatMap(({ routes }) => routes)),
    reads: [...new Set(all.flatMap(({ reads }) => reads))].toSorted(byText),
    why: {
      source,
      naming: first.naming,
      files: others.length === 0 ? files : [...new Set(group.flatMap((one) => one.occurrence.files))],
    },
  };
}

function unique<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
