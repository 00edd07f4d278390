import { wholeNumber } from "./arithmetic.ts";
import { runesOf } from "./bytes.ts";
import { equal } from "./compare.ts";
import { cannot } from "./trouble.ts";
import { isDict, isList, keyId, list, NIL_LIST, sized, typeText, type Dict, type Entry, type Value } from "./value.ts";

/** base[key] and base.key; out of a list or text by position, from the end where it is negative. */
export function fetch(base: Value, key: Value): Value {
  if (typeof base === "string" || isList(base)) {
    const found = atIndex(base, key);
    return found === undefined ? cannot("there is no such element") : found.value;
  }
  if (isDict(base)) return lookup(base, key)?.value ?? missing(base);
  if (typeof base === "object" && base.kind === "struct" && key === "Values") return base.values;
  return cannot(`there is nothing inside ${typeText(base)}`);
}

/** The same for get(): nil where nothing is. */
export function get(base: Value, key: Value): Value {
  if (typeof base === "string" || isList(base)) return atIndex(base, key)?.value;
  return isDict(base) ? lookup(base, key)?.value : undefined;
}

function atIndex(base: string | Extract<Value, { kind: "list" }>, key: Value): { readonly value: Value } | undefined {
  const items = typeof base === "string" ? base : base.items;
  const index = wholeNumber(key);
  const at = Number(index < 0n ? BigInt(items.length) + index : index);
  if (at < 0 || at >= items.length) return undefined;
  return { value: typeof base === "string" ? sized("uint8", BigInt(base.charCodeAt(at))) : base.items[at] };
}

// The map of groupBy() holds lists, and an absent one is a list that was never made.
function missing({ type }: Dict): Value {
  return type === "map[any][]any" ? NIL_LIST : undefined;
}

/** The entry of a key; nil is the empty text where keys are text. */
function lookup({ type, entries }: Dict, key: Value): Entry | undefined {
  if (type !== "map[string]any") return Number.isNaN(key) ? undefined : entries.get(keyId(key));
  const text = key ?? "";
  return typeof text === "string" ? entries.get(keyId(text)) : cannot(`a ${typeText(key)} is no key of a map of text`);
}

/** needle in container. */
export function isIn(needle: Value, container: Value): boolean {
  if (container === undefined) return false;
  if (isList(container)) return container.items.some((item) => equal(item, needle));
  if (isDict(container)) return lookup(container, needle) !== undefined;
  return cannot(`"in" is not defined for ${typeText(container)}`);
}

/** The same in a set of literals of one type; nil is their zero. */
export function isInSet(needle: Value, set: ReadonlySet<bigint | string>, of: "int" | "string"): boolean {
  const value = needle ?? (of === "int" ? 0n : "");
  const isRight = of === "int" ? typeof value === "bigint" : typeof value === "string";
  if (!isRight || (typeof value !== "bigint" && typeof value !== "string"))
    return cannot(`a ${typeText(needle)} is not looked for among ${of}s`);
  return set.has(value);
}

/** base[from:to], cut to what there is. Without `to`, to the end. */
export function slice(base: Value, from: Value, to: { readonly value: Value } | undefined): Value {
  const size = typeof base === "string" ? base.length : isList(base) ? base.items.length : undefined;
  if (size === undefined) return cannot(`${typeText(base)} cannot be sliced`);
  const end = to === undefined ? size : bound(wholeNumber(to.value), size);
  const start = Math.min(bound(wholeNumber(from), size), end);
  if (typeof base === "string") return base.slice(start, end);
  if (!isList(base)) return cannot(`${typeText(base)} cannot be sliced`);
  if (start === 0 && end === size && base.type !== "[2]any") return base;
  return list(base.items.slice(start, end), base.type === "[2]any" ? "[]any" : base.type);
}

function bound(index: bigint, size: number): number {
  const at = index < 0n ? BigInt(size) + index : index;
  if (at < 0n) return 0;
  return at > BigInt(size) ? size : Number(at);
}

/** len(): elements, entries, or characters of text. */
export function lengthOf(value: Value): number {
  if (typeof value === "string") return runesOf(value).length;
  if (isList(value)) return value.items.length;
  return isDict(value) ? value.entries.size : cannot(`len() does not take ${typeText(value)}`);
}
