import { isBlank, isOpening, listEnd, malformed, objectEnd, stringEnd } from "./nest.ts";

/** Which members of a JSON object, by names in ASCII, are read: whole, or, where they are objects, these of theirs. */
export type Shape = { readonly [member: string]: Shape | "whole" };

/** The part of a JSON object that a shape names; see `outliner`. */
export type Outline = (bytes: Buffer) => object;

/**
 * Reads the members of JSON objects that a shape names, and no others: what `JSON.parse` gives, for a part of its time. What is passed over is not checked, so the text must
 * come from somebody who writes JSON and no name twice. Throws a SyntaxError where it is no object, or none that can be read.
 */
export function outliner(shape: Shape): Outline {
  const members = membersOf(shape);
  return (bytes) => {
    const end = beforeBlanks(bytes) - 1;
    if (bytes[end] !== CLOSE_OBJECT) throw malformed();
    const { sought, at } = readHead(bytes, members, end);
    if (sought.missing === 0) return sought.value;
    const until = readTail(bytes, sought, { members, from: at, end }) ?? end;
    if (sought.missing > 0) readMembers(jsonIn(bytes, at, until), sought, { at: 0, until: until - at, stop: "found" });
    return sought.value;
  };
}

/** A part of the bytes, one character a byte: what JSON is made of is ASCII, and no byte of another character is. */
type Json = { readonly bytes: Buffer; readonly offset: number; readonly text: string };

function jsonIn(bytes: Buffer, offset: number, end: number): Json {
  return { bytes, offset, text: bytes.toString("latin1", offset, end) };
}

type Member = { readonly name: string; readonly part: Members | "whole" };
type Members = readonly Member[];

function membersOf(shape: Shape): Members {
  return Object.entries(shape).map(([name, part]) => ({ name, part: part === "whole" ? part : membersOf(part) }));
}

type Sought = {
  readonly members: Members;
  readonly value: Record<string, unknown>;
  missing: number;
  /** Those of the missing that are sought whole: mostly words and numbers, which stand before what is long. */
  words: number;
};

function soughtOf(members: Members): Sought {
  let words = 0;
  for (const { part } of members) if (part === "whole") words += 1;
  return { members, value: {}, missing: members.length, words };
}

/** Members from `at` to `until`: until all is found; until then, the last of the words or the first object or list; or whatever is found, to where their object closes. */
type Stretch = { readonly at: number; readonly until: number; readonly stop: "found" | "nest" | "close" };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const ZERO = 0x30;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** Bytes within which the words that are sought mostly stand. */
const HEAD = 256;
/** GitHub ends its payloads with the repository, the organisation, the sender and the installation; what the event is about is before them, and long. */
const TAIL = ',"repository":';
/** Bytes from the end within which that mostly is. */
const NEAR_END = 10_000;
/** Characters of a string that is looked over one by one. */
const SHORT = 128;

/** What stands before the first object or list, to the last word that is sought; `at`: the name that is next. */
type Head = { readonly sought: Sought; readonly at: number };

function readHead(bytes: Buffer, members: Members, end: number): Head {
  if (end <= HEAD) return headWithin(bytes, members, end);
  try {
    const head = headWithin(bytes, members, HEAD);
    // A number that ends where the cut is may go on.
    if (head.at < HEAD) return head;
  } catch {
    // Something goes on beyond the cut.
  }
  return headWithin(bytes, members, end);
}

function headWithin(bytes: Buffer, members: Members, until: number): Head {
  const json = jsonIn(bytes, 0, until);
  const sought = soughtOf(members);
  const start = past(json.text, afterBlanks(json.text, 0), OPEN_OBJECT);
  return { sought, at: readMembers(json, sought, { at: start, until, stop: "nest" }) };
}

