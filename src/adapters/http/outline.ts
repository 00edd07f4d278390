import { isBlank, isOpening, listEnd, malformed, objectEnd, stringEnd } from "./nest.ts";

/** Which members of a JSON object, by names in ASCII, are read: whole, or, where they are objects, these of theirs. */
export type Shape = { readonly [member: string]: Shape | "whole" };

/**
 * The members of a JSON object that a shape names, and no others: what `JSON.parse` gives, for a part of its time. What is passed over is not checked, so the text must come
 * from somebody who writes JSON and no name twice. Throws a SyntaxError where it is no object, or none that can be read.
 */
export function outlineOf(bytes: Buffer, shape: Shape): object {
  const end = beforeBlanks(bytes) - 1;
  if (bytes[end] !== CLOSE_OBJECT) throw malformed();
  const { sought, at, isNext } = readHead(bytes, shape, end);
  if (sought.missing === 0) return sought.value;
  const until = (isNext ? undefined : readTail(bytes, sought, { from: at, end })) ?? end;
  if (sought.missing > 0) readMembers(jsonIn(bytes, 0, until), sought, { at, until, stop: "found" });
  return sought.value;
}

/** A part of the bytes that begins and ends within no string, one character a byte: what JSON is made of is ASCII, and no byte of another character is. */
type Json = { readonly bytes: Buffer; readonly offset: number; readonly text: string };

function jsonIn(bytes: Buffer, offset: number, end: number): Json {
  return { bytes, offset, text: bytes.toString("latin1", offset, end) };
}

type Sought = {
  readonly shape: Shape;
  readonly names: readonly string[];
  readonly value: Record<string, unknown>;
  missing: number;
};

function soughtIn(shape: Shape): Sought {
  const names = Object.keys(shape);
  return { shape, names, value: {}, missing: names.length };
}

/** Members from `at` to `until`: until all is found; until then or the first object or list; or whatever is found, to where their object closes. */
type Stretch = { readonly at: number; readonly until: number; readonly stop: "found" | "nest" | "close" };

const QUOTE = 0x22;
const UNDERSCORE = 0x5f;
const ZERO = 0x30;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** Bytes that the members before the first object or list mostly fit in. */
const HEAD = 1_024;
/** GitHub ends its payloads with the repository, the organisation, the sender and the installation; what the event is about is before them, and long. */
const TAIL = ',"repository":';
/** Bytes from the end within which that mostly is. */
const NEAR_END = 10_000;

/** What stands before the first object or list; `at`: the name of that; `isNext`: it is sought itself. */
type Head = { readonly sought: Sought; readonly at: number; readonly isNext: boolean };

function readHead(bytes: Buffer, shape: Shape, end: number): Head {
  if (end <= HEAD) return headWithin(bytes, shape, end);
  try {
    const head = headWithin(bytes, shape, HEAD);
    // A number that ends where the cut is may go on.
    if (head.at < HEAD) return head;
  } catch {
    // Something goes on beyond the cut.
  }
  return headWithin(bytes, shape, end);
}

function headWithin(bytes: Buffer, shape: Shape, until: number): Head {
  const json = jsonIn(bytes, 0, until);
  const { text } = json;
  const sought = soughtIn(shape);
  const start = past(text, afterBlanks(text, 0), OPEN_OBJECT);
  const at = readMembers(json, sought, { at: start, until, stop: "nest" });
  const isNext = at < until && soughtName(text, sought, { start: at + 1, end: nameEnd(text, at) - 1 }) !== undefined;
  return { sought, at, isNext };
}

/** Reads what stands at the end; gives where that begins, or undefined where it cannot be told. */
function readTail(
  bytes: Buffer,
  sought: Sought,
  { from, end }: { readonly from: number; readonly end: number },
): number | undefined {
  // A quote within a string has a backslash before it: wherever these characters stand, they are a name.
  const near = bytes.indexOf(TAIL, Math.max(from, end - NEAR_END), "latin1");
  const comma = near < 0 ? bytes.lastIndexOf(TAIL, end, "latin1") : near;
  if (comma < from) return undefined;
  const tail = soughtIn(sought.shape);
  const until = end - comma;
  // Its object is the outermost one if that is what closes next.
  if (readMembers(jsonIn(bytes, comma, end + 1), tail, { at: 1, until, stop: "close" }) !== until) return undefined;
  Object.assign(sought.value, tail.value);
  sought.missing -= Object.keys(tail.value).length;
  return comma;
}

