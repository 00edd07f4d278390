import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { asSeen } from "../core/typed.ts";
import { affordable } from "./budget.ts";
import { htmlContainers } from "./html.ts";
import { overlaps } from "./range.ts";
import type { Range } from "./range.ts";

type Node = {
  readonly type: string;
  readonly value?: string | undefined;
  readonly children?: readonly Node[] | undefined;
  readonly position?:
    | {
        readonly start: { readonly offset?: number | undefined };
        readonly end: { readonly offset?: number | undefined };
      }
    | undefined;
};

/** A node that is not plain text, with its place in the source. */
type Marked = Range & { readonly type: string; readonly value: string };

/** A line of a paragraph as it was typed, and where. */
type Line = Range & { readonly text: string };

type Page = { readonly source: string; readonly marked: readonly Marked[]; readonly containers: readonly Range[] };

const FIRST_WORD = /^\s*\S*/;

/**
 * The lines of plain prose that begin with a slash, as typed, in order; never throws. Nothing is read from code blocks, inline code, quotes, headings, links, images, tables,
 * struck text, HTML and HTML comments, nor from the text after a list marker. Code that is a whole line, `` `/abort` ``, is forgiven: people copy it so from
 * the help. Later words of a line may be code or links: they are somebody's reason. Only what can be parsed in bounded time is read (see `affordable`).
 */
export function commandLines(body: string): readonly string[] {
  const source = affordable(body.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  if (!source.includes("/")) return [];
  const root: Node = fromMarkdown(source, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const marked = markedIn(root);
  const page = { source, marked, containers: htmlContainers(marked.filter(({ type }) => type === "html")) };
  return childrenOf(root).flatMap((block) => linesIn(page, block));
}

function linesIn(page: Page, block: Node): readonly string[] {
  if (block.type === "paragraph") return typedLines(page.source, block).flatMap((line) => spoken(page, line));
  if (block.type === "list") return inLists(block).flatMap((paragraph) => atMargin(page, paragraph));
  return [];
}

// A line at the left margin under a list belongs to it by Markdown's laziness only; its writer meant it to stand alone.
function atMargin(page: Page, paragraph: Node): readonly string[] {
  return typedLines(page.source, paragraph)
    .filter(({ start, text }) => page.source[start - 1] === "\n" && !/^\s/.test(text))
    .flatMap((line) => spoken(page, line));
}

function inLists(block: Node): readonly Node[] {
  if (block.type === "paragraph") return [block];
  return block.type === "list" || block.type === "listItem" ? childrenOf(block).flatMap(inLists) : [];
}

function typedLines(source: string, paragraph: Node): readonly Line[] {
  const { start, end } = rangeOf(paragraph);
  let at = start;
  return source
    .slice(start, end)
    .split("\n")
    .map((text) => {
      const line = { text, start: at, end: at + text.length };
      at = line.end + 1;
      return line;
    });
}

function spoken(page: Page, line: Line): readonly string[] {
  const code = page.marked.find((node) => node.type === "inlineCode" && isWhole(node, line));
  const text = code?.value ?? line.text;
  if (!asSeen(text).startsWith("/")) return [];
  const first = { start: line.start, end: line.start + (FIRST_WORD.exec(line.text)?.[0].length ?? 0) };
  const others = page.marked.filter((node) => node !== code);
  if ([...others, ...page.containers].some((range) => overlaps(range, first))) return [];
  return [code === undefined ? withoutHtml(line, page.marked) : text];
}

function isWhole(node: Range, line: Line): boolean {
  const before = line.text.length - line.text.trimStart().length;
  return node.start === line.start + before && node.end === line.start + line.text.trimEnd().length;
}

function withoutHtml(line: Line, marked: readonly Marked[]): string {
  return marked
    .filter((node) => node.type === "html" && overlaps(node, line))
    .reduceRight(
      (text, { start, end }) => text.slice(0, Math.max(0, start - line.start)) + text.slice(end - line.start),
      line.text,
    );
}

const STRUCTURE: ReadonlySet<string> = new Set(["root", "paragraph", "text", "break", "list", "listItem"]);

function markedIn(node: Node): readonly Marked[] {
  const own = STRUCTURE.has(node.type) ? [] : [{ ...rangeOf(node), type: node.type, value: node.value ?? "" }];
  return [...own, ...childrenOf(node).flatMap(markedIn)];
}

function childrenOf(node: Node): readonly Node[] {
  return node.children ?? [];
}

function rangeOf({ position }: Node): Range {
  return { start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 };
}