/** Reads what stands at the end; gives where that begins, or undefined where it cannot be told. */
function readTail(
  bytes: Buffer,
  sought: Sought,
  { members, from, end }: { readonly members: Members; readonly from: number; readonly end: number },
): number | undefined {
  const near = jsonIn(bytes, Math.max(from, end - NEAR_END), end + 1);
  // A quote within a string has a backslash before it: wherever these characters stand, they are a name.
  const comma = near.text.indexOf(TAIL);
  if (comma >= 0) return readToEnd(near, sought, { members, comma });
  const far = bytes.lastIndexOf(TAIL, near.offset, "latin1");
  return far < from ? undefined : readToEnd(jsonIn(bytes, far, end + 1), sought, { members, comma: 0 });
}

function readToEnd(
  json: Json,
  sought: Sought,
  { members, comma }: { readonly members: Members; readonly comma: number },
): number | undefined {
  const tail = soughtOf(members);
  const until = json.text.length - 1;
  // Its object is the outermost one if that is what closes next.
  if (readMembers(json, tail, { at: comma + 1, until, stop: "close" }) !== until) return undefined;
  Object.assign(sought.value, tail.value);
  sought.missing -= members.length - tail.missing;
  return json.offset + comma;
}

/** Gives where it stopped. */
function readMembers(json: Json, sought: Sought, { at: start, until, stop }: Stretch): number {
  const { text } = json;
  let at = start;
  while (at < until) {
    if (isEnough(sought, stop)) return at;
    const keyEnd = nameEnd(text, at);
    const valueStart = past(text, afterBlanks(text, keyEnd), COLON);
    if (stop === "nest" && isOpening(text.charCodeAt(valueStart))) return at;
    const member = memberNamed(text, sought.members, { start: at + 1, end: keyEnd - 1 });
    const valueEnd =
      member === undefined ? endOf(text, valueStart) : readValue(json, sought, { member, at: valueStart, until });
    if (valueEnd > until) throw malformed();
    const next = afterBlanks(text, valueEnd);
    if (next >= until || text.charCodeAt(next) === CLOSE_OBJECT) return next;
    at = past(text, next, COMMA);
    if (at === until || text.charCodeAt(at) === CLOSE_OBJECT) throw malformed();
  }
  return at;
}

function isEnough({ missing, words }: Sought, stop: Stretch["stop"]): boolean {
  return stop !== "close" && (missing === 0 || (stop === "nest" && words === 0));
}

/** Gives where the value ends. */
function readValue(
  json: Json,
  sought: Sought,
  { member, at, until }: { readonly member: Member; readonly at: number; readonly until: number },
): number {
  const { text } = json;
  const { name, part } = member;
  sought.missing -= 1;
  if (part === "whole") sought.words -= 1;
  if (part === "whole" || text.charCodeAt(at) !== OPEN_OBJECT) {
    const end = endOf(text, at);
    sought.value[name] =
      wholeNumber(text, at, end) ?? plainString(json, at, end) ?? JSON.parse(characters(json, at, end));
    return end;
  }
  const inner = soughtOf(part);
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

/** A short string as it stands, which most are; undefined where it must be decoded. */
function plainString({ bytes, offset, text }: Json, start: number, end: number): string | undefined {
  if (text.charCodeAt(start) !== QUOTE || end - start > SHORT) return undefined;
  for (let at = start + 1; at < end - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === BACKSLASH || code > 0x7e) return undefined;
  }
  // Of its own: a part of the text would keep the whole of it in memory.
  return bytes.toString("latin1", offset + start + 1, offset + end - 1);
}

function characters({ bytes, offset }: Json, start: number, end: number): string {
  return bytes.toString("utf8", offset + start, offset + end);
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

function memberNamed(
  text: string,
  members: Members,
  { start, end }: { readonly start: number; readonly end: number },
): Member | undefined {
  const length = end - start;
  for (const member of members) if (member.name.length === length && text.startsWith(member.name, start)) return member;
  const key = text.slice(start, end);
  if (!key.includes("\\")) return undefined;
  const written = String(JSON.parse(`"${key}"`));
  return members.find(({ name }) => name === written);
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
