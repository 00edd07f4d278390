import { attempt, type Refusal } from "../../yaml/refusal.ts";
import type { Result } from "../../core/result.ts";
import { composed } from "../template/compose.ts";
import { keysOf, lineOf, meantKey, needed, part, text, type Field } from "../template/fields.ts";
import { conditionAt, rulesOf } from "../template/metric.ts";
import { readProvider } from "../template/provider.ts";
import { substituted, type Missing, type Values } from "../template/substitute.ts";
import type { Template } from "../template/template.ts";
import type { Finding } from "./finding.ts";
import { remarksOn, type Remark } from "./rules.ts";

const METRIC_KEYS = [
  ..."name interval initialDelay count successCondition failureCondition failureLimit inconclusiveLimit".split(" "),
  ..."consecutiveErrorLimit consecutiveSuccessLimit provider".split(" "),
];
const RULE_KEYS = ["count", "interval", "initialDelay", "failureLimit"];
const SPEC_KEYS = ["metrics", "args", "dryRun", "measurementRetention", "templates"];

/** What one metric, or the composition of a template, is refused for; the other metrics are looked at all the same. */
export type Linted = { readonly findings: readonly Finding[]; readonly refusals: readonly Refusal[] };

/** Looks at a template's own metrics. Arguments without a value are taken for 1, or for a minute where a duration is wanted. */
export function lint(template: Template, all: readonly Template[]): Linted {
  const whole = attempt(() => composed(template, all));
  if (whole.kind === "err") return { findings: [], refusals: [whole.error] };
  const values: Values = new Map(
    whole.value.args.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );
  const declared = new Set(whole.value.args.map(({ name }) => name));
  const looked = template.metrics.map((metric) => lintMetric(metric, values, declared));
  return {
    findings: [
      ...unknownKeys(template.spec, SPEC_KEYS, template.name),
      ...looked.flatMap((one) => (one.kind === "ok" ? one.value : [])),
      ...onlyDryRuns(template),
    ],
    refusals: looked.flatMap((one) => (one.kind === "err" ? [one.error] : [])),
  };
}

function lintMetric(metric: Field, values: Values, declared: ReadonlySet<string>): Result<readonly Finding[], Refusal> {
  return attempt(() => {
    const open = new Set<string>();
    const missing: Missing = (argument, key) => {
      if (!declared.has(argument)) return undefined;
      open.add(key);
      return DURATIONS.has(key) ? "1m" : "1";
    };
    const field = substituted(metric, values, missing);
    const name = text(needed(field, "name"));
    const asked = { success: conditionAt(field, "successCondition"), failure: conditionAt(field, "failureCondition") };
    const rules = rulesOf(field);
    const isOpen = RULE_KEYS.some((key) => open.has(key));
    const remarks = remarksOn({ name, asked, rules: isOpen ? undefined : rules, provider: readProvider(field) });
    return [...unknownKeys(field, METRIC_KEYS, name), ...remarks.map((remark) => placed(remark, field, name))];
  });
}

const DURATIONS: ReadonlySet<string> = new Set(["interval", "initialDelay", "step"]);

/** On the line of the condition where it is about one. */
function placed({ rule, severity, why, safe }: Remark, metric: Field, about: string): Finding {
  const at =
    PLACES.get(rule)
      ?.map((key) => part(metric, key))
      .find((one) => one !== undefined) ?? metric;
  return { rule, severity, path: metric.file.path, line: lineOf(at), about, why, safe };
}

const CONDITIONS = ["successCondition", "failureCondition"];
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ["passes-without-data", CONDITIONS],
  ["passes-on-nan", CONDITIONS],
  ["fails-on-nan", CONDITIONS],
  ["errors-without-data", CONDITIONS],
  ["fails-without-data", CONDITIONS],
  ["never-evaluates", CONDITIONS],
  ["scalar-for-vector", CONDITIONS],
  ["passes-with-half-failing", CONDITIONS],
  ["ignored-argument", CONDITIONS],
  ["nil-is-not-empty", CONDITIONS],
  ["random-order", CONDITIONS],
  ["cannot-fail", ["failureLimit"]],
  ["failures-do-not-count", ["failureLimit"]],
  ["window-longer-than-run", ["count"]],
]);

function unknownKeys(field: Field, known: readonly string[], about: string): readonly Finding[] {
  return keysOf(field)
    .filter(({ path }) => !known.includes(path))
    .map((key) => ({
      rule: "unknown-key",
      severity: "danger",
      path: key.file.path,
      line: lineOf(key),
      about,
      why: `${key.path} is no field and is dropped: ${meantKey(key.path, known)}`,
      safe: undefined,
    }));
}

function onlyDryRuns({ dryRun, name, metrics }: Template): readonly Finding[] {
  const everything = dryRun.find((rule) => rule.tree.kind === "scalar" && rule.tree.value === ".*");
  if (everything === undefined || metrics.length === 0) return [];
  const why = "every metric is a dry run, so nothing can fail";
  return [
    {
      rule: "only-dry-runs",
      severity: "care",
      path: everything.file.path,
      line: lineOf(everything),
      about: name,
      why,
      safe: undefined,
    },
  ];
}
