import type { Node } from "./ast.ts";
import { ARGO_FUNCTIONS, BUILTINS, PREDICATES, REFUSED } from "./names.ts";
import { UNKNOWN } from "./nature.ts";
import { accept, at, current, expect, made, unexpected, type Parsing } from "./parsing.ts";
import type { Token } from "./token.ts";
import { misspelt, unsupported } from "./trouble.ts";

type How = {
  /** What stands before a pipe: the first argument. */
  readonly piped: readonly Node[];
  /** `::name`: the built-in, even where a function of Argo's has its name. */
  readonly isBuiltin?: boolean;
};

/** A call of a function that is known by its name; the name is taken already. */
export function parseCall(
  parsing: Parsing,
  { value: name, at: column }: Token,
  { piped, isBuiltin = false }: How,
): Node {
  const isArgos = !isBuiltin && (ARGO_FUNCTIONS.has(name) || name === "result");
  const why = isArgos ? undefined : REFUSED.get(name);
  if (why !== undefined) unsupported(`${name}() is not supported: ${why}`, column);
  const wanted = isArgos ? undefined : PREDICATES.get(name);
  if (wanted !== undefined) {
    const args = parsePredicateArguments(parsing, piped, wanted.slice(piped.length));
    return made(parsing, { kind: "builtin", at: column, nature: UNKNOWN, name, args });
  }
  if (!isArgos && BUILTINS.has(name))
    return made(parsing, { kind: "builtin", at: column, nature: UNKNOWN, name, args: parseArguments(parsing, piped) });
  const callee = made(parsing, { kind: "identifier", at: column, nature: UNKNOWN, name });
  return made(parsing, { kind: "call", at: column, nature: UNKNOWN, callee, args: parseArguments(parsing, piped) });
}

/** What stands in the parentheses of a call, after what is there already. */
export function parseArguments(parsing: Parsing, first: readonly Node[]): readonly Node[] {
  const args = [...first];
  expect(parsing, "bracket", "(");
  while (!at(parsing, "bracket", ")")) {
    if (args.length > first.length) expect(parsing, "operator", ",");
    if (at(parsing, "bracket", ")")) break;
    args.push(parsing.expression(parsing, 0));
  }
  expect(parsing, "bracket", ")");
  return args;
}

function parsePredicateArguments(parsing: Parsing, first: readonly Node[], wanted: readonly string[]): readonly Node[] {
  const args = [...first];
  expect(parsing, "bracket", "(");
  for (const [index, kind] of wanted.entries()) {
    const isOver = at(parsing, "bracket", ")");
    if (isOver && kind.startsWith("optional")) break;
    if (isOver) misspelt(current(parsing).at, `${wanted.length} arguments are needed here`);
    if (index > 0) expect(parsing, "operator", ",");
    args.push(kind.endsWith("predicate") ? parsePredicate(parsing) : parsing.expression(parsing, 0));
  }
  accept(parsing, "operator", ",");
  expect(parsing, "bracket", ")");
  return args;
}

function parsePredicate(parsing: Parsing): Node {
  const { at: column } = current(parsing);
  const isBraced = accept(parsing, "bracket", "{");
  parsing.predicates += 1;
  const body = isBraced ? parsing.sequence(parsing) : parsing.expression(parsing, 0);
  if (!isBraced && at(parsing, "operator", ";")) unexpected(current(parsing));
  parsing.predicates -= 1;
  if (isBraced) expect(parsing, "bracket", "}");
  return made(parsing, { kind: "predicate", at: column, nature: UNKNOWN, body });
}
