import { lint, type Linted } from "../../analysis/lint/lint.ts";
import type { Finding as Danger } from "../../analysis/lint/finding.ts";
import { readTemplates } from "../../analysis/template/template.ts";
import { isTemplate } from "../../manifest/services/facts.ts";
import type { Found } from "../finding.ts";
import type { Placed } from "../objects.ts";
import type { Repository } from "../repository.ts";
import { ofKind } from "../world.ts";

// What lets a release pass that nobody has seen serve a request.
const BLIND: ReadonlySet<Danger["rule"]> = new Set(["passes-without-data", "passes-on-nan", "no-condition"]);

/** Conditions of analysis templates that pass where there is no data. */
export function passesBlindly(repository: Repository): readonly Found[] {
  return dangers(repository).flatMap((one) => (BLIND.has(one.rule) ? [asFound(one)] : []));
}

/** What else is dangerous about analysis templates; `tidegate analysis lint` says what to look at besides. */
export function dangerousAnalysis(repository: Repository): readonly Found[] {
  return dangers(repository).flatMap((one) => (BLIND.has(one.rule) ? [] : [asFound(one)]));
}

function asFound({ path, line, about, why, rule, safe }: Danger): Found {
  const instead = Object.entries(safe ?? {}).map(([key, text]) => `${key}: ${text}`);
  const write = instead.length === 0 ? "" : `; safe is ${instead.join(", ")}`;
  return { path, line, what: `the metric ${about}: ${why} (${rule})${write}` };
}

function dangers(repository: Repository): readonly Danger[] {
  const objects = ofKind(repository, "argoproj.io/AnalysisTemplate", "argoproj.io/ClusterAnalysisTemplate");
  return [...Map.groupBy(objects, ({ space }) => space.key).values()].flatMap((all) => {
    const templates = [...filesOf(all)].flatMap((file) => {
      const read = readTemplates(file);
      return read.kind === "ok" ? read.value : [];
    });
    const own = templates.filter(({ spec }) => !isTemplate(spec.file.path) && !isPatched(all, spec.file.path));
    const looked = own.map((template): Linted => lint(template, templates));
    return looked.flatMap(({ findings }) => findings.filter(({ severity }) => severity === "danger"));
  });
}

function filesOf(all: readonly Placed[]): Iterable<Placed["file"]> {
  return new Map(all.map(({ file }) => [file.path, file])).values();
}

function isPatched(all: readonly Placed[], path: string): boolean {
  return all.some(({ file, changes }) => file.path === path && changes.mayTouch(/metrics|args/));
}
