import { wholeNumber } from "./arithmetic.ts";
import { bytesOfRunes, runesOf } from "./bytes.ts";
import { fromJson } from "./from-json.ts";
import { json, printed } from "./format.ts";
import { grow, type Machine } from "./machine.ts";
import { cannot, unsupported } from "./trouble.ts";
import { asString, isList, list, typeText, type Value } from "./value.ts";

type Do = (args: readonly Value[], running: Machine) => Value;

const LONGEST = 4_000_000;
const MOST_REPEATS = 1_000_000n;

/** A function of nothing but text. */
function text(work: (...args: readonly [string, string, string]) => Value): Do {
  return (args) => work(asString(args[0]), optional(args, 1), optional(args, 2));
}

/** Empty where it is not given; nil that is given is no text. */
function optional(args: readonly Value[], at: number): string {
  return at < args.length ? asString(args[at]) : "";
}

/** How many, where that is given; -1: all. */
function limitOf(args: readonly Value[], at: number): bigint {
  return at < args.length ? wholeNumber(args[at]) : -1n;
}

/** The built-ins about text. */
export const TEXT_FUNCTIONS: ReadonlyMap<string, Do> = new Map<string, Do>([
  ["string", ([value]) => printed(value)],
  ["trim", (args) => trimmed(args)],
  ["trimPrefix", (args) => withoutPrefix(asString(args[0]), args.length === 2 ? asString(args[1]) : " ")],
  ["trimSuffix", (args) => withoutSuffix(asString(args[0]), args.length === 2 ? asString(args[1]) : " ")],
  ["upper", text((value) => cased(value, upperOf))],
  ["lower", text((value) => cased(value, lowerOf))],
  ["split", (args) => list(split(args, false), "[]string")],
  ["splitAfter", (args) => list(split(args, true), "[]string")],
  ["replace", (args) => replaced(args)],
  ["repeat", (args, running) => repeated(args, running)],
  ["join", (args) => joined(args)],
  ["indexOf", text((value, part) => BigInt(value.indexOf(part)))],
  ["lastIndexOf", text((value, part) => BigInt(value.lastIndexOf(part)))],
  ["hasPrefix", text((value, part) => value.startsWith(part))],
  ["hasSuffix", text((value, part) => value.endsWith(part))],
  ["toJSON", ([value]) => bounded(json(value))],
  ["fromJSON", text(fromJson)],
  ["toBase64", text((value) => Buffer.from(value, "latin1").toString("base64"))],
  ["fromBase64", text(fromBase64)],
]);

function bounded(value: string): string {
  return value.length > LONGEST ? tooLong() : value;
}

function tooLong(): never {
  return unsupported(`text of more than ${LONGEST} bytes is not supported`);
}

/** One text after another. */
export function concatenated(a: string, b: string): string {
  return a.length + b.length > LONGEST ? tooLong() : a + b;
}

