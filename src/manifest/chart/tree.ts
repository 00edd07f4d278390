import { quote, refuse, type TextFile } from "../../yaml/refusal.ts";
import type { Data } from "../data.ts";
import { piecesOf, type Piece, type Token } from "./pieces.ts";

/** What one value is written as: a value itself, a place in another, a call of a function. */
export type Term =
  | { readonly kind: "value"; readonly value: Data }
  | { readonly kind: "call"; readonly name: string; readonly start: number }
  | { readonly kind: "place"; readonly of: Source; readonly fields: readonly string[]; readonly start: number };

/** What fields are taken of: the dot, a variable (`$` itself has the empty name), a pipeline in brackets. */
type Source =
  | { readonly kind: "dot" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline };

/** Commands, each of which is given what the one before it gives as its last argument. */
export type Pipeline = { readonly commands: readonly (readonly Term[])[]; readonly start: number };

/** Variables that a pipeline sets. */
export type Setting = { readonly names: readonly string[]; readonly isNew: boolean };

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "give"; readonly pipeline: Pipeline; readonly sets: Setting | undefined }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly sets: Setting | undefined;
      readonly inner: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: "template";
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly start: number;
    };

/** A template by its name, and the file that it stands in. */
export type Defined = { readonly file: TextFile; readonly nodes: readonly Node[] };

/** The templates that a file defines; what it gives itself is under the name of the file. Throws Refused. */
export function templatesIn(file: TextFile, name: string): ReadonlyMap<string, Defined> {
  const reader: Reader = { file, pieces: piecesOf(file), at: 0, defined: new Map() };
  const { nodes, ended } = bodyOf(reader);
  if (ended !== undefined)
    refuse(file, ended.start, `{{ ${ended.word} }}`, "nothing that it could end begins before it");
  return reader.defined.set(name, { file, nodes });
}

type Reader = {
  readonly file: TextFile;
  readonly pieces: readonly Piece[];
  at: number;
  readonly defined: Map<string, Defined>;
};

type Ended = { readonly word: "end" | "else"; readonly rest: readonly Token[]; readonly start: number };
type Body = { readonly nodes: readonly Node[]; readonly ended: Ended | undefined };

function bodyOf(reader: Reader): Body {
  const nodes: Node[] = [];
  for (;;) {
    const piece = reader.pieces[reader.at];
    reader.at += 1;
    if (piece === undefined) return { nodes, ended: undefined };
    if (piece.kind === "text") nodes.push(piece);
    else {
      const [first, ...rest] = piece.tokens;
      const word = first?.kind === "word" ? first.text : "";
      if (word === "end" || word === "else") return { nodes, ended: { word, rest, start: piece.start } };
      const node = actionOf(reader, word, rest, piece);
      if (node !== undefined) nodes.push(node);
    }
  }
}

type Action = Extract<Piece, { kind: "action" }>;

function actionOf(reader: Reader, word: string, rest: readonly Token[], { start, tokens }: Action): Node | undefined {
  const { file } = reader;
  switch (word) {
    case "if":
    case "with":
    case "range":
      return branches(reader, word, rest, start);
    case "define": {
      const name = textIn(file, rest[0], start);
      const { nodes, ended } = bodyOf(reader);
      if (ended?.word !== "end") refuse(file, start, "{{ define }}", "it has no end");
      reader.defined.set(name, { file, nodes });
      return undefined;
    }
    case "template": {
      const [called, ...given] = rest;
      const pipeline = given.length === 0 ? undefined : pipelineOf(file, given, start);
      return { kind: "template", name: textIn(file, called, start), pipeline, start };
    }
    case "block":
    case "break":
    case "continue":
      return refuse(file, start, `{{ ${word} }}`, "it is not read in a chart's template");
    default: {
      const { sets, given } = settingOf(tokens);
      return { kind: "give", pipeline: pipelineOf(file, given, start), sets };
    }
  }
}

