import fc from "fast-check";
import type { Data } from "../../src/manifest/data.ts";

/** How a document is written by the tests: every freedom that authors take. */
export type Hand = {
  readonly step: number;
  readonly dash: number;
  readonly quote: "" | "'" | '"';
  readonly remark: string;
  readonly above: string;
  readonly gap: boolean;
  readonly flowBelow: number;
  readonly padded: boolean;
  readonly isCrlf: boolean;
  readonly hasBom: boolean;
  readonly hasFinalBreak: boolean;
};

export const hands: fc.Arbitrary<Hand> = fc
  .record({
    step: fc.constantFrom(2, 3, 4),
    isInside: fc.boolean(),
    quote: fc.constantFrom<Hand["quote"]>("", "'", '"'),
    remark: fc.constantFrom("", " # a remark", "  #\ttabs\tin it", " # key: value"),
    above: fc.constantFrom("", "# what follows", "# - item: 1"),
    gap: fc.boolean(),
    flowBelow: fc.constantFrom(1, 2, 3, 9),
    padded: fc.boolean(),
    isCrlf: fc.boolean(),
    hasBom: fc.boolean(),
    hasFinalBreak: fc.boolean(),
  })
  .map(({ isInside, ...hand }) => ({ ...hand, dash: isInside ? hand.step : 0 }));

// Words that mean themselves to every reader; names of kinds, hosts and groups among them.
const PLAIN =
  /^(?:app|web-1|1\.2\.3|ghcr\.io\/acme\/web:1\.2|two words|[a-z]+(?:[-./][a-z\d]+)+|[A-Z]\w*(?:Route|Service|Ingress|Rule|out))$/;

const words = fc.constantFrom(
  "app",
  "web-1",
  "1.2.3",
  "ghcr.io/acme/web:1.2",
  "two words",
  "yes",
  "0755",
  "1e5",
  "a: b",
  "#no",
  "",
);
const keys = fc.constantFrom("name", "image", "weight", "spec", "items", "tag", "kind", "list");

/** Any value of a document, with mappings and lists in each other. */
export const values: fc.Arbitrary<Data> = fc.letrec<{ value: Data; mapping: Data }>((tie) => ({
  mapping: fc.dictionary(keys, tie("value"), { minKeys: 1, maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    words,
    fc.integer({ min: 0, max: 100 }),
    fc.constant(true),
    fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
    tie("mapping"),
  ),
})).mapping;

/** The text of a document in somebody's hand. */
export function written(value: Data, hand: Hand): string {
  const lines = linesOf(value, hand, 0);
  const text = lines.join("\n") + (hand.hasFinalBreak ? "\n" : "");
  return (hand.hasBom ? "\u{FEFF}" : "") + (hand.isCrlf ? text.replaceAll("\n", "\r\n") : text);
}

function linesOf(value: Data, hand: Hand, depth: number): readonly string[] {
  if (!isBlock(value, hand, depth)) return [`${flow(value, hand)}${hand.remark}`];
  const above = depth === 1 && hand.above !== "" ? [hand.above] : [];
  const gap = (index: number) => (hand.gap && depth > 0 && index > 0 ? [""] : []);
  if (isList(value))
    return value.flatMap((item, index) => [...gap(index), ...above, ...asItem(linesOf(item, hand, depth + 1))]);
  return Object.entries(value).flatMap(([key, child], index) => [
    ...gap(index),
    ...above,
    ...pair(key, child, hand, depth),
  ]);
}

// What is empty has no lines of its own.
function isBlock(
  value: Data,
  { flowBelow }: Hand,
  depth: number,
): value is readonly Data[] | { readonly [key: string]: Data } {
  return isCollection(value) && depth < flowBelow && Object.keys(value).length > 0;
}

// A comment that would stand between the dash and its item stands above the dash.
function asItem([first = "", ...others]: readonly string[]): readonly string[] {
  if (first.startsWith("#")) return [first, ...asItem(others)];
  return [`- ${first}`, ...others.map((line) => (line === "" ? "" : `  ${line}`))];
}

function pair(key: string, value: Data, hand: Hand, depth: number): readonly string[] {
  const lines = linesOf(value, hand, depth + 1);
  if (!isBlock(value, hand, depth + 1)) return [`${key}: ${lines[0] ?? ""}`, ...lines.slice(1)];
  const indent = " ".repeat(isList(value) ? hand.dash : hand.step);
  return [`${key}:${hand.remark}`, ...lines.map((line) => (line === "" ? "" : `${indent}${line}`))];
}

function flow(value: Data, hand: Hand): string {
  const pad = hand.padded ? " " : "";
  if (isList(value)) return `[${value.map((item) => flow(item, hand)).join(", ")}]`;
  if (!isCollection(value)) return scalar(value, hand);
  const pairs = Object.entries(value).map(([key, child]) => `${key}: ${flow(child, hand)}`);
  if (pairs.length === 0) return "{}";
  return `{${pad}${pairs.join(", ")}${pad}}`;
}

function scalar(value: Data, { quote }: Hand): string {
  if (typeof value !== "string") return JSON.stringify(value);
  if (quote === "" && PLAIN.test(value)) return value;
  return quote === "'" ? `'${value}'` : JSON.stringify(value);
}

export function isCollection(value: Data): value is readonly Data[] | { readonly [key: string]: Data } {
  return typeof value === "object" && value !== null;
}

export function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}
