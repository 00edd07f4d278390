import { quote, refuse, type TextFile } from "../../yaml/refusal.ts";
import type { Data } from "../data.ts";
import { at, isList, isMapping } from "../kustomize/value.ts";
import { FUNCTIONS, isTrue, printed } from "./functions.ts";
import { templatesIn, type Defined, type Node, type Pipeline, type Setting, type Term } from "./tree.ts";

/** A chart's templates by their names. */
export type Templates = ReadonlyMap<string, Defined>;

/**
 * What a template gives, as Helm gives it. Throws Refused on all that is not read here for certain: what only a cluster, a clock or chance knows, functions that
 * are not known, fields of what is not there, numbers that versions of Helm write differently.
 */
export function given(templates: Templates, name: string, root: Data): string {
  const called = templates.get(name);
  if (called === undefined) throw new RangeError(`There is no template ${name}.`);
  return body(
    stateOf({ templates, steps: { left: MOST_STEPS, length: MOST_TEXT }, depth: 0 }, called, root),
    called.nodes,
  );
}

const MOST_STEPS = 300_000;
const MOST_TEXT = 2_000_000;
const MOST_DEEP = 60;

type Running = {
  readonly templates: Templates;
  readonly steps: { left: number; length: number };
  readonly depth: number;
};
type Box = { value: Data };
type State = Running & { readonly file: TextFile; readonly dot: Data; readonly variables: ReadonlyMap<string, Box> };

function stateOf(running: Running, { file }: Defined, dot: Data): State {
  return { ...running, file, dot, variables: new Map([["", { value: dot }]]) };
}

function body(state: State, nodes: readonly Node[]): string {
  let own = state;
  const parts: string[] = [];
  for (const node of nodes) {
    const [text, next] = step(own, node);
    parts.push(text);
    own = next;
  }
  return parts.join("");
}

/** What a node gives, and the state behind it, which may have a variable more. */
function step(state: State, node: Node): readonly [text: string, next: State] {
  state.steps.left -= 1;
  if (state.steps.left < 0) return refuse(state.file, 0, "a template that gives too much", "it is not followed");
  switch (node.kind) {
    case "text":
      return [lengthened(state, node.text), state];
    case "template":
      return [
        included(state, node.name, node.pipeline === undefined ? null : valueOf(state, node.pipeline), node.start),
        state,
      ];
    case "give": {
      const value = valueOf(state, node.pipeline);
      if (node.sets !== undefined) return ["", withSet(state, node.sets, [value], node.pipeline.start)];
      return [lengthened(state, printed(value) ?? refusePrinted(state, value, node.pipeline.start)), state];
    }
    default:
      return [branch(state, node), state];
  }
}

function refusePrinted({ file }: State, value: Data, start: number): never {
  const what = typeof value === "number" ? `the number ${value}` : "a list or a mapping as text";
  return refuse(file, start, what, "not every version of Helm writes it alike");
}

function lengthened({ steps, file }: State, text: string): string {
  steps.length -= text.length;
  return steps.length < 0 ? refuse(file, 0, "a template that gives too much", "it is not followed") : text;
}

type Branch = Extract<Node, { kind: "if" | "with" | "range" }>;

function branch(state: State, node: Branch): string {
  const { kind, pipeline, sets, inner: nodes, otherwise } = node;
  const value = valueOf(state, pipeline);
  if (kind === "range") return each(state, node, value);
  const inner = sets === undefined ? state : withSet(state, sets, [value], pipeline.start);
  if (!isTrue(value)) return body(inner, otherwise);
  return body(kind === "with" ? { ...inner, dot: value } : inner, nodes);
}

function each(state: State, { pipeline, sets, inner: nodes, otherwise }: Branch, value: Data): string {
  const entries: readonly (readonly [string | number, Data])[] = isList(value)
    ? value.map((item, index) => [index, item] as const)
    : isMapping(value)
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : [];
  if (entries.length === 0 && value !== null && typeof value !== "object")
    refuse(state.file, pipeline.start, "{{ range }} over no list", "it is not read in a chart's template");
  if (entries.length === 0) return body(state, otherwise);
  return entries
    .map(([key, item]) => {
      const values = sets?.names.length === 2 ? [key, item] : [item];
      const inner = sets === undefined ? state : withSet(state, sets, values, pipeline.start);
      return body({ ...inner, dot: item }, nodes);
    })
    .join("");
}

/** A variable of an outer block that is set in an inner one has its new value in both. */
function withSet(state: State, { names, isNew }: Setting, values: readonly Data[], start: number): State {
  if (isNew) {
    const own = names.map((name, index) => [name, { value: values[index] ?? null }] as const);
    return { ...state, variables: new Map([...state.variables, ...own]) };
  }
  for (const [index, name] of names.entries()) {
    const box = state.variables.get(name);
    if (box === undefined) return refuse(state.file, start, `$${name}`, "it is set before it is there");
    box.value = values[index] ?? null;
  }
  return state;
}

function valueOf(state: State, { commands, start }: Pipeline): Data {
  let last: readonly Data[] = [];
  for (const command of commands) last = [commandOf(state, command, last, start)];
  return last[0] ?? null;
}

