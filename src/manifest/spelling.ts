import { unreachable } from "../core/unreachable.ts";
import { quote, refuse, type TextFile } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { Scalar, Tree } from "../yaml/tree.ts";

/** A scalar as it is written. */
export type Spelt = Pick<Scalar, "start" | "style" | "source">;

/** What unquoted text means: text to every reader, a number that prints as it is written, a date, or not the same to every reader. */
export type Meaning = "text" | "number" | "date" | "odd";

// Truth values, nothing, and numbers, to any of the readers of YAML 1.1 and 1.2.
const WORD = /^(?:~|null|true|false|y|n|yes|no|on|off|[-+]?\.(?:inf|nan))$/i;
const NUMBER =
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|[\d_]*\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[-+]?\d+)?)$/i;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt\s])/;
const SAFE = /^[A-Za-z0-9_./](?:[\w./@:+-]*[\w./@+-])?$/;
// Helm reads a larger one as a float, and prints it with an exponent.
const LARGEST_PRINTED = 1_000_000;

/** Quotation marks. */
export type Mark = "'" | '"';

export function meaningOf(text: string): Meaning {
  if (WORD.test(text)) return "odd";
  if (NUMBER.test(text)) return String(Number(text)) === text ? "number" : "odd";
  return DATE.test(text) ? "date" : "text";
}

/** Whether text can stand unquoted anywhere, in braces as well. */
export function isSafe(text: string): boolean {
  return SAFE.test(text);
}

/**
 * The new text of a scalar, quotes included, in the style of the old one. A plain one whose meaning would be another gets the quotes that `mark` gives.
 * Refused where the old one does not say the same to every reader: what it would be taken for afterwards is a guess.
 */
export function respelled(file: TextFile, scalar: Spelt, text: string, mark: () => Mark): string {
  if (scalar.style === "single") return `'${text}'`;
  if (scalar.style === "double") return `"${text}"`;
  const before = meaningOf(scalar.source);
  if (before === "odd") {
    const found = quote(scalar.source);
    return refuse(file, scalar, found, "a version that YAML takes for something else than text stands in quotes");
  }
  return staysPlain(scalar.source, text) ? text : quoted(text, mark());
}

// What was no safe text before is kept as it is: reading it again tells whether that was right.
function staysPlain(before: string, after: string): boolean {
  const meaning = meaningOf(after);
  if (meaning !== "text") return meaning === meaningOf(before) && !growsExponent(before, after);
  return isSafe(after) || !isSafe(before);
}

function growsExponent(before: string, after: string): boolean {
  return Math.abs(Number(before)) < LARGEST_PRINTED && Math.abs(Number(after)) >= LARGEST_PRINTED;
}

function quoted(text: string, mark: Mark): string {
  return `${mark}${text}${mark}`;
}

/** The quotation marks that most values of the file have, double ones where none has any. */
export function markOf({ documents }: Source): Mark {
  return documents.reduce((sum, tree) => sum + leaning(tree), 0) > 0 ? "'" : '"';
}

function leaning(tree: Tree): number {
  switch (tree.kind) {
    case "map":
      return tree.entries.reduce((sum, { value }) => sum + leaning(value), 0);
    case "list":
      return tree.items.reduce((sum, item) => sum + leaning(item), 0);
    case "scalar":
      return tree.style === "single" ? 1 : tree.style === "double" ? -1 : 0;
    case "alias":
      return 0;
    default:
      return unreachable(tree);
  }
}
