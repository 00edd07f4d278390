import { peek, peekText, type YamlPath } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";

/** Whether a rule of a route takes no request without some header or cookie. What is more than it seems, an alias say, asks for nothing. */
export type Asks = (rule: Tree) => boolean;

/** Rules with a list of matches of which one is enough: each of them asks. */
export function eachAsks(list: YamlPath, asks: Asks): Asks {
  return (rule) => {
    const items = itemsAt(rule, list);
    return items.length > 0 && items.every(asks);
  };
}

/** Rules with a list of conditions that all hold: one of them asks. */
export function oneAsks(list: YamlPath, asks: Asks): Asks {
  return (rule) => itemsAt(rule, list).some(asks);
}

/** Headers by their names, such as Istio's. */
export function headersByName(mapping: YamlPath): Asks {
  return (rule) => {
    const headers = peek(rule, mapping);
    return headers?.kind === "map" && headers.entries.some(({ key }) => isOwn(key));
  };
}

/** A header that says its `name`, unless one of its keys says that requests without it are meant. */
export function namesHeader(...negations: readonly string[]): Asks {
  return (header) => isOwn(peekText(header, ["name"])) && negations.every((key) => !mayBeTrue(peek(header, [key])));
}

/** Whether a header is one that not every request has. */
export function isOwn(header: string | undefined): boolean {
  return header !== undefined && !/^(:.*|host|)$/i.test(header);
}

function itemsAt(tree: Tree, path: YamlPath): readonly Tree[] {
  const list = peek(tree, path);
  return list?.kind === "list" ? list.items : [];
}

function mayBeTrue(node: Tree | undefined): boolean {
  return node !== undefined && !(node.kind === "scalar" && node.value === false);
}
