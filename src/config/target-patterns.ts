import type { TextFile } from "../yaml/refusal.ts";
import { parse, problemText, readFile, strict } from "./document.ts";
import { coversPath, pathPattern } from "./path-pattern.ts";
import { RepoConfig } from "./repo-config.ts";

/** Where a target is: what lies under `pattern`, a path from the root of the repository. */
export type PlacedTarget = {
  readonly name: string;
  readonly pattern: string;
  readonly covers: (path: string) => boolean;
};

/** What it extends may say the rest. */
const ByItself = strict({ ...RepoConfig.shape, metrics: RepoConfig.shape.metrics.optional() });

/** The targets of a configuration that say where they are; none, and why, where it cannot be read. */
export function placedTargets(file: TextFile | undefined): {
  readonly patterns: readonly PlacedTarget[];
  readonly problems: readonly string[];
} {
  if (file === undefined) return { patterns: [], problems: [] };
  const read = readFile(file);
  const written = read.kind === "err" ? read : parse(read.value, ByItself);
  if (written.kind === "err") return { patterns: [], problems: written.error.map(problemText) };
  const patterns = written.value.targets.flatMap(({ name, path }) => {
    const pattern = path === undefined ? undefined : pathPattern(`/${path}`);
    return path === undefined || pattern === undefined
      ? []
      : [{ name, pattern: path, covers: (one: string) => coversPath(pattern, one) }];
  });
  return { patterns, problems: [] };
}
