import { quoted, raw } from "./literals.ts";
import type { Token, TokenKind } from "./token.ts";
import { misspelt, unsupported } from "./trouble.ts";

const OPERATOR_WORDS: ReadonlySet<string> = new Set([
  "not",
  "in",
  "or",
  "and",
  "matches",
  "contains",
  "startsWith",
  "endsWith",
  "let",
  "if",
  "else",
]);

/** Letters, digits, _ and $, in any script. */
const WORD = /[\p{L}\p{Nd}_$]/u;
const LETTER = /[\p{L}_$]/u;
const SPACE = /[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/;

/** Whether the text could be a name. */
export function isName(text: string): boolean {
  const [first, ...rest] = text;
  return first !== undefined && LETTER.test(first) && rest.every((char) => WORD.test(char));
}

/** The tokens of an expression of expr-lang/expr v1.17, with an "end" as the last one. Throws Stopped. */
export function tokens(text: string): readonly Token[] {
  const chars = Array.from(text.toWellFormed());
  const found: Token[] = [];
  for (let at = 0; at < chars.length;) {
    const { end, token } = next(chars, at);
    found.push(...token);
    at = end;
  }
  return [...found, { kind: "end", value: "", at: Math.max(1, chars.length) }];
}

type Step = { readonly end: number; readonly token: readonly Token[] };

function next(chars: readonly string[], at: number): Step {
  const char = chars[at] ?? "";
  const after = chars[at + 1] ?? "";
  if (SPACE.test(char)) return { end: at + 1, token: [] };
  if (/['"`]/.test(char)) return literal(at, char === "`" ? raw(chars, at) : quoted(chars, at));
  if (/^[bB]['"]$/.test(char + after)) return unsupported(`bytes (${char}${after}…${after}) are not supported`, at + 1);
  if (/^(?:\d|\.\d)/.test(char + after)) return number(chars, at);
  if (char === "/") return slash(chars, at);
  if (char === "#") return pointer(chars, at);
  return WORD.test(char) ? word(chars, at) : operator(chars, at);
}

function literal(at: number, { value, end }: { readonly value: string; readonly end: number }): Step {
  return { end, token: [{ kind: "string", value, at: at + 1 }] };
}

const TWO: readonly (readonly [first: string, second: string])[] = [
  ["|", "|"],
  [":", ":"],
  ["?", ".?"],
  [".", "."],
  ["&!=*<>", "&=*"],
];

function operator(chars: readonly string[], at: number): Step {
  const char = chars[at] ?? "";
  const after = chars[at + 1] ?? "none";
  const kind: TokenKind = "([{}])".includes(char) ? "bracket" : "operator";
  const isDouble = TWO.some(([first, second]) => first.includes(char) && second.includes(after));
  if (isDouble) return { end: at + 2, token: [{ kind, value: char + after, at: at + 1 }] };
  if (!"([{}])|:?.,;%+-^&!=*<>".includes(char)) misspelt(at + 1, `${char} is not understood`);
  return { end: at + 1, token: [{ kind, value: char, at: at + 1 }] };
}

function slash(chars: readonly string[], at: number): Step {
  const after = chars[at + 1];
  if (after === "/") {
    const end = chars.indexOf("\n", at);
    return { end: end === -1 ? chars.length : end + 1, token: [] };
  }
  if (after !== "*") return { end: at + 1, token: [{ kind: "operator", value: "/", at: at + 1 }] };
  for (let end = at + 2; end < chars.length; end += 1)
    if (chars[end] === "*" && chars[end + 1] === "/") return { end: end + 2, token: [] };
  return misspelt(at + 1, "the comment does not end");
}

// What follows # without a space is its name.
function pointer(chars: readonly string[], at: number): Step {
  const isDouble = chars[at + 1] === "#";
  const from = at + (isDouble ? 2 : 1);
  const end = wordEnd(chars, from);
  const hash: Token = { kind: "operator", value: isDouble ? "##" : "#", at: at + 1 };
  if (end === from) return { end, token: [hash] };
  return { end, token: [hash, { kind: "identifier", value: chars.slice(from, end).join(""), at: from + 1 }] };
}

function word(chars: readonly string[], at: number): Step {
  const end = wordEnd(chars, at);
  const value = chars.slice(at, end).join("");
  return { end, token: [{ kind: OPERATOR_WORDS.has(value) ? "operator" : "identifier", value, at: at + 1 }] };
}

function wordEnd(chars: readonly string[], from: number): number {
  let end = from;
  while (WORD.test(chars[end] ?? " ")) end += 1;
  return end;
}

const PREFIXES: ReadonlyMap<string, RegExp> = new Map([
  ["x", /[\da-fA-F_]/],
  ["o", /[0-7_]/],
  ["b", /[01_]/],
]);

function number(chars: readonly string[], at: number): Step {
  const char = (position: number): string => chars[position] ?? " ";
  const prefixed = char(at) === "0" ? PREFIXES.get(char(at + 1).toLowerCase()) : undefined;
  const digits = prefixed ?? /[\d_]/;
  const run = (from: number): number => {
    let end = from;
    while (digits.test(char(end))) end += 1;
    return end;
  };
  const whole = run(at + (prefixed === undefined ? 0 : 2));
  // 1..3 is a range, not 1. and .3
  if (char(whole) === "." && char(whole + 1) === ".") return numberToken(chars, at, whole);
  const decimal = char(whole) === "." ? run(whole + 1) : whole;
  const isScaled = /[eE]/.test(char(decimal));
  const end = isScaled ? run(decimal + (/[+-]/.test(char(decimal + 1)) ? 2 : 1)) : decimal;
  if (WORD.test(char(end))) misspelt(at + 1, `${chars.slice(at, end + 1).join("")} is no number`);
  return numberToken(chars, at, end);
}

function numberToken(chars: readonly string[], at: number, end: number): Step {
  return { end, token: [{ kind: "number", value: chars.slice(at, end).join(""), at: at + 1 }] };
}
