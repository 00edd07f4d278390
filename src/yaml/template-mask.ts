import type { Range } from "./ranges.ts";

/** A text whose template actions are masked: as long as the original, and which parts of it are not the file's own words. */
export type Masked = { readonly text: string; readonly masks: readonly Range[] };

// How far before a line its block's header is looked for.
const LONGEST_HEADER = 80;
const MARK = "\0";
const LINE_OF_ACTIONS = /^[ \t]*\0[\0 \t]*\r?$/gm;
const BLOCK_HEADER = /(?:^|[ \t])[|>][-+\d]{0,2}[ \t]*\r?\n$/;

/**
 * The text with every `{{ … }}` of Go's templates replaced at equal length, so that what remains reads as YAML at the same offsets.
 * A line of actions alone, such as `{{- if … }}`, becomes blank, unless a block of text begins with it.
 */
export function maskTemplates(text: string): Masked {
  const masks = actionsIn(text);
  const marked = replaced(text, masks);
  const blank = marked.replaceAll(LINE_OF_ACTIONS, (line, offset: number) =>
    BLOCK_HEADER.test(marked.slice(Math.max(0, offset - LONGEST_HEADER), offset)) ? line : line.replaceAll(MARK, " "),
  );
  return { text: blank.replaceAll(MARK, "x"), masks };
}

function replaced(text: string, ranges: readonly Range[]): string {
  const starts = [0, ...ranges.map(({ end }) => end)];
  return starts
    .map((start, index) => {
      const next = ranges[index];
      return next === undefined
        ? text.slice(start)
        : text.slice(start, next.start) + MARK.repeat(next.end - next.start);
    })
    .join("");
}

function actionsIn(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (let start = text.indexOf("{{"); start !== -1;) {
    const end = endOfAction(text, start + 2);
    // Whatever opens later does not close either.
    if (end === undefined) break;
    ranges.push({ start, end });
    start = text.indexOf("{{", end);
  }
  return ranges;
}

const COMMENT = /(?:-\s)?\s*\/\*/y;
const CLOSING: Readonly<Record<string, RegExp>> = {
  '"': /"(?:[^"\\\n]|\\.)*"/y,
  "'": /'(?:[^'\\\n]|\\.)*'/y,
  "`": /`[^`]*`/y,
};

// A quote or a comment within an action may hold what looks like its end. Each character is looked at once, as templates are anybody's.
function endOfAction(text: string, start: number): number | undefined {
  let at = afterComment(text, start);
  while (at < text.length) {
    if (text.startsWith("}}", at)) return at + 2;
    at = afterQuote(text, at);
  }
  return undefined;
}

function afterComment(text: string, start: number): number {
  COMMENT.lastIndex = start;
  const opening = COMMENT.exec(text)?.[0].length;
  const end = opening === undefined ? -1 : text.indexOf("*/", start + opening);
  return end === -1 ? start : end + 2;
}

function afterQuote(text: string, at: number): number {
  const quoted = CLOSING[text[at] ?? ""];
  if (quoted === undefined) return at + 1;
  quoted.lastIndex = at;
  return at + (quoted.exec(text)?.[0].length ?? 1);
}

/** Whether text still waits for its value: `{{ … }}`, `${…}`, `$(…)`, `$NAME`, `<name>` or `%name%`. */
export function isTemplated(text: string): boolean {
  return /\{\{|\{%|\$\{|\$\(|\$[A-Za-z_]|<[A-Za-z_][\w .-]*>|%[A-Za-z_]\w*%/.test(text);
}
