import { byLine, readFile, sentence, unknownWord, type Problem } from "../config/document.ts";
import { err, ok, type Result } from "../core/result.ts";
import { quote, type TextFile } from "../yaml/refusal.ts";
import { overlaid, takenFromNothing } from "./compose.ts";
import type { Node, Template } from "./model.ts";
import { childOf, nodeOf } from "./node.ts";
import { TemplateName } from "./schema.ts";
import { templateOf } from "./whole.ts";

/** The templates that can be used, by name, and what is wrong with the others. */
export type Library = {
  readonly templates: ReadonlyMap<string, Template>;
  readonly problems: readonly Problem[];
};

/** How many files one template may come from: its own, and those that it extends. */
const MOST_FILES = 5;
/** Of one repository. */
const MOST_OWN = 200;

const OWN = /^\.tidegate\/templates\/(?<name>[^/]+)\/template\.yaml$/;
const SHIPPED = /^templates\/(?<name>[^/]+)\/template\.yaml$/;

/** Whether a path of a repository is that of a template of its own. */
export function isOwnTemplate(path: string): boolean {
  return OWN.test(path);
}

/**
 * Tidegate's templates and those of one repository, each called as its folder is: `templates/<name>/template.yaml`, `.tidegate/templates/<name>/template.yaml`.
 * A name means one template: one of a repository that is called like one of Tidegate's is a problem, and is not used.
 */
export function libraryOf(shipped: readonly TextFile[], own: readonly TextFile[]): Library {
  const theirs = own.slice(0, MOST_OWN).map((file) => readOne(file, OWN));
  const known = new Map([...theirs, ...shipped.map((file) => readOne(file, SHIPPED))].map((one) => [one.name, one]));
  const hidden = theirs.filter((one) => known.get(one.name) !== one);
  const made = [...known.values()].map((one) => [one.name, wholeOf(one, known)] as const);
  const problems = [
    ...own.slice(MOST_OWN).map(({ path }) => at(path, `is not read: a repository has at most ${MOST_OWN} templates`)),
    ...hidden.map(({ name, path }) => at(path, `is not used: Tidegate has a ${name} itself; call this one otherwise`)),
    ...made.flatMap(([, whole]) => (whole.kind === "err" ? whole.error : [])),
  ];
  const templates = made.flatMap(([name, whole]) => (whole.kind === "ok" ? [[name, whole.value] as const] : []));
  return { templates: new Map(templates), problems: distinct(problems) };
}

function at(path: string, message: string): Problem {
  return { path, line: 1, message: `The template ${message}.` };
}

/** What is wrong with one that others extend is found with each of them. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [JSON.stringify([one.path, one.line, one.message]), one])).values()];
}

/** A file by itself. */
type Read = { readonly name: string; readonly path: string; readonly node: Result<Node, readonly Problem[]> };

function readOne(file: TextFile, place: RegExp): Read {
  const { path } = file;
  const name = place.exec(path)?.groups?.["name"] ?? path;
  const isName = TemplateName.safeParse(name).success;
  const read = readFile(file);
  const misnamed = err([at(path, `is called ${quote(name)}: a name has lower-case letters, digits and dashes`)]);
  return { name, path, node: !isName ? misnamed : read.kind === "ok" ? ok(nodeOf(read.value)) : read };
}

function wholeOf(one: Read, known: ReadonlyMap<string, Read>): Result<Template, readonly Problem[]> {
  const chain = chainOf([one], known);
  if (chain.kind === "err") return chain;
  const [own, ...bases] = chain.value.nodes;
  const base = bases.reduceRight<Node | undefined>((under, node) => laidOver(node, under), undefined);
  const taken = base === undefined ? [] : takenFromNothing(own, base);
  const template = templateOf(one.name, laidOver(own, base), chain.value.files);
  if (template.kind === "ok") return taken.length === 0 ? template : err(taken);
  return err(byLine([...taken, ...template.error]));
}

function laidOver(own: Node, base: Node | undefined): Node {
  return base === undefined ? own : overlaid(own, base);
}

/** A template and what it extends, one after the other. */
type Chain = { readonly nodes: readonly [Node, ...Node[]]; readonly files: readonly string[] };

function chainOf(
  [one, ...before]: readonly [Read, ...Read[]],
  known: ReadonlyMap<string, Read>,
): Result<Chain, readonly Problem[]> {
  if (one.node.kind === "err") return one.node;
  const own = one.node.value;
  const named = childOf(own, "extends");
  if (named === undefined) return ok({ nodes: [own], files: [one.path] });
  const next = nextOf(named, [one, ...before], known);
  if (next.kind === "err") return err([{ ...named.place, message: next.error }]);
  const above = chainOf([next.value, one, ...before], known);
  if (above.kind === "err") return above;
  return ok({ nodes: [withoutExtends(own), ...above.value.nodes], files: [one.path, ...above.value.files] });
}

/** The template that one extends, or in a sentence why there is none. */
function nextOf(
  named: Node,
  chain: readonly [Read, ...Read[]],
  known: ReadonlyMap<string, Read>,
): Result<Read, string> {
  const name = named.kind === "scalar" ? named.value : undefined;
  if (typeof name !== "string") return err("extends must be the name of one template.");
  const next = known.get(name);
  if (next === undefined) return err(sentence(`extends ${quote(name)}, which ${unknownWord(name, [...known.keys()])}`));
  const path = [...chain.map((one) => one.name).toReversed(), name].join(" → ");
  if (chain.includes(next)) return err(`extends ${name}, which leads back to itself: ${path}.`);
  return chain.length < MOST_FILES
    ? ok(next)
    : err(`extends ${name}, and with it more than ${MOST_FILES} files make one template: ${path}.`);
}

function withoutExtends(node: Node): Node {
  return node.kind === "map" ? { ...node, entries: node.entries.filter(({ key }) => key !== "extends") } : node;
}
