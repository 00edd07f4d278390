import { unreachable } from "../core/unreachable.ts";
import type { Scalar, Tree } from "./tree.ts";

// What readers of YAML 1.1, such as those of Kubernetes, take for a truth value or a number, and YAML 1.2 for text.
const OLD_MEANING =
  /^(?:y|n|yes|no|on|off|[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|[\d_]*\d[\d_]*(?::[0-5]?\d)*(?:\.[\d_]*)?))$/i;

/** JSON with sorted keys: equal for documents that say the same, whatever their layout. Aliases, anchors and tags are not followed. */
export function canonical(tree: Tree): string {
  switch (tree.kind) {
    case "map":
      return `{${tree.entries
        .map(({ key, value }) => `${JSON.stringify(key)}:${canonical(value)}`)
        .toSorted()
        .join(",")}}`;
    case "list":
      return `[${tree.items.map(canonical).join(",")}]`;
    case "scalar":
      return scalarText(tree);
    case "alias":
      return `*${tree.name}`;
    default:
      return unreachable(tree);
  }
}

/** Whether unquoted text is text to every reader of YAML. */
export function isPlainText(value: string): boolean {
  return (
    /^[A-Za-z0-9](?:[\w./@:+-]*[\w/@+-])?$/.test(value) && !/^(?:true|false|null)$/i.test(value) && !isNumberLike(value)
  );
}

function isNumberLike(value: string): boolean {
  return OLD_MEANING.test(value) || /^[-+.\d]*\d[\d_.]*(?:e[-+]?\d+)?$/i.test(value);
}

function scalarText({ value, style, source }: Scalar): string {
  if (style !== "plain" || value === null) return JSON.stringify(value);
  if (typeof value === "string") return OLD_MEANING.test(source) ? `plain ${source}` : JSON.stringify(value);
  return String(value) === source ? source : `plain ${source}`;
}
