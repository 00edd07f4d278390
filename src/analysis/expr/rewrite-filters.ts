import { childrenOf, type Builtin, type Node } from "./ast.ts";
import { countedAgainst } from "./rewrites.ts";

/** map(filter(x, p), q) goes through x once. */
export function mappedFilter(node: Node): Node | undefined {
  if (node.kind !== "builtin" || node.name !== "map") return undefined;
  const [list, predicate] = node.args;
  const filter = filterOf(list);
  if (filter === undefined || filter.becomes !== undefined || predicate?.kind !== "predicate") return undefined;
  return hasIndex(predicate) ? undefined : { ...filter, at: node.at, nature: node.nature, becomes: predicate.body };
}

function hasIndex(node: Node): boolean {
  return (node.kind === "pointer" && node.name === "index") || childrenOf(node).some(hasIndex);
}

/** len(filter(x, p)) is count(x, p). */
export function filterLength(node: Node): Node | undefined {
  const filter = node.kind === "builtin" && node.name === "len" ? filterOf(node.args[0]) : undefined;
  if (filter === undefined) return undefined;
  return { kind: "builtin", name: "count", at: node.at, nature: node.nature, args: filter.args };
}

/** filter(x, p)[-1] and last(filter(x, p)) look from the end, no further than needed. */
export function filteredLast(node: Node): Node | undefined {
  return found(node, { index: -1n, builtin: "last", name: "findLast" });
}

/** filter(x, p)[0] and first(filter(x, p)) look no further than needed. */
export function filteredFirst(node: Node): Node | undefined {
  return found(node, { index: 0n, builtin: "first", name: "find" });
}

type Finding = { readonly index: bigint; readonly builtin: string; readonly name: string };

function found(node: Node, { index, builtin, name }: Finding): Node | undefined {
  const isIndexed =
    node.kind === "member" && !node.optional && node.property.kind === "int" && node.property.value === index;
  const isCalled = node.kind === "builtin" && node.name === builtin;
  const filter = isIndexed ? filterOf(node.base) : isCalled ? filterOf(node.args[0]) : undefined;
  return filter === undefined ? undefined : { ...filter, at: node.at, nature: node.nature, name, throws: isIndexed };
}

function filterOf(node: Node | undefined): Builtin | undefined {
  return node?.kind === "builtin" && node.name === "filter" && node.args.length === 2 ? node : undefined;
}

/** count(x, p) < 5 need not count further than 5. */
export function countedEnough(node: Node): Node | undefined {
  const against = countedAgainst(node);
  if (node.kind !== "binary" || against === undefined || against.limit < 0n) return undefined;
  const { count, op, limit } = against;
  if (![">", ">=", "<", "<="].includes(op)) return undefined;
  const enough = op === ">" || op === "<=" ? limit + 1n : limit;
  return enough <= 1n || count.enough !== undefined ? undefined : { ...node, left: { ...count, enough } };
}
