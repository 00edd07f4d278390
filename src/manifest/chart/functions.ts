import { createHash } from "node:crypto";
import { pairLines, itemLines, type Data, type Look } from "../data.ts";
import { at, isList, isMapping } from "../kustomize/value.ts";

/** What a function gives; undefined for arguments that it is not known with. */
type Work = (...values: readonly (Data | undefined)[]) => Data | undefined;

/** Whether Go's templates take a value for true; nothing, zero and what is empty are not. */
export function isTrue(value: Data | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

// From here on a number is written with an exponent, by some versions of Helm and not by others.
const MOST = 1_000_000;

/** A value as text; undefined where it is not for certain which. */
export function printed(value: Data | undefined): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "number")
    return Math.abs(value) < MOST && (value === 0 || Math.abs(value) >= 0.001) ? String(value) : undefined;
  return typeof value === "object" ? undefined : String(value);
}

const LOOK: Look = { step: 2, dash: 0, mark: '"', pad: "", isJson: false };

/** A value as YAML, keys in their order as Helm sorts them. */
function yamlOf(value: Data): string {
  const own = sorted(value);
  if (isMapping(own) && Object.keys(own).length > 0)
    return Object.entries(own)
      .flatMap(([key, inner]) => pairLines(key, inner, LOOK))
      .join("\n");
  if (isList(own) && own.length > 0) return own.flatMap((item) => itemLines(item, LOOK)).join("\n");
  return pairLines("x", own, LOOK).join("\n").slice("x: ".length);
}

function sorted(value: Data): Data {
  if (isList(value)) return value.map(sorted);
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A function of texts; undefined where an argument has no certain text. */
function ofTexts(work: (...texts: readonly string[]) => Data | undefined): Work {
  return (...values) => {
    const texts = values.map(printed);
    return texts.some((text) => text === undefined) ? undefined : work(...texts.map((text) => text ?? ""));
  };
}

function ofCounts(work: (...numbers: readonly number[]) => Data): Work {
  return (...values) => {
    const numbers = values.map(countOf);
    return numbers.some((one) => one === undefined) ? undefined : work(...numbers.map((one) => one ?? 0));
  };
}

function countOf(value: Data | undefined): number | undefined {
  if (typeof value === "number") return Math.trunc(value);
  return typeof value === "string" && /^-?(?:0|[1-9]\d{0,8})$/.test(value) ? Number(value) : undefined;
}

const indented = (blanks: string, text: string) =>
  Number(blanks) > 200 ? undefined : text.replace(/^/gm, " ".repeat(Number(blanks)));

const TEXTS: Readonly<Record<string, (...texts: readonly string[]) => Data | undefined>> = {
  contains: (part = "", text = "") => text.includes(part),
  hasPrefix: (part = "", text = "") => text.startsWith(part),
  hasSuffix: (part = "", text = "") => text.endsWith(part),
  trim: (text = "") => text.trim(),
  trimPrefix: (part = "", text = "") => (text.startsWith(part) ? text.slice(part.length) : text),
  trimSuffix: (part = "", text = "") => (part !== "" && text.endsWith(part) ? text.slice(0, -part.length) : text),
  trunc: (count = "", text = "") => (Number(count) >= 0 ? text.slice(0, Number(count)) : text.slice(Number(count))),
  replace: (from = "", to = "", text = "") => text.replaceAll(from, to),
  lower: (text = "") => text.toLowerCase(),
  upper: (text = "") => text.toUpperCase(),
  indent: (blanks = "", text = "") => indented(blanks, text),
  nindent: (blanks = "", text = "") => {
    const own = indented(blanks, text);
    return own === undefined ? undefined : `\n${own}`;
  },
  squote: (...texts) => texts.map((text) => `'${text}'`).join(" "),
  toString: (text = "") => text,
  b64enc: (text = "") => Buffer.from(text).toString("base64"),
  sha256sum: (text = "") => createHash("sha256").update(text).digest("hex"),
  repeat: (count = "", text = "") => (Number(count) <= 100 ? text.repeat(Number(count)) : undefined),
};

const COUNTS: Readonly<Record<string, (...numbers: readonly number[]) => Data>> = {
  add: (...numbers) => numbers.reduce((sum, one) => sum + one, 0),
  mul: (...numbers) => numbers.reduce((product, one) => product * one, 1),
  sub: (a = 0, b = 0) => a - b,
  int: (a = 0) => a,
  int64: (a = 0) => a,
};

const KINDS: Readonly<Record<string, (value: Data | undefined) => boolean>> = {
  map: isMapping,
  slice: isList,
  string: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  invalid: (value) => value === null,
};

const VALUES: Readonly<Record<string, Work>> = {
  default: (other, value = null) => (isTrue(value) ? value : other),
  coalesce: (...values) => values.find(isTrue) ?? null,
  ternary: (one, other, isSo) => (isSo === true ? one : other),
  empty: (value) => !isTrue(value),
  not: (value) => !isTrue(value),
  quote: (...values) => {
    const texts = values.filter((value) => value !== null).map(printed);
    return texts.some((text) => text === undefined) ? undefined : texts.map((text) => JSON.stringify(text)).join(" ");
  },
  print: (...values) => (values.every((value) => typeof value === "string") ? values.join("") : undefined),
  toYaml: (value) => (value === undefined ? undefined : yamlOf(value)),
  toJson: (value) => (value === undefined ? undefined : JSON.stringify(sorted(value))),
  hasKey: (values, key) => (isMapping(values) && typeof key === "string" ? Object.hasOwn(values, key) : undefined),
  get: (values, key) => (isMapping(values) && typeof key === "string" ? (at(values, key) ?? "") : undefined),
  dict: (...pairs) => dictOf(pairs),
  list: (...items) => items.map((item) => item ?? null),
  tuple: (...items) => items.map((item) => item ?? null),
  first: (items) => (isList(items) ? (items[0] ?? null) : undefined),
  has: (item, items) => (isList(items) && typeof item === "string" ? items.includes(item) : undefined),
  join: (mark, items) => joined(mark, items),
  index: (values, ...path) => path.reduce<Data | undefined>((value, key) => indexed(value, key), values),
  len: (value) =>
    typeof value === "string"
      ? Buffer.byteLength(value)
      : isList(value) || isMapping(value)
        ? Object.keys(value).length
        : undefined,
  kindIs: (kind, value) => (typeof kind === "string" ? KINDS[kind]?.(value) : undefined),
  omit: (values, ...keys) =>
    isMapping(values) ? Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key))) : undefined,
  pick: (values, ...keys) =>
    isMapping(values) ? Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key))) : undefined,
  deepCopy: (value) => value,
  printf: (form, ...values) => (typeof form === "string" ? formatted(form, values) : undefined),
  eq: (value, ...others) => compared([value, ...others], () => others.some((one) => one === value)),
  ne: (a, b) => compared([a, b], () => a !== b),
  lt: (a, b) => ordered(a, b, (x, y) => x < y),
  le: (a, b) => ordered(a, b, (x, y) => x <= y),
  gt: (a, b) => ordered(a, b, (x, y) => x > y),
  ge: (a, b) => ordered(a, b, (x, y) => x >= y),
};

