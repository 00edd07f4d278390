import type { Range } from "./range.ts";

type Tag = Range & { readonly name: string; readonly opens: boolean };

// Elements that quote, hide or set apart what is in them. Others, such as <b> or an unclosed <p>, leave prose what it is.
const CONTAINERS = /<(\/?)(a|blockquote|code|del|details|h[1-6]|kbd|pre|q|s|samp|summary|table|template)(?=[\s/>])/gi;

/** From each opening tag of an element that sets text apart to its closing tag, or to the end where none follows. `nodes` are in document order. */
export function htmlContainers(nodes: readonly (Range & { readonly value: string })[]): readonly Range[] {
  const tags = nodes.flatMap(tagsOf);
  return tags.filter(({ opens }) => opens).map((tag) => ({ start: tag.start, end: endOf(tag, tags) }));
}

function tagsOf(node: Range & { readonly value: string }): readonly Tag[] {
  if (node.value.startsWith("<!--")) return [];
  return [...node.value.matchAll(CONTAINERS)].map((match) => ({
    name: (match[2] ?? "").toLowerCase(),
    opens: match[1] === "",
    start: node.start + match.index,
    end: node.start + match.index + match[0].length,
  }));
}

// Nested elements of one name end at the first closing tag for the inner and at the last for the outer one.
function endOf(tag: Tag, tags: readonly Tag[]): number {
  let depth = 0;
  for (const other of tags) {
    if (other.start < tag.start || other.name !== tag.name) continue;
    depth += other.opens ? 1 : -1;
    if (depth === 0) return other.end;
  }
  return Number.POSITIVE_INFINITY;
}
