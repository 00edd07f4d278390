import { ok, type Result } from "../core/result.ts";
import { peek, peekText } from "../yaml/look.ts";
import type { TextFile } from "../yaml/refusal.ts";
import { isOwn, parse, placeOf, problemAt, readFile, strict, valueOf, type OurFile, type Problem } from "./document.ts";
import { loosenings } from "./loosened.ts";
import { overlaid } from "./overlay.ts";
import { parseRepoConfig, RepoConfig, type WrittenConfig } from "./repo-config.ts";
import type { Shared } from "./shared-config.ts";

/** Configuration together with what it extends, where it extends something. */
export type Extended = WrittenConfig & { readonly shared?: Shared };

/** A configuration, and the places of it that ask for less than is enforced and so do not go. */
export type Held = { readonly written: Extended; readonly loosened: readonly Problem[] };

/** What a file says that it extends; undefined where it says nothing that could be read. */
export function extendsOf(file: TextFile): string | undefined {
  const read = readFile(file);
  return read.kind === "ok" ? peekText(read.value.tree, ["extends"]) : undefined;
}

/** The configuration of a file laid over the shared one, or every problem of their text; without a shared one it stands for itself. */
export function parseHeld(file: TextFile, shared: Shared | undefined): Result<Held, readonly Problem[]> {
  if (shared === undefined) return alone(file);
  const read = readFile(file);
  if (read.kind === "err") return read;
  const own = read.value;
  const both = overlaid(own, shared.file);
  const config = parse(both, RepoConfig);
  if (config.kind === "err") return config;
  const written: Extended = { file: both, config: config.value, shared };
  const loosened = [...strayBase(own, shared.repo), ...otherProviders(own, shared), ...loosenings(written, shared)];
  return ok({ written, loosened });
}

/** What of a file's own words can be understood without what it extends: for taking releases back while that is out of reach. */
export function parseByItself(file: TextFile): Result<WrittenConfig, readonly Problem[]> {
  const read = readFile(file);
  if (read.kind === "err") return read;
  const config = parse(read.value, ByItself);
  return config.kind === "err" ? config : ok({ file: read.value, config: config.value });
}

const ByItself = strict({ ...RepoConfig.shape, metrics: RepoConfig.shape.metrics.default({}) });

function alone(file: TextFile): Result<Held, readonly Problem[]> {
  const written = parseRepoConfig(file);
  return written.kind === "err" ? written : ok({ written: written.value, loosened: [] });
}

/** GitHub's names differ by more than capitals. */
export function isSameRepo(one: string, two: string): boolean {
  return one.toLowerCase() === two.toLowerCase();
}

/** The operator's word for all of an organisation's repositories goes before that of one of them. */
function strayBase(own: OurFile, repo: string): readonly Problem[] {
  const named = peekText(own.tree, ["extends"]);
  if (named === undefined || isSameRepo(named, repo)) return [];
  const message = `is ${named}, and the operator of this Tidegate has this repository extend ${repo}, which goes instead`;
  return [problemAt(own, ["extends"], message)];
}

function otherProviders(own: OurFile, { file, config }: Shared): readonly Problem[] {
  if (config.enforced.metrics === undefined) return [];
  const { path, line } = placeOf(file, ["enforced", "metrics"]);
  const metrics = peek(own.tree, ["metrics"]);
  const names = metrics?.kind === "map" ? metrics.entries.map(({ key }) => key) : [];
  return names
    .filter((name) => isOwn(own, ["metrics", name]) && !isEqual(own, ["metrics", name], file))
    .map((name) => {
      const message = `is a provider that ${path}:${line} does not have, whose providers go instead`;
      return problemAt(own, ["metrics", name], message);
    });
}

function isEqual(own: OurFile, at: readonly string[], above: OurFile): boolean {
  const [mine, theirs] = [peek(own.tree, at), peek(above.tree, ["enforced", ...at])];
  return (
    mine !== undefined && theirs !== undefined && JSON.stringify(valueOf(mine)) === JSON.stringify(valueOf(theirs))
  );
}