const SPACE = /[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/;

function trimmed(args: readonly Value[]): string {
  const runes = [...runesOf(asString(args[0]))];
  const cut = args.length === 2 ? new Set(runesOf(asString(args[1]))) : undefined;
  const isCut = (rune: number): boolean => cut?.has(rune) ?? SPACE.test(String.fromCodePoint(rune));
  const from = runes.findIndex((rune) => !isCut(rune));
  const to = runes.findLastIndex((rune) => !isCut(rune));
  return from === -1 ? "" : bytesOfRunes(runes.slice(from, to + 1));
}

function withoutPrefix(value: string, prefix: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

function withoutSuffix(value: string, suffix: string): string {
  return value.endsWith(suffix) ? value.slice(0, value.length - suffix.length) : value;
}

function cased(value: string, change: (char: string) => string): string {
  return bytesOfRunes(runesOf(value).map((rune) => caseOf(rune, change)));
}

/** A letter that would become several stays as it is: Go maps one to one. */
function caseOf(rune: number, change: (char: string) => string): number {
  const [first, ...more] = change(String.fromCodePoint(rune));
  const changed = more.length > 0 ? single(rune) : (first?.codePointAt(0) ?? rune);
  return isNewer(rune) || isNewer(changed) ? rune : changed;
}

function upperOf(char: string): string {
  return char.toUpperCase();
}

function lowerOf(char: string): string {
  return char.toLowerCase();
}

// What JavaScript makes two letters of, and Go one: the dotted capital I, and Greek capitals with an iota.
const GREEK: readonly (readonly [low: number, high: number, shift: number])[] = [
  [0x1f_80, 0x1f_87, 8],
  [0x1f_90, 0x1f_97, 8],
  [0x1f_a0, 0x1f_a7, 8],
  [0x1f_b3, 0x1f_b3, 9],
  [0x1f_c3, 0x1f_c3, 9],
  [0x1f_f3, 0x1f_f3, 9],
];

function single(rune: number): number {
  if (rune === 0x1_30) return 0x69;
  const greek = GREEK.find(([low, high]) => rune >= low && rune <= high);
  return rune + (greek?.[2] ?? 0);
}

// Pairs that came with Unicode 16 and 17; Go knows 15.
const NEWER: readonly (readonly [low: number, high: number])[] = [
  [0x1c_89, 0x1c_8a],
  [0xa7_cb, 0xa7_cf],
  [0xa7_d2, 0xa7_d5],
  [0xa7_da, 0xa7_dc],
  [0x1_0d_50, 0x1_0d_85],
  [0x1_6e_a0, 0x1_6e_d3],
];

function isNewer(rune: number): boolean {
  return NEWER.some(([low, high]) => rune >= low && rune <= high);
}

/** At most `limit` parts (all: none given, or negative); with each separator after its part where it is kept. */
function split(args: readonly Value[], isKept: boolean): readonly string[] {
  const [whole, separator] = [asString(args[0]), asString(args[1])];
  const limit = limitOf(args, 2);
  if (limit === 0n) return [];
  const all = separator === "" ? runesOf(whole).map((rune) => bytesOfRunes([rune])) : whole.split(separator);
  const glue = isKept || separator === "" ? separator : "";
  const parts = all.map((part, index) => (index < all.length - 1 ? part + glue : part));
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), all.slice(kept).join(separator)];
}

function replaced(args: readonly Value[]): string {
  const [whole, from, to] = [asString(args[0]), asString(args[1]), asString(args[2])];
  const limit = limitOf(args, 3);
  const parts = from === "" ? ["", ...runesOf(whole).map((rune) => bytesOfRunes([rune])), ""] : whole.split(from);
  const times = limit < 0n || limit > BigInt(parts.length - 1) ? parts.length - 1 : Number(limit);
  if (whole.length + times * to.length > LONGEST) tooLong();
  // Around single characters there is one place less than there are parts to put it between.
  return parts.map((one, index) => one + (index >= parts.length - 1 ? "" : index < times ? to : from)).join("");
}

function repeated([value, times]: readonly Value[], running: Machine): string {
  const [whole, count] = [asString(value), wholeNumber(times)];
  if (count < 0n || count > MOST_REPEATS)
    cannot(`text is repeated from 0 to ${MOST_REPEATS} times, not ${count} times`);
  if (whole.length * Number(count) > LONGEST) cannot("it makes too many values");
  grow(running, whole.length * Number(count));
  return whole.repeat(Number(count));
}

function joined(args: readonly Value[]): string {
  const [value] = args;
  if (!isList(value) || (value.type !== "[]any" && value.type !== "[]string"))
    return cannot(`join() does not take ${typeText(value)}`);
  const parts = value.items.map(asString);
  const between = optional(args, 1);
  const size = parts.reduce((sum, part) => sum + part.length + between.length, 0);
  return size > LONGEST ? tooLong() : parts.join(between);
}

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

// Line ends are passed over.
function fromBase64(value: string): string {
  const digits = value.replaceAll(/[\r\n]/g, "");
  return BASE64.test(digits) ? Buffer.from(digits, "base64").toString("latin1") : cannot("this is no base64");
}