function commandOf(state: State, terms: readonly Term[], piped: readonly Data[], start: number): Data {
  state.steps.left -= 1;
  if (state.steps.left < 0) return refuse(state.file, start, "a template that gives too much", "it is not followed");
  const [first, ...rest] = terms;
  if (first === undefined) throw new RangeError("A command has a term.");
  if (first.kind === "call") return callOf(state, first, rest, piped);
  if (rest.length > 0 || piped.length > 0)
    return refuse(state.file, start, "an argument of what is no function", "it is not read in a chart's template");
  return termOf(state, first);
}

type Call = Extract<Term, { kind: "call" }>;

function callOf(state: State, { name, start }: Call, terms: readonly Term[], piped: readonly Data[]): Data {
  if (name === "and" || name === "or") return firstOf(state, terms, piped, name === "or");
  if (COMPARING.has(name)) refuseFractions(state, { name, start }, terms);
  const values = [...terms.map((term) => termOf(state, term)), ...piped];
  const [one, other = null] = values;
  if (typeof one === "string") {
    if (name === "include") return included(state, one, other, start);
    if (name === "tpl") return evaluated(state, one, other, start);
    if (name === "required") return there(state, one, other, start);
  }
  const value = FUNCTIONS.get(name)?.(...values);
  if (value !== undefined) return value;
  const found = FUNCTIONS.has(name) ? `${name} of these values` : `the function ${name}`;
  return refuse(state.file, start, found, UNKNOWN);
}

const UNKNOWN = "what it gives is not known here";

function there({ file }: State, words: string, value: Data, start: number): Data {
  const isMissing = value === null || value === "";
  return isMissing ? refuse(file, start, `required ${quote(words)}`, "it is missing among the values") : value;
}

// They stop where it is decided.
function firstOf(state: State, terms: readonly Term[], piped: readonly Data[], wanted: boolean): Data {
  let value: Data = null;
  for (const work of [...terms.map((term) => () => termOf(state, term)), ...piped.map((one) => () => one)]) {
    value = work();
    if (isTrue(value) === wanted) return value;
  }
  return value;
}

const COMPARING: ReadonlySet<string> = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);
const WHOLE: ReadonlySet<string> = new Set(["int", "int64", "len", "add", "sub", "mul"]);

/** Numbers of values are no whole numbers to Helm, and Go compares these with none of the other sort. */
function refuseFractions(state: State, { name, start }: Pick<Call, "name" | "start">, terms: readonly Term[]): void {
  for (const term of terms)
    if (typeof termOf(state, term) === "number" && !isWhole(term))
      refuse(
        state.file,
        start,
        `${name} of a number among the values`,
        "not every version of Helm takes it for the same",
      );
}

function isWhole(term: Term): boolean {
  if (term.kind !== "place" || term.of.kind !== "pipeline") return term.kind === "value";
  const [first] = term.of.pipeline.commands.at(-1) ?? [];
  return first?.kind === "call" && WHOLE.has(first.name);
}

function included(state: State, name: string, dot: Data, start: number): string {
  const called = state.templates.get(name);
  if (called === undefined)
    return refuse(state.file, start, `the template ${quote(name)}`, "no file of the chart has it");
  if (state.depth > MOST_DEEP)
    return refuse(state.file, start, `the template ${quote(name)}`, "it calls itself without end");
  return body(stateOf({ ...state, depth: state.depth + 1 }, called, dot), called.nodes);
}

function evaluated(state: State, text: string, dot: Data, start: number): string {
  if (!text.includes("{{")) return text;
  const name = "tpl";
  const own = templatesIn({ path: state.file.path, text }, name).get(name);
  if (own === undefined || state.depth > MOST_DEEP)
    return refuse(state.file, start, "tpl", "it calls itself without end");
  return body(stateOf({ ...state, depth: state.depth + 1 }, own, dot), own.nodes);
}

function termOf(state: State, term: Term): Data {
  switch (term.kind) {
    case "value":
      return term.value;
    case "call":
      return callOf(state, term, [], []);
    default:
      return term.fields.reduce<Data>(
        (value, name) => fieldOf(state, value, { name, start: term.start }),
        sourceOf(state, term),
      );
  }
}

function sourceOf(state: State, { of, start }: Extract<Term, { kind: "place" }>): Data {
  if (of.kind === "dot") return state.dot;
  if (of.kind === "pipeline") return valueOf(state, of.pipeline);
  const box = state.variables.get(of.name);
  return box === undefined ? refuse(state.file, start, `$${of.name}`, "it is not set") : box.value;
}

function fieldOf(
  { file }: State,
  value: Data,
  { name, start }: { readonly name: string; readonly start: number },
): Data {
  if (!isMapping(value)) return refuse(file, start, `.${name} of what is no mapping`, "Helm does not render it");
  const found = at(value, name);
  if (found !== undefined) return found;
  return isOurs(value) ? refuse(file, start, `.${name}`, UNKNOWN) : null;
}

/** Marks mappings that Helm gives of itself: what they lack here they have there. */
export const OURS = "\u0000ours";

function isOurs(value: Data): boolean {
  return at(value, OURS) === true;
}
