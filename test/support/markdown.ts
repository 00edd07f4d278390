import fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

export type Node = {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly children?: readonly Node[];
};

/** Markdown as GitHub reads it. */
export function parse(markdown: string): Node {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

/** A node and all below it. */
export function nodes(node: Node): readonly Node[] {
  return [node, ...(node.children ?? []).flatMap(nodes)];
}

/** The text of a node. */
export function wordsOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(wordsOf).join("");
}

/** What is prose in a line, where a name would call its owner. */
export function spoken(markdown: string): string {
  return nodes(parse(`so: ${markdown}`))
    .filter(({ type }) => type === "text")
    .map(wordsOf)
    .join(" ");
}

/** What people write to make a page do something else. */
const HOSTILE = [
  "@ana",
  "@acme/team",
  "#12",
  "acme/gitops#12",
  "GH-7",
  "<b>",
  "</details>",
  "<!--",
  "-->",
  "&lt;",
  "|",
  "\\|",
  "\\",
  "`",
  "``",
  "```",
  "\n",
  "\r\n",
  "\n\n# x",
  "**",
  "_",
  "~~",
  "[x](javascript:1)",
  "![x](y)",
  "[^1]",
  "$x$",
  "\u202e",
  "\u200b",
  "\u2066",
  "\u0000",
  "\u2028",
  "\ud800",
  "https://example.com/a_b",
  "1. ",
  "- ",
  "> ",
  "---",
  " ",
  "a",
];
/** Anybody's words, the worst among them. */
export const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 12 }).map((parts) => parts.join("")),
);
