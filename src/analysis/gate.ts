import { closest } from "../core/closest.ts";
import type { AnalysisSettings } from "../core/gate/analysis.ts";
import type { Result } from "../core/result.ts";
import { attempt, quote, Refused, type Refusal, type TextFile } from "../yaml/refusal.ts";
import type { Rules } from "./assess.ts";
import type { Criterion } from "./criterion.ts";
import { checkedMetric } from "./checks.ts";
import { composed } from "./template/compose.ts";
import { readMetricTemplates, type MetricTemplate } from "./template/flagger.ts";
import { lineOf } from "./template/fields.ts";
import { metricsOf } from "./template/metric.ts";
import type { Provider } from "./template/provider.ts";
import { readTemplates, type Template } from "./template/template.ts";
import { wordsIn, type GateWords } from "./words.ts";

/** A metric that a gate measures, wherever it comes from. */
export type GateMetric = {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly isDryRun: boolean;
  readonly rules: Rules;
  readonly criterion: Criterion;
  readonly provider: Provider;
  /** Where the template says that it is to be asked; undefined where it leaves that open. */
  readonly address: string | undefined;
};

/** A gate of a member: what configuration says, the path of that configuration, and what words in arguments stand for. */
export type Gated = { readonly settings: AnalysisSettings; readonly config: string; readonly words: GateWords };

/** The metrics of a gate's template out of files of the tracked branch, or why they cannot be a gate, with file and line. */
export function gateMetrics(gated: Gated, files: readonly TextFile[]): Result<readonly GateMetric[], Refusal> {
  return attempt(() => {
    const found = templateFor(gated, readAll(files));
    const { checks } = gated.settings;
    if (found.kind === "argo") return argoMetrics(gated, found);
    if (checks === undefined)
      return refuseGate(gated, `the MetricTemplate ${found.template.name} without a thresholdRange`, NEEDS_RANGE);
    if (Object.keys(gated.settings.args).length > 0)
      return refuseGate(gated, "args", "a MetricTemplate takes variables, which fill in {{ variables.x }}");
    return [checkedMetric(found.template, checks, gated)];
  });
}

const NEEDS_RANGE = "say what it may answer, such as thresholdRange: { max: 1 }";

/** Refuses what configuration says of a gate, on its line there. */
export function refuseGate({ settings: { line }, config }: Gated, found: string, why: string): never {
  throw new Refused({ path: config, line, found, why });
}

type Read = {
  readonly templates: readonly Template[];
  readonly checked: readonly (MetricTemplate & { readonly path: string })[];
  readonly refusals: readonly Refusal[];
};

function readAll(files: readonly TextFile[]): Read {
  const templates = files.filter(({ text }) => text.includes("AnalysisTemplate")).map(readTemplates);
  const checked = files
    .filter(({ text }) => text.includes("MetricTemplate"))
    .map((file) => ({ path: file.path, read: readMetricTemplates(file) }));
  return {
    templates: templates.flatMap((one) => (one.kind === "ok" ? one.value : [])),
    checked: checked.flatMap(({ path, read }) =>
      read.kind === "ok" ? read.value.map((template) => ({ ...template, path })) : [],
    ),
    refusals: [...templates, ...checked.map(({ read }) => read)].flatMap((one) =>
      one.kind === "err" ? [one.error] : [],
    ),
  };
}

type Found =
  | { readonly kind: "argo"; readonly template: Template; readonly all: readonly Template[] }
  | { readonly kind: "flagger"; readonly template: MetricTemplate };

/** The one template that is meant, by its name or by the file that holds it alone. */
function templateFor(gated: Gated, { templates: all, checked, refusals }: Read): Found {
  const { template: meant } = gated.settings;
  const isMeant = isPath(meant) ? ({ path }: Placed) => path === meant : ({ name }: Placed) => name === meant;
  const found: readonly { readonly found: Found; readonly at: Placed }[] = [
    ...all.map((template) => ({ found: { kind: "argo", template, all } as const, at: placeOf(template) })),
    ...checked.map((template) => ({ found: { kind: "flagger", template } as const, at: template })),
  ].filter(({ at }) => isMeant(at));
  const [first, second] = found;
  if (first === undefined) return notFound(gated, { templates: all, checked, refusals });
  if (second === undefined) return first.found;
  const places = found.map(({ at: { path, line } }) => `${path}:${line}`).join(", ");
  const why = isPath(meant)
    ? `the file holds several (${places}): name one of them, and the file in gates.templates`
    : `several are called so (${places}): name the file that holds the right one`;
  return refuseGate(gated, `the template ${quote(meant)}`, why);
}

