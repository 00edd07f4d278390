import type { Cursor } from "./cursor.ts";
import { plainValue } from "./plain.ts";
import type { Entry, Tree } from "./tree.ts";

/** What an unquoted key is called: 1.10 is the number 1.1, and so is the key. */
export function keyText(source: string): string {
  const first = source.charCodeAt(0);
  const isText = first > 57 && first !== 126 && !"nNtTfF".includes(source.charAt(0));
  return isText ? source : String(plainValue(source));
}

/** A mapping in the making; `seen` are its keys once they are many. */
export type Growing = {
  readonly entries: Entry[];
  seen: Set<string> | undefined;
  oddity: Tree["oddity"];
  readonly repeats: Cursor["repeats"];
};

// Few keys are compared quicker than remembered.
const FEW = 12;

/** A mapping without entries, of which a cursor stands at the first. */
export function newMapping({ repeats }: Cursor): Growing {
  return { entries: [], seen: undefined, oddity: undefined, repeats };
}

/** Adds an entry; false where the mapping has the key already. */
export function addEntry(mapping: Growing, entry: Entry): boolean {
  const { entries, seen, repeats } = mapping;
  const { key } = entry;
  if (key === "<<") mapping.oddity = "a merge key";
  if (repeats === "refused") {
    if (seen === undefined ? isAmong(entries, key) : seen.has(key)) return false;
    seen?.add(key);
    if (entries.length === FEW) mapping.seen = new Set([...entries.map((other) => other.key), key]);
  }
  entries.push(entry);
  return true;
}

function isAmong(entries: readonly Entry[], key: string): boolean {
  for (const entry of entries) if (entry.key === key) return true;
  return false;
}
