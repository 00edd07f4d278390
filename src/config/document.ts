import { z } from "zod";
import { err, ok, type Result } from "../core/result.ts";
import { checkAllPlain, entryAt, pathText, peek } from "../yaml/look.ts";
import { attempt, lineAt, quote, refuse, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Limits } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";
import { closest } from "../core/closest.ts";

/** Where something is written: a file, and the line from 1. */
export type Place = { readonly path: string; readonly line: number };

/** What is wrong with a file of ours, and where. */
export type Problem = Place & { readonly message: string };

/** One line: where and what. */
export function problemText({ path, line, message }: Problem): string {
  return `${path}:${line}: ${message}`;
}

const LIMITS: Limits = { bytes: 256 * 1024, tokens: 40_000, depth: 20 };

/**
 * A file that holds one YAML document without aliases, anchors and tags. `above`: the file that it is laid over, where there is one; what of the tree comes from there
 * has offsets from `from` on.
 */
export type OurFile = TextFile & { readonly tree: Tree; readonly above?: TextFile & { readonly from: number } };

/** Reads a file within bounds; what stands in it is checked by `parse`. */
export function readFile(file: TextFile): Result<OurFile, readonly Problem[]> {
  const read = attempt(() => {
    const source = readSource(file, LIMITS);
    const [tree, second] = source.documents;
    if (tree === undefined) return refuse(file, 0, "nothing", `write "version: 1" first`);
    if (second !== undefined) refuse(file, second, "a second document", "the file has one");
    checkAllPlain(file, tree);
    return { ...file, tree };
  });
  if (read.kind === "ok") return read;
  const { path, line, found, why } = read.error;
  return err([{ path, line, message: `found ${found}; ${why}.` }]);
}

/** The value that the schema makes of a file, or each problem with its line. */
export function parse<T>(file: OurFile, schema: z.ZodType<T>): Result<T, readonly Problem[]> {
  const parsed = parsePlaced(valueOf(file.tree), schema, (path) => placeOf(file, path));
  return parsed.kind === "ok" ? parsed : err(byLine(parsed.error));
}

/** The value that the schema makes of one that no single file holds, or each problem where what its path leads to is written. */
export function parsePlaced<T>(value: unknown, schema: z.ZodType<T>, placed: Placed): Result<T, readonly Problem[]> {
  const parsed = schema.safeParse(value, { error: (issue) => words(issue) });
  return parsed.success ? ok(parsed.data) : err(parsed.error.issues.flatMap((issue) => problemsOf(placed, issue)));
}

/** Where what a path leads to is written, or what lacks it. */
type Placed = (path: readonly (string | number)[]) => Place;

/** The value that the schema makes of what stands at a path of a file, or each problem with its line. */
export function parseAt<T>(
  file: OurFile,
  path: readonly PropertyKey[],
  value: unknown,
  schema: z.ZodType<T>,
): Result<T, readonly Problem[]> {
  const parsed = schema.safeParse(value, { error: (issue) => words(issue) });
  if (parsed.success) return ok(parsed.data);
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
  return err(issues.flatMap((issue) => problemsOf((at) => placeOf(file, at), issue)));
}

/** The problems as a reader of the file meets them. */
export function byLine(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => a.line - b.line);
}

/** A problem at a path of a file; on the line of what is there, or of what lacks it. */
export function problemAt(file: OurFile, path: readonly PropertyKey[], message: string): Problem {
  return placedProblem((at) => placeOf(file, at), path, message);
}

function placedProblem(placed: Placed, path: readonly PropertyKey[], message: string): Problem {
  const known = path.filter((part) => typeof part !== "symbol");
  const words = known.length === 0 ? `The file ${message}` : `${shown(pathText(known))} ${message}`;
  return { ...placed(known), message: sentence(words) };
}

/** The words with their end; one that asks has it. */
export function sentence(words: string): string {
  return words.endsWith("?") ? words : `${words}.`;
}

/** Where in which file a path is written, or what lacks it; the line is from 1. */
export function placeOf(file: OurFile, path: readonly (string | number)[]): Place {
  const { above, text } = file;
  const start = startOf(file, path);
  return above === undefined || start < above.from
    ? { path: file.path, line: lineAt(text, start) }
    : { path: above.path, line: lineAt(above.text, start - above.from) };
}

/** A mapping with these keys and no others; others are named, with what was probably meant. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? unknownKeys(issue.keys, known) : undefined),
  });
}

/** What is said of a word that is none of those known: the nearest, else all of them. */
export function unknownWord(word: string, known: readonly string[], these = "known are"): string {
  const meant = closest(word, known);
  return `is unknown: ${meant === undefined ? `${these} ${known.join(", ")}` : `did you mean ${meant}?`}`;
}

// One line per key, so that each can be told on its own line of the file.
function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => unknownKey(key, known)).join("\n");
}

function unknownKey(key: string, known: readonly string[]): string {
  return unknownWord(key, known, "the keys here are");
}

function words(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type" && issue.input === undefined) return `is missing`;
  if (issue.code === "invalid_type") return `must be ${article(issue.expected)}`;
  if (issue.code === "invalid_value") return `must be ${issue.values.map(String).join(" or ")}`;
  if (issue.code === "too_small")
    return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
  if (issue.code === "too_big")
    return `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "is no key that is allowed here";
  return undefined;
}

const ARTICLES: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  string: "text (in quotes, if it looks like a number)",
  int: "a whole number",
};

function article(expected: string): string {
  return ARTICLES[expected] ?? `a ${expected}`;
}

function problemsOf(placed: Placed, issue: z.core.$ZodIssue): readonly Problem[] {
  if (issue.code !== "unrecognized_keys") return [placedProblem(placed, issue.path, issue.message)];
  const messages = issue.message.split("\n");
  return issue.keys.map((key, index) => placedProblem(placed, [...issue.path, key], messages[index] ?? "is unknown"));
}

// Keys are foreign text as well.
function shown(path: string): string {
  return /^[\w.[\]/*-]{1,120}$/.test(path) ? path : quote(path);
}

/** Something is written there, and in the file itself, not in the one above it. */
export function isOwn(file: OurFile, path: readonly (string | number)[]): boolean {
  return peek(file.tree, path) !== undefined && placeOf(file, path).path === file.path;
}

function startOf(file: Pick<OurFile, "tree">, path: readonly (string | number)[]): number {
  const { tree } = file;
  const last = path.at(-1);
  if (last === undefined) return tree.start;
  const parent = peek(tree, path.slice(0, -1));
  if (parent === undefined) return startOf(file, path.slice(0, -1));
  if (parent.kind === "map" && typeof last === "string") return entryAt(parent, last)?.start ?? parent.start;
  const item = parent.kind === "list" && typeof last === "number" ? parent.items[last] : undefined;
  return (item ?? parent).start;
}

/** What a tree holds, as plain values. Throws at aliases, which `readFile` refuses. */
export function valueOf(tree: Tree): unknown {
  switch (tree.kind) {
    case "map":
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, valueOf(value)]));
    case "list":
      return tree.items.map(valueOf);
    case "scalar":
      return tree.value;
    default:
      throw new Error("Aliases are refused when a file is read.");
  }
}
