import { posixGroup, perlGroup } from "./classes.ts";
import { invalid, unsupportedPattern, type Chars, type Group, type Range, type Tree } from "./tree.ts";

/** A pattern that is being read, code point by code point; the flags change on the way. */
type Reading = { readonly chars: readonly string[]; at: number; depth: number; flags: Flags };
type Flags = { readonly folds: boolean; readonly lines: boolean; readonly dots: boolean };

const MOST_DEPTH = 100;
const MOST_REPEATS = 1000;

/** The tree of a regular expression in the syntax of RE2 (Go's regexp/syntax). Throws Unreadable. */
export function readPattern(text: string): Tree {
  const reading: Reading = {
    chars: Array.from(text),
    at: 0,
    depth: 0,
    flags: { folds: false, lines: false, dots: false },
  };
  const tree = readChoice(reading);
  return reading.at < reading.chars.length ? invalid("a ) without its (") : tree;
}

function look(reading: Reading, ahead = 0): string | undefined {
  return reading.chars[reading.at + ahead];
}

function accept(reading: Reading, text: string): boolean {
  if (reading.chars.slice(reading.at, reading.at + text.length).join("") !== text) return false;
  reading.at += text.length;
  return true;
}

function readChoice(reading: Reading): Tree {
  reading.depth += 1;
  if (reading.depth > MOST_DEPTH) unsupportedPattern(`nesting deeper than ${MOST_DEPTH}`);
  const parts = [readSequence(reading)];
  while (accept(reading, "|")) parts.push(readSequence(reading));
  reading.depth -= 1;
  return parts.length === 1 ? (parts[0] ?? { kind: "empty" }) : { kind: "choice", parts };
}

function readSequence(reading: Reading): Tree {
  const parts: Tree[] = [];
  for (let char = look(reading); char !== undefined && char !== "|" && char !== ")"; char = look(reading)) {
    const part = readPart(reading);
    parts.push(...(part ?? again(reading, parts)));
  }
  return { kind: "sequence", parts };
}

/** A repetition after nothing but flags is one of what stands before them. */
function again(reading: Reading, parts: Tree[]): readonly Tree[] {
  const last = parts.pop();
  if (last !== undefined) return [repeated(reading, last)];
  return repetition(reading) === undefined ? [] : invalid("nothing to repeat");
}

/** One part with its repetition; several for quoted text; none where only flags change. */
function readPart(reading: Reading): readonly Tree[] | undefined {
  if (accept(reading, "\\Q")) return quotedText(reading);
  const isFlags = look(reading) === "(" && look(reading, 1) === "?";
  const part = readAtom(reading);
  if (part === undefined) return isFlags ? undefined : invalid("nothing to repeat");
  return [repeated(reading, part)];
}

function quotedText(reading: Reading): readonly Tree[] {
  const parts: Tree[] = [];
  while (look(reading) !== undefined && !accept(reading, "\\E")) parts.push(literal(reading, take(reading)));
  const last = parts.pop();
  return last === undefined ? [] : [...parts, repeated(reading, last)];
}

function repeated(reading: Reading, part: Tree): Tree {
  const found = repetition(reading);
  if (found === undefined) return part;
  accept(reading, "?");
  if (repetition(reading) !== undefined) invalid("a repetition of a repetition");
  const tree: Tree = { kind: "repeat", part, ...found };
  return isWithin(tree, MOST_REPEATS) ? tree : invalid(`more than ${MOST_REPEATS} repetitions within each other`);
}

/** Whether a repetition and those within it make at most so many copies. */
function isWithin(tree: Tree, copies: number): boolean {
  if (tree.kind === "sequence" || tree.kind === "choice") return tree.parts.every((part) => isWithin(part, copies));
  if (tree.kind !== "repeat") return true;
  const { least, most, part } = tree;
  const own = Number.isFinite(most) ? most : least;
  return own <= copies && isWithin(part, own > 1 ? Math.floor(copies / own) : copies);
}

type Times = { readonly least: number; readonly most: number };

/** Takes *, +, ? or {n,m}, where one stands. */
function repetition(reading: Reading): Times | undefined {
  if (accept(reading, "*")) return { least: 0, most: Number.POSITIVE_INFINITY };
  if (accept(reading, "+")) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (accept(reading, "?")) return { least: 0, most: 1 };
  return look(reading) === "{" ? counted(reading) : undefined;
}

/** {n}, {n,} or {n,m}; anything else in braces is text. */
function counted(reading: Reading): Times | undefined {
  const rest = reading.chars.slice(reading.at, reading.at + 40).join("");
  const [whole, from, comma, to] = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(rest) ?? [];
  if (whole === undefined) return undefined;
  const least = Number(from);
  const open = comma === undefined ? least : Number.POSITIVE_INFINITY;
  const most = to === undefined ? open : Number(to);
  const isTooMany = least > MOST_REPEATS || (to !== undefined && most > MOST_REPEATS) || least > most;
  if (isTooMany) invalid(`${whole} repeats too often`);
  reading.at += whole.length;
  return { least, most };
}

function take(reading: Reading): string {
  const char = look(reading) ?? invalid("it ends too early");
  reading.at += 1;
  return char;
}

function readAtom(reading: Reading): Tree | undefined {
  const char = take(reading);
  switch (char) {
    case "(":
      return readGroup(reading);
    case "[":
      return readClass(reading);
    case "\\":
      return readEscape(reading);
    case ".":
      return {
        kind: "chars",
        groups: reading.flags.dots ? [] : [{ ranges: [[10, 10]], isNegated: false }],
        isNegated: true,
        folds: false,
      };
    case "^":
      return { kind: "place", place: reading.flags.lines ? "lineStart" : "textStart" };
    case "$":
      return { kind: "place", place: reading.flags.lines ? "lineEnd" : "textEnd" };
    case "*":
    case "+":
    case "?":
      return undefined;
    default:
      return literal(reading, char);
  }
}

