import type { TextFile } from "./refusal.ts";
import type { Scalar } from "./tree.ts";

/** The text within a block, such as YAML within YAML. Each line knows its offset in it (`inner`) and in the file (`outer`). */
export type Inner = { readonly text: string; readonly lines: readonly InnerLine[] };

type InnerLine = { readonly inner: number; readonly outer: number };

/**
 * The text within a literal block and where it stands; undefined for any other scalar, and where its characters are not the file's
 * own, one by one. A line break of the file may be two characters, and is one in the block.
 */
export function innerText({ text }: TextFile, { style, value, start, end }: Scalar): Inner | undefined {
  if (style !== "block" || typeof value !== "string" || text[start] !== "|") return undefined;
  const lines: InnerLine[] = [];
  let line = lineAfter(text, start, end);
  let inner = 0;
  for (const own of value.split("\n")) {
    const outer = line === end ? end : lineEnd(text, line) - own.length;
    if (outer < line || !text.startsWith(own, outer)) return undefined;
    lines.push({ inner, outer });
    inner += own.length + 1;
    line = lineAfter(text, line, end);
  }
  return { text: value, lines };
}

/** The file's offset of an offset within the text of a block. */
export function outerOffset({ lines }: Inner, inner: number): number {
  let low = 0;
  let high = lines.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.inner ?? 0) <= inner) low = middle;
    else high = middle;
  }
  const line = lines[low];
  return line === undefined ? 0 : line.outer + inner - line.inner;
}

function lineAfter(text: string, at: number, end: number): number {
  const stop = at === end ? -1 : text.indexOf("\n", at);
  return stop === -1 ? end : Math.min(stop + 1, end);
}

function lineEnd(text: string, at: number): number {
  const stop = text.indexOf("\n", at);
  const end = stop === -1 ? text.length : stop;
  return text[end - 1] === "\r" ? end - 1 : end;
}
