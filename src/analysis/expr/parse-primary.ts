import type { Node } from "./ast.ts";
import { bytesOf } from "./bytes.ts";
import { ARGO_FUNCTIONS, BUILTINS } from "./names.ts";
import { UNKNOWN } from "./nature.ts";
import { numberNode } from "./numbers.ts";
import { parseCall } from "./parse-call.ts";
import { parsePostfix } from "./parse-postfix.ts";
import { accept, at, current, expect, made, misplacedKey, take, unexpected, type Parsing } from "./parsing.ts";
import { unsupported } from "./trouble.ts";

const UNARY: ReadonlyMap<string, number> = new Map([
  ["not", 50],
  ["!", 50],
  ["-", 90],
  ["+", 90],
]);

/** What operators stand between. */
export function parsePrimary(parsing: Parsing): Node {
  const token = current(parsing);
  const precedence = token.kind === "operator" ? UNARY.get(token.value) : undefined;
  if (precedence !== undefined) {
    parsing.position += 1;
    const operand = parsing.expression(parsing, precedence);
    const node = made(parsing, { kind: "unary", at: token.at, nature: UNKNOWN, op: token.value, operand });
    return parsePostfix(parsing, node);
  }
  if (accept(parsing, "bracket", "(")) {
    const node = parsing.sequence(parsing);
    expect(parsing, "bracket", ")");
    return parsePostfix(parsing, node);
  }
  if (parsing.predicates > 0 && (at(parsing, "operator", "#") || at(parsing, "operator", ".")))
    return parsePostfix(parsing, parsePointer(parsing));
  if (accept(parsing, "operator", "::"))
    return parsePostfix(parsing, parseCall(parsing, expect(parsing, "identifier"), { piped: [], isBuiltin: true }));
  return parseSecondary(parsing);
}

/** `#`, `#acc`, and the `#` that `.field` leaves out. */
function parsePointer(parsing: Parsing): Node {
  const { at: column } = current(parsing);
  const name = accept(parsing, "operator", "#") && at(parsing, "identifier") ? take(parsing).value : "";
  return made(parsing, { kind: "pointer", at: column, nature: UNKNOWN, name });
}

function parseSecondary(parsing: Parsing): Node {
  const token = current(parsing);
  switch (token.kind) {
    case "identifier":
      return parseWord(parsing);
    case "number":
      parsing.position += 1;
      return made(parsing, numberNode(token));
    case "string":
      parsing.position += 1;
      return parsePostfix(
        parsing,
        made(parsing, { kind: "string", at: token.at, nature: UNKNOWN, value: token.value }),
      );
    default:
      if (at(parsing, "bracket", "[")) return parsePostfix(parsing, parseArray(parsing));
      if (at(parsing, "bracket", "{")) return parsePostfix(parsing, parseMap(parsing));
      return unexpected(token);
  }
}

// After true, false, nil and numbers no [ or . is understood.
function parseWord(parsing: Parsing): Node {
  const token = take(parsing);
  const { at: column, value: name } = token;
  if (name === "true" || name === "false")
    return made(parsing, { kind: "bool", at: column, nature: UNKNOWN, value: name === "true" });
  if (name === "nil") return made(parsing, { kind: "nil", at: column, nature: UNKNOWN });
  if (at(parsing, "bracket", "(")) return parsePostfix(parsing, parseCall(parsing, token, { piped: [] }));
  if (name === "$env" || ARGO_FUNCTIONS.has(name) || BUILTINS.has(name))
    unsupported(`${name} is not supported here: only calls of functions are`, column);
  return parsePostfix(parsing, made(parsing, { kind: "identifier", at: column, nature: UNKNOWN, name }));
}

function parseArray(parsing: Parsing): Node {
  const { at: column } = take(parsing);
  const items = parseItems(parsing, "]", () => parsing.expression(parsing, 0));
  return made(parsing, { kind: "array", at: column, nature: UNKNOWN, items });
}

function parseMap(parsing: Parsing): Node {
  const { at: column } = take(parsing);
  const pairs = parseItems(parsing, "}", () => {
    const key = parseKey(parsing);
    expect(parsing, "operator", ":");
    return { key, value: parsing.expression(parsing, 0) };
  });
  return made(parsing, { kind: "map", at: column, nature: UNKNOWN, pairs });
}

/** Things between commas up to a bracket, which is taken as well; a comma may be the last. */
function parseItems<Item>(parsing: Parsing, end: string, item: () => Item): readonly Item[] {
  const items: Item[] = [];
  while (!at(parsing, "bracket", end)) {
    if (items.length > 0) expect(parsing, "operator", ",");
    if (at(parsing, "bracket", end)) break;
    items.push(item());
  }
  expect(parsing, "bracket", end);
  return items;
}

/** A name, text or number means text; anything else stands in parentheses. */
function parseKey(parsing: Parsing): Node {
  if (at(parsing, "bracket", "(")) return parsing.expression(parsing, 0);
  const token = current(parsing);
  if (token.kind !== "number" && token.kind !== "string" && token.kind !== "identifier") return misplacedKey(token);
  parsing.position += 1;
  const value = token.kind === "string" ? token.value : bytesOf(token.value);
  return made(parsing, { kind: "string", at: token.at, nature: UNKNOWN, value });
}
