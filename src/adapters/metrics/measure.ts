import { read, unavailable, type Reading } from "../../core/reading.ts";
import { unreachable } from "../../core/unreachable.ts";
import { UserError } from "../../core/error.ts";
import type { GoResult, Measures, Span, ValueQuery } from "../../ports/measure.ts";
import type { ProviderSettings } from "../../ports/metrics.ts";
import { prometheusMeasure } from "./prometheus-measure.ts";
import type { Asking } from "./provider.ts";
import { cloudWatchMeasure } from "./providers/cloud-watch.ts";
import { datadogMeasure } from "./providers/datadog.ts";
import { newRelicMeasure } from "./providers/new-relic.ts";
import { connectionOf, type Access, type Connection } from "./providers/source.ts";
import { webMeasure } from "./providers/web.ts";
import { signedFetch } from "./sigv4.ts";

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

/** Everything that templates ask for, asked through `asking`. */
export function measuresOf({ fetch, now }: Asking): Measures {
  return async ({ settings, asked }, span) => {
    try {
      return await measureOf(asked, accessOf(settings), { fetch: fetchFor(settings, { fetch, now }), now })(span);
    } catch (error) {
      if (error instanceof UserError) return unavailable(error.message);
      throw error;
    }
  };
}

function accessOf(settings: ProviderSettings): Access {
  return settings.kind === "prometheus" ? { ...settings, secrets: {}, options: {} } : settings;
}

function fetchFor(settings: ProviderSettings, { fetch, now }: Asking): Asking["fetch"] {
  const sigv4 = settings.kind === "prometheus" ? settings.sigv4 : undefined;
  return sigv4 === undefined ? fetch : signedFetch(fetch, sigv4, { region: sigv4.region, service: "aps", now });
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
