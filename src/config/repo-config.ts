import { z } from "zod";
import { isWaveName } from "../core/names.ts";
import { armless } from "../core/placeholders.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TextFile } from "../yaml/refusal.ts";
import { WrittenAnalysis, WrittenTemplates } from "./analysis.ts";
import { Login, Team, WrittenRule } from "./command-rules.ts";
import { parse, problemAt, readFile, strict, type OurFile, type Problem } from "./document.ts";
import { duration } from "./duration.ts";
import { ERROR_LIMITS } from "./error-limits.ts";
import { WrittenPolicy } from "./policy-schema.ts";
import { WrittenProvider } from "./providers.ts";
import { WrittenKayentaGauge, WrittenScoring } from "./gauges.ts";
import { WrittenSeasonal } from "./seasonal.ts";
import { Steps } from "./steps.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

const Name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "must be a name of lower-case letters, digits and dashes" });
const Glob = globOf("a target's name");
const PathGlob = z.string().regex(/^(?![/])(?!.*(?:^|[/])\.{1,2}(?:[/]|$))[^\\\p{Cc}]{1,512}$/u, {
  error: "must be a path inside the repository",
});
export const Evidence = z.enum(["compare", "health", "bake"], { error: "must be compare, health or bake" });

const TargetName = Name.refine((text) => !isWaveName(text), {
  error: "must not be called wave-<number>: branches of waves are",
});

function globOf(what: string) {
  return z.string().regex(/^[-a-z0-9*]{1,63}$/, { error: `must be ${what}, where * stands for any letters` });
}

/** A text that is taken literally but for three words in braces. */
function posted(what: string) {
  return z
    .string()
    .min(1, { error: `must be ${what}` })
    .max(255, { error: "must have at most 255 characters" })
    .regex(/^[^\p{Cc}\p{Cf}{}]*(?:\{(?:service|target|namespace)\}[^\p{Cc}\p{Cf}{}]*)*$/u, {
      error: `must be ${what}; of what stands in braces only {service}, {target} and {namespace} mean something`,
    });
}

const Reports = strict({
  by: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?(?:\[bot\])?$/, {
    error: "must be the login of the account that posts, of an App slug[bot]",
  }),
  status: posted("the context of a commit status, such as argocd/{service}").optional(),
  deployment: posted("the name of an environment, such as {target}-{service}").optional(),
});

export const Target = strict({
  name: TargetName,
  path: PathGlob.optional(),
  metrics: Name.optional(),
  evidence: Evidence.optional(),
  observe: z
    .enum(["metrics", "reported", "assumed"], { error: "must be metrics, reported or assumed" })
    .default("metrics"),
  reports: Reports.optional(),
  delay: duration(0, 24 * HOUR, "at most 24h").optional(),
});

const OnAbort = z.enum(["member", "all"]);

export const Bake = duration(0, 168 * HOUR, "at most 168h");

const Wave = strict({
  targets: z.array(Glob).min(1, { error: "must name a target" }),
  steps: Steps.optional(),
  bake: Bake.optional(),
  onAbort: OnAbort.optional(),
});

const Expedite = strict({
  label: z.string().regex(/^[^\p{Cc}\p{Cf}]{1,50}$/u, { error: "must be the name of a label" }),
  steps: Steps,
  bake: Bake,
});

const Mention = z.string().refine((text) => [Login, Team].some((kind) => kind.safeParse(text).success), {
  error: "must be a login such as ana or a team such as acme/oncall, without @",
});

export const WarmUp = duration(0, 24 * HOUR, "at most 24h");

/** Of the alpha of a release, relative to the other gates' parts. */
const Part = z.number().gt(0).max(1000);

export const Slowdown = z
  .string()
  .regex(/^\d{1,4}(?:\.\d{1,3})?%$/, { error: "must be a share of a time such as 10%" })
  .transform((text) => Number(text.slice(0, -1)) / 100);

const Latency = z.union(
  [
    z.literal("off"),
    strict({ tolerated: Slowdown.optional(), regression: Slowdown.optional(), part: Part.optional() }),
  ],
  { error: "must be off, or have tolerated, regression and part" },
);

