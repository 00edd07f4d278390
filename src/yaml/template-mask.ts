import type { Range } from "./ranges.ts";

/** A text whose template actions are masked: as long as the original, and which parts of it are not the file's own words. */
export type Masked = { readonly text: string; readonly masks: readonly Range[] };

// A quote or a comment within an action may hold what looks like its end.
const ACTION =
  /\{\{(?:-\s)?\s*\/\*[\s\S]*?\*\/\s*(?:\s-)?\}\}|\{\{(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|(?!\}\})[\s\S])*\}\}/g;

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
  const masks = Array.from(text.matchAll(ACTION), ({ 0: action, index }) => ({
    start: index,
    end: index + action.length,
  }));
  const marked = text.replaceAll(ACTION, (action) => MARK.repeat(action.length));
  const blank = marked.replaceAll(LINE_OF_ACTIONS, (line, offset: number) =>
    BLOCK_HEADER.test(marked.slice(Math.max(0, offset - LONGEST_HEADER), offset)) ? line : line.replaceAll(MARK, " "),
  );
  return { text: blank.replaceAll(MARK, "x"), masks };
}

/** Whether text still waits for its value: `{{ … }}`, `${…}`, `$(…)`, `$NAME`, `<name>` or `%name%`. */
export function isTemplated(text: string): boolean {
  return /\{\{|\{%|\$\{|\$\(|\$[A-Za-z_]|<[A-Za-z_][\w .-]*>|%[A-Za-z_]\w*%/.test(text);
}
