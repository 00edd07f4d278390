import { read, unavailable, type Reading } from "../../core/reading.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { GoResult, Span } from "../../ports/measure.ts";
import { prometheusMeasure, type PromQuery } from "./prometheus-measure.ts";
import { cloudWatchMeasure, type MetricDataQuery } from "./providers/cloud-watch.ts";
import { datadogMeasure, type DatadogQuery } from "./providers/datadog.ts";
import { newRelicMeasure } from "./providers/new-relic.ts";
import { connectionOf, type Access, type Connection } from "./providers/source.ts";
import { webMeasure, type WebQuery } from "./providers/web.ts";

/** A query of each kind, as Argo's provider of that kind has it. */
export type ValueQuery =
  | { readonly kind: "prometheus"; readonly query: PromQuery }
  | { readonly kind: "datadog"; readonly query: DatadogQuery }
  | { readonly kind: "newRelic"; readonly query: string }
  | { readonly kind: "cloudWatch"; readonly query: readonly MetricDataQuery[] }
  | { readonly kind: "web"; readonly query: WebQuery };

type Ports = Pick<Connection, "fetch" | "now">;

/** Asks for one value, which has the Go type of Argo's provider. Throws a UserError on an address or a header that cannot be used. */
export function measureOf(asked: ValueQuery, access: Access, ports: Ports): (span: Span) => Promise<Reading<GoResult>> {
  const connected = (called: string): Connection => connectionOf(access, called, ports);
  switch (asked.kind) {
    case "prometheus":
      return (span) => prometheusMeasure(connected("Prometheus"))(asked.query, span);
    case "datadog":
      return (span) => datadogMeasure(connected("Datadog"))(asked.query, span);
    case "newRelic":
      return (span) => newRelicMeasure(connected("New Relic"))(asked.query, span);
    case "cloudWatch":
      return (span) => cloudWatchMeasure(connected("CloudWatch"))(asked.query, span);
    case "web":
      return (span) => webMeasure(connected("The web provider"))(asked.query, span);
    default:
      return unreachable(asked);
  }
}

/** What an anomaly score says against its limit. */
export type Anomaly = { readonly score: number; readonly isAnomalous: boolean };

/**
 * A score of how unusual the canary is, one number from a web provider or from PromQL, such as Numalogic's gauge
 * `namespace_app_rollouts_unified_anomaly` (0 to 10) of one pod template hash: above the limit it is an anomaly. No score, several,
 * NaN and infinity are none: nothing is concluded from them.
 */
export async function anomalyOf(
  measure: (span: Span) => Promise<Reading<GoResult>>,
  limit: number,
  span: Span,
): Promise<Reading<Anomaly>> {
  const found = await measure(span);
  if (found.kind === "unavailable") return found;
  const score = scalarOf(found.value);
  return score === undefined || !Number.isFinite(score)
    ? unavailable("The provider of the anomaly score did not answer with one number.")
    : read({ score, isAnomalous: score > limit });
}

function scalarOf({ goType, value }: GoResult): number | undefined {
  if (goType === "float64") return value;
  if (goType === "[]float64") return value.length === 1 ? value[0] : undefined;
  return goType === "any" && typeof value === "number" ? value : undefined;
}
