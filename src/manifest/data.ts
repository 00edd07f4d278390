import type { Mark } from "./spelling.ts";
import { isSafe, meaningOf } from "./spelling.ts";

/** A value to write into a file. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

/** How the neighbours are written: blanks of one level, blanks before the dash of a list under a key, quotes, the padding of braces. */
export type Look = {
  readonly step: number;
  readonly dash: number;
  readonly mark: Mark;
  readonly pad: string;
  readonly isJson: boolean;
};

/** The value in the canonical form of documents. */
export function canonicalData(data: Data): string {
  if (isList(data)) return `[${data.map(canonicalData).join(",")}]`;
  if (!isMapping(data)) return JSON.stringify(data);
  const entries = Object.entries(data).map(([key, value]) => `${JSON.stringify(key)}:${canonicalData(value)}`);
  return `{${entries.toSorted().join(",")}}`;
}

/** The value in braces and brackets, on one line. */
export function flowText(data: Data, look: Look): string {
  if (isList(data)) return `[${data.map((item) => flowText(item, look)).join(", ")}]`;
  if (!isMapping(data)) return scalarText(data, look);
  const pairs = Object.entries(data).map(([key, value]) => flowPair(key, value, look));
  return pairs.length === 0 ? "{}" : `{${look.pad}${pairs.join(", ")}${look.pad}}`;
}

export function flowPair(key: string, value: Data, look: Look): string {
  return `${scalarText(key, look)}: ${flowText(value, look)}`;
}

/** The lines of `key: value`, the first one without indentation. */
export function pairLines(key: string, value: Data, look: Look): readonly string[] {
  const name = `${scalarText(key, look)}:`;
  if (isEmpty(value) || (!isList(value) && !isMapping(value))) return [`${name} ${flowText(value, look)}`];
  const indent = " ".repeat(isList(value) ? look.dash : look.step);
  return [name, ...blockLines(value, look).map((line) => indent + line)];
}

/** The lines of an item of a list, the first one with its dash. */
export function itemLines(item: Data, look: Look): readonly string[] {
  const [first = "", ...others] = blockLines(item, look);
  return [`- ${first}`, ...others.map((line) => `  ${line}`)];
}

function blockLines(data: Data, look: Look): readonly string[] {
  if (isEmpty(data)) return [flowText(data, look)];
  if (isList(data)) return data.flatMap((item) => itemLines(item, look));
  if (isMapping(data)) return Object.entries(data).flatMap(([key, value]) => pairLines(key, value, look));
  return [scalarText(data, look)];
}

function scalarText(value: string | number | boolean | null, { mark, isJson }: Look): string {
  if (typeof value !== "string") return String(value);
  if (!isJson && isSafe(value) && meaningOf(value) === "text") return value;
  const hasEscapes = /[^\x20-\x7E\u{A0}-\u{FFFD}]/u.test(value) || mark === '"' || isJson;
  return hasEscapes ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data);
}

function isMapping(data: Data): data is { readonly [key: string]: Data } {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function isEmpty(data: Data): boolean {
  return typeof data === "object" && data !== null && Object.keys(data).length === 0;
}
