import { childrenOf, type Node } from "./ast.ts";

/** Whether two trees say the same, wherever they stand. */
export function sameTree(one: Node, other: Node): boolean {
  if (one.kind !== other.kind || label(one) !== label(other)) return false;
  const [below, beside] = [childrenOf(one), childrenOf(other)];
  return (
    below.length === beside.length &&
    below.every((child, index) => {
      const twin = beside[index];
      return twin !== undefined && sameTree(child, twin);
    })
  );
}

/** What a node says besides what stands below it. */
function label(node: Node): string {
  switch (node.kind) {
    case "bool":
    case "int":
    case "float":
    case "string":
      return String(node.value);
    case "unary":
    case "binary":
      return node.op;
    case "builtin":
    case "identifier":
    case "pointer":
    case "let":
      return node.name;
    case "member":
      return String(node.optional);
    case "slice":
      return `${node.from === undefined}${node.to === undefined}`;
    case "literals":
      return node.values.map((value) => `${typeof value}${String(value)}`).join();
    case "set":
      return [...node.values].join();
    default:
      return "";
  }
}
