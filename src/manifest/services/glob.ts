import { baseOf, segmentsOf } from "./paths.ts";
import { kustomizationIn, type Sight } from "./sight.ts";

/** A path that a pattern matches, and what its wildcards stand for there, in order. */
export type Match = { readonly path: string; readonly stands: readonly string[] };

const MOST_MATCHES = 20_000;

/** The folders that a pattern matches: `*` stands for any letters of one name, `**` for any folders. */
export function matchingFolders(sight: Sight, pattern: string): readonly Match[] {
  return walk(sight, segmentsOf(pattern), { path: "", stands: [] });
}

/** The folders that a pattern with unknown parts stands for: those that it matches, without those that another one of them is built on. */
export function standingFolders(sight: Sight, pattern: string): readonly Match[] {
  const matches = matchingFolders(sight, pattern);
  if (matches.length < 2) return matches;
  const bases = new Set(matches.flatMap(({ path }) => kustomizationIn(sight, path)?.kustomization?.includes ?? []));
  return matches.filter(({ path }) => !bases.has(path));
}

/** The files that a pattern matches. */
export function matchingFiles(sight: Sight, pattern: string): readonly Match[] {
  const segments = segmentsOf(pattern);
  const last = segments.at(-1) ?? "";
  return walk(sight, segments.slice(0, -1), { path: "", stands: [] }).flatMap(({ path, stands }) =>
    sight.files(path).flatMap((file) => {
      const found = standsFor(last, baseOf(file));
      return found === undefined ? [] : [{ path: file, stands: [...stands, ...found] }];
    }),
  );
}

function walk(sight: Sight, [segment, ...rest]: readonly string[], at: Match): readonly Match[] {
  if (segment === undefined) return [at];
  if (segment === "**")
    return [at, ...below(sight, at)].flatMap((inner) => walk(sight, rest, inner)).slice(0, MOST_MATCHES);
  return sight.folders(at.path).flatMap((folder) => {
    const found = standsFor(segment, baseOf(folder));
    return found === undefined ? [] : walk(sight, rest, { path: folder, stands: [...at.stands, ...found] });
  });
}

function below(sight: Sight, { path, stands }: Match): readonly Match[] {
  return sight.folders(path).flatMap((folder) => [{ path: folder, stands }, ...below(sight, { path: folder, stands })]);
}

/** What the `*` of a pattern stand for in a name, each as short as it can be but the last; undefined where the name does not match. Linear in the name. */
export function standsFor(pattern: string, name: string): readonly string[] | undefined {
  const [first = "", ...others] = pattern.split(/\*+/);
  const last = others.pop();
  if (last === undefined) return first === name ? [] : undefined;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return undefined;
  const stands: string[] = [];
  const end = name.length - last.length;
  let at = first.length;
  for (const part of others) {
    const next = name.indexOf(part, at);
    if (next === -1 || next + part.length > end) return undefined;
    stands.push(name.slice(at, next));
    at = next + part.length;
  }
  return [...stands, name.slice(at, end)];
}
