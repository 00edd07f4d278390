import { childOf, textAt } from "./node.ts";
import type { Node } from "./model.ts";

/** An item of a list that stands for one item for each value of a list, for the one value that there is, or for none; of those alone that are `is`, where it says one. */
export type Repeat = {
  readonly name: string;
  readonly source: string;
  readonly is: string | undefined;
  readonly each: Node;
};

const KEYS: ReadonlySet<string> = new Set(["for", "in", "each"]);

/** The item as a repetition: `{ for: host, in: hostnames, each: … }`, and `is: <text>` for some values alone; undefined where it is an ordinary one. */
export function repeatOf(item: Node): Repeat | undefined {
  const is = textAt(item, "is");
  if (item.kind !== "map" || item.entries.length !== KEYS.size + (is === undefined ? 0 : 1)) return undefined;
  if (!item.entries.every(({ key }) => KEYS.has(key) || key === "is")) return undefined;
  const [name, source, each] = [textAt(item, "for"), textAt(item, "in"), childOf(item, "each")];
  return name === undefined || source === undefined || each === undefined ? undefined : { name, source, is, each };
}
