import type { Data } from "../data.ts";
import { fieldPath, fitsItem, partOf, withPart, type FieldPath, type Part } from "../images/replacement.ts";
import { becomingData, isSelected, mappingsAt, selectorIn, type Built } from "./object.ts";
import { at, isList, isMapping, itemsOf, textAt, type Values } from "./value.ts";

/** The objects after one entry of `replacements:`; undefined where its source is not there. */
export function replaced(objects: readonly Built[], entry: Values): readonly Built[] | undefined {
  const found = sourceOf(objects, entry);
  if (found === undefined) return undefined;
  return objects.map((object) => mappingsAt(entry, "targets").reduce((one, target) => put(one, target, found), object));
}

function sourceOf(objects: readonly Built[], entry: Values): Data | undefined {
  const written = at(entry, "sourceValue");
  if (written !== undefined) return written;
  const source = at(entry, "source");
  const selector = selectorIn(source);
  const object = objects.find((one) => isSelected(selector, one));
  if (object === undefined) return undefined;
  const path = fieldPath(textAt(source, "fieldPath") ?? "metadata.name");
  const [value] = valuesAt(object.value, path);
  const part = partIn(source);
  if (part === undefined || typeof value !== "string") return value;
  return partOf(value, part)?.text;
}

function partIn(data: Data | undefined): Part {
  const delimiter = textAt(data, "options", "delimiter");
  if (delimiter === undefined || delimiter === "") return undefined;
  return { delimiter, index: Number(textAt(data, "options", "index") ?? "0") };
}

function put(object: Built, target: Values, value: Data): Built {
  const isMeant =
    isSelected(selectorIn(target["select"]), object) &&
    !mappingsAt(target, "reject").some((one) => isSelected(selectorIn(one), object));
  if (!isMeant) return object;
  const paths = itemsOf(target["fieldPaths"]).flatMap((path) => (typeof path === "string" ? [fieldPath(path)] : []));
  const part = partIn(target);
  const creates = at(target, "options", "create") === true;
  const next = (old: Data | undefined): Data =>
    part !== undefined && typeof old === "string" ? withPart(old, part, textAt(value) ?? "") : value;
  const all = paths.length === 0 ? [["metadata", "name"]] : paths;
  return becomingData(
    object,
    all.reduce<Data>((data, path) => putAt(data, path, { next, creates }), object.value),
  );
}

type Putting = { readonly next: (old: Data | undefined) => Data; readonly creates: boolean };

function putAt(data: Data, path: FieldPath, putting: Putting): Data {
  const [part, ...rest] = path;
  if (part === undefined) return putting.next(data);
  if (isList(data)) return data.map((item, index) => (isItem(part, item, index) ? putAt(item, rest, putting) : item));
  if (!isMapping(data)) return data;
  const keys = part === "*" ? Object.keys(data) : [part];
  const puts = keys.flatMap((key): readonly (readonly [string, Data])[] => {
    const old = at(data, key);
    if (old === undefined && !putting.creates) return [];
    return [[key, rest.length === 0 ? putting.next(old) : putAt(old ?? {}, rest, putting)]];
  });
  return { ...data, ...Object.fromEntries(puts) };
}

function isItem(part: string, item: Data, index: number): boolean {
  if (part === "*") return true;
  const [, key, value] = /^\[([^=]+)=(.*)\]$/.exec(part) ?? [];
  return key === undefined ? part === String(index) : fitsItem(value ?? "", textAt(item, key));
}

function valuesAt(data: Data, path: FieldPath): readonly Data[] {
  return path.reduce<readonly Data[]>(
    (all, part) =>
      all.flatMap((one) => {
        if (isList(one)) return one.filter((item, index) => isItem(part, item, index));
        const found = at(one, part);
        return found === undefined ? [] : [found];
      }),
    [data],
  );
}
