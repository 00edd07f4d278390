import type { Binary, Node } from "./ast.ts";
import { checked, type Checking } from "./checking.ts";
import {
  elementOf,
  isAssignable,
  isComparable,
  isDict,
  isInteger,
  isList,
  isNumber,
  isUnknown,
  keyType,
  listOf,
  natureOf,
  NIL,
  typeName,
  UNKNOWN,
  type Nature,
} from "./nature.ts";
import { compilePattern } from "../pattern/pattern.ts";
import { mistyped, unsupported } from "./trouble.ts";

const BOOL = natureOf("bool");
const FLOAT = natureOf("float64");
const INT = natureOf("int");

export function checkUnary(node: Node & { readonly kind: "unary" }, checking: Checking): Node {
  const operand = checking.check(node.operand, checking);
  const { nature } = operand;
  const isNot = node.op === "not" || node.op === "!";
  if (isNot && (nature.type === "bool" || isUnknown(nature))) return { ...node, operand, nature: BOOL };
  if (!isNot && isNumber(nature)) return { ...node, operand, nature };
  if (!isNot && isUnknown(nature)) return { ...node, operand, nature: UNKNOWN };
  return mistyped(node.at, `${node.op} does not go with ${typeName(nature)}`);
}

export function checkBinary(node: Binary, checking: Checking): Node {
  const left = checking.check(node.left, checking);
  const right = checking.check(node.right, checking);
  if (node.op === "matches" && right.kind === "string") checkPattern(right.value, right.at);
  const nature = natureOfOperation(node.op, left.nature, right.nature);
  if (nature === undefined)
    mistyped(node.at, `${node.op} does not go with ${typeName(left.nature)} and ${typeName(right.nature)}`);
  return checked({ ...node, left, right }, nature);
}

function checkPattern(pattern: string, at: number): void {
  const compiled = compilePattern(pattern);
  if (compiled.kind === "ok") return;
  if (compiled.error.kind === "invalid") mistyped(at, compiled.error.message);
  unsupported(compiled.error.message, at);
}

/** Undefined where the operator does not go with these. */
function natureOfOperation(op: string, left: Nature, right: Nature): Nature | undefined {
  switch (op) {
    case "==":
    case "!=":
      return isComparable(left, right) ? BOOL : undefined;
    case "or":
    case "||":
    case "and":
    case "&&":
      return fits(left, right, ["bool"]) ? BOOL : undefined;
    case "<":
    case ">":
    case ">=":
    case "<=":
      return fits(left, right, ["number"]) || fits(left, right, ["string"]) ? BOOL : undefined;
    case "in":
      return isMembership(left, right) ? BOOL : undefined;
    case "matches":
    case "contains":
    case "startsWith":
    case "endsWith":
      return fits(left, right, ["string"]) ? BOOL : undefined;
    case "??":
      return coalesced(left, right);
    default:
      return natureOfArithmetic(op, left, right);
  }
}

function natureOfArithmetic(op: string, left: Nature, right: Nature): Nature | undefined {
  switch (op) {
    case "+":
      if (left.type === "string" && right.type === "string") return natureOf("string");
      return promoted(left, right, ["number", "string"]);
    case "-":
    case "*":
      return promoted(left, right, ["number"]);
    case "/":
    case "**":
    case "^":
      return fits(left, right, ["number"]) ? FLOAT : undefined;
    case "%":
      return fits(left, right, ["integer"]) ? INT : undefined;
    case "..":
      return fits(left, right, ["integer"]) ? listOf(INT) : undefined;
    default:
      return undefined;
  }
}

type Kind = "bool" | "string" | "number" | "integer";

/** Both of one of the kinds, or one of them with one that is not known, or neither known. */
function fits(left: Nature, right: Nature, kinds: readonly Kind[]): boolean {
  const isOf = (nature: Nature): boolean => kinds.some((kind) => isKind(nature, kind));
  if (isUnknown(left)) return isUnknown(right) || isOf(right);
  if (isUnknown(right)) return isOf(left);
  return kinds.some((kind) => isKind(left, kind) && isKind(right, kind));
}

function isKind(nature: Nature, kind: Kind): boolean {
  if (kind === "number") return isNumber(nature);
  return kind === "integer" ? isInteger(nature) : nature.type === kind;
}

function promoted(left: Nature, right: Nature, kinds: readonly Kind[]): Nature | undefined {
  if (isNumber(left) && isNumber(right)) return left.type === "float64" || right.type === "float64" ? FLOAT : INT;
  const isOpen = isUnknown(left) || isUnknown(right);
  return isOpen && fits(left, right, kinds) ? UNKNOWN : undefined;
}

function isMembership(left: Nature, right: Nature): boolean {
  if (isDict(right)) return isUnknown(left) || isAssignable(left, natureOf(keyType(right.type ?? "any")));
  if (isList(right)) return isComparable(left, elementOf(right));
  return isUnknown(right) || (isUnknown(left) && right.type === "string");
}

function coalesced(left: Nature, right: Nature): Nature {
  if (left.isNil === true) return right.isNil === true ? NIL : right;
  if (right.isNil === true) return left;
  return isAssignable(right, left) ? left : UNKNOWN;
}
