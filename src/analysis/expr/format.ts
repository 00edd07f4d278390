import { bytesOfRunes, runesOf } from "./bytes.ts";
import { cannot, unsupported } from "./trouble.ts";
import { isDict, isList, isSized, type Dict, type Value } from "./value.ts";

/** string(): the value as Go prints it. */
export function printed(value: Value): string {
  switch (typeof value) {
    case "undefined":
      return "<nil>";
    case "string":
      return value;
    case "number":
      return floatText(value);
    case "boolean":
    case "bigint":
      return String(value);
    default:
  }
  if (isSized(value)) return String(value.value);
  if (isList(value)) return `[${value.items.map(printed).join(" ")}]`;
  if (isDict(value))
    return `map[${byKey(value)
      .map(([key, held]) => `${key}:${printed(held)}`)
      .join(" ")}]`;
  return unsupported("string() of a CloudWatch result is not supported");
}

/** The shortest digits; with an exponent from 1e+06 on, and below 0.0001. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 6))
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function byKey({ type, entries }: Dict): readonly (readonly [key: string, value: Value])[] {
  if (type !== "map[string]any") return unsupported(`a map that is no map of text has no order to print it in`);
  const pairs = [...entries.values()].map(({ key, value }) => [typeof key === "string" ? key : "", value] as const);
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** toJSON(): as Go's encoder indents it. */
export function json(value: Value, indent = ""): string {
  switch (typeof value) {
    case "undefined":
      return "null";
    case "string":
      return jsonText(value);
    case "number":
      return Number.isFinite(value) ? jsonNumber(value) : cannot("JSON has no infinite numbers and no NaN");
    case "boolean":
    case "bigint":
      return String(value);
    default:
      return jsonStructure(value, indent);
  }
}

function jsonNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function jsonStructure(value: Exclude<Value, undefined | string | number | boolean | bigint>, indent: string): string {
  const inner = `${indent}  `;
  switch (value.kind) {
    case "sized":
      return String(value.value);
    case "list":
      if (value.isNil === true) return "null";
      return wrapped(
        "[]",
        value.items.map((item) => json(item, inner)),
        indent,
      );
    case "dict":
      if (value.type !== "map[string]any") return cannot("JSON has only text for keys");
      return wrapped(
        "{}",
        byKey(value).map(([key, held]) => `${jsonText(key)}: ${json(held, inner)}`),
        indent,
      );
    default:
      return unsupported("toJSON() of a CloudWatch result is not supported");
  }
}

function wrapped(brackets: string, parts: readonly string[], indent: string): string {
  if (parts.length === 0) return brackets;
  const inner = `\n${indent}  `;
  return `${brackets[0] ?? ""}${inner}${parts.join(`,${inner}`)}\n${indent}${brackets[1] ?? ""}`;
}

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, "\\\\"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [12, "\\f"],
  [13, "\\r"],
]);

/** What HTML could take for markup is escaped as well, and the two line ends that JavaScript once stumbled over. */
function jsonText(bytes: string): string {
  const parts = runesOf(bytes).map((rune) => {
    const short = SHORT.get(rune);
    if (short !== undefined) return short;
    const isEscaped = rune < 32 || [0x3c, 0x3e, 0x26, 0x20_28, 0x20_29].includes(rune);
    return isEscaped ? `\\u${rune.toString(16).padStart(4, "0")}` : bytesOfRunes([rune]);
  });
  return `"${parts.join("")}"`;
}
