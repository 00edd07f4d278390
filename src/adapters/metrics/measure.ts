import { unavailable, type Reading } from "../../core/reading.ts";
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
