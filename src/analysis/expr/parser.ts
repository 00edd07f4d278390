import type { Node } from "./ast.ts";
import { tokens } from "./lexer.ts";
import { UNKNOWN } from "./nature.ts";
import { parseCall } from "./parse-call.ts";
import { parsePrimary } from "./parse-primary.ts";
import { accept, at, current, expect, is, made, nested, take, unexpected, type Parsing } from "./parsing.ts";
import type { Token } from "./token.ts";
import { misspelt } from "./trouble.ts";

/** Left-associative ones bind what follows one tighter. */
const BINARY: ReadonlyMap<string, number> = new Map([
  ["|", 0],
  ["or", 10],
  ["||", 10],
  ["and", 15],
  ["&&", 15],
  ["==", 20],
  ["!=", 20],
  ["<", 20],
  [">", 20],
  [">=", 20],
  ["<=", 20],
  ["in", 20],
  ["matches", 20],
  ["contains", 20],
  ["startsWith", 20],
  ["endsWith", 20],
  ["..", 25],
  ["+", 30],
  ["-", 30],
  ["*", 60],
  ["/", 60],
  ["%", 60],
  ["**", 100],
  ["^", 100],
  ["??", 500],
]);

const RIGHT: ReadonlySet<string> = new Set(["**", "^"]);
const ORDERING: ReadonlySet<string> = new Set(["<", ">", ">=", "<="]);
const NEGATABLE: ReadonlySet<string> = new Set(["contains", "matches", "startsWith", "endsWith", "in"]);

/** The tree of an expression, as expr-lang/expr v1.17 understands it. Throws Stopped. */
export function parse(text: string): Node {
  const parsing: Parsing = {
    tokens: tokens(text),
    position: 0,
    nodes: 0,
    depth: 0,
    predicates: 0,
    expression: parseExpression,
    sequence: parseSequence,
  };
  const node = parseSequence(parsing);
  if (!at(parsing, "end")) unexpected(current(parsing));
  return node;
}

function parseSequence(parsing: Parsing): Node {
  const first = parseExpression(parsing, 0);
  const nodes = [first];
  while (accept(parsing, "operator", ";")) {
    if (at(parsing, "end")) break;
    nodes.push(parseExpression(parsing, 0));
  }
  return nodes.length === 1 ? first : made(parsing, { kind: "sequence", at: first.at, nature: UNKNOWN, nodes });
}

function parseExpression(parsing: Parsing, precedence: number): Node {
  return nested(parsing, () => {
    if (precedence === 0 && at(parsing, "operator", "let")) return parseLet(parsing);
    if (precedence === 0 && at(parsing, "operator", "if")) return parseIf(parsing);
    const node = parseBinary(parsing, parsePrimary(parsing), precedence);
    return precedence === 0 ? parseConditional(parsing, node) : node;
  });
}

type Operator = { readonly token: Token; readonly precedence: number; readonly not: Token | undefined };

function parseBinary(parsing: Parsing, first: Node, precedence: number): Node {
  let left = first;
  let before = "";
  for (let op = operatorAt(parsing, precedence); op !== undefined; op = operatorAt(parsing, precedence)) {
    parsing.position += op.not === undefined ? 1 : 2;
    if (before === "??" && op.token.value !== "??" && op.token.value !== "|")
      misspelt(op.token.at, `${op.token.value} and ?? need parentheses around one of them`);
    left = parseOperation(parsing, left, op);
    before = op.token.value;
  }
  return left;
}

/** The operator that goes on with an expression of this precedence, if there is one; nothing is taken. */
function operatorAt(parsing: Parsing, precedence: number): Operator | undefined {
  const token = current(parsing);
  if (token.kind !== "operator") return undefined;
  const isNot = token.value === "not";
  const main = isNot ? (parsing.tokens[parsing.position + 1] ?? token) : token;
  if (isNot && !NEGATABLE.has(main.value)) unexpected(main);
  const found = BINARY.get(main.value);
  if (found === undefined || found < precedence) return undefined;
  return { token: main, precedence: found, not: isNot ? main : undefined };
}

function parseOperation(parsing: Parsing, left: Node, { token, precedence, not }: Operator): Node {
  if (token.value === "|") return parseCall(parsing, expect(parsing, "identifier"), { piped: [left] });
  if (ORDERING.has(token.value)) return parseComparison(parsing, left, { token, precedence, not });
  const right = parseExpression(parsing, precedence + (RIGHT.has(token.value) ? 0 : 1));
  const node = binary(parsing, token, left, right);
  if (not === undefined) return node;
  return made(parsing, { kind: "unary", at: not.at, nature: UNKNOWN, op: "not", operand: node });
}

/** 0 < x < 1 is 0 < x && x < 1. */
function parseComparison(parsing: Parsing, first: Node, { token, precedence }: Operator): Node {
  let op = token;
  let left = first;
  let whole: Node | undefined;
  for (;;) {
    const right = parseExpression(parsing, precedence + 1);
    const one = binary(parsing, op, left, right);
    whole = whole === undefined ? one : binary(parsing, { ...op, value: "&&" }, whole, one);
    left = right;
    op = current(parsing);
    if (!is(op, "operator") || !ORDERING.has(op.value)) return whole;
    parsing.position += 1;
  }
}

function binary(parsing: Parsing, { value, at: column }: Token, left: Node, right: Node): Node {
  return made(parsing, { kind: "binary", at: column, nature: UNKNOWN, op: value, left, right });
}

function parseLet(parsing: Parsing): Node {
  expect(parsing, "operator", "let");
  const name = expect(parsing, "identifier");
  expect(parsing, "operator", "=");
  const value = parseExpression(parsing, 0);
  expect(parsing, "operator", ";");
  const body = parseSequence(parsing);
  return made(parsing, { kind: "let", at: name.at, nature: UNKNOWN, name: name.value, value, body });
}

function parseIf(parsing: Parsing): Node {
  const { at: column } = take(parsing);
  const test = parseExpression(parsing, 0);
  const yes = parseBlock(parsing);
  expect(parsing, "operator", "else");
  const no = at(parsing, "operator", "if") ? nested(parsing, () => parseIf(parsing)) : parseBlock(parsing);
  return made(parsing, { kind: "conditional", at: column, nature: UNKNOWN, test, yes, no });
}

function parseBlock(parsing: Parsing): Node {
  expect(parsing, "bracket", "{");
  const node = parseSequence(parsing);
  expect(parsing, "bracket", "}");
  return node;
}

/** `a ? b : c`, and `a ?: c` for `a ? a : c`. */
function parseConditional(parsing: Parsing, first: Node): Node {
  let node = first;
  for (let op = current(parsing); accept(parsing, "operator", "?"); op = current(parsing)) {
    const test = node;
    const yes = at(parsing, "operator", ":") ? test : parseExpression(parsing, 0);
    expect(parsing, "operator", ":");
    const no = parseExpression(parsing, 0);
    node = made(parsing, { kind: "conditional", at: op.at, nature: UNKNOWN, test, yes, no });
  }
  return node;
}
