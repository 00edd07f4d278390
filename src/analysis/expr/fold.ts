import type { Binary, Builtin, Node } from "./ast.ts";
import { natureOf } from "./nature.ts";
import { wrapped } from "./numbers.ts";
import { power } from "./power.ts";
import { mistyped } from "./trouble.ts";

/** What a node of nothing but literals is worth, and what of `and` and `or` need not run; undefined where it stays. */
export function fold(node: Node): Node | undefined {
  switch (node.kind) {
    case "unary":
      return foldUnary(node);
    case "binary":
      return foldBinary(node);
    case "array":
      return foldArray(node);
    case "builtin":
      return foldFilters(node);
    default:
      return undefined;
  }
}

function foldUnary({ op, operand, at }: Node & { readonly kind: "unary" }): Node | undefined {
  const isNot = op === "not" || op === "!";
  if (isNot) return operand.kind === "bool" ? bool(at, !operand.value) : undefined;
  if (operand.kind === "int") return int(at, op === "-" ? -operand.value : operand.value);
  if (operand.kind === "float") return float(at, op === "-" ? -operand.value : operand.value);
  return undefined;
}

function foldBinary(node: Binary): Node | undefined {
  const { op, left, right } = node;
  switch (op) {
    case "and":
    case "&&":
      return foldLogic(node, true);
    case "or":
    case "||":
      return foldLogic(node, false);
    case "==":
      return foldEqual(node);
    default:
  }
  if (op === "+" && left.kind === "string" && right.kind === "string")
    return { kind: "string", at: node.at, nature: natureOf("string"), value: left.value + right.value };
  if (left.kind === "int" && right.kind === "int") return foldWhole(node, left.value, right.value);
  const [a, b] = [numberOf(left), numberOf(right)];
  return a === undefined || b === undefined ? undefined : foldFloat(node, a, b);
}

function foldWhole(node: Binary, a: bigint, b: bigint): Node | undefined {
  switch (node.op) {
    case "+":
      return int(node.at, a + b);
    case "-":
      return int(node.at, a - b);
    case "*":
      return int(node.at, a * b);
    case "%":
      return b === 0n ? mistyped(node.at, "a whole number is divided by 0") : int(node.at, a % b);
    default:
      return foldFloat(node, Number(a), Number(b));
  }
}

function foldFloat(node: Binary, a: number, b: number): Node | undefined {
  switch (node.op) {
    case "+":
      return float(node.at, a + b);
    case "-":
      return float(node.at, a - b);
    case "*":
      return float(node.at, a * b);
    case "/":
      return float(node.at, a / b);
    case "**":
    case "^":
      return float(node.at, power(a, b));
    default:
      return undefined;
  }
}

/** `and` with unit true, `or` with unit false: the unit goes away, the other one decides. */
function foldLogic({ left, right, nature, at }: Binary, unit: boolean): Node | undefined {
  const [a, b] = [left.kind === "bool" ? left.value : undefined, right.kind === "bool" ? right.value : undefined];
  if (a === unit) return { ...right, nature };
  if (b === unit) return { ...left, nature };
  return a === undefined && b === undefined ? undefined : bool(at, !unit);
}

function foldEqual({ left, right, at }: Binary): Node | undefined {
  if (left.kind === "int" && right.kind === "int") return bool(at, left.value === right.value);
  if (left.kind === "string" && right.kind === "string") return bool(at, left.value === right.value);
  if (left.kind === "bool" && right.kind === "bool") return bool(at, left.value === right.value);
  return undefined;
}

function foldArray({ items, at }: Node & { readonly kind: "array" }): Node | undefined {
  const values = items.flatMap((item) =>
    item.kind === "int" || item.kind === "float" || item.kind === "string" || item.kind === "bool" ? [item.value] : [],
  );
  if (items.length === 0 || values.length < items.length) return undefined;
  return { kind: "literals", at, nature: natureOf("[]any"), values };
}

/** A filter of a filter goes through the list once. */
function foldFilters(node: Builtin): Node | undefined {
  const [list, second] = node.args;
  if (node.name !== "filter" || list?.kind !== "builtin" || list.name !== "filter") return undefined;
  const [base, first] = list.args;
  if (base === undefined || first?.kind !== "predicate" || second?.kind !== "predicate") return undefined;
  const { at, nature } = second;
  const body: Node = { kind: "binary", op: "&&", at, nature: natureOf("any"), left: first.body, right: second.body };
  return {
    kind: "builtin",
    name: "filter",
    at: node.at,
    nature: node.nature,
    args: [base, { kind: "predicate", at, nature, body }],
  };
}

function numberOf(node: Node): number | undefined {
  return node.kind === "int" || node.kind === "float" ? Number(node.value) : undefined;
}

function bool(at: number, value: boolean): Node {
  return { kind: "bool", at, nature: natureOf("bool"), value };
}

function int(at: number, value: bigint): Node {
  return { kind: "int", at, nature: natureOf("int"), value: wrapped(value) };
}

function float(at: number, value: number): Node {
  return { kind: "float", at, nature: natureOf("float64"), value };
}