/** Gives where it stopped. */
function readMembers(json: Json, sought: Sought, { at: start, until, stop }: Stretch): number {
  const { text } = json;
  let at = start;
  while (at < until) {
    if (stop !== "close" && sought.missing === 0) return at;
    const keyEnd = nameEnd(text, at);
    const valueStart = past(text, afterBlanks(text, keyEnd), COLON);
    if (stop === "nest" && isOpening(text.charCodeAt(valueStart))) return at;
    const name = soughtName(text, sought, { start: at + 1, end: keyEnd - 1 });
    const valueEnd =
      name === undefined ? endOf(text, valueStart) : readValue(json, sought, { name, at: valueStart, until });
    if (valueEnd > until) throw malformed();
    const next = afterBlanks(text, valueEnd);
    if (next >= until || text.charCodeAt(next) === CLOSE_OBJECT) return next;
    at = past(text, next, COMMA);
    if (at === until || text.charCodeAt(at) === CLOSE_OBJECT) throw malformed();
  }
  return at;
}

type Member = { readonly name: string; readonly at: number; readonly until: number };

/** Gives where the value ends. */
function readValue(json: Json, sought: Sought, { name, at, until }: Member): number {
  const { text } = json;
  const part = sought.shape[name] ?? "whole";
  sought.missing -= 1;
  if (part === "whole" || text.charCodeAt(at) !== OPEN_OBJECT) {
    const end = endOf(text, at);
    sought.value[name] = wholeNumber(text, at, end) ?? JSON.parse(characters(json, at, end));
    return end;
  }
  const inner = soughtIn(part);
  const first = afterBlanks(text, at + 1);
  const isEmpty = text.charCodeAt(first) === CLOSE_OBJECT;
  const last = isEmpty ? first : readMembers(json, inner, { at: first, until, stop: "found" });
  sought.value[name] = inner.value;
  return text.charCodeAt(last) === CLOSE_OBJECT ? last + 1 : objectEnd(text, last);
}

// Ids are whole numbers without a sign; of so few digits each is exact.
function wholeNumber(text: string, start: number, end: number): number | undefined {
  if (end - start > 15 || text.charCodeAt(start) === ZERO) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

// What is ASCII alone needs no decoding.
function characters({ bytes, offset, text }: Json, start: number, end: number): string {
  let at = start;
  while (at < end && text.charCodeAt(at) < 0x80) at += 1;
  return at === end ? text.slice(start, end) : bytes.toString("utf8", offset + start, offset + end);
}

// Names are short, and most are not sought: none is made a string of its own that need not be.
function nameEnd(text: string, start: number): number {
  let at = start + 1;
  while (isLetter(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(start) === QUOTE && text.charCodeAt(at) === QUOTE ? at + 1 : stringEnd(text, start);
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === UNDERSCORE;
}

function soughtName(
  text: string,
  { names }: Sought,
  { start, end }: { readonly start: number; readonly end: number },
): string | undefined {
  const length = end - start;
  for (const name of names) if (name.length === length && text.startsWith(name, start)) return name;
  const key = text.slice(start, end);
  if (!key.includes("\\")) return undefined;
  const written = String(JSON.parse(`"${key}"`));
  return names.find((name) => name === written);
}

function past(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw malformed();
  return afterBlanks(text, at + 1);
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function beforeBlanks(bytes: Buffer): number {
  let at = bytes.length;
  while (isBlank(bytes[at - 1] ?? 0)) at -= 1;
  return at;
}

/** The end of the value that begins there. */
function endOf(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return stringEnd(text, start);
  if (code === OPEN_OBJECT) return objectEnd(text, start + 1);
  if (isOpening(code)) return listEnd(text, start);
  let at = start;
  while (isPlain(text.charCodeAt(at))) at += 1;
  if (at === start) throw malformed();
  return at;
}

/** Whether a character may stand in a number, or in `true`, `false` and `null`. */
function isPlain(code: number): boolean {
  const isDigit = code >= 0x30 && code <= 0x39;
  const isLetter = (code >= 0x61 && code <= 0x7a) || code === 0x45;
  return isDigit || isLetter || code === 0x2d || code === 0x2b || code === 0x2e;
}
