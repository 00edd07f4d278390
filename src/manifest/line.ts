import { overlaps } from "../yaml/ranges.ts";
import { refuse, type TextFile } from "../yaml/refusal.ts";
import { maskTemplates } from "../yaml/template-mask.ts";
import { lineEnd, lineStart, type Splice } from "./edit.ts";
import { respelled } from "./spelling.ts";

const DELIMITERS = /[\s"'`,[\]{}]/;

/**
 * The splices as they stand in lines that are almost YAML: a value that is a whole unquoted word keeps its meaning or gets quotes.
 * Throws Refused in comments and in the actions of templates.
 */
export function spliceLines(file: TextFile, splices: readonly Splice[]): readonly Splice[] {
  const { masks } = maskTemplates(file.text);
  return splices.map((each) => {
    if (overlaps(masks, each)) refuse(file, each, "a template", "a value that a template makes is left alone");
    const before = file.text.slice(lineStart(file, each.start), each.start);
    if (/(?:^|\s)#/.test(before)) refuse(file, each, "a comment", "only a value can be set");
    return isWhole(file, each, before) ? whole(file, each) : each;
  });
}

function isWhole(file: TextFile, { end }: Splice, before: string): boolean {
  const next = file.text[end];
  return (
    /(?:^|[:-][ \t]+|[{,[][ \t]*)$/.test(before) &&
    (next === undefined || DELIMITERS.test(next) || lineEnd(file, end) === end)
  );
}

function whole(file: TextFile, { start, end, text }: Splice): Splice {
  const spelt = { start, style: "plain", source: file.text.slice(start, end) } as const;
  return { start, end, text: respelled(file, spelt, text, () => '"') };
}
