import type { RenderedObject } from "./rendered.ts";

/** Workloads of one service. */
type Group = { readonly name: string; readonly own: readonly RenderedObject[] };

const ARMS = /-(?:canary|stable|primary|preview|active|baseline|blue|green)$/;

/** A name without the ending of an arm. */
export function withoutArm(name: string): string {
  return name.replace(ARMS, "");
}

/** A name, and what it begins with up to each of its dashes, the longest first. */
export function beginnings(name: string): readonly string[] {
  const parts = name.split("-").slice(0, MOST_PARTS);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
}

// A name of Kubernetes has at most 253 letters; foreign text may have any number of dashes.
const MOST_PARTS = 64;

/** Objects that run nothing, by the service that each is about: a route by what it names, others by lying with it and by their names. */
export function nearTo<T extends Group>(
  groups: readonly T[],
  rest: readonly RenderedObject[],
): ReadonlyMap<T, readonly RenderedObject[]> {
  const near = new Map<T, RenderedObject[]>(groups.map((group) => [group, []]));
  const [only, ...others] = groups;
  const index: Index<T> = {
    named: Map.groupBy(groups.flatMap(namesOf), ({ name }) => name),
    lying: Map.groupBy(groups, ({ own }) => own[0]?.owner ?? ""),
  };
  for (const object of rest) {
    const about = only !== undefined && others.length === 0 ? [only] : aboutBy(index, object);
    for (const group of about) near.get(group)?.push(object);
  }
  return near;
}

type Index<T> = {
  readonly named: ReadonlyMap<string, readonly { readonly group: T }[]>;
  readonly lying: ReadonlyMap<string, readonly T[]>;
};

function namesOf<T extends Group>(group: T): readonly { readonly name: string; readonly group: T }[] {
  return [...new Set([group.name, ...group.own.map(({ name }) => name)])].map((name) => ({ name, group }));
}

function aboutBy<T>({ named, lying }: Index<T>, { fact: { holds }, name, owner }: RenderedObject): Iterable<T> {
  const here = lying.get(owner) ?? [];
  if (holds.kind === "route") {
    const words = [name, ...holds.names].flatMap((word) => [word, word.split(".")[0] ?? "", withoutArm(word)]);
    const found = new Set(words.flatMap((word) => named.get(word) ?? []).map(({ group }) => group));
    return found.size > 0 || here.length !== 1 ? found : here;
  }
  if (here.length < 2) return here;
  // Of several that lie together, what bears the name of one is its own.
  const bearers = new Set(
    beginnings(name)
      .flatMap((word) => named.get(word) ?? [])
      .map(({ group }) => group),
  );
  const found = here.filter((group) => bearers.has(group));
  return found.length > 0 ? found : here;
}
