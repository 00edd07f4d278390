import { quote, refuse, type TextFile } from "../../yaml/refusal.ts";

/** A part of a template's text: what is given as it stands, or what is between `{{` and `}}`. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly start: number; readonly tokens: readonly Token[] };

export type Token = {
  readonly kind: "word" | "field" | "variable" | "text" | "number" | "mark";
  readonly text: string;
  readonly start: number;
  /** A blank stands before it: `.Values .x` are two. */
  readonly isApart: boolean;
};

const LEFT = "{{";
const RIGHT = "}}";

/** The pieces of a template, blanks that `{{-` and `-}}` take away taken away; comments are none. Throws Refused. */
export function piecesOf(file: TextFile): readonly Piece[] {
  const pieces: Piece[] = [];
  const { text } = file;
  let from = 0;
  let isTrimmed = false;
  for (let open = text.indexOf(LEFT); open !== -1; open = text.indexOf(LEFT, from)) {
    const trimsLeft = /^\{\{-\s/.test(text.slice(open, open + 4));
    pieces.push({ kind: "text", text: trimmed(text.slice(from, open), isTrimmed, trimsLeft) });
    const start = open + (trimsLeft ? 3 : 2);
    const { tokens, end } = actionAt(file, start);
    if (tokens.length > 0) pieces.push({ kind: "action", start: open, tokens });
    isTrimmed = /\s-\}\}$/.test(text.slice(start, end));
    from = end;
  }
  pieces.push({ kind: "text", text: trimmed(text.slice(from), isTrimmed, false) });
  return pieces.filter((piece) => piece.kind === "action" || piece.text !== "");
}

function trimmed(text: string, atStart: boolean, atEnd: boolean): string {
  const head = atStart ? text.replace(/^[ \t\r\n]+/, "") : text;
  return atEnd ? head.replace(/[ \t\r\n]+$/, "") : head;
}

const TOKENS: readonly (readonly [kind: Token["kind"] | "blank", form: RegExp])[] = [
  ["blank", /\s+/y],
  ["text", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["field", /(?:\.[A-Za-z_]\w*)+|\./y],
  ["variable", /\$\w*/y],
  ["number", /[-+]?\d+(?![\w.])/y],
  ["word", /[A-Za-z_]\w*/y],
  ["mark", /:=|[=()|,]/y],
];

type Action = { readonly tokens: readonly Token[]; readonly end: number };

function actionAt(file: TextFile, start: number): Action {
  const { text } = file;
  const comment = /\s*\/\*[^]*?\*\/\s*-?\}\}/y;
  comment.lastIndex = start;
  if (comment.test(text)) return { tokens: [], end: comment.lastIndex };
  const tokens: Token[] = [];
  let isApart = false;
  for (let here = start; ;) {
    const close = closingAt(text, here);
    if (close !== undefined) return { tokens, end: close };
    const next = tokenAt(text, here);
    if (next === undefined)
      return refuse(file, here, quote(text.slice(here, here + 20)), "it is not read in a chart's template");
    if (next.kind !== "blank") tokens.push({ kind: next.kind, text: next.text, start: here, isApart });
    isApart = next.kind === "blank";
    here += next.text.length;
  }
}

function closingAt(text: string, here: number): number | undefined {
  if (text.startsWith(RIGHT, here)) return here + RIGHT.length;
  return text.startsWith(`-${RIGHT}`, here) && /\s/.test(text[here - 1] ?? "") ? here + RIGHT.length + 1 : undefined;
}

function tokenAt(
  text: string,
  here: number,
): { readonly kind: Token["kind"] | "blank"; readonly text: string } | undefined {
  for (const [kind, form] of TOKENS) {
    form.lastIndex = here;
    const [found] = form.exec(text) ?? [];
    if (found !== undefined) return { kind, text: found };
  }
  return undefined;
}
