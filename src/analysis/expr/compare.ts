import {
  isDict,
  isList,
  isNil,
  isNumeric,
  isSized,
  typeOf,
  typeText,
  type List,
  type Numeric,
  type Value,
} from "./value.ts";
import { cannot } from "./trouble.ts";

/** The number as a float. */
export function floatOfNumber(value: Numeric): number {
  return Number(isSized(value) ? value.value : value);
}

/** The whole number, or undefined for a float. */
export function wholeOf(value: Numeric): bigint | undefined {
  if (typeof value === "number") return undefined;
  return isSized(value) ? value.value : value;
}

const TYPED: ReadonlySet<string> = new Set(["[]int", "[]float64", "[]string"]);

/** ==: numbers by value, lists by their elements, everything else only within one type. */
export function equal(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return equalNumbers(a, b);
  if (isList(a) && isList(b) && areAlike(a, b))
    return a.items.length === b.items.length && a.items.every((item, index) => equal(item, b.items[index]));
  return (isNil(a) && isNil(b)) || deepEqual(a, b);
}

function equalNumbers(a: Numeric, b: Numeric): boolean {
  const [x, y] = [wholeOf(a), wholeOf(b)];
  return x === undefined || y === undefined ? floatOfNumber(a) === floatOfNumber(b) : x === y;
}

/** Lists that are compared by what their elements are worth. */
function areAlike(a: List, b: List): boolean {
  if (a.type === b.type) return a.type === "[]any" || TYPED.has(a.type);
  return (a.type === "[]any" && TYPED.has(b.type)) || (b.type === "[]any" && TYPED.has(a.type));
}

/** Equal in every type as well: an int is no float here. */
export function deepEqual(a: Value, b: Value): boolean {
  if (a === b) return !Number.isNaN(a);
  if (typeOf(a) !== typeOf(b)) return false;
  if (isSized(a) && isSized(b)) return a.value === b.value;
  if (isList(a) && isList(b))
    return (
      isNil(a) === isNil(b) &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => deepEqual(item, b.items[index]))
    );
  if (!isDict(a) || !isDict(b) || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([id, entry]) => {
    const other = b.entries.get(id);
    return other !== undefined && deepEqual(entry.value, other.value);
  });
}

/** `<`; numbers with numbers, text with text. */
export function less(a: Value, b: Value): boolean {
  return ordered(a, b, "<");
}

/** An ordering operator. */
export function ordered(a: Value, b: Value, op: string): boolean {
  if (isNumeric(a) && isNumeric(b)) {
    const [x, y] = [wholeOf(a), wholeOf(b)];
    return x === undefined || y === undefined ? inOrder(floatOfNumber(a), floatOfNumber(b), op) : inOrder(x, y, op);
  }
  if (typeof a === "string" && typeof b === "string") return inOrder(a, b, op);
  return cannot(`${typeText(a)} ${op} ${typeText(b)} is not defined`);
}

function inOrder<Ordered extends number | bigint | string>(a: Ordered, b: Ordered, op: string): boolean {
  switch (op) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    default:
      return a >= b;
  }
}
