import type { Binary, Builtin, Node, Predicate } from "./ast.ts";
import { sameTree } from "./same-tree.ts";
import { natureOf } from "./nature.ts";
import { wrapped } from "./numbers.ts";

/** x in [1, 2] with a whole x, and x in ["a", "b"], look up instead of comparing: then a needle of another type is an error. */
export function inSet(node: Node): Node | undefined {
  if (node.kind !== "binary" || node.op !== "in" || node.right.kind !== "array") return undefined;
  const { items, at } = node.right;
  const ints = items.flatMap((item) => (item.kind === "int" ? [item.value] : []));
  const strings = items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
  const nature = natureOf("set");
  if (items.length === 0) return undefined;
  if (node.left.nature.type === "int" && ints.length === items.length)
    return { ...node, right: { kind: "set", at, nature, of: "int", values: new Set<bigint | string>(ints) } };
  if (strings.length < items.length) return undefined;
  return { ...node, right: { kind: "set", at, nature, of: "string", values: new Set<bigint | string>(strings) } };
}

/** x in 1..3 with a whole x is x >= 1 and x <= 3. */
export function inRange(node: Node): Node | undefined {
  if (node.kind !== "binary" || node.op !== "in" || node.left.nature.type !== "int") return undefined;
  const range = rangeOf(node.right);
  if (range === undefined) return undefined;
  const { at, left } = node;
  const bound = (op: string, right: Node): Node => ({ kind: "binary", at, nature: natureOf("any"), op, left, right });
  return { ...node, op: "and", left: bound(">=", range.from), right: bound("<=", range.to) };
}

type IntNode = Node & { readonly kind: "int" };

function rangeOf(node: Node | undefined): { readonly from: IntNode; readonly to: IntNode } | undefined {
  if (node?.kind !== "binary" || node.op !== ".." || node.left.kind !== "int" || node.right.kind !== "int")
    return undefined;
  return { from: node.left, to: node.right };
}

/** all(x, p) && all(x, q) is all(x, p && q); so for any with or, and none with and. */
export function combinedPredicates(node: Node): Node | undefined {
  if (node.kind !== "binary" || node.left.kind !== "builtin" || node.right.kind !== "builtin") return undefined;
  const op = node.left.name === node.right.name ? combinedOperator(node.left.name, node.op) : undefined;
  const [one, other] = [loopOf(node.left), loopOf(node.right)];
  if (op === undefined || one === undefined || other === undefined) return undefined;
  if (one.list.nature.type !== other.list.nature.type || !sameTree(one.list, other.list)) return undefined;
  const { at } = one.predicate;
  const [left, right] = [one.predicate.body, other.predicate.body];
  const both: Binary = { kind: "binary", at, nature: natureOf("any"), op, left, right };
  const predicate: Node = { kind: "predicate", at, nature: natureOf("func"), body: combinedPredicates(both) ?? both };
  return { kind: "builtin", name: node.left.name, at: node.at, nature: node.nature, args: [one.list, predicate] };
}

function loopOf({ args }: Builtin): { readonly list: Node; readonly predicate: Predicate } | undefined {
  const [list, predicate] = args;
  return list === undefined || predicate?.kind !== "predicate" ? undefined : { list, predicate };
}

function combinedOperator(name: string, op: string): string | undefined {
  if (name === "all" && (op === "and" || op === "&&")) return op;
  if (name === "any" && (op === "or" || op === "||")) return op;
  if (name === "none" && op === "and") return "or";
  return name === "none" && op === "&&" ? "||" : undefined;
}

/** The sum of a written range is known before anything runs. */
export function summedRange(node: Node): Node | undefined {
  if (node.kind !== "builtin" || (node.name !== "sum" && node.name !== "reduce")) return undefined;
  const [list, predicate, initial] = node.args;
  const range = rangeOf(list);
  if (range === undefined || range.to.value < range.from.value) return undefined;
  const [from, to] = [range.from.value, range.to.value];
  const count = wrapped(to - from + 1n);
  const sum = wrapped(count * (from + to)) / 2n;
  const value = node.name === "sum" ? summed({ sum, count }, predicate) : reduced(sum, predicate, initial);
  if (value === undefined) return undefined;
  return { kind: "int", at: node.at, nature: natureOf("int"), value: wrapped(value) };
}

