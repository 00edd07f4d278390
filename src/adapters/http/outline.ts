/** Which members of a JSON object, by names in ASCII, are read: whole, or, where they are objects, these of theirs. */
export type Shape = { readonly [member: string]: Shape | "whole" };

/**
 * The members of a JSON object that a shape names, and no others: what `JSON.parse` gives, for a part of its time. What is passed over is not checked, so the text must come
 * from somebody who writes JSON and no name twice. Throws a SyntaxError where it is no object, or none that can be read.
 */
export function outlineOf(bytes: Buffer, shape: Shape): object {
  // One character a byte: what JSON is made of is ASCII, and no byte of another character is.
  const text = bytes.toString("latin1");
  const json: Json = { bytes, text, end: beforeBlanks(text) - 1 };
  const start = past(text, afterBlanks(text, 0), OPEN_OBJECT);
  if (text.charCodeAt(json.end) !== CLOSE_OBJECT) throw malformed();
  const sought = soughtIn(shape);
  const middle = readMembers(json, sought, { at: start, until: json.end, stop: "nest" });
  const tail = sought.missing === 0 ? undefined : readTail(json, sought, middle);
  if (sought.missing > 0) readMembers(json, sought, { at: middle, until: tail ?? json.end, stop: "found" });
  return sought.value;
}

/** `end`: where the closing brace stands. */
type Json = { readonly bytes: Buffer; readonly text: string; readonly end: number };

type Sought = { readonly shape: Shape; readonly value: Record<string, unknown>; missing: number };

/** Members from `at` to `until`: until all is found; until then or the first object or list; or whatever is found, to where their object closes. */
type Stretch = { readonly at: number; readonly until: number; readonly stop: "found" | "nest" | "close" };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];

/** GitHub ends its payloads with the repository, the organisation, the sender and the installation; what the event is about is before them, and long. */
const TAIL = ',"repository":';

function soughtIn(shape: Shape): Sought {
  return { shape, value: {}, missing: Object.keys(shape).length };
}

/** Reads what stands at the end; gives where that begins, or undefined where it cannot be told. */
function readTail(json: Json, sought: Sought, from: number): number | undefined {
  // A quote within a string has a backslash before it: wherever these characters stand, they are a name.
  const comma = json.bytes.lastIndexOf(TAIL, json.end, "latin1");
  if (comma < from) return undefined;
  const tail = soughtIn(sought.shape);
  // Its object is the outermost one if that is what closes next.
  if (readMembers(json, tail, { at: comma + 1, until: json.end, stop: "close" }) !== json.end) return undefined;
  Object.assign(sought.value, tail.value);
  sought.missing -= Object.keys(tail.value).length;
  return comma;
}

/** Gives where it stopped. */
function readMembers(json: Json, sought: Sought, { at: start, until, stop }: Stretch): number {
  const { text } = json;
  const goesOn = (): boolean => stop === "close" || sought.missing > 0;
  let at = start;
  while (at < until && goesOn()) {
    const keyEnd = stringEnd(text, at);
    const valueStart = past(text, afterBlanks(text, keyEnd), COLON);
    if (stop === "nest" && isOpening(text.charCodeAt(valueStart))) return at;
    const valueEnd = endOf(text, valueStart);
    take(json, sought, { name: keyOf(text, at, keyEnd), start: valueStart, end: valueEnd });
    const next = afterBlanks(text, valueEnd);
    if (next >= until || text.charCodeAt(next) === CLOSE_OBJECT) return next;
    at = past(text, next, COMMA);
    if (at === until) throw malformed();
  }
  return at;
}

type Member = { readonly name: string; readonly start: number; readonly end: number };

function take({ bytes, text }: Json, sought: Sought, { name, start, end }: Member): void {
  const part = Object.hasOwn(sought.shape, name) ? sought.shape[name] : undefined;
  if (part === undefined) return;
  sought.missing -= 1;
  if (part === "whole" || text.charCodeAt(start) !== OPEN_OBJECT) {
    sought.value[name] = JSON.parse(bytes.toString("utf8", start, end));
    return;
  }
  const inner = soughtIn(part);
  readMembers({ bytes, text, end: end - 1 }, inner, {
    at: afterBlanks(text, start + 1),
    until: end - 1,
    stop: "found",
  });
  sought.value[name] = inner.value;
}

function keyOf(text: string, start: number, end: number): string {
  const key = text.slice(start + 1, end - 1);
  return key.includes("\\") ? String(JSON.parse(`"${key}"`)) : key;
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

function beforeBlanks(text: string): number {
  let at = text.length;
  while (isBlank(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isOpening(code: number): boolean {
  return code === OPEN_OBJECT || code === OPEN_ARRAY;
}

/** The end of the value that begins there. */
function endOf(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return stringEnd(text, start);
  if (isOpening(code)) return nestEnd(text, start + 1, 1);
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

/** Where the objects and lists that are open there have closed. */
function nestEnd(text: string, start: number, open: number): number {
  let depth = open;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (isOpening(code)) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw malformed();
}

/** The end of the string that begins there, behind its closing quote. */
function stringEnd(text: string, start: number): number {
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

function malformed(): SyntaxError {
  return new SyntaxError("The text is no JSON object.");
}
