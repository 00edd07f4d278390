import type { Group, Range } from "./tree.ts";

const DIGITS: readonly Range[] = [[0x30, 0x39]];
const LOWER: readonly Range[] = [[0x61, 0x7a]];
const UPPER: readonly Range[] = [[0x41, 0x5a]];
const LETTERS: readonly Range[] = [...UPPER, ...LOWER];
const WORD: readonly Range[] = [...DIGITS, ...UPPER, [0x5f, 0x5f], ...LOWER];
const PUNCTUATION: readonly Range[] = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
];

const PERL: ReadonlyMap<string, readonly Range[]> = new Map([
  ["d", DIGITS],
  ["w", WORD],
  [
    "s",
    [
      [9, 10],
      [12, 13],
      [32, 32],
    ],
  ],
]);

const POSIX: ReadonlyMap<string, readonly Range[]> = new Map<string, readonly Range[]>([
  ["alnum", [...DIGITS, ...LETTERS]],
  ["alpha", LETTERS],
  ["ascii", [[0, 0x7f]]],
  [
    "blank",
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    "cntrl",
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", DIGITS],
  ["graph", [[0x21, 0x7e]]],
  ["lower", LOWER],
  ["print", [[0x20, 0x7e]]],
  ["punct", PUNCTUATION],
  [
    "space",
    [
      [9, 13],
      [32, 32],
    ],
  ],
  ["upper", UPPER],
  ["word", WORD],
  ["xdigit", [...DIGITS, [0x41, 0x46], [0x61, 0x66]]],
]);

/** `\d`, `\w`, `\s` and their opposites, by the letter. */
export function perlGroup(letter: string): Group | undefined {
  const ranges = PERL.get(letter.toLowerCase());
  return ranges === undefined ? undefined : { ranges, isNegated: letter !== letter.toLowerCase() };
}

/** `[:alpha:]` and its like, by what stands between the colons. */
export function posixGroup(name: string): Group | undefined {
  const isNegated = name.startsWith("^");
  const ranges = POSIX.get(isNegated ? name.slice(1) : name);
  return ranges === undefined ? undefined : { ranges, isNegated };
}

/** Whether a code point is a letter, digit or _ of ASCII: what a word is made of. */
export function isWord(rune: number | undefined): boolean {
  return rune !== undefined && WORD.some(([low, high]) => rune >= low && rune <= high);
}
