import type { Node } from "./ast.ts";
import { tokenText, type Token, type TokenKind } from "./token.ts";
import { misspelt, unsupported } from "./trouble.ts";

/** As many nodes as Argo compiles at most. */
const MOST_NODES = 10_000;
const MOST_DEPTH = 120;

const TOO_EARLY = "the expression ends too early";

/** A reading of tokens that is under way: only the position and the counts change. */
export type Parsing = {
  readonly tokens: readonly Token[];
  position: number;
  nodes: number;
  depth: number;
  /** Within how many predicates: there # and .field mean the element. */
  predicates: number;
  /** The two that everything else is made of; here, so that the parts of the grammar need not import each other. */
  readonly expression: (parsing: Parsing, precedence: number) => Node;
  readonly sequence: (parsing: Parsing) => Node;
};

export function current({ tokens, position }: Parsing): Token {
  return tokens[position] ?? { kind: "end", value: "", at: 1 };
}

/** Takes the token, whatever it is. */
export function take(parsing: Parsing): Token {
  const token = current(parsing);
  if (token.kind === "end") misspelt(token.at, TOO_EARLY);
  parsing.position += 1;
  return token;
}

export function is(token: Token, kind: TokenKind, value?: string): boolean {
  return token.kind === kind && (value === undefined || token.value === value);
}

export function at(parsing: Parsing, kind: TokenKind, value?: string): boolean {
  return is(current(parsing), kind, value);
}

/** Takes the token if it is this one. */
export function accept(parsing: Parsing, kind: TokenKind, value?: string): boolean {
  if (!at(parsing, kind, value)) return false;
  parsing.position += 1;
  return true;
}

/** Takes the token, which must be this one. */
export function expect(parsing: Parsing, kind: TokenKind, value?: string): Token {
  const token = current(parsing);
  if (!is(token, kind, value)) unexpected(token);
  parsing.position += 1;
  return token;
}

export function unexpected(token: Token): never {
  if (token.kind === "end") return misspelt(token.at, TOO_EARLY);
  return misspelt(token.at, `${tokenText(token)} is not expected here`);
}

/** Counts a node; too many are no condition that is worth its time. */
export function made<Made extends Node>(parsing: Parsing, node: Made): Made {
  parsing.nodes += 1;
  if (parsing.nodes > MOST_NODES) misspelt(node.at, `an expression has at most ${MOST_NODES} parts`);
  return node;
}

/** Reads something nested, at most so deep. */
export function nested<Found>(parsing: Parsing, read: () => Found): Found {
  parsing.depth += 1;
  if (parsing.depth > MOST_DEPTH)
    unsupported(`nesting deeper than ${MOST_DEPTH} is not supported`, current(parsing).at);
  const found = read();
  parsing.depth -= 1;
  return found;
}

export function misplacedKey(token: Token): never {
  return misspelt(token.at, `${tokenText(token)} is no key of a map; put an expression in parentheses`);
}
