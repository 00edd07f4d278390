import { unreachable } from "../../core/unreachable.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Data } from "../data.ts";

/** A mapping as a value. */
export type Keyed = { readonly [key: string]: Data };

/** What a tree says that is nothing but its values. */
export function dataOf(tree: Tree): Data {
  switch (tree.kind) {
    case "map":
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, dataOf(value)]));
    case "list":
      return tree.items.map(dataOf);
    case "scalar":
      return tree.value;
    case "alias":
      throw new Error(`The alias ${tree.name} is no value of its own.`);
    default:
      return unreachable(tree);
  }
}

/** The mapping that a value is; an empty one where it is none. */
export function keyed(data: Data | undefined): Keyed {
  return isKeyed(data) ? data : {};
}

/** The text at keys of a mapping. */
export function textIn(mapping: Keyed, [key = "", ...rest]: readonly string[]): string | undefined {
  const value = mapping[key];
  if (rest.length > 0) return textIn(keyed(value), rest);
  return typeof value === "string" ? value : undefined;
}

/**
 * The mapping with a value at a key, or at keys within each other, or without it where the value is undefined.
 * A key that is there stays in its place; a new one stands behind the last of some keys, else behind all.
 */
export function withKey(
  mapping: Keyed,
  at: string | readonly string[],
  value: Data | undefined,
  behind: readonly string[] = [],
): Keyed {
  const [key = "", ...rest] = typeof at === "string" ? [at] : at;
  const inner = rest.length === 0 ? value : withKey(keyed(mapping[key]), rest, value, behind);
  const entries = Object.entries(mapping);
  if (inner === undefined) return Object.fromEntries(entries.filter(([own]) => own !== key));
  if (Object.hasOwn(mapping, key))
    return Object.fromEntries(entries.map(([own, before]) => [own, own === key ? inner : before]));
  const beside = entries.findLastIndex(([own]) => behind.includes(own));
  const after = beside === -1 ? entries.length : beside + 1;
  return Object.fromEntries([...entries.slice(0, after), [key, inner] as const, ...entries.slice(after)]);
}

function isKeyed(data: Data | undefined): data is Keyed {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
