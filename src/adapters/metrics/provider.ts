import type { Reading } from "../../core/reading.ts";
import type { PrometheusSettings, ProviderSettings } from "../../ports/metrics.ts";
import type { ReadPods } from "../../ports/pod-counts.ts";
import type { ReadGauges } from "../../ports/pod-gauges.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import type { IdentifiedMetrics } from "./cached.ts";
import { prometheusPods } from "./pod-counts.ts";
import { prometheusGauges } from "./pod-gauges.ts";
import { probe } from "./probe.ts";
import { prometheusMetrics } from "./prometheus.ts";
import { countedMetrics } from "./providers/counted.ts";
import type { Room } from "./room.ts";
import { signedFetch } from "./sigv4.ts";

/** What every provider is asked through; `now` in milliseconds. Without `room` each reads whatever it is asked for at once. */
export type Asking = { readonly fetch: Fetch; readonly now: () => number; readonly room?: Room };

/** The provider that settings are for. Throws a UserError on settings that cannot be used. */
export function metricsOf(settings: ProviderSettings, asking: Asking): IdentifiedMetrics {
  return settings.kind === "prometheus"
    ? prometheusMetrics(settings, { fetch: fetchOf(settings, asking), room: asking.room })
    : countedMetrics(settings, asking);
}

/** Asks a provider for what is always there, as a release would ask: the same address, keys and time-out. */
export function probeOf(settings: ProviderSettings, asking: Asking): Promise<Reading<"answers">> {
  return settings.kind === "prometheus"
    ? probe(settings, { fetch: fetchOf(settings, asking), now: asking.now() })
    : countedMetrics(settings, asking).probe();
}

/** What tells pods apart, by a label of the request counter; undefined of a provider that is asked for counts alone. Throws a UserError on a label that is none. */
export function podsOf(settings: ProviderSettings, asking: Asking, label: string): ReadPods | undefined {
  return settings.kind === "prometheus"
    ? prometheusPods(settings, { fetch: fetchOf(settings, asking) }, label)
    : undefined;
}

/** What asks for gauges pod by pod; undefined of a provider that does not speak PromQL. */
export function podGaugesOf(settings: ProviderSettings, asking: Asking): ReadGauges | undefined {
  return settings.kind === "prometheus" ? prometheusGauges(settings, { fetch: fetchOf(settings, asking) }) : undefined;
}

function fetchOf({ sigv4 }: PrometheusSettings, { fetch, now }: Asking): Fetch {
  return sigv4 === undefined ? fetch : signedFetch(fetch, sigv4, { region: sigv4.region, service: "aps", now });
}
