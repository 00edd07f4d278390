import type { Placed } from "./objects.ts";

/** Every two of some things that have a key in common. */
export function pairs<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly [T, T])[] {
  return [...Map.groupBy(all, keyOf).values()].flatMap((group) =>
    group.flatMap((one, index) => group.slice(index + 1).map((other) => [one, other] as const)),
  );
}

/** Whether two renderings of one place have the same object twice. */
export function isSameObject(a: Placed, b: Placed): boolean {
  return a.kind === b.kind && a.name === b.name;
}
