import { durationOf } from "../config/duration.ts";
import { isName } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Parameter, ParameterType, Value } from "./model.ts";

const LONGEST_TEXT = 253;
const MOST_HOSTNAMES = 20;

type Bounds = Pick<Parameter, "type" | "choices" | "range">;

/** The value of a parameter that is written as text, as after `/opt-in`; or what it must be. */
export function givenValue(bounds: Bounds, text: string): Result<Value, string> {
  return bounded(bounds, READ[bounds.type](text));
}

/** The value of a parameter that stands in a template; or what it must be. */
export function writtenValue(bounds: Bounds, written: unknown): Result<Value, string> {
  const isText = typeof written === "string" && TEXTUAL.has(bounds.type);
  const value = isText ? READ[bounds.type](written) : valueIn(bounds.type, written);
  return bounded(bounds, value);
}

const TEXTUAL: ReadonlySet<ParameterType> = new Set(["text", "name", "duration"]);

function valueIn(type: ParameterType, written: unknown): Value | undefined {
  if (type === "integer") return Number.isSafeInteger(written) ? Number(written) : undefined;
  if (type === "boolean") return typeof written === "boolean" ? written : undefined;
  const isList = type === "hostnames" && Array.isArray(written);
  return isList && written.every((one) => typeof one === "string") ? hostnames(written) : undefined;
}

const READ: { readonly [type in ParameterType]: (text: string) => Value | undefined } = {
  text: (text) => (text.length <= LONGEST_TEXT && /^[^\p{Cc}\p{Cf}]+$/u.test(text) ? text : undefined),
  name: (text) => (isName(text) ? text : undefined),
  integer: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
  boolean: (text) => (text === "true" || text === "false" ? text === "true" : undefined),
  duration: (text) => (durationOf(text) === undefined ? undefined : text),
  hostnames: (text) => hostnames(text.split(",").map((one) => one.trim())),
};

const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const HOSTNAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);

function hostnames(all: readonly string[]): readonly string[] | undefined {
  const isFine = all.length <= MOST_HOSTNAMES && all.every((one) => one.length <= LONGEST_TEXT && HOSTNAME.test(one));
  return isFine && new Set(all).size === all.length ? all : undefined;
}

const FORMS: { readonly [type in ParameterType]: string } = {
  text: `text of at most ${LONGEST_TEXT} characters`,
  name: "a name of lower-case letters, digits and dashes, at most 63",
  integer: "a whole number",
  boolean: "true or false",
  duration: "a duration such as 500ms, 90s, 10m or 2h",
  hostnames: `at most ${MOST_HOSTNAMES} DNS names, each once`,
};

function bounded(bounds: Bounds, value: Value | undefined): Result<Value, string> {
  const { choices, range } = bounds;
  const isChosen = choices === undefined || (typeof value === "string" && choices.includes(value));
  const isWithin = range === undefined || (typeof value === "number" && value >= range.least && value <= range.most);
  return value !== undefined && isChosen && isWithin ? ok(value) : err(`must be ${formText(bounds)}`);
}

/** What may be given, as in "must be …". */
export function formText({ type, choices, range }: Bounds): string {
  if (choices !== undefined) return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(", ")}`;
  if (range === undefined) return FORMS[type];
  const least = range.least === -Infinity ? "" : ` from ${range.least}`;
  const most = range.most === Infinity ? "" : ` up to ${range.most}`;
  return `${FORMS[type]}${least}${most}`;
}

/** A value as it is written after `/opt-in`. */
export function valueText(value: Value): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}
