import { z } from "zod";
import { closest } from "../core/closest.ts";
import type { AnalysisSettings, Checks } from "../core/gate/analysis.ts";
import { GATES } from "../core/gate/settings.ts";
import type { Name } from "../core/names.ts";
import { problemAt, strict, type OurFile, type Problem } from "./document.ts";
import { duration } from "./duration.ts";
import { coversPath, pathPattern } from "./path-pattern.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

const GateName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "must be a name of lower-case letters, digits and dashes" });

const Path = z.string().regex(/^(?![/])(?!.*(?:^|[/])\.{0,2}(?:[/]|$)(?!$))[^\\*?\p{Cc}]{1,512}$/u, {
  error: "must be a file such as analysis/rate.yaml, or a folder such as analysis/, inside the repository",
});

/** Where templates are: files, and folders with a slash at their end or without one. */
export const WrittenTemplates = z.array(Path).max(50, { error: "must have at most 50 files and folders" });

const Template = z.string().regex(/^(?![/])(?!.*(?:^|[/])\.{1,2}(?:[/]|$))[^\\\p{Cc}]{1,512}$/u, {
  error: "must be the name of a template, or the path of a file that holds one",
});

const FROM_CLUSTER =
  "must be text: what a Rollout's valueFrom takes from the cluster, configuration cannot; write {canary} or {stable} for podTemplateHashValue, {namespace}, {service} or {target} for a fieldRef, and name secrets at a provider of metrics";

const Argument = z.union([z.string().max(4_000), z.number(), z.boolean()], { error: FROM_CLUSTER }).transform(String);
const Argued = z.record(
  z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, { error: "must be an argument's name" }),
  Argument,
);

function globs(what: string) {
  return z
    .array(z.string().regex(/^[-a-z0-9*]{1,63}$/, { error: `must be ${what}, where * stands for any letters` }))
    .min(1, { error: `must name ${what}, or be left out` });
}

/** What may stand in one of `gates.analysis`. */
export const WrittenAnalysis = strict({
  template: Template,
  name: GateName.optional(),
  args: Argued.default({}),
  from: z.number().min(0).max(100).default(0),
  runs: z.enum(["step", "release"], { error: "must be step or release" }).default("step"),
  metrics: GateName.optional(),
  targets: globs("a target").optional(),
  services: globs("a service").optional(),
  thresholdRange: strict({ min: z.number().optional(), max: z.number().optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, { error: "must have a min or a max" })
    .optional(),
  interval: duration(SECOND, 24 * HOUR, "from 1s to 24h").optional(),
  threshold: z.int().min(1).max(1000).optional(),
  variables: Argued.optional(),
});
type WrittenAnalysis = z.infer<typeof WrittenAnalysis>;

/** What the part of configuration says that is about templates. */
export type WrittenGates = {
  readonly templates?: readonly string[] | undefined;
  readonly analysis?: readonly WrittenAnalysis[] | undefined;
};

const USUAL = { intervalMs: 60 * SECOND, threshold: 1 } as const;

/** The gates by templates of a service in a target, in their order. */
export function analysesFor(
  file: OurFile,
  { templates = [], analysis = [] }: WrittenGates,
  of: { readonly target: Name; readonly service: Name | undefined },
): readonly AnalysisSettings[] {
  return analysis.flatMap((written, index): readonly AnalysisSettings[] => {
    if (!covers(written.targets, of.target) || !covers(written.services, of.service ?? "")) return [];
    const { template, args, from, runs, metrics } = written;
    const files = isFile(template) ? [...templates, template] : templates;
    const { line } = problemAt(file, ["gates", "analysis", index], "");
    return [
      {
        name: nameOf(written),
        template,
        files: files.map(folderOrFile),
        args,
        from,
        runs,
        metrics,
        checks: checksOf(written),
        line,
      },
    ];
  });
}

function checksOf({ thresholdRange, interval, threshold, variables }: WrittenAnalysis): Checks | undefined {
  if ([thresholdRange, interval, threshold, variables].every((part) => part === undefined)) return undefined;
  return {
    min: thresholdRange?.min,
    max: thresholdRange?.max,
    intervalMs: interval ?? USUAL.intervalMs,
    threshold: threshold ?? USUAL.threshold,
    variables: variables ?? {},
  };
}

function isFile(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

function folderOrFile(path: string): string {
  return isFile(path) || path.endsWith("/") ? path : `${path}/`;
}

/** What people call a gate: its own name, else its template's, or its file's. */
function nameOf({ name, template }: WrittenAnalysis): string {
  return name ?? (template.split("/").at(-1) ?? template).replace(/\.ya?ml$/, "");
}

function covers(patterns: readonly string[] | undefined, name: string): boolean {
  return (
    patterns === undefined ||
    patterns.some((text) => {
      const pattern = pathPattern(`/${text}`);
      return pattern !== undefined && coversPath(pattern, name);
    })
  );
}

/** What is wrong with the gates by templates beyond their form. `providers` are the names in `metrics`. */
export function analysisProblems(
  file: OurFile,
  { analysis = [] }: WrittenGates,
  providers: readonly string[],
): readonly Problem[] {
  return analysis.flatMap((written, index) => {
    const at = (key: string, message: string): Problem => problemAt(file, ["gates", "analysis", index, key], message);
    const name = nameOf(written);
    const isTwice = analysis.findIndex((other) => nameOf(other) === name) < index;
    const { metrics } = written;
    return [
      ...(isTwice ? [at("name", `must tell this gate apart: another one is called ${name} as well`)] : []),
      ...(isTaken(name) ? [at("name", `must not be ${name}: a gate of Tidegate's own is called so, or nearly`)] : []),
      ...(GateName.safeParse(name).success
        ? []
        : [at("name", "is needed: the template's cannot be written in a command")]),
      ...(metrics === undefined || providers.includes(metrics)
        ? []
        : [at("metrics", `names ${metrics}, which metrics does not have`)]),
    ];
  });
}

function isTaken(name: string): boolean {
  return closest(name, GATES) !== undefined;
}
