import { holdsTargets, isStage } from "./words.ts";

/** Something that runs, and the names of the folders (and the file) that it is told apart by. */
export type Spined = { readonly id: string; readonly name: string; readonly spine: readonly string[] };

/** Whether folders side by side are targets of the same services, or services of their own. */
export type Axis = "target" | "service";

/** What the whole repository has below a folder: for each name in it, what runs there. */
export type Below = ReadonlyMap<string, ReadonlyMap<string, Content>>;

/** What runs in a folder: by `ways` (what runs, with the path to it from there), and by the `names` that services have there. */
export type Content = { readonly ways: ReadonlySet<string>; readonly names: ReadonlySet<string> };

type Gathered = { readonly ways: Set<string>; readonly names: Set<string> };
type Draft = Map<string, Map<string, Gathered>>;

/** Gathers, for each folder, what runs in each name of it. */
export function contentsOf(all: readonly Spined[]): Below {
  const below: Draft = new Map();
  for (const { id, name, spine } of all) {
    const path = spine.join("/");
    let prefix = "";
    for (const segment of spine) {
      const content = contentAt(below, prefix, segment);
      prefix = `${prefix}/${segment}`;
      content.names.add(name);
      content.ways.add(`${path.slice(prefix.length)} ${id}`);
    }
  }
  return below;
}

function contentAt(below: Draft, prefix: string, segment: string): Gathered {
  const names = below.get(prefix) ?? new Map<string, Gathered>();
  below.set(prefix, names);
  const content = names.get(segment) ?? { ways: new Set(), names: new Set() };
  names.set(segment, content);
  return content;
}

/**
 * What the names in a folder, among which the same thing runs in several, stand for. The folder's own name decides first; then services that are called as the names are;
 * then whether most of what runs in one does so in another at the same place; what environments are usually called breaks the tie.
 */
export function axisOf(below: Below, prefix: string, values: readonly string[]): Axis {
  if (holdsTargets(prefix.slice(prefix.lastIndexOf("/") + 1))) return "target";
  const contents = below.get(prefix);
  const known = values.flatMap((value) => {
    const content = contents?.get(value);
    return content === undefined ? [] : [{ value, content }];
  });
  const ofServices = known.filter(({ value, content }) => isCalled(value, content));
  if (ofServices.length * 2 >= known.length && !values.every(isStage)) return "service";
  if (inCommon(known.map(({ content }) => content.ways)) > HALF) return "target";
  return values.filter(isStage).length * 2 > values.length ? "target" : "service";
}

const HALF = 0.5;

function isCalled(value: string, { names }: Content): boolean {
  if (names.has(value)) return true;
  return [...names].some((name) => name.startsWith(`${value}-`));
}

/** The share of what is in one set that is in another as well, on average. */
function inCommon(sets: readonly ReadonlySet<string>[]): number {
  const times = new Map<string, number>();
  for (const set of sets) for (const one of set) times.set(one, (times.get(one) ?? 0) + 1);
  const shares = sets.map((set) => [...set].filter((one) => (times.get(one) ?? 0) > 1).length / set.size);
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}

/** Where one of a group stands: the names at forks of targets, and all others. */
export type Standing = { readonly targets: readonly string[]; readonly home: readonly string[] };

/** Where each of some groups stands; all of a group run the same thing. */
export function standings<T extends Spined>(below: Below, groups: Iterable<readonly T[]>): ReadonlyMap<T, Standing> {
  const walking: Walk<T> = { below, found: new Map(), axes: new Map() };
  for (const group of groups) walk(walking, group, { depth: 0, prefix: "", targets: [], home: [] });
  return walking.found;
}

type Walk<T> = { readonly below: Below; readonly found: Map<T, Standing>; readonly axes: Map<string, Axis> };
type At = Standing & { readonly depth: number; readonly prefix: string };

function walk<T extends Spined>(walking: Walk<T>, group: readonly T[], at: At): void {
  const [first] = group;
  if (first === undefined) return;
  if (group.length === 1 || group.every(({ spine }) => spine.length <= at.depth)) {
    for (const one of group)
      walking.found.set(one, { targets: at.targets, home: [...at.home, ...one.spine.slice(at.depth)] });
    return;
  }
  const forks = [...Map.groupBy(group, ({ spine }) => spine[at.depth] ?? "")];
  const values = forks.map(([value]) => value).filter((value) => value !== "");
  const axis = forks.length === 1 ? "service" : knownAxis(walking, at.prefix, values);
  for (const [value, own] of forks) walk(walking, own, after(at, value, axis));
}

// The same folders are asked about for every service in them.
function knownAxis(
  { below, axes }: Pick<Walk<never>, "below" | "axes">,
  prefix: string,
  values: readonly string[],
): Axis {
  const key = `${prefix} ${values.join(" ")}`;
  const axis = axes.get(key) ?? axisOf(below, prefix, values);
  axes.set(key, axis);
  return axis;
}

function after({ depth, prefix, targets, home }: At, value: string, axis: Axis): At {
  return {
    depth: depth + 1,
    prefix: `${prefix}/${value}`,
    targets: axis === "target" && value !== "" && !holdsTargets(value) ? [...targets, value] : targets,
    home: axis === "target" || value === "" ? home : [...home, value],
  };
}
