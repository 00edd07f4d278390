import { checkAllPlain, entryAt, lookMapping, pathText, type YamlPath } from "../yaml/look.ts";
import { refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { List } from "../yaml/tree.ts";
import { canonicalData, flowText, type Data } from "./data.ts";
import { lineBreakAt, type Draft } from "./edit.ts";
import { columnOf, itemOf } from "./extent.ts";
import { lookOf } from "./look-of.ts";
import type { Resource } from "./resource.ts";

/**
 * The draft with all items of a list replaced, and the comments among them. Of a list in lines each item is a line, and no items are empty brackets behind its key. Refused where something in the list is more than it seems.
 */
export function replaceItems(
  source: Source,
  { splices, intents }: Draft,
  { document, tree }: Resource,
  { path, list, items }: { readonly path: YamlPath; readonly list: List; readonly items: readonly Data[] },
): Draft {
  // An anchor in it may be what another place repeats.
  checkAllPlain(source, list);
  const look = lookOf(source, list, tree);
  const intent = { kind: "value", path: [document, ...path], says: canonicalData(items) } as const;
  const done = (start: number, end: number, text: string): Draft => ({
    splices: [...splices, { start, end, text }],
    intents: [...intents, intent],
  });
  if (list.isFlow) return done(list.start, list.end, flowText(items, look));
  const [first, last] = [itemOf(source, list, 0), itemOf(source, list, list.items.length - 1)];
  if (items.length === 0) return done(keyEnd(source, tree, path), last.end, " []");
  const gap = `${lineBreakAt(source.text, first.dash)}${" ".repeat(columnOf(source, first.dash))}`;
  return done(first.dash, last.end, items.map((item) => `- ${flowText(item, look)}`).join(gap));
}

/** Where the key of a value in lines ends, its colon included. */
export function keyEnd(source: Source, tree: Resource["tree"], path: YamlPath): number {
  const above = lookMapping(source, tree, path.slice(0, -1));
  const entry = above && entryAt(above, String(path.at(-1)));
  const key = entry && KEY.exec(source.text.slice(entry.start));
  if (entry === undefined || !key) return refuse(source, tree, "nothing", `${pathText(path)} has no place`);
  return entry.start + key[0].length;
}

const KEY = /^(?:"[^"]*"|'[^']*'|[^\s:"']+)[ \t]*:/;
