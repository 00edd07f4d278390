import type { Range } from "./ranges.ts";

/** A text whose template actions are masked: as long as the original, and which parts of it are not the file's own words. */
export type Masked = { readonly text: string; readonly masks: readonly Range[] };

// A quote or a comment within an action may hold what looks like its end.
const ACTION =
  /\{\{(?:-\s)?\s*\/\*[\s\S]*?\*\/\s*(?:\s-)?\}\}|\{\{(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|(?!\}\})[\s\S])*\}\}/g;

/** The text with every `{{ … }}` of Go's templates replaced at equal length, so that what remains reads as YAML at the same offsets. */
export function maskTemplates(text: string): Masked {
  const masks = Array.from(text.matchAll(ACTION), ({ 0: action, index }) => ({
    start: index,
    end: index + action.length,
  }));
  return { text: text.replaceAll(ACTION, (action) => "x".repeat(action.length)), masks };
}

/** Whether text still waits for its value: `{{ … }}`, `${…}`, `$(…)`, `$NAME`, `<name>` or `%name%`. */
export function isTemplated(text: string): boolean {
  return /\{\{|\{%|\$\{|\$\(|\$[A-Za-z_]|<[A-Za-z_][\w .-]*>|%[A-Za-z_]\w*%/.test(text);
}
