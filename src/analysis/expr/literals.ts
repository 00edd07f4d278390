import { bytesOfRunes } from "./bytes.ts";
import { misspelt } from "./trouble.ts";

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
]);

const DIGITS: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** The bytes that a quoted string means, and the position after it. `chars` are the expression's characters; `start` is the opening quote. */
export function quoted(chars: readonly string[], start: number): { readonly value: string; readonly end: number } {
  const quote = chars[start];
  const runes: number[] = [];
  let at = start + 1;
  for (let char = chars[at]; char !== quote; char = chars[at]) {
    if (char === undefined || char === "\n") return misspelt(at + 1, "the text in quotes does not end");
    const [rune, end] = char === "\\" ? escaped(chars, at, quote ?? "") : plain(chars, at);
    runes.push(rune);
    at = end;
  }
  return { value: bytesOfRunes(runes), end: at + 1 };
}

/** The same between backticks, where a backtick is written twice and nothing else is special. */
export function raw(chars: readonly string[], start: number): { readonly value: string; readonly end: number } {
  const runes: number[] = [];
  for (let at = start + 1; ; at += 1) {
    const char = chars[at];
    if (char === undefined) return misspelt(at + 1, "the text in backticks does not end");
    if (char === "`" && chars[at + 1] !== "`") return { value: bytesOfRunes(runes), end: at + 1 };
    if (char === "`") at += 1;
    runes.push(char.codePointAt(0) ?? 0);
  }
}

// A carriage return, alone or before a line feed, is a line feed.
function plain(chars: readonly string[], at: number): readonly [rune: number, end: number] {
  if (chars[at] !== "\r") return [chars[at]?.codePointAt(0) ?? 0, at + 1];
  return [10, at + (chars[at + 1] === "\n" ? 2 : 1)];
}

function escaped(chars: readonly string[], at: number, quote: string): readonly [rune: number, end: number] {
  const char = chars[at + 1] ?? "";
  const simple = char === quote ? quote.codePointAt(0) : SIMPLE.get(char);
  if (simple !== undefined) return [simple, at + 2];
  if (char >= "0" && char <= "3") return numeric(chars, { from: at + 1, digits: 3, base: 8 });
  if (char === "u" && chars[at + 2] === "{") return braced(chars, at + 3);
  const digits = DIGITS.get(char);
  if (digits === undefined) return misspelt(at + 1, `\\${char} is no escape`);
  return numeric(chars, { from: at + 2, digits, base: 16 });
}

type Numeral = { readonly from: number; readonly digits: number; readonly base: 8 | 16 };

function numeric(chars: readonly string[], { from, digits, base }: Numeral): readonly [rune: number, end: number] {
  const text = chars.slice(from, from + digits).join("");
  const isRight = text.length === digits && (base === 8 ? /^[0-7]+$/ : /^[\da-f]+$/i).test(text);
  const rune = isRight ? Number.parseInt(text, base) : Number.POSITIVE_INFINITY;
  return rune > 0x10_ff_ff ? misspelt(from, "this is no character's number") : [rune, from + digits];
}

function braced(chars: readonly string[], from: number): readonly [rune: number, end: number] {
  const end = chars.indexOf("}", from);
  const digits = end === -1 ? 0 : end - from;
  if (digits < 1 || digits > 6) return misspelt(from, "this is no character's number");
  const [rune] = numeric(chars, { from, digits, base: 16 });
  return [rune, end + 1];
}