function branches(reader: Reader, kind: "if" | "with" | "range", rest: readonly Token[], start: number): Node {
  const { file } = reader;
  const { sets, given } = settingOf(rest);
  const pipeline = pipelineOf(file, given, start);
  const { nodes: inner, ended } = bodyOf(reader);
  if (ended === undefined) return refuse(file, start, `{{ ${kind} }}`, "it has no end");
  if (ended.word === "end") return { kind, pipeline, sets, inner, otherwise: [] };
  const [next, ...more] = ended.rest;
  if (next !== undefined) {
    // `else if` is another one within, which has the same end.
    if (next.text !== "if" && next.text !== "with")
      refuse(file, ended.start, "{{ else }}", "it is not read in a chart's template");
    const chained = branches(reader, next.text === "if" ? "if" : "with", more, ended.start);
    return { kind, pipeline, sets, inner, otherwise: [chained] };
  }
  const other = bodyOf(reader);
  if (other.ended?.word !== "end") refuse(file, ended.start, "{{ else }}", "it has no end");
  return { kind, pipeline, sets, inner, otherwise: other.nodes };
}

function textIn(file: TextFile, token: Token | undefined, start: number): string {
  if (token?.kind !== "text") return refuse(file, start, "a template without a name", "its name is a text");
  return unquoted(file, token);
}

/** `$x :=`, `$x =` and `$i, $x :=` before a pipeline. */
function settingOf(tokens: readonly Token[]): { readonly sets: Setting | undefined; readonly given: readonly Token[] } {
  const at = tokens.findIndex(({ kind, text }) => kind === "mark" && (text === ":=" || text === "="));
  const names = tokens.slice(0, Math.max(at, 0)).filter(({ kind }) => kind === "variable");
  const isSetting = at > 0 && tokens[0]?.kind === "variable" && names.length * 2 - 1 === at;
  if (!isSetting) return { sets: undefined, given: tokens };
  const sets = { names: names.map(({ text }) => text.slice(1)), isNew: tokens[at]?.text === ":=" };
  return { sets, given: tokens.slice(at + 1) };
}

function pipelineOf(file: TextFile, tokens: readonly Token[], start: number): Pipeline {
  const reading = { file, tokens, at: 0 };
  const pipeline = commandsOf(reading, start);
  const left = tokens[reading.at];
  return left === undefined
    ? pipeline
    : refuse(file, left.start, quote(left.text), "it is not read in a chart's template");
}

type Reading = { readonly file: TextFile; readonly tokens: readonly Token[]; at: number };

function commandsOf(reading: Reading, start: number): Pipeline {
  const commands: (readonly Term[])[] = [];
  do {
    const terms: Term[] = [];
    for (let term = termOf(reading); term !== undefined; term = termOf(reading)) terms.push(term);
    if (terms.length === 0) refuse(reading.file, start, "an empty pipeline", "it gives nothing");
    commands.push(terms);
  } while (isNext(reading, "|"));
  return { commands, start };
}

function isNext(reading: Reading, mark: string): boolean {
  const token = reading.tokens[reading.at];
  if (token?.kind !== "mark" || token.text !== mark) return false;
  reading.at += 1;
  return true;
}

const WORDS: ReadonlyMap<string, Data> = new Map<string, Data>([
  ["true", true],
  ["false", false],
  ["nil", null],
]);

function termOf(reading: Reading): Term | undefined {
  const { file, tokens } = reading;
  const token = tokens[reading.at];
  if (token === undefined) return undefined;
  const { kind, text, start } = token;
  if (kind === "mark") {
    if (!isNext(reading, "(")) return undefined;
    const pipeline = commandsOf(reading, start);
    if (!isNext(reading, ")")) refuse(file, start, "a bracket", "it is not closed");
    return { kind: "place", of: { kind: "pipeline", pipeline }, fields: fieldsAfter(reading), start };
  }
  reading.at += 1;
  switch (kind) {
    case "text":
      return { kind: "value", value: unquoted(file, token) };
    case "number":
      return { kind: "value", value: Number(text) };
    case "field":
      return { kind: "place", of: { kind: "dot" }, fields: text.split(".").filter((name) => name !== ""), start };
    case "variable":
      return { kind: "place", of: { kind: "variable", name: text.slice(1) }, fields: fieldsAfter(reading), start };
    default: {
      const value = WORDS.get(text);
      return value === undefined ? { kind: "call", name: text, start } : { kind: "value", value };
    }
  }
}

/** `.a.b` right behind a variable or a bracket. */
function fieldsAfter(reading: Reading): readonly string[] {
  const next = reading.tokens[reading.at];
  if (next?.kind !== "field" || next.isApart) return [];
  reading.at += 1;
  return next.text.split(".").filter((name) => name !== "");
}

function unquoted(file: TextFile, { text, start }: Token): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return value;
  } catch {
    // Escapes that Go has and JSON has not.
  }
  return refuse(file, start, quote(text), "its escapes are not read");
}
