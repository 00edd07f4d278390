import { attempt } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import { flat } from "./argo-facts.ts";
import { matchingFiles, matchingFolders } from "./glob.ts";
import type { Generator, Parameters } from "./object-facts.ts";
import { baseOf, folderOf, segmentsOf } from "./paths.ts";
import type { Sight } from "./sight.ts";

/** What a parameter stands for that only a cluster, a registry or a forge could tell. */
export const UNKNOWN = "*";

const MOST_SETS = 5_000;

/** The sets of parameters that a generator makes, as far as git can tell. */
export function parametersOf(sight: Sight, generator: Generator, given: Parameters = {}): readonly Parameters[] {
  switch (generator.kind) {
    case "list":
      return generator.elements.map((element) => ({ ...given, ...element })).slice(0, MOST_SETS);
    case "folders":
      return pathsOf(generator, given, (pattern) => matchingFolders(sight, pattern)).map((path) =>
        withValues(generator.values, { ...given, ...pathParameters(path) }),
      );
    case "files":
      return pathsOf(generator, given, (pattern) => matchingFiles(sight, pattern)).map((path) =>
        withValues(generator.values, {
          ...given,
          ...contentOf(sight, path),
          ...pathParameters(folderOf(path)),
          "path.filename": baseOf(path),
        }),
      );
    case "matrix":
      return generator.parts
        .reduce((sets, part) => sets.flatMap((set) => parametersOf(sight, part, set)).slice(0, MOST_SETS), [given])
        .slice(0, MOST_SETS);
    case "merge":
      return merged(sight, generator, given);
    default:
      return [withValues(generator.values, given)];
  }
}

type Paths = { readonly include: readonly string[]; readonly exclude: readonly string[] };

function pathsOf(
  { include, exclude }: Paths,
  given: Parameters,
  find: (pattern: string) => readonly { readonly path: string }[],
): readonly string[] {
  const found = (patterns: readonly string[]) =>
    patterns.flatMap((pattern) => find(filled(pattern, given))).map(({ path }) => path);
  const left = new Set(found(exclude));
  return [...new Set(found(include))].filter((path) => !left.has(path)).slice(0, MOST_SETS);
}

function pathParameters(path: string): Parameters {
  const segments = segmentsOf(path);
  const name = baseOf(path);
  const normal = name.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
  return {
    path,
    "path.path": path,
    "path.basename": name,
    "path.basenameNormalized": normal,
    ...Object.fromEntries(
      segments.flatMap((text, index) => [
        [`path[${index}]`, text],
        [`path.segments[${index}]`, text],
      ]),
    ),
  };
}

function contentOf(sight: Sight, path: string): Parameters {
  const text = sight.facts(path)?.text;
  const read = text === undefined ? undefined : attempt(() => readSource({ path, text }));
  const tree = read?.kind === "ok" ? read.value.documents[0] : undefined;
  return tree?.kind === "map" ? flat(tree) : {};
}

function withValues(values: Parameters, given: Parameters): Parameters {
  return { ...given, ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, filled(value, given)])) };
}

/** The sets of the first part, with those of the others laid over where the keys agree. Where only a cluster knows the first's, every other set stands for one of them. */
function merged(
  sight: Sight,
  { parts: [first, ...others], by }: Extract<Generator, { kind: "merge" }>,
  given: Parameters,
): readonly Parameters[] {
  if (first === undefined) return [];
  const base = parametersOf(sight, first, given);
  const over = others.flatMap((part) => parametersOf(sight, part, given));
  if (first.kind === "unknown") return base.flatMap((set) => [set, ...over.map((more) => ({ ...set, ...more }))]);
  const keyOf = (set: Parameters) => JSON.stringify(by.map((key) => set[key]));
  const more = Map.groupBy(over, keyOf);
  return base.map((set) =>
    Object.fromEntries([set, ...(more.get(keyOf(set)) ?? [])].flatMap((one) => Object.entries(one))),
  );
}

const ACTION = /\{\{-?\s*(?:index\s+\.path\.segments\s+(\d+)|\.?([\w.[\]-]+))\s*-?\}\}|\{\{[^}]*\}\}/g;

/** A text with its parameters filled in; those that are not known, and anything else of a template, become `*`. */
export function filled(text: string, given: Parameters): string {
  if (!text.includes("{{")) return text;
  return text.replace(ACTION, (_, segment: string | undefined, name: string | undefined) => {
    const key = segment === undefined ? (name ?? "") : `path.segments[${segment}]`;
    return (Object.hasOwn(given, key) ? given[key] : undefined) ?? UNKNOWN;
  });
}
