/** What a manifest consists of. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether two values say the same; the order of keys says nothing, a missing key is not a null. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && isEqual(a[key], b[key]));
  }
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  return a === b;
}

/** The value with what `path` leads to changed by `edit`; what is not there is made, as objects. */
export function edited(value: Json, path: readonly string[], edit: (old: Json | undefined) => Json): JsonObject {
  const [key, ...rest] = path;
  const object = isObject(value) ? value : {};
  if (key === undefined) return object;
  const old = object[key];
  return { ...object, [key]: rest.length === 0 ? edit(old) : edited(old ?? {}, rest, edit) };
}
