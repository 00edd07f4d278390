import { attempt, refuse, type Refusal } from "../../yaml/refusal.ts";
import type { Result } from "../../core/result.ts";
import { DEFAULTS, ruleFault, type Rules } from "../assess.ts";
import { readCondition, type Condition } from "../expr/condition.ts";
import { bytesOf } from "../expr/bytes.ts";
import { goDuration } from "../go-duration.ts";
import type { Conditions } from "../measure.ts";
import { compilePattern, matches } from "../pattern/pattern.ts";
import { composed, valuesOf } from "./compose.ts";
import { lineOf, needed, part, text, wrong, type Field } from "./fields.ts";
import { readProvider, type Provider } from "./provider.ts";
import { substituted, type Values } from "./substitute.ts";
import type { Template } from "./template.ts";

/** A metric that can be measured and judged. */
export type Metric = {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly isDryRun: boolean;
  readonly rules: Rules;
  readonly conditions: Conditions;
  readonly provider: Provider;
};

/** The metrics of a template with everything that it is made of, its arguments filled in; what is given counts before what the template says. */
export function metricsOf(root: Template, all: readonly Template[], given: Values): Result<readonly Metric[], Refusal> {
  return attempt(() => {
    const { args, metrics, dryRun } = composed(root, all);
    const values = valuesOf(args, given);
    if (metrics.length === 0) refuse(root.spec.file, root.spec.tree, "no metrics", `${root.name} needs at least one`);
    const fields = metrics.map((metric) => substituted(metric, values));
    const isDryRun = dryRunOf(fields, dryRun);
    return fields.map((field) => metricOf(field, isDryRun));
  });
}

function metricOf(field: Field, isDryRun: (name: string) => boolean): Metric {
  const name = nameOf(field);
  return {
    name,
    path: field.file.path,
    line: lineOf(field),
    isDryRun: isDryRun(name),
    rules: rulesOf(field),
    conditions: { success: conditionAt(field, "successCondition"), failure: conditionAt(field, "failureCondition") },
    provider: readProvider(field),
  };
}

function nameOf(field: Field): string {
  return text(needed(field, "name"));
}

/** Each rule is a pattern, found anywhere in a name; one that finds none is a mistake. */
function dryRunOf(metrics: readonly Field[], rules: readonly Field[]): (name: string) => boolean {
  const names = metrics.map(nameOf);
  const matched = rules.flatMap((rule) => {
    const pattern = compilePattern(bytesOf(text(rule)));
    if (pattern.kind === "err") return wrong(rule, `${rule.path}: ${pattern.error.message} (every metric is .*)`);
    const matching = names.filter((name) => matches(pattern.value, bytesOf(name)));
    return matching.length === 0 ? wrong(rule, `${rule.path} names no metric: ${names.join(", ")}`) : matching;
  });
  const found = new Set(matched);
  return (name) => found.has(name);
}

/** The counts and limits of a metric. Throws Refused where Argo would not run it. */
export function rulesOf(field: Field): Rules {
  const rules: Rules = {
    count: whole(field, "count"),
    intervalMs: duration(field, "interval"),
    initialDelayMs: duration(field, "initialDelay") ?? 0,
    failureLimit: whole(field, "failureLimit"),
    inconclusiveLimit: whole(field, "inconclusiveLimit"),
    consecutiveErrorLimit: whole(field, "consecutiveErrorLimit"),
    consecutiveSuccessLimit: whole(field, "consecutiveSuccessLimit"),
  };
  const fault = ruleFault(rules);
  return fault === undefined ? rules : wrong(field, fault);
}

// Argo takes any text that is no number for 0; here it is a mistake.
function whole(field: Field, key: Exclude<keyof Rules, "intervalMs" | "initialDelayMs">): number {
  const found = part(field, key);
  if (found === undefined) return DEFAULTS[key];
  const value = found.tree.kind === "scalar" ? found.tree.value : undefined;
  const isWhole =
    typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && /^[+-]?\d{1,9}$/.test(value);
  return isWhole ? Number(value) : wrong(found, `${found.path} is a whole number`);
}

function duration(field: Field, key: string): number | undefined {
  const found = part(field, key);
  if (found === undefined) return undefined;
  const ms = goDuration(text(found));
  return ms === undefined || ms < 0 ? wrong(found, `${found.path} is a duration such as 30s, 5m or 1h`) : ms;
}

/** A condition of a metric; refused where it is no expression, and by name where it holds something that is not supported. */
export function conditionAt(field: Field, key: "successCondition" | "failureCondition"): Condition | undefined {
  const found = part(field, key);
  if (found === undefined || text(found) === "") return undefined;
  const read = readCondition(text(found));
  if (read.kind === "ok") return read.value;
  const { at, message } = read.error;
  const why = isCut(found) ? `${message} (a # after a space begins a comment in YAML: quotes are needed)` : message;
  return wrong(found, `${key}${at > 0 ? `, character ${at}` : ""}: ${why}`);
}

/** Whether YAML takes the rest of the line for a comment. */
function isCut({ file, tree }: Field): boolean {
  return tree.kind === "scalar" && tree.style === "plain" && /^[ \t]+#/.test(file.text.slice(tree.end, tree.end + 20));
}
