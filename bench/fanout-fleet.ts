import { name } from "../src/core/names.ts";
import type { TimelineQuestion } from "../src/ports/metrics.ts";
import { exposed } from "../src/sandbox/cluster/expose.ts";
import { seriesStore, type Exposed, type SeriesStore } from "../src/sandbox/cluster/series-store.ts";

const SECOND = 1_000;
/** 2026-01-01T00:00:00Z: a multiple of every window. */
const BIRTH = 1_767_225_600_000;
const SCRAPE_MS = 15 * SECOND;

/** As configured unless said otherwise: windows of 30 s, of which a look at a fresh release asks for up to twenty. */
export const WINDOW_MS = 30 * SECOND;
const MOST_WINDOWS = 20;
/** Samples from before the first window, as long as an increment may reach back. */
const BEFORE_MS = 300 * SECOND;
/** The end of what the first look asks for; the second asks for one window more. */
export const FIRST_LOOK = BIRTH + BEFORE_MS + MOST_WINDOWS * WINDOW_MS;

const NAMESPACES = 25;
const PODS = ["5f7b8-22222", "5f7b8-bbbbb"];
const CODES = ["200", "503"];
/** Bounds in milliseconds, and the share of the requests up to each. */
const BUCKETS = [
  ["5", 0.01],
  ["10", 0.05],
  ["25", 0.28],
  ["50", 0.61],
  ["100", 0.87],
  ["250", 0.99],
  ["500", 0.999],
  ["1000", 1],
  ["+Inf", 1],
] as const;

type Service = { readonly namespace: string; readonly service: string; readonly index: number };

function servicesOf(count: number): readonly Service[] {
  return Array.from({ length: count }, (_, index) => ({
    namespace: `team-${index % NAMESPACES}`,
    service: `service-${String(index).padStart(4, "0")}`,
    index,
  }));
}

/** What every pod of every service shows until one window after the first look: requests by code, how long they took, that it is there with its image, that it is ready. */
export function seriesOf(services: number): SeriesStore {
  const store = seriesStore(86_400 * SECOND);
  const known = servicesOf(services);
  for (let at = BIRTH; at <= FIRST_LOOK + WINDOW_MS; at += SCRAPE_MS) {
    const second = (at - BIRTH) / SECOND;
    store.scrape(
      at,
      known.flatMap((service) => shownBy(service, second)),
    );
  }
  return store;
}

function shownBy({ namespace, service, index }: Service, second: number): readonly Exposed[] {
  return [service, `${service}-canary`].flatMap((arm, isCanary) =>
    PODS.flatMap((hash) => {
      const pod = `${arm}-${hash}`;
      const rate = isCanary === 1 ? 1 : 4 + (index % 7);
      const answered = {
        reporter: "destination",
        destination_service_namespace: namespace,
        destination_service_name: arm,
        destination_workload: arm,
        pod,
      };
      const requests = Math.floor(second * rate);
      return [
        ...CODES.map((code, failed) =>
          exposed(
            "istio_requests_total",
            { ...answered, response_code: code },
            failed === 1 ? Math.floor((second * rate) / 100) : requests,
          ),
        ),
        ...BUCKETS.map(([le, share]) =>
          exposed(
            "istio_request_duration_milliseconds_bucket",
            { ...answered, response_code: "200", le },
            Math.floor(requests * share),
          ),
        ),
        exposed("kube_pod_container_info", { namespace, pod, container: "app", image_spec: `r/${arm}:1` }, 1),
        exposed("kube_pod_status_ready", { namespace, pod, condition: "true" }, 1),
      ];
    }),
  );
}

/** What a look asks of each service: from when its release landed, some time in the last ten minutes, until `to`. */
export function questionsOf(services: number, to: number): readonly TimelineQuestion[] {
  return servicesOf(services).map(({ namespace, service, index }) => {
    const [stable, canary] = [name(service), name(`${service}-canary`)];
    return {
      service: stable,
      namespace: name(namespace),
      arms: { canary, stable, by: "service" },
      workloads: { canary, stable },
      container: name("app"),
      from: FIRST_LOOK - (1 + (index % MOST_WINDOWS)) * WINDOW_MS,
      to,
      windowMs: WINDOW_MS,
      latency: "asked",
    };
  });
}
