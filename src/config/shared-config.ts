import { z } from "zod";
import { err, ok, type Result } from "../core/result.ts";
import type { TextFile } from "../yaml/refusal.ts";
import { parse, readFile, strict, type OurFile, type Problem } from "./document.ts";
import { Enforced } from "./enforced.ts";
import { loosenings } from "./loosened.ts";
import { Gates, RepoConfig, Target } from "./repo-config.ts";

/** Where an organisation's repository says what goes for others; no other file of it is ever read for them. */
export const SHARED_PATH = ".github/tidegate-org.yml";

const { templates: _, analysis: __, ...gates } = Gates.shape;
const { path: ___, ...target } = Target.shape;
const { extends: ____, ...shape } = RepoConfig.shape;

/** What may stand in `.github/tidegate-org.yml`: what `.github/tidegate.yml` may say, but for places in a repository, and what is enforced. */
export const SharedConfig = strict({
  ...shape,
  metrics: shape.metrics.default({}),
  targets: z.array(strict(target)).default([]),
  gates: strict(gates).optional(),
  enforced: Enforced.prefault({}),
});
export type SharedConfig = z.infer<typeof SharedConfig>;

/** What goes for several repositories. `repo`: whose it is; the file is called by it, `acme/platform: .github/tidegate-org.yml`. */
export type Shared = { readonly repo: string; readonly file: OurFile; readonly config: SharedConfig };

/** The shared configuration of a repository, or every problem of its text. */
export function parseShared(repo: string, text: string): Result<Shared, readonly Problem[]> {
  return parseSharedFile(repo, { path: `${repo}: ${SHARED_PATH}`, text });
}

/** The same of a file that is called otherwise. */
export function parseSharedFile(repo: string, file: TextFile): Result<Shared, readonly Problem[]> {
  const read = readFile(file);
  if (read.kind === "err") return read;
  const config = parse(read.value, SharedConfig);
  if (config.kind === "err") return config;
  const shared = { repo, file: read.value, config: config.value };
  const loose = loosenings({ file: read.value, config: config.value }, shared);
  return loose.length > 0 ? err(loose) : ok(shared);
}
