import { ok, type Result } from "../../core/result.ts";
import { canonicalData, type Data } from "../../manifest/data.ts";
import { edited, NO_EDIT } from "../../manifest/edit.ts";
import { insertItem, insertKey } from "../../manifest/insert.ts";
import { at, dataOf, isMapping, itemsOf, withAt } from "../../manifest/kustomize/value.ts";
import { removeItem, removeKey } from "../../manifest/remove.ts";
import { peek } from "../../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";

/** A list in an object of a file, the object by its kind and name; the last of the keys are added where they are missing. */
export type ListOf = {
  readonly kind: string;
  readonly name: string;
  /** What is there for certain. */
  readonly path: readonly (string | number)[];
  readonly keys: readonly string[];
  /** Behind which keys the first of `keys` goes where it is missing. */
  readonly after: readonly string[];
};

/** The file with an item at the end of a list. Throws Refused where it cannot be edited. */
export function withListed(file: TextFile, list: ListOf, item: Data): string {
  const source = readSource(file);
  const document = documentOf(source, list);
  const [key, ...more] = missingIn(source, document, list);
  const there = {
    document,
    path: [...list.path, ...list.keys.slice(0, list.keys.length - (key === undefined ? 0 : more.length + 1))],
  };
  const draft =
    key === undefined
      ? insertItem(source, NO_EDIT, there, { item })
      : insertKey(source, NO_EDIT, there, {
          key,
          value: withAt(undefined, more, [item]),
          slot: { kind: "after", keys: list.after },
        });
  return edited(source, draft);
}

function documentOf(source: Source, { kind, name }: Pick<ListOf, "kind" | "name">): number {
  const found = source.documents.findIndex((tree) => {
    const data = dataOf(source, tree);
    return at(data, "kind") === kind && at(data, "metadata", "name") === name;
  });
  return found === -1 ? refuse(source, 0, `no ${kind} ${name}`, "it stands in this file") : found;
}

/** The last of the keys that are not there. */
function missingIn(source: Source, document: number, { path, keys }: ListOf): readonly string[] {
  const present = keys.findIndex(
    (_, index) => peek(source.documents[document], [...path, ...keys.slice(0, index + 1)]) === undefined,
  );
  return present === -1 ? [] : keys.slice(present);
}

function indexOf(source: Source, list: ListOf, item: Data): number {
  const tree = source.documents[documentOf(source, list)];
  const items = tree === undefined ? [] : itemsOf(at(dataOf(source, tree), ...list.path, ...list.keys));
  return items.findIndex((one) => canonicalData(one) === canonicalData(item));
}

/** The file without an item of a list: the very text of before, where adding the item to that gives what is there now; else what the editor of manifests makes of it. */
export function withoutListed(file: TextFile, list: ListOf, item: Data): Result<string, Refusal> {
  const text = attempt(() => taken(file, list, item));
  const isBefore = (before: string) => {
    const again = attempt(() => withListed({ ...file, text: before }, list, item));
    return again.kind === "ok" && again.value === file.text;
  };
  const exact = [...(text.kind === "ok" ? [text.value] : []), ...cuts(file.text, item)].find(isBefore);
  return exact === undefined ? text : ok(exact);
}

function taken(file: TextFile, list: ListOf, item: Data): string {
  const source = readSource(file);
  const document = documentOf(source, list);
  const tree = source.documents[document];
  const path = [...list.path, ...list.keys];
  const items = tree === undefined ? [] : itemsOf(at(dataOf(source, tree), ...path));
  const draft =
    items.length === 1
      ? removeKey(source, NO_EDIT, { document, path: path.slice(0, -1) }, list.keys.at(-1) ?? "")
      : removeItem(source, NO_EDIT, { document, path }, indexOf(source, list, item));
  return edited(source, draft);
}

const MOST_ABOVE = 4;
const MOST_BELOW = 3;

/** The text without some lines around what an item says, with and without the line break at the end. */
function cuts(text: string, item: Data): readonly string[] {
  const lines = text.split(/(?<=\n)/);
  const marks = (isMapping(item) ? Object.values(item) : [item]).filter((one) => typeof one === "string");
  return lines.flatMap((line, index) =>
    marks.some((mark) => line.includes(mark))
      ? Array.from({ length: MOST_ABOVE * MOST_BELOW }, (_, n) => {
          const [above, below] = [n % MOST_ABOVE, Math.floor(n / MOST_ABOVE)];
          return lines.toSpliced(Math.max(0, index - above), above + below + 1).join("");
        }).flatMap((rest) => [rest, rest.replace(/\r?\n$/, "")])
      : [],
  );
}