function reduced(sum: bigint, predicate: Node | undefined, initial: Node | undefined): bigint | undefined {
  if (predicate?.kind !== "predicate" || !isAddition(predicate.body)) return undefined;
  if (initial === undefined) return sum;
  return initial.kind === "int" ? initial.value + sum : undefined;
}

/** # + #acc, either way round. */
function isAddition(body: Node): boolean {
  if (body.kind !== "binary" || body.op !== "+") return false;
  const { left, right } = body;
  if (left.kind !== "pointer" || right.kind !== "pointer") return false;
  return (left.name === "" && right.name === "acc") || (left.name === "acc" && right.name === "");
}

type Sum = { readonly sum: bigint; readonly count: bigint };

function summed({ sum, count }: Sum, predicate: Node | undefined): bigint | undefined {
  if (predicate === undefined) return sum;
  if (predicate.kind !== "predicate") return undefined;
  if (isElement(predicate.body)) return sum;
  return predicate.body.kind === "binary" ? shifted({ sum, count }, predicate.body) : undefined;
}

/** The sum where each element is multiplied by a number, or has one added or taken away. */
function shifted({ sum, count }: Sum, { op, left, right }: Binary): bigint | undefined {
  const isFirst = isElement(left);
  const other = isFirst ? right : left;
  if ((!isFirst && !isElement(right)) || other.kind !== "int") return undefined;
  if (op === "*") return other.value * sum;
  if (op === "+") return sum + count * other.value;
  if (op !== "-") return undefined;
  return isFirst ? sum - count * other.value : count * other.value - sum;
}

function isElement(node: Node): boolean {
  return node.kind === "pointer" && node.name === "";
}

/** sum([a, b, c]) is a + (b + c). */
export function summedArray(node: Node): Node | undefined {
  if (node.kind !== "builtin" || node.name !== "sum" || node.args.length !== 1) return undefined;
  const [list] = node.args;
  const whole = list?.kind === "array" && list.items.length >= 2 ? added(list.items, node.at) : undefined;
  return whole === undefined ? undefined : { ...whole, nature: node.nature };
}

function added([first, ...rest]: readonly Node[], at: number): Node | undefined {
  const right = rest.length === 1 ? rest[0] : rest.length > 1 ? added(rest, at) : undefined;
  if (first === undefined || right === undefined) return undefined;
  return { kind: "binary", at, nature: natureOf("any"), op: "+", left: first, right };
}

/** sum(map(x, p)) is sum(x, p). */
export function summedMap(node: Node): Node | undefined {
  if (node.kind !== "builtin" || node.name !== "sum" || node.args.length !== 1) return undefined;
  const [list] = node.args;
  return list?.kind === "builtin" && list.name === "map" ? { ...node, args: list.args } : undefined;
}

/** count(x, p) > 0 is any(x, p). */
export function countedAny(node: Node): Node | undefined {
  const found = countedAgainst(node);
  if (found === undefined) return undefined;
  const isAny = (found.op === ">" && found.limit === 0n) || (found.op === ">=" && found.limit === 1n);
  if (!isAny) return undefined;
  return { kind: "builtin", name: "any", at: node.at, nature: node.nature, args: found.count.args };
}

/** count(x, p) against a written number, on the left. */
export function countedAgainst(
  node: Node,
): { readonly count: Builtin; readonly op: string; readonly limit: bigint } | undefined {
  if (node.kind !== "binary" || node.left.kind !== "builtin" || node.right.kind !== "int") return undefined;
  if (node.left.name !== "count" || node.left.args.length !== 2) return undefined;
  return { count: node.left, op: node.op, limit: node.right.value };
}
