import type { Node } from "./ast.ts";
import { UNKNOWN } from "./nature.ts";
import type { Token } from "./token.ts";
import { misspelt } from "./trouble.ts";

const LARGEST = 2n ** 63n - 1n;
const SMALLEST = -(2n ** 63n);

/** The node of a number as it is written. */
export function numberNode({ value, at }: Token): Node {
  const digits = value.replaceAll("_", "").toLowerCase();
  if (!digits.startsWith("0x") && /[.e]/.test(digits)) {
    const float = floatOf(digits);
    return float === undefined || !Number.isFinite(float)
      ? misspelt(at, `${value} is no number`)
      : { kind: "float", at, nature: UNKNOWN, value: float };
  }
  const isWhole = /^(?:0x[\da-f]+|0o[0-7]+|0b[01]+|\d+)$/.test(digits);
  const int = isWhole ? BigInt(/^0[xob]/.test(digits) ? digits : decimal(digits)) : undefined;
  if (int === undefined || int > LARGEST) return misspelt(at, `${value} is no whole number below 2^63`);
  return { kind: "int", at, nature: UNKNOWN, value: int };
}

/** The whole number of decimal digits, as Go's ParseInt reads it; undefined where it is none or too large. */
export function intOf(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,400}$/.test(text)) return undefined;
  const digits = BigInt(decimal(text.replace(/^[+-]/, "")));
  const value = text.startsWith("-") ? -digits : digits;
  return value > LARGEST || value < SMALLEST ? undefined : value;
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number of a text, as Go's ParseFloat reads it; undefined where it is none or too large. Hexadecimal ones are not read: see isHexFloat. */
export function floatOf(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const digits = /\d_\d/.test(text) && !/^_|_$|__|[^\d]_|_[^\d]/.test(text) ? text.replaceAll("_", "") : text;
  if (!FLOAT.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether Go would read the text as a hexadecimal float. */
export function isHexFloat(text: string): boolean {
  return /^[+-]?0x[\da-f_]*\.?[\da-f_]*p[+-]?\d+$/i.test(text);
}

/** A whole number as Go's 64 bits hold it. */
export function wrapped(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** What Go makes of a float where it wants a whole number (on amd64: the smallest where there is none). */
export function truncated(value: number): bigint {
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return SMALLEST;
  return BigInt(Math.trunc(value));
}

// BigInt("") would be 0, and leading zeros are no octal.
function decimal(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}
