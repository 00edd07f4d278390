const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];

/** The text is not what it was said to be. */
export function malformed(): SyntaxError {
  return new SyntaxError("The text is no JSON object.");
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/**
 * Where the object has closed that `start` is in, outside of its strings. Walking along its strings would take longest: there are hundreds. Its braces are few, and what stands next to one nearly
 * always says whether it is within a string; only where it does not, the strings are walked.
 */
export function objectEnd(text: string, start: number): number {
  let depth = 1;
  // Within no string, and no brace between it and the next one that counts.
  let outside = start;
  let open = next(text, "{", outside);
  let close = next(text, "}", outside);
  while (close < text.length) {
    const at = Math.min(open, close);
    const beyond = beyondString(text, outside, at);
    if (beyond === at) {
      depth += at === open ? 1 : -1;
      outside = at + 1;
      if (depth === 0) return outside;
    } else if (beyond > at + 1) outside = beyond;
    const from = Math.max(beyond, at + 1);
    if (open < from) open = next(text, "{", from);
    if (close < from) close = next(text, "}", from);
  }
  throw malformed();
}

/** Where the brace comes next; the text's length where it does not. */
function next(text: string, brace: "{" | "}", from: number): number {
  const at = text.indexOf(brace, from);
  return at < 0 ? text.length : at;
}

/** Where to go on after a brace: at itself where it is within no string, else behind it; further than that only where its string has ended. */
function beyondString(text: string, outside: number, at: number): number {
  const place = text.charCodeAt(at) === OPEN_OBJECT ? placeOfOpen(text, at) : placeOfClose(text, at);
  if (place === "unknown") return stringEndAround(text, outside, at);
  return place === "inside" ? at + 1 : at;
}

/** Whether a brace is within a string, as far as its neighbours tell: within one, each quote has a backslash before it. */
type Place = "inside" | "outside" | "unknown";

function placeOfOpen(text: string, at: number): Place {
  const before = text.charCodeAt(at - 1);
  // Behind the end of a name.
  if (before === COLON && text.charCodeAt(at - 2) === QUOTE && isWord(text.charCodeAt(at - 3))) return "outside";
  if (before === COLON || before === COMMA || before === OPEN_ARRAY || isBlank(before))
    return beginsName(text, at + 1) ? "outside" : "unknown";
  return "inside";
}

/** So many brackets that close in a row are looked over at once. */
const RUN = 8;

function placeOfClose(text: string, at: number): Place {
  let next = at + 1;
  while (next <= at + RUN && isClosing(text.charCodeAt(next))) next += 1;
  const after = text.charCodeAt(next);
  if (after === COMMA) {
    const begin = text.charCodeAt(next + 1) === OPEN_OBJECT ? next + 2 : next + 1;
    return beginsName(text, begin) ? "outside" : "unknown";
  }
  return isBlank(after) || isClosing(after) || next === text.length ? "unknown" : "inside";
}

/** A quote right behind punctuation, and a letter behind it: it can end no string. */
function beginsName(text: string, at: number): boolean {
  return text.charCodeAt(at) === QUOTE && isWord(text.charCodeAt(at + 1));
}

function isWord(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);
}

/** The end of the string that `at` is within; `at` where it is within none. */
function stringEndAround(text: string, outside: number, at: number): number {
  for (let from = outside; from < at; from += 1) {
    if (text.charCodeAt(from) !== QUOTE) continue;
    const end = stringEnd(text, from);
    if (end > at) return end;
    from = end - 1;
  }
  return at;
}

/** Where the lists and objects have closed of which the first opens at `start`. */
export function listEnd(text: string, start: number): number {
  let depth = 1;
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (isOpening(code)) depth += 1;
    else if (isClosing(code)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw malformed();
}

export function isOpening(code: number): boolean {
  return code === OPEN_OBJECT || code === OPEN_ARRAY;
}

function isClosing(code: number): boolean {
  return code === CLOSE_OBJECT || code === CLOSE_ARRAY;
}

/** The end of the string that begins there, behind its closing quote. */
export function stringEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw malformed();
  for (let at = text.indexOf('"', start + 1); at > 0; at = text.indexOf('"', at + 1)) {
    if (!isEscaped(text, at)) return at + 1;
  }
  throw malformed();
}

// An odd number of backslashes before it: each two of them are one character themselves.
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}
