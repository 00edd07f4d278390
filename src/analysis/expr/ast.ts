import type { Nature } from "./nature.ts";

/** What every node has: its column (from 1) and, once checked, what is known of its type. */
type Placed = { readonly at: number; readonly nature: Nature };

export type Identifier = Placed & { readonly kind: "identifier"; readonly name: string };
export type Member = Placed & {
  readonly kind: "member";
  readonly base: Node;
  readonly property: Node;
  /** `?.`: nil where the base is nil. */
  readonly optional: boolean;
};
export type Builtin = Placed & {
  readonly kind: "builtin";
  readonly name: string;
  readonly args: readonly Node[];
  /** What an element becomes that is kept: map(filter(…)) in one pass. */
  readonly becomes?: Node;
  /** find: not to find is an error. */
  readonly throws?: boolean;
  /** count: stop at so many. */
  readonly enough?: bigint;
};
export type Binary = Placed & {
  readonly kind: "binary";
  readonly op: string;
  readonly left: Node;
  readonly right: Node;
};
export type Predicate = Placed & { readonly kind: "predicate"; readonly body: Node };

export type Node =
  | (Placed & { readonly kind: "nil" })
  | (Placed & { readonly kind: "bool"; readonly value: boolean })
  | (Placed & { readonly kind: "int"; readonly value: bigint })
  | (Placed & { readonly kind: "float"; readonly value: number })
  | (Placed & { readonly kind: "string"; readonly value: string })
  | (Placed & { readonly kind: "unary"; readonly op: string; readonly operand: Node })
  | (Placed & { readonly kind: "chain"; readonly inner: Node })
  | (Placed & {
      readonly kind: "slice";
      readonly base: Node;
      readonly from: Node | undefined;
      readonly to: Node | undefined;
    })
  | (Placed & { readonly kind: "call"; readonly callee: Node; readonly args: readonly Node[] })
  | (Placed & { readonly kind: "pointer"; readonly name: string })
  | (Placed & { readonly kind: "let"; readonly name: string; readonly value: Node; readonly body: Node })
  | (Placed & { readonly kind: "sequence"; readonly nodes: readonly Node[] })
  | (Placed & { readonly kind: "conditional"; readonly test: Node; readonly yes: Node; readonly no: Node })
  | (Placed & { readonly kind: "array"; readonly items: readonly Node[] })
  | (Placed & { readonly kind: "map"; readonly pairs: readonly { readonly key: Node; readonly value: Node }[] })
  /** A list of literals, made once. */
  | (Placed & { readonly kind: "literals"; readonly values: readonly (boolean | bigint | number | string)[] })
  /** Membership by key, made of a list of literals of one type. */
  | (Placed & { readonly kind: "set"; readonly of: "int" | "string"; readonly values: ReadonlySet<bigint | string> })
  | Identifier
  | Member
  | Builtin
  | Binary
  | Predicate;

/** The nodes right below one; not the `becomes` of a built-in, which has been through everything that goes down a tree. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "unary":
      return [node.operand];
    case "chain":
      return [node.inner];
    case "slice":
      return [node.base, node.from, node.to].filter((one) => one !== undefined);
    case "call":
      return [node.callee, ...node.args];
    case "let":
      return [node.value, node.body];
    case "sequence":
      return node.nodes;
    case "conditional":
      return [node.test, node.yes, node.no];
    case "array":
      return node.items;
    case "map":
      return node.pairs.flatMap(({ key, value }) => [key, value]);
    case "member":
      return [node.base, node.property];
    case "builtin":
      return node.args;
    case "binary":
      return [node.left, node.right];
    case "predicate":
      return [node.body];
    default:
      return [];
  }
}

/** The node with each of those right below it replaced; itself where none changes. */
export function withChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case "unary":
      return { ...node, operand: change(node.operand) };
    case "chain":
      return { ...node, inner: change(node.inner) };
    case "slice":
      return { ...node, base: change(node.base), from: maybe(node.from, change), to: maybe(node.to, change) };
    case "call":
      return { ...node, callee: change(node.callee), args: node.args.map(change) };
    case "let":
      return { ...node, value: change(node.value), body: change(node.body) };
    case "sequence":
      return { ...node, nodes: node.nodes.map(change) };
    case "conditional":
      return { ...node, test: change(node.test), yes: change(node.yes), no: change(node.no) };
    case "array":
      return { ...node, items: node.items.map(change) };
    case "map":
      return { ...node, pairs: node.pairs.map(({ key, value }) => ({ key: change(key), value: change(value) })) };
    default:
      return withFewChildren(node, change);
  }
}

function withFewChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case "member":
      return { ...node, base: change(node.base), property: change(node.property) };
    case "builtin":
      return { ...node, args: node.args.map(change) };
    case "binary":
      return { ...node, left: change(node.left), right: change(node.right) };
    case "predicate":
      return { ...node, body: change(node.body) };
    default:
      return node;
  }
}

function maybe(node: Node | undefined, change: (child: Node) => Node): Node | undefined {
  return node === undefined ? undefined : change(node);
}