/** The functions of Helm's templates that are read here; what draws lots, asks a clock or a cluster is none of them. */
export const FUNCTIONS: ReadonlyMap<string, Work> = new Map([
  ...Object.entries(TEXTS).map(([name, work]) => [name, ofTexts(work)] as const),
  ...Object.entries(COUNTS).map(([name, work]) => [name, ofCounts(work)] as const),
  ...Object.entries(VALUES),
]);

function dictOf(pairs: readonly (Data | undefined)[]): Data | undefined {
  const keys = pairs.filter((_, index) => index % 2 === 0);
  if (pairs.length % 2 === 1 || !keys.every((key) => typeof key === "string")) return undefined;
  return Object.fromEntries(keys.map((key, index) => [key, pairs[2 * index + 1] ?? null]));
}

function joined(mark: Data | undefined, items: Data | undefined): Data | undefined {
  if (typeof mark !== "string" || !isList(items)) return undefined;
  const texts = items.map(printed);
  return texts.some((text) => text === undefined) ? undefined : texts.join(mark);
}

function indexed(value: Data | undefined, key: Data | undefined): Data | undefined {
  if (isMapping(value) && typeof key === "string") return at(value, key) ?? null;
  return isList(value) && typeof key === "number" ? value[key] : undefined;
}

/** `%s`, `%v`, `%d` and `%q` alone. */
function formatted(form: string, values: readonly (Data | undefined)[]): string | undefined {
  const left = [...values];
  let isKnown = true;
  const text = form.replace(/%(.)/g, (_, verb: string) => {
    if (verb === "%") return "%";
    const value = left.shift();
    const own = printed(value);
    const isFit =
      value !== undefined &&
      value !== null &&
      own !== undefined &&
      (verb === "v" ||
        (verb === "d" ? typeof value === "number" : typeof value === "string" && (verb === "s" || verb === "q")));
    isKnown &&= isFit;
    return verb === "q" ? JSON.stringify(own) : (own ?? "");
  });
  return isKnown && left.length === 0 ? text : undefined;
}

/** Go compares values of one kind alone. */
function compared(values: readonly (Data | undefined)[], work: () => boolean): boolean | undefined {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  return kinds.size <= 1 && !kinds.has("object") && !kinds.has("undefined") ? work() : undefined;
}

function ordered(
  a: Data | undefined,
  b: Data | undefined,
  work: (a: number, b: number) => boolean,
): boolean | undefined {
  return typeof a === "number" && typeof b === "number" ? work(a, b) : undefined;
}