function literal(reading: Reading, char: string): Chars {
  const rune = char.codePointAt(0) ?? 0;
  return chars(reading, [{ ranges: [[rune, rune]], isNegated: false }], false);
}

function chars({ flags }: Reading, groups: readonly Group[], isNegated: boolean): Chars {
  const isForeign = groups.some(({ ranges }) => ranges.some(([, high]) => high > 0x7f));
  if (flags.folds && isForeign) unsupportedPattern("(?i) with characters beyond ASCII");
  return { kind: "chars", groups, isNegated, folds: flags.folds };
}

function readGroup(reading: Reading): Tree | undefined {
  const before = reading.flags;
  if (accept(reading, "?")) {
    if (readFlags(reading)) return undefined;
  }
  const tree = readChoice(reading);
  if (!accept(reading, ")")) invalid("a ( without its )");
  reading.flags = before;
  return tree;
}

const NAME = /^P?<(\w+)>/;

/** What stands between (? and the group; true where it is nothing but flags. */
function readFlags(reading: Reading): boolean {
  const rest = reading.chars.slice(reading.at, reading.at + 200).join("");
  const name = NAME.exec(rest);
  if (name !== null) {
    reading.at += name[0].length;
    return false;
  }
  const [whole, on = "", off, end] =
    /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest) ?? invalid("(? is followed by what is not known");
  const after = (letter: string, was: boolean): boolean =>
    (on.includes(letter) || was) && !(off ?? "").includes(letter);
  if (end === ")" && on === "" && off === undefined) invalid("(?) says nothing");
  const { folds, lines, dots } = reading.flags;
  reading.at += whole.length;
  reading.flags = { folds: after("i", folds), lines: after("m", lines), dots: after("s", dots) };
  return end === ")";
}

const PLACES: ReadonlyMap<string, Tree> = new Map<string, Tree>([
  ["A", { kind: "place", place: "textStart" }],
  ["z", { kind: "place", place: "textEnd" }],
  ["b", { kind: "place", place: "wordEdge" }],
  ["B", { kind: "place", place: "noWordEdge" }],
]);

function readEscape(reading: Reading): Tree {
  const char = look(reading) ?? invalid("it ends with \\");
  const place = PLACES.get(char);
  if (place !== undefined) {
    reading.at += 1;
    return place;
  }
  const group = escapedGroup(reading);
  if (group !== undefined) return chars(reading, [group], false);
  const rune = escapedRune(reading);
  return chars(reading, [{ ranges: [[rune, rune]], isNegated: false }], false);
}

function escapedGroup(reading: Reading): Group | undefined {
  const char = look(reading) ?? "";
  if (char === "p" || char === "P") unsupportedPattern(`\\${char}`);
  const group = perlGroup(char);
  if (group !== undefined) reading.at += 1;
  return group;
}

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

/** The code point of what stands after a backslash. */
function escapedRune(reading: Reading): number {
  const rest = reading.chars.slice(reading.at, reading.at + 12).join("");
  const numeral = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2}|x[\da-f]{2}|x\{[\da-f]{1,8}\})/i.exec(rest)?.[0];
  if (numeral === undefined) return escapedSign(take(reading));
  reading.at += numeral.length;
  const rune = numeral.startsWith("x")
    ? Number.parseInt(numeral.replaceAll(/[x{}]/g, ""), 16)
    : Number.parseInt(numeral, 8);
  return rune > 0x10_ff_ff ? invalid("a character's number is too large") : rune;
}

function escapedSign(char: string): number {
  const control = CONTROLS.get(char);
  if (control !== undefined) return control;
  const rune = char.codePointAt(0) ?? 0;
  return rune < 0x80 && !/[\da-z]/i.test(char) ? rune : invalid(`\\${char} is not known`);
}

function readClass(reading: Reading): Tree {
  const isNegated = accept(reading, "^");
  const groups: Group[] = [];
  const ranges: Range[] = [];
  for (let isFirst = true; isFirst || look(reading) !== "]"; isFirst = false) {
    if (look(reading) === undefined) invalid("a [ without its ]");
    const group = classGroup(reading);
    if (group === undefined) ranges.push(classRange(reading));
    else groups.push(group);
  }
  reading.at += 1;
  return chars(reading, [{ ranges, isNegated: false }, ...groups], isNegated);
}

function classGroup(reading: Reading): Group | undefined {
  if (look(reading) === "[" && look(reading, 1) === ":") {
    const name = /^\[:(\^?[^:\]]*):\]/.exec(reading.chars.slice(reading.at, reading.at + 40).join(""));
    if (name === null) return undefined;
    reading.at += name[0].length;
    return posixGroup(name[1] ?? "") ?? invalid(`${name[0]} is not known`);
  }
  if (look(reading) !== "\\" || !/[dDwWsSpP]/.test(look(reading, 1) ?? "")) return undefined;
  reading.at += 1;
  return escapedGroup(reading);
}

function classRange(reading: Reading): Range {
  const low = classRune(reading);
  const isRange = look(reading) === "-" && look(reading, 1) !== "]" && look(reading, 1) !== undefined;
  if (!isRange) return [low, low];
  reading.at += 1;
  const high = classRune(reading);
  return high < low ? invalid("a range from high to low") : [low, high];
}

function classRune(reading: Reading): number {
  return accept(reading, "\\") ? escapedRune(reading) : (take(reading).codePointAt(0) ?? 0);
}
