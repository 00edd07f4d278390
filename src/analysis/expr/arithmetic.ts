import { floatOfNumber, wholeOf } from "./compare.ts";
import { truncated, wrapped } from "./numbers.ts";
import { power } from "./power.ts";
import { cannot } from "./trouble.ts";
import { isNumeric, isSized, sized, typeText, type Value } from "./value.ts";

/** + - * / % ** of two values. */
export function calculate(op: string, a: Value, b: Value): Value {
  if (op === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (!isNumeric(a) || !isNumeric(b)) return cannot(`${typeText(a)} ${op} ${typeText(b)} is not defined`);
  const [x, y] = [wholeOf(a), wholeOf(b)];
  if (x !== undefined && y !== undefined) return ofWholes(op, x, y);
  if (op === "%") return cannot(`${typeText(a)} % ${typeText(b)} is not defined`);
  return real(op, floatOfNumber(a), floatOfNumber(b));
}

function ofWholes(op: string, x: bigint, y: bigint): Value {
  if (op === "%") return remainder(x, y);
  return op === "+" || op === "-" || op === "*" ? wrapped(whole(op, x, y)) : real(op, Number(x), Number(y));
}

function remainder(x: bigint, y: bigint): bigint {
  return y === 0n ? cannot("a whole number is divided by 0") : wrapped(x % y);
}

function whole(op: "+" | "-" | "*", x: bigint, y: bigint): bigint {
  if (op === "+") return x + y;
  return op === "-" ? x - y : x * y;
}

function real(op: string, x: number, y: number): number {
  switch (op) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "/":
      return x / y;
    default:
      return power(x, y);
  }
}

export function negated(value: Value): Value {
  if (typeof value === "number") return -value;
  if (typeof value === "bigint") return wrapped(-value);
  return isSized(value) ? sized(value.type, -value.value) : cannot(`- ${typeText(value)} is not defined`);
}

/** A whole number out of any number, as Go converts it. */
export function wholeNumber(value: Value): bigint {
  if (typeof value === "number") return truncated(value);
  if (typeof value === "bigint") return value;
  return isSized(value) ? value.value : cannot(`a number is wanted, not ${typeText(value)}`);
}
