import type { Range } from "./ranges.ts";

/** The actions `{{ … }}` of a Go template, in order, up to the first that is not closed. Linear. */
export function actionsOf(text: string): readonly Range[] {
  const actions: Range[] = [];
  const search: Search = { text, closed: 0 };
  for (let start = text.indexOf("{{"); start !== -1;) {
    const end = actionEnd(search, start);
    // Whatever opens later does not close either.
    if (end === -1) break;
    actions.push({ start, end });
    start = text.indexOf("{{", end);
  }
  return actions;
}

/** Before the offset `closed` a quote is known to open nothing: it is looked for once. */
type Search = { readonly text: string; closed: number };

const COMMENT = /\{\{(?:-\s)?\s*\/\*/y;

// A quote or a comment within an action may hold what looks like its end.
function actionEnd(search: Search, start: number): number {
  const { text } = search;
  COMMENT.lastIndex = start;
  let at = COMMENT.test(text) ? after(text, "*/", COMMENT.lastIndex) : start + 2;
  while (at !== -1 && at < text.length) {
    if (text.startsWith("}}", at)) return at + 2;
    at = afterUnit(search, at);
  }
  return -1;
}

function afterUnit(search: Search, at: number): number {
  const unit = search.text.charAt(at);
  if (unit === "`") return after(search.text, unit, at + 1);
  return (unit === '"' || unit === "'") && at >= search.closed ? afterQuote(search, at, unit) : at + 1;
}

// A quote that its line does not close, as in a sentence, is a character like any other.
function afterQuote(search: Search, start: number, quote: string): number {
  const { text } = search;
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const unit = text.charAt(at);
    if (unit === quote) return at + 1;
    if (unit === "\n") break;
    if (unit === "\\") at += 1;
  }
  search.closed = at;
  return start + 1;
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at === -1 ? -1 : at + end.length;
}
