import { standsFor } from "./glob.ts";
import type { IgnoredFields } from "./object-facts.ts";
import type { WrittenField } from "./written.ts";

/** The first of the paths that Argo CD is to leave out which a written field lies in, as it is written there; undefined where none is. */
export function ignoredBy(ignored: IgnoredFields, written: WrittenField): string | undefined {
  const { group, kind, name, namespace } = ignored;
  if (!isLike(group, written.group) || !isLike(kind, written.kind)) return undefined;
  if (namespace !== undefined && !isLike(namespace, written.namespace)) return undefined;
  if (name !== undefined && written.name !== undefined && !isLike(name, written.name)) return undefined;
  return (
    ignored.pointers.find((pointer) => covers(pointerKeys(pointer), written.field)) ??
    ignored.expressions.find((expression) =>
      split(expression, ",").some((one) => covers(expressionKeys(one), written.field)),
    )
  );
}

function isLike(glob: string, text: string): boolean {
  return glob === text || standsFor(glob, text) !== undefined;
}

/** Whether a field is what some keys lead to, or lies in it. */
function covers(keys: readonly string[] | undefined, field: readonly string[]): boolean {
  return keys !== undefined && keys.length <= field.length && keys.every((key, at) => isKey(key, field[at] ?? ""));
}

function isKey(key: string, wanted: string): boolean {
  if (key === ANY) return true;
  if (wanted === ANY) return /^\d+$/.test(key);
  if (wanted.endsWith(ANY)) return key.startsWith(wanted.slice(0, -1));
  return wanted.startsWith(ANY) ? key.endsWith(wanted.slice(1)) : key === wanted;
}

const ANY = "*";

function pointerKeys(pointer: string): readonly string[] | undefined {
  const [first, ...keys] = pointer.split("/");
  return first === "" ? keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) : undefined;
}

const KEY = /\.?(?:(?<word>[A-Za-z_]\w*)|"(?<quoted>[^"]*)"|\["(?<inBrackets>[^"]*)"\]|\[(?<position>\d*)\])\??/gy;

/**
 * The keys of a path in the language of jq, as far as Argo CD's users write them: keys, items, and `select` to narrow items down. Undefined for whatever
 * else, and for one that begins with a `select`, which asks for a label that a controller gives the object meanwhile.
 */
function expressionKeys(expression: string): readonly string[] | undefined {
  const [first = "", ...more] = split(expression, "|").map((part) => part.trim());
  const parts = [first, ...more.filter((part) => !/^select\s*\(/.test(part))].map(keysIn);
  return parts.some((keys) => keys === undefined) ? undefined : parts.flatMap((keys) => keys ?? []);
}

function keysIn(part: string): readonly string[] | undefined {
  if (part === ".") return [];
  const found = [...part.matchAll(KEY)];
  if (!part.startsWith(".") || found.map(([text]) => text).join("") !== part) return undefined;
  return found.map(({ groups: { word, quoted, inBrackets, position } = {} }) => {
    const key = word ?? quoted ?? inBrackets ?? position;
    return key === undefined || key === "" ? ANY : key;
  });
}

const OPENING = "([{";
const CLOSING = ")]}";

/** The parts of an expression between signs that stand in no brackets and no quotes. */
function split(text: string, sign: string): readonly string[] {
  const parts = [""];
  let depth = 0;
  let isQuoted = false;
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    if (!isQuoted && OPENING.includes(letter)) depth += 1;
    if (!isQuoted && CLOSING.includes(letter)) depth -= 1;
    if (letter === sign && depth === 0 && !isQuoted) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${letter}`);
  }
  return parts;
}