const Gauge = strict({
  name: Name,
  query: z
    .string()
    .min(1, { error: "must be a PromQL query" })
    .max(2000, { error: "must have at most 2000 characters" })
    .superRefine((query, context) => {
      const fault = armless(query, ["pods"]);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    }),
  worse: z.enum(["higher", "lower"], { error: "must be higher or lower: which way is worse" }),
  regression: Slowdown.refine((share) => share > 0, { error: "must be more than 0%" }).optional(),
  part: Part.optional(),
  calibration: strict({ threshold: z.number().gt(0), usual: z.number(), low: z.number() }).optional(),
  kayenta: WrittenKayentaGauge.optional(),
});

const Gauges = z.array(Gauge).max(10, { error: "must have at most 10 gauges" });

const Errors = strict({
  ...ERROR_LIMITS,
  part: Part.optional(),
  threshold: z.number().gt(1).max(1e12).optional(),
});

/** What may stand in `gates` of an entry of `services`. */
export const ServiceGates = strict({
  warmUp: WarmUp.optional(),
  errors: Errors.optional(),
  latency: Latency.optional(),
  gauges: Gauges.optional(),
  seasonal: WrittenSeasonal.optional(),
});

/** What goes for some services alone, in every target. */
const Service = strict({
  names: z.array(globOf("a service's name")).min(1, { error: "must name a service" }),
  steps: Steps.optional(),
  bake: Bake.optional(),
  gates: ServiceGates.optional(),
});

/** What may stand in `gates`. */
export const Gates = strict({
  warmUp: WarmUp.optional(),
  errors: Errors.optional(),
  latency: Latency.optional(),
  gauges: Gauges.optional(),
  kayenta: WrittenScoring.optional(),
  seasonal: WrittenSeasonal.optional(),
  templates: WrittenTemplates.optional(),
  analysis: z.array(WrittenAnalysis).max(100, { error: "must have at most 100 gates" }).optional(),
});

/** What may stand in `.github/tidegate.yml`. Durations are text in the file, milliseconds here. */
export const RepoConfig = strict({
  version: z.literal(1, {
    error: (issue) =>
      issue.input === undefined ? `is missing: write "version: 1"` : "must be 1, the only version so far",
  }),
  extends: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, {
      error: "must be the owner/name of a repository, such as acme/platform",
    })
    .optional(),
  metrics: z
    .record(Name, WrittenProvider)
    .refine((metrics) => Object.keys(metrics).length > 0, { error: "must name a provider" }),
  targets: z.array(Target).default([]),
  waves: z.array(Wave).default([]),
  gates: Gates.optional(),
  services: z.array(Service).max(2000, { error: "must have at most 2000 entries" }).default([]),
  measure: strict({
    window: duration(100, HOUR, "from 100ms to 1h").optional(),
    settle: duration(0, HOUR, "at most 1h").optional(),
  }).optional(),
  deadline: duration(SECOND, 168 * HOUR, "from 1s to 168h").optional(),
  onDeadline: z.enum(["hold", "abort"], { error: "must be hold or abort" }).default("hold"),
  pace: strict({ mergesPerMinute: z.number().gt(0).max(600).optional() }).optional(),
  onAbort: OnAbort.default("member"),
  bumps: z.enum(["supersede", "queue", "batch"]).default("supersede"),
  gather: duration(0, 24 * HOUR, "at most 24h").optional(),
  expedite: Expedite.optional(),
  commands: z.array(WrittenRule).max(200, { error: "must have at most 200 rules" }).default([]),
  page: z.array(Mention).max(20, { error: "must have at most 20 people and teams" }).default([]),
  policy: WrittenPolicy.optional(),
});

export type RepoConfig = z.infer<typeof RepoConfig>;

/** Configuration as it is written, with its text, so that a fault in what it means has a line as well. */
export type WrittenConfig = { readonly file: OurFile; readonly config: RepoConfig };

/** The configuration of a file that extends no other, or every problem of its text; what it means is checked by `resolve`. */
export function parseRepoConfig(file: TextFile): Result<WrittenConfig, readonly Problem[]> {
  const read = readFile(file);
  if (read.kind === "err") return read;
  const parsed = parse(read.value, RepoConfig);
  if (parsed.kind === "err") return parsed;
  const { extends: base } = parsed.value;
  return base === undefined
    ? ok({ file: read.value, config: parsed.value })
    : err([problemAt(read.value, ["extends"], `names ${base}, and what that repository says is not read here`)]);
}
