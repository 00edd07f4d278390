// Text is kept as Go keeps it: as the bytes of its UTF-8, one character of a JavaScript string per byte. So lengths, slices and the order are Go's.

const REPLACEMENT = 0xff_fd;

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text of UTF-8 bytes, for people. */
export function textOf(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** The code points of the bytes; each byte that is no part of one counts as U+FFFD. */
export function runesOf(bytes: string): readonly number[] {
  const runes: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [rune, width] = runeAt(bytes, at);
    runes.push(rune);
    at += width;
  }
  return runes;
}

/** The bytes of code points; what is no code point that may be written becomes U+FFFD. */
export function bytesOfRunes(runes: readonly number[]): string {
  return bytesOf(runes.map((rune) => String.fromCodePoint(isScalar(rune) ? rune : REPLACEMENT)).join(""));
}

// How many bytes a first byte announces, and the smallest code point that may be written so.
const LEADS: readonly (readonly [low: number, high: number, width: number, least: number])[] = [
  [0xc2, 0xdf, 2, 0x80],
  [0xe0, 0xef, 3, 0x8_00],
  [0xf0, 0xf4, 4, 0x1_00_00],
];

function runeAt(bytes: string, at: number): readonly [rune: number, width: number] {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return [first, 1];
  const lead = LEADS.find(([low, high]) => first >= low && first <= high);
  if (lead === undefined) return [REPLACEMENT, 1];
  const [, , width, least] = lead;
  const rest = Array.from(bytes.slice(at + 1, at + width), (char) => char.charCodeAt(0));
  if (rest.length < width - 1 || rest.some((byte) => byte >> 6 !== 0b10)) return [REPLACEMENT, 1];
  const rune = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), first & (0x7f >> width));
  return rune >= least && isScalar(rune) ? [rune, width] : [REPLACEMENT, 1];
}

function isScalar(rune: number): boolean {
  return rune <= 0x10_ff_ff && (rune < 0xd8_00 || rune > 0xdf_ff);
}

function isAscii(text: string): boolean {
  return /^[\0-\u007F]*$/.test(text);
}
