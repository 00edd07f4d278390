import type { Checks } from "../core/gate/analysis.ts";
import { Refused } from "../yaml/refusal.ts";
import { DEFAULTS } from "./assess.ts";
import type { Gated, GateMetric } from "./gate.ts";
import { queryOf, type MetricTemplate, type Words } from "./template/flagger.ts";
import { wrong } from "./template/fields.ts";
import type { Provider } from "./template/provider.ts";

/** A MetricTemplate of Flagger as a metric: a check each interval, of which so many may fail. Throws Refused for what cannot be asked. */
export function checkedMetric(template: MetricTemplate, checks: Checks, { words }: Gated): GateMetric {
  const { min, max, intervalMs, threshold } = checks;
  const query = queryOf(template, wordsFor(checks, words));
  if (query.kind === "err") throw new Refused(query.error);
  return {
    name: template.name,
    path: template.query.file.path,
    line: template.line,
    isDryRun: false,
    // The first check looks back over an interval that lies within the step.
    rules: { ...DEFAULTS, intervalMs, initialDelayMs: intervalMs, failureLimit: threshold - 1 },
    criterion: { kind: "range", range: { min, max } },
    provider: providerOf(template, query.value, intervalMs),
    address: template.provider.address,
  };
}

function wordsFor({ intervalMs, variables }: Checks, words: Gated["words"]): Words {
  const { namespace, service, "canary-workload": target } = words;
  const ofVariables = Object.entries(variables).map(([key, value]) => [`variables.${key}`, value] as const);
  const ofCanary = { name: service, namespace, target, service, interval: `${intervalMs / 1000}s` };
  return new Map([...Object.entries(ofCanary), ...ofVariables]);
}

function providerOf(template: MetricTemplate, query: string, intervalMs: number): Provider {
  switch (template.provider.type) {
    case "datadog":
      return {
        kind: "datadog",
        version: "v1",
        query,
        queries: undefined,
        formula: undefined,
        aggregator: undefined,
        intervalMs: Math.max(intervalMs, LEAST_LOOKBACK_MS),
      };
    case "newrelic":
      return { kind: "newRelic", query, timeoutMs: undefined };
    case "cloudwatch":
      return { kind: "cloudWatch", intervalMs, queries: queriesOf(template, query) };
    default:
      return {
        kind: "prometheus",
        address: template.provider.address,
        query,
        timeoutMs: undefined,
        headers: [],
        range: undefined,
      };
  }
}

/** Datadog's points may be minutes apart. */
const LEAST_LOOKBACK_MS = 300_000;

function queriesOf({ query }: MetricTemplate, text: string): readonly unknown[] {
  try {
    const queries: unknown = JSON.parse(text);
    if (Array.isArray(queries)) return queries;
  } catch {
    // said below
  }
  return wrong(query, "CloudWatch is asked by a list of MetricDataQueries in JSON");
}
