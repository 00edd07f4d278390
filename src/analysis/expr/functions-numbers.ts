import { negated, wholeNumber } from "./arithmetic.ts";
import { floatOfNumber, less, ordered } from "./compare.ts";
import { floatOf, intOf, isHexFloat, truncated, wrapped } from "./numbers.ts";
import { cannot, unsupported } from "./trouble.ts";
import { isList, isNumeric, sized, typeText, type List, type Value } from "./value.ts";

type Do = (args: readonly Value[]) => Value;

/** The built-ins about numbers. */
export const NUMBER_FUNCTIONS: ReadonlyMap<string, Do> = new Map<string, Do>([
  ["abs", ([value]) => (isNumeric(value) ? absolute(value) : cannot(`abs() does not take ${typeText(value)}`))],
  ["ceil", ([value]) => Math.ceil(numeric("ceil", value))],
  ["floor", ([value]) => Math.floor(numeric("floor", value))],
  ["round", ([value]) => rounded(numeric("round", value))],
  ["int", ([value]) => int(value)],
  ["float", ([value]) => float("float", value)],
  ["max", (args) => extreme("max", args, (kept, next) => less(kept, next))],
  ["min", (args) => extreme("min", args, (kept, next) => ordered(kept, next, ">"))],
  ["mean", (args) => mean(args.flatMap((arg) => numbersIn("mean", arg)))],
  ["median", (args) => median(args.flatMap((arg) => numbersIn("median", arg)))],
  ["bitand", bits((x, y) => x & y)],
  ["bitor", bits((x, y) => x | y)],
  ["bitxor", bits((x, y) => x ^ y)],
  ["bitnand", bits((x, y) => x & ~y)],
  ["bitshl", bits((x, y) => (y >= 64n ? 0n : x << y), true)],
  ["bitshr", bits((x, y) => x >> (y >= 64n ? 63n : y), true)],
  ["bitushr", bits((x, y) => (y >= 64n ? 0n : BigInt.asUintN(64, x) >> y), true)],
  ["bitnot", ([value]) => wrapped(~bitsOf(value))],
]);

function absolute(value: Value): Value {
  return isNumeric(value) && floatOfNumber(value) < 0 ? negated(value) : value;
}

function numeric(name: string, value: Value): number {
  return isNumeric(value) ? floatOfNumber(value) : cannot(`${name}() does not take ${typeText(value)}`);
}

/** Halves away from zero; the sign of zero stays. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) return value;
  const size = Math.abs(value);
  const floor = Math.floor(size);
  const whole = size - floor >= 0.5 ? floor + 1 : floor;
  return value < 0 || Object.is(value, -0) ? -whole : whole;
}

function int(value: Value): bigint {
  if (typeof value !== "string") return wholeNumber(value);
  return intOf(value) ?? cannot("this text is no whole number");
}

/** float() and asFloat(). */
export function float(name: string, value: Value): number {
  if (typeof value !== "string") return numeric(name, value);
  if (isHexFloat(value)) return unsupported(`${name}() of a hexadecimal number is not supported`);
  return floatOf(value) ?? cannot("this text is no number");
}

/** asInt(): Go's int64. */
export function asInt(value: Value): Value {
  if (typeof value === "number") return sized("int64", truncated(value));
  return sized(
    "int64",
    typeof value === "string" ? (intOf(value) ?? cannot("this text is no whole number")) : wholeNumber(value),
  );
}

function bits(work: (x: bigint, y: bigint) => bigint, isShift = false): Do {
  return ([first, second]) => {
    const [x, y] = [bitsOf(first), bitsOf(second)];
    return isShift && y < 0n ? cannot("bits are shifted by a negative number") : wrapped(work(x, y));
  };
}

function bitsOf(value: Value): bigint {
  return typeof value === "number" ? cannot("bits are those of whole numbers") : wholeNumber(value);
}

type Better = (kept: Value, next: Value) => boolean;

const FAST: ReadonlySet<string> = new Set(["[]int", "[]float64"]);

function extreme(name: string, args: readonly Value[], isBetter: Better): Value {
  let kept: Value;
  for (const arg of args) {
    const one = isList(arg) ? extremeOf(name, arg, isBetter) : isNumeric(arg) ? arg : other(name, args);
    if (!isNumeric(one) && !isList(arg)) return one;
    if (one !== undefined && (kept === undefined || isBetter(kept, one))) kept = one;
  }
  return kept;
}

// A single value that is neither a number nor a list is given back as it is.
function other(name: string, args: readonly Value[]): Value {
  const [only] = args;
  return args.length === 1 ? only : cannot(`${name}() takes numbers and lists of numbers`);
}

function extremeOf(name: string, { type, items }: List, isBetter: Better): Value {
  let kept: Value;
  for (const item of items) {
    if (!isList(item) && !isNumeric(item)) cannot(`${name}() does not take ${typeText(item)}`);
    const one = isList(item) ? extremeOf(name, item, isBetter) : item;
    // Lists that are told apart by their type may not be empty within each other.
    if (one === undefined && type !== "[]any" && !FAST.has(type)) cannot(`${name}() does not take nil`);
    if (one !== undefined && (kept === undefined || isBetter(kept, one))) kept = one;
  }
  return kept;
}

function numbersIn(name: string, value: Value): readonly number[] {
  if (isNumeric(value)) return [floatOfNumber(value)];
  if (!isList(value)) return cannot(`${name}() does not take ${typeText(value)}`);
  return value.items.flatMap((item) => numbersIn(name, item));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** NaN counts as less than every number. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) =>
    Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a - b,
  );
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** isNaN() and isInf(): of a float and nothing else. */
export function isFloat(value: Value, is: (value: number) => boolean): boolean {
  return typeof value === "number" ? is(value) : cannot(`a float is wanted, not ${typeText(value)}`);
}
