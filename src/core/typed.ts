// Every format character that nobody sees, as copying and right-to-left keyboards bring them. Not U+202E: it turns the letters around, so that the screen shows another word.
const UNSEEN = /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202D\u2060-\u2064\u2066-\u2069\uFEFF]/g;
const LONGEST_LINE = 1000;
const LONGEST_ARGUMENT = 200;

/** A typed line as it reads on the screen: without what nobody sees, one space between words, at most 1,000 characters. */
export function asSeen(line: string): string {
  return line
    .replace(UNSEEN, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_LINE);
}

/** A text of somebody's, safe to show: no control, format or bidirectional characters, at most 200 characters. */
export function plain(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/\p{Cf}/gu, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return Array.from(visible).slice(0, LONGEST_ARGUMENT).join("").trimEnd();
}

/** A word as it was meant: without the back-ticks around it and the punctuation at its end. */
export function bare(word: string): string {
  return word
    .slice(0, LONGEST_LINE)
    .replace(/^`+/, "")
    .replace(/[`.,!;:]+$/, "");
}
