import type { Node } from "./ast.ts";
import type { Nature } from "./nature.ts";

/** What is known where a node stands. */
export type Checking = {
  readonly result: Nature;
  readonly variables: readonly { readonly name: string; readonly nature: Nature }[];
  readonly scopes: readonly Scope[];
  /** Checks a node below; here, so that the parts of the checker need not import each other. */
  readonly check: (node: Node, checking: Checking) => Node;
};

/** A list that is gone through: what `#` and `#name` are. */
export type Scope = { readonly collection: Nature; readonly named: ReadonlyMap<string, Nature> };

/** The node with its nature. */
export function checked(node: Node, nature: Nature): Node {
  return { ...node, nature };
}
