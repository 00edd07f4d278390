import type { DictType, GoType, ListType } from "./nature.ts";
import { cannot, unsupported } from "./trouble.ts";

/** A value of Go: nil is undefined, an int a bigint, a float64 a number, a string its bytes (bytes.ts). */
export type Value = undefined | boolean | bigint | number | string | Sized | List | Dict | Struct;

/** A whole number of a type that is not int. */
export type Sized = { readonly kind: "sized"; readonly type: "int64" | "uint8"; readonly value: bigint };
export type List = {
  readonly kind: "list";
  readonly type: ListType;
  readonly items: readonly Value[];
  /** A slice that was never made: it equals nil. */
  readonly isNil?: true;
  /** How many values it holds, however deep: what going through all of it costs. */
  readonly weight: number;
};
export type Entry = { readonly key: Value; readonly value: Value };
/** By keyId. */
export type Dict = {
  readonly kind: "dict";
  readonly type: DictType;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly weight: number;
};
/** One result of CloudWatch: its numbers, which are all that a condition may look at. */
export type Struct = { readonly kind: "struct"; readonly values: List };

export type Numeric = bigint | number | Sized;

/** A list; throws Stopped where it would hold more than can be gone through. */
export function list(items: readonly Value[], type: ListType = "[]any"): List {
  return { kind: "list", type, items, weight: weightOf(items) };
}

/** A slice that was never made. */
export const NIL_LIST: List = { kind: "list", type: "[]any", items: [], isNil: true, weight: 1 };

const MOST_WEIGHT = 1_000_000;

function weightOf(values: readonly Value[]): number {
  const weight = values.reduce((sum: number, value) => sum + costOf(value), 1);
  return weight > MOST_WEIGHT ? unsupported(`a value of more than ${MOST_WEIGHT} parts is not supported`) : weight;
}

/** How many steps it takes to go through a value. */
export function costOf(value: Value): number {
  if (typeof value === "string") return 1 + Math.floor(value.length / 16);
  if (typeof value !== "object" || value.kind === "sized") return 1;
  return value.kind === "struct" ? value.values.weight : value.weight;
}

export function sized(type: Sized["type"], value: bigint): Sized {
  return { kind: "sized", type, value: type === "uint8" ? BigInt.asUintN(8, value) : BigInt.asIntN(64, value) };
}

/** A map with text for keys (as bytes). */
export function dict(entries: Iterable<readonly [key: string, value: Value]>): Dict {
  return dictOf("map[string]any", new Map([...entries].map(([key, value]) => [keyId(key), { key, value }])));
}

/** A map of any type, by keyId. */
export function dictOf(type: DictType, entries: ReadonlyMap<string, Entry>): Dict {
  return {
    kind: "dict",
    type,
    entries,
    weight: weightOf([...entries.values()].flatMap(({ key, value }) => [key, value])),
  };
}

/** What tells one key of a map from another. Lists and maps are none; NaN is never found again. */
export function keyId(key: Value): string {
  switch (typeof key) {
    case "undefined":
      return "nil";
    case "object":
      if (key.kind === "sized") return `${key.type} ${key.value}`;
      if (key.kind === "list" && key.type === "[2]any")
        return unsupported("a pair as the key of a map is not supported");
      return cannot(`a ${key.kind} cannot be a key`);
    default:
      return `${typeof key} ${String(key)}`;
  }
}

export function isList(value: Value): value is List {
  return typeof value === "object" && value.kind === "list";
}

export function isDict(value: Value): value is Dict {
  return typeof value === "object" && value.kind === "dict";
}

export function isSized(value: Value): value is Sized {
  return typeof value === "object" && value.kind === "sized";
}

export function isNumeric(value: Value): value is Numeric {
  return typeof value === "number" || typeof value === "bigint" || isSized(value);
}

/** nil, or a list that was never made. */
export function isNil(value: Value): boolean {
  return value === undefined || (isList(value) && value.isNil === true);
}

export function typeOf(value: Value): GoType | undefined {
  switch (typeof value) {
    case "undefined":
      return undefined;
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "string":
      return "string";
    default:
      return value.kind === "struct" ? "struct" : value.type;
  }
}

/** How a value's type is called in a message. */
export function typeText(value: Value): string {
  return typeOf(value) ?? "nil";
}

export function asString(value: Value): string {
  return typeof value === "string" ? value : cannot(`text is wanted, not ${typeText(value)}`);
}

export function asBool(value: Value): boolean {
  return typeof value === "boolean" ? value : cannot(`a condition is wanted, not ${typeText(value)}`);
}

export function asList(value: Value): List {
  return isList(value) ? value : cannot(`a list is wanted, not ${typeText(value)}`);
}