type Placed = { readonly name: string; readonly path: string; readonly line: number };

function placeOf({ name, spec }: Template): Placed {
  return { name, path: spec.file.path, line: lineOf(spec) };
}

/** Whether a gate names a file and no template. */
export function isPath(meant: string): boolean {
  return /\.ya?ml$/.test(meant);
}

function notFound(gated: Gated, { templates, checked, refusals }: Read): never {
  const { template: meant, files } = gated.settings;
  const [unreadable] = refusals;
  // A file that cannot be read may be the one that holds it.
  if (unreadable !== undefined) throw new Refused(unreadable);
  const known = [...templates, ...checked].map(({ name }) => name);
  const near = closest(meant, known);
  const where = files.length === 0 ? "gates.templates names no files" : `looked for in ${files.join(", ")}`;
  const why =
    near === undefined
      ? `there is no AnalysisTemplate, ClusterAnalysisTemplate or MetricTemplate of that name on the tracked branch, ${where}: say in gates.templates where it is`
      : `there is none of that name on the tracked branch: did you mean ${near}?`;
  return refuseGate(gated, `the template ${quote(meant)}`, why.replace(/\?$/, ""));
}

function argoMetrics(gated: Gated, { template, all }: Extract<Found, { kind: "argo" }>): readonly GateMetric[] {
  const { settings } = gated;
  if (settings.checks !== undefined)
    return refuseGate(
      gated,
      "thresholdRange",
      `${template.name} is Argo's: it says itself what passes, and how often it is measured`,
    );
  refuseAmbiguous(gated, template, all);
  const declared = composed(template, all).args.map(({ name }) => name);
  for (const name of Object.keys(settings.args)) if (!declared.includes(name)) refuseArgument(gated, name, declared);
  const given = new Map(Object.entries(settings.args).map(([name, text]) => [name, wordsOf(gated, name, text)]));
  const metrics = metricsOf(template, all, given);
  if (metrics.kind === "err") throw new Refused(metrics.error);
  return metrics.value.map(({ conditions, ...metric }) => {
    if (conditions.success === undefined && conditions.failure === undefined && !metric.isDryRun)
      throw new Refused({
        path: metric.path,
        line: metric.line,
        found: `the metric ${metric.name} without a condition`,
        why: "it would pass whatever is measured: give it a successCondition, or make it a dry run",
      });
    const address = metric.provider.kind === "prometheus" ? metric.provider.address : undefined;
    return { ...metric, criterion: { kind: "conditions", conditions }, address };
  });
}

/** Templates of one name in several files are as good as any to a reader, and mean different things. */
function refuseAmbiguous(gated: Gated, root: Template, all: readonly Template[]): void {
  const seen = new Set<Template>();
  const open = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const ref of next.templates) {
      const same = all.filter(({ name, isCluster }) => name === ref.name && isCluster === ref.isCluster);
      if (same.length > 1)
        refuseGate(
          gated,
          `the template ${quote(ref.name)}, which ${next.name} is made of`,
          "several are called so in gates.templates",
        );
      open.push(...same);
    }
  }
}

function refuseArgument(gated: Gated, name: string, declared: readonly string[]): never {
  const near = closest(name, declared);
  const known = declared.length === 0 ? "it declares none" : `it declares ${declared.join(", ")}`;
  return refuseGate(
    gated,
    `the argument ${quote(name)}, which ${quote(gated.settings.template)} does not declare`,
    near === undefined ? known : `perhaps ${near} is meant`,
  );
}

function wordsOf(gated: Gated, name: string, text: string): string {
  const filled = wordsIn(text, gated.words);
  return filled.kind === "ok"
    ? filled.value
    : refuseGate(gated, `the argument ${quote(name)}`, filled.error.replace(/\?$/, ""));
}
