import type { Node } from "./ast.ts";
import { bytesOf } from "./bytes.ts";
import { isName } from "./lexer.ts";
import { UNKNOWN } from "./nature.ts";
import { parseArguments } from "./parse-call.ts";
import { accept, at, current, expect, made, take, unexpected, type Parsing } from "./parsing.ts";

/** Members, calls of members, indices and slices after a node. */
export function parsePostfix(parsing: Parsing, first: Node): Node {
  let node = first;
  for (;;) {
    const isOptional = at(parsing, "operator", "?.");
    if (isOptional && parsing.tokens[parsing.position + 1]?.value === "[") {
      parsing.position += 1;
      node = parseIndex(parsing, node, true);
    } else if (isOptional || at(parsing, "operator", ".")) node = parseMember(parsing, node, isOptional);
    else if (at(parsing, "bracket", "[")) node = parseIndex(parsing, node, false);
    else return node;
  }
}

function parseMember(parsing: Parsing, before: Node, optional: boolean): Node {
  take(parsing);
  const name = take(parsing);
  if (name.kind !== "identifier" && (name.kind !== "operator" || !isName(name.value))) unexpected(name);
  const { at: column } = name;
  const property = made(parsing, { kind: "string", at: column, nature: UNKNOWN, value: bytesOf(name.value) });
  // One chain goes as far as its members go: a?.b.c is nil where a is.
  const base = before.kind === "chain" ? before.inner : before;
  const member = made(parsing, { kind: "member", at: column, nature: UNKNOWN, base, property, optional });
  const node: Node = at(parsing, "bracket", "(")
    ? made(parsing, { kind: "call", at: column, nature: UNKNOWN, callee: member, args: parseArguments(parsing, []) })
    : member;
  return before.kind === "chain" || optional ? chained(parsing, node) : node;
}

function parseIndex(parsing: Parsing, base: Node, optional: boolean): Node {
  const { at: column } = take(parsing);
  const from = at(parsing, "operator", ":") ? undefined : parsing.expression(parsing, 0);
  if (accept(parsing, "operator", ":")) {
    const to = at(parsing, "bracket", "]") ? undefined : parsing.expression(parsing, 0);
    expect(parsing, "bracket", "]");
    return made(parsing, { kind: "slice", at: column, nature: UNKNOWN, base, from, to });
  }
  if (from === undefined) return unexpected(current(parsing));
  expect(parsing, "bracket", "]");
  const node = made(parsing, { kind: "member", at: column, nature: UNKNOWN, base, property: from, optional });
  return optional ? chained(parsing, node) : node;
}

function chained(parsing: Parsing, inner: Node): Node {
  return made(parsing, { kind: "chain", at: inner.at, nature: UNKNOWN, inner });
}
