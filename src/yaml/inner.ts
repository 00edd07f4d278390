import type { TextFile } from "./refusal.ts";
import type { Scalar } from "./tree.ts";

/** The text within a block, such as YAML within YAML. Each line knows its offset in it (`inner`) and in the file (`outer`). */
export type Inner = { readonly text: string; readonly lines: readonly InnerLine[] };

type InnerLine = { readonly inner: number; readonly outer: number };

/** The text within a literal block and where it stands; undefined for any other scalar, and where its characters are not the file's own, one by one. */
export function innerText({ text }: TextFile, { style, value, start, end }: Scalar): Inner | undefined {
  if (style !== "block" || typeof value !== "string" || text[start] !== "|") return undefined;
  const lines: InnerLine[] = [];
  let outer = text.indexOf("\n", start) + 1;
  let inner = 0;
  for (const line of value.split("\n")) {
    const found = outer + indentBefore(text, outer, line);
    if (!text.startsWith(line, found)) return undefined;
    lines.push({ inner, outer: found });
    inner += line.length + 1;
    const next = text.indexOf("\n", found + line.length) + 1;
    outer = next === 0 || next > end ? end : next;
  }
  return { text: value, lines };
}

function indentBefore(text: string, at: number, line: string): number {
  const stop = text.indexOf("\n", at);
  const written = text.slice(at, stop === -1 ? text.length : stop).replace(/\r$/, "");
  return Math.max(0, written.length - line.length);
}

/** The file's offset of an offset within the text of a block. */
export function outerOffset({ lines }: Inner, inner: number): number {
  const line = lines.findLast((each) => each.inner <= inner);
  return line === undefined ? 0 : line.outer + inner - line.inner;
}
