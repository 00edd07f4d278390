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
};

// Few keys are compared quicker than remembered.
const FEW = 12;

/** Adds an entry; false where the mapping has the key already. */
export function addEntry(mapping: Growing, entry: Entry): boolean {
  const { entries, seen } = mapping;
  const { key } = entry;
  if (key === "<<") mapping.oddity = "a merge key";
  if (seen !== undefined) {
    if (seen.has(key)) return false;
    seen.add(key);
  } else {
    for (const other of entries) if (other.key === key) return false;
    if (entries.length === FEW) mapping.seen = new Set([...entries.map((other) => other.key), key]);
  }
  entries.push(entry);
  return true;
}
