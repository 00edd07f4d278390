import { err, ok, type Result } from "../../core/result.ts";
import { runesOf } from "../expr/bytes.ts";
import { isWord } from "./classes.ts";
import { readPattern } from "./read.ts";
import { unsupportedPattern, Unreadable, type Chars, type PatternFault, type Place, type Tree } from "./tree.ts";

/** What is done at one point of a pattern: take a code point, be at a place, go on at one of several points, or be done. */
type Instruction =
  | { readonly kind: "take"; readonly chars: Chars }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "fork"; readonly to: readonly number[] }
  | { readonly kind: "done" };

/** A regular expression of RE2, ready to match. */
export type Pattern = { readonly instructions: readonly Instruction[] };

const MOST_INSTRUCTIONS = 20_000;

/**
 * Reads a regular expression in RE2's syntax. It is matched by following all ways at once, as RE2 does, so that no pattern takes
 * more time than its length times the text's: JavaScript's own are another language, and can take for ever.
 */
export function compilePattern(bytes: string): Result<Pattern, PatternFault> {
  try {
    const tree = readPattern(String.fromCodePoint(...runesOf(bytes)));
    const instructions: Instruction[] = [];
    emit(tree, instructions);
    return ok({ instructions: [...instructions, { kind: "done" }] });
  } catch (error) {
    if (error instanceof Unreadable) return err(error.fault);
    throw error;
  }
}

/** Whether the pattern matches anywhere in the bytes. */
export function matches({ instructions }: Pattern, bytes: string): boolean {
  const runes = runesOf(bytes);
  let points: readonly number[] = [];
  for (let at = 0; at <= runes.length; at += 1) {
    const reached = closure([...points, 0], { instructions, runes, at });
    if (reached.some((point) => instructions[point]?.kind === "done")) return true;
    points = reached.flatMap((point) => (takes(instructions[point], runes[at]) ? [point + 1] : []));
  }
  return false;
}

function takes(instruction: Instruction | undefined, rune: number | undefined): boolean {
  return instruction?.kind === "take" && rune !== undefined && isOf(instruction.chars, rune);
}

type Spot = { readonly instructions: readonly Instruction[]; readonly runes: readonly number[]; readonly at: number };

/** Every point that is reached from these without taking anything. */
function closure(from: readonly number[], { instructions, runes, at }: Spot): readonly number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let point = open.pop(); point !== undefined; point = open.pop()) {
    if (seen.has(point)) continue;
    seen.add(point);
    const instruction = instructions[point];
    if (instruction?.kind === "fork") open.push(...instruction.to);
    if (instruction?.kind === "place" && isAt(instruction.place, runes, at)) open.push(point + 1);
  }
  return [...seen];
}

function isAt(place: Place, runes: readonly number[], at: number): boolean {
  switch (place) {
    case "textStart":
      return at === 0;
    case "textEnd":
      return at === runes.length;
    case "lineStart":
      return at === 0 || runes[at - 1] === 10;
    case "lineEnd":
      return at === runes.length || runes[at] === 10;
    default:
      return (isWord(runes[at - 1]) !== isWord(runes[at])) === (place === "wordEdge");
  }
}

function isOf({ groups, isNegated, folds }: Chars, rune: number): boolean {
  const same = folds ? caseless(rune) : [rune];
  const isIn = groups.some(
    (group) => group.ranges.some(([low, high]) => same.some((one) => one >= low && one <= high)) !== group.isNegated,
  );
  return isIn !== isNegated;
}

/** What counts as the same letter: besides the two cases of ASCII, the long s and the sign of the kelvin. */
function caseless(rune: number): readonly number[] {
  if (rune === 0x1_7f) return [rune, 0x53, 0x73];
  if (rune === 0x21_2a) return [rune, 0x4b, 0x6b];
  const isLetter = (rune >= 0x41 && rune <= 0x5a) || (rune >= 0x61 && rune <= 0x7a);
  return isLetter ? [rune, rune ^ 0x20] : [rune];
}

function emit(tree: Tree, into: Instruction[]): void {
  if (into.length > MOST_INSTRUCTIONS) unsupportedPattern("so many repetitions of so much");
  switch (tree.kind) {
    case "empty":
      return;
    case "chars":
      into.push({ kind: "take", chars: tree });
      return;
    case "place":
      into.push(tree);
      return;
    case "sequence":
      for (const part of tree.parts) emit(part, into);
      return;
    case "choice":
      emitChoice(tree.parts, into);
      return;
    default:
      emitRepeat(tree, into);
  }
}

/** Each part but the last goes past those that follow when it is through. */
function emitChoice(parts: readonly Tree[], into: Instruction[]): void {
  const start = into.push({ kind: "done" }) - 1;
  const firsts: number[] = [];
  const ends: number[] = [];
  for (const part of parts) {
    firsts.push(into.length);
    emit(part, into);
    ends.push(into.push({ kind: "done" }) - 1);
  }
  into[start] = { kind: "fork", to: firsts };
  for (const end of ends) into[end] = { kind: "fork", to: [into.length] };
}

function emitRepeat({ part, least, most }: Tree & { readonly kind: "repeat" }, into: Instruction[]): void {
  for (let time = 0; time < least; time += 1) emit(part, into);
  if (most === Number.POSITIVE_INFINITY) {
    const start = into.push({ kind: "done" }) - 1;
    emit(part, into);
    into.push({ kind: "fork", to: [start] });
    into[start] = { kind: "fork", to: [start + 1, into.length] };
    return;
  }
  const starts: number[] = [];
  for (let time = least; time < most; time += 1) {
    starts.push(into.push({ kind: "done" }) - 1);
    emit(part, into);
  }
  for (const start of starts) into[start] = { kind: "fork", to: [start + 1, into.length] };
}
