import { isEqual, isList, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * What applying a manifest makes of the live object (a three-way JSON merge): what it says is set, what the one before said and it does not is taken away,
 * and what only others have written stays. Lists are one value.
 */
export function merged(last: JsonObject, wanted: JsonObject, live: JsonObject): JsonObject {
  const kept = Object.entries(live).filter(([key]) => !(key in last) || key in wanted);
  const set = Object.entries(wanted).map(([key, value]) => [key, mergedValue(last[key], value, live[key])] as const);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(set) };
}

function mergedValue(last: Json | undefined, wanted: Json, live: Json | undefined): Json {
  if (!isObject(wanted) || !isObject(live)) return wanted;
  return merged(isObject(last) ? last : {}, wanted, live);
}

/** A place inside of a manifest; undefined stands for each item of a list. */
export type FieldPath = readonly (string | undefined)[];

/** Reads `/spec/replicas` (a JSON pointer) or `.spec.http[].route[].weight` (the part of jq that names places). */
export function fieldPathOf(text: string): FieldPath {
  if (text.startsWith("/"))
    return text
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return [...text.matchAll(/\.?"([^"]+)"|\["([^"]+)"\]|\[(\d*)\]|\.([^.[\]"]+)/g)].map(
    ([, quoted, bracketed, index, plain]) => quoted ?? bracketed ?? plain ?? (index === "" ? undefined : index),
  );
}

/** The value without the fields of a path. */
export function withoutField(value: Json, path: FieldPath): Json {
  return replaced(value, undefined, path, () => undefined);
}

/** The manifest with the fields of a path as `other` has them, where both have them. */
export function withFieldOf(manifest: JsonObject, other: JsonObject, path: FieldPath): JsonObject {
  const result = replaced(manifest, other, path, (old, theirs) => theirs ?? old);
  return isObject(result) ? result : manifest;
}

type Replace = (old: Json, theirs: Json | undefined) => Json | undefined;

function replaced(value: Json, other: Json | undefined, path: FieldPath, replace: Replace): Json {
  const [step, ...rest] = path;
  const next = (item: Json, theirs: Json | undefined) =>
    rest.length === 0 ? replace(item, theirs) : replaced(item, theirs, rest, replace);
  if (isList(value))
    return value.flatMap((item, index) => {
      const isMeant = step === undefined || step === String(index);
      const result = isMeant ? next(item, isList(other) ? other[index] : undefined) : item;
      return result === undefined ? [] : [result];
    });
  const old = isObject(value) && step !== undefined ? value[step] : undefined;
  if (!isObject(value) || step === undefined || old === undefined) return value;
  const result = next(old, isObject(other) ? other[step] : undefined);
  const others = Object.entries(value).filter(([key]) => key !== step);
  return Object.fromEntries(result === undefined ? others : [...others, [step, result]]);
}

/** Whether applying a manifest would change the live object in anything but the fields of `ignored`. */
export function differs(
  [last, wanted, live]: readonly [JsonObject, JsonObject, JsonObject],
  ignored: readonly FieldPath[],
): boolean {
  const normal = (manifest: Json) => ignored.reduce(withoutField, manifest);
  return !isEqual(normal(merged(last, wanted, live)), normal(live));
}
