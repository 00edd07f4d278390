import type { Image } from "../core/image.ts";
import { isPlainText } from "../yaml/canonical.ts";

/** A key and its text; undefined where it is left out. */
export type Field = readonly [string, string | undefined];

/** Each key with its text, a line. */
export function rows(given: readonly Field[]): readonly string[] {
  return given.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}: ${value}`);
}

export function fields(given: readonly Field[]): string {
  return `{ ${rows(given).join(", ")} }`;
}

export function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** A key with its items, a line each. */
export function block(key: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [`${key}: []`] : [`${key}:`, ...items.map((item) => `  - ${item}`)];
}

export function optional<T>(value: T | undefined, print: (value: T) => string): string | undefined {
  return value === undefined ? undefined : print(value);
}

/** The shortest text that is read as the very same number. Throws a RangeError on what is none. */
export function number(value: number): string {
  if (Number.isNaN(value)) throw new RangeError("Evidence that is no number cannot be written.");
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Plain where YAML takes it for the same text. */
export function text(value: string): string {
  return isPlainText(value) ? value : quoted(value);
}

// JSON is YAML but for the line breaks and controls that JSON leaves as they are.
export function quoted(value: string | Image): string {
  return JSON.stringify(value).replace(
    /[\u{7f}-\u{9f}\u{2028}\u{2029}\u{feff}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
