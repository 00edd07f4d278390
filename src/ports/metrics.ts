import type { Name } from "../core/names.ts";
import type { Reading } from "../core/reading.ts";
import type { Arms } from "../core/state.ts";
import type { Window } from "../core/window.ts";

/** Which windows of which member. `from` and `to` are milliseconds, multiples of `windowMs`; `to` is past by at least the settling time. */
export type TimelineQuestion = {
  readonly namespace: Name;
  /** What the metrics call the two arms: Services, or workloads where both have one Service. */
  readonly arms: Arms;
  /** Workloads behind the Services. One name for both is an Argo Rollout: each arm is told of all its pods, and images tell them apart. */
  readonly workloads: { readonly canary: Name; readonly stable: Name };
  /** The container whose image is the version. */
  readonly container: Name;
  readonly from: number;
  readonly to: number;
  readonly windowMs: number;
};

/** One provider of metrics, credentials and addresses already inside. Never throws for what the provider does: that is `unavailable`. */
export type Metrics = {
  readonly timeline: (question: TimelineQuestion) => Promise<Reading<readonly Window[]>>;
};

/** How requests are counted in a provider that speaks Prometheus; the defaults are Istio's names. */
export type RequestSettings = {
  /** A counter of requests. */
  readonly counter: string;
  /** The label whose value is the arm's Service. */
  readonly armLabel: string;
  /** The label whose value is the arm's workload. */
  readonly workloadLabel: string;
  readonly namespaceLabel: string;
  /** The label whose value is the tag of the image that answered; undefined where none is. */
  readonly versionLabel: string | undefined;
  /** Further labels and the values that they must have. */
  readonly where: Readonly<Record<string, string>>;
  /** A request failed when this label matches, as a whole, this regular expression (RE2, evaluated by the provider). */
  readonly failed: { readonly label: string; readonly matches: string };
};

/** One server that speaks the Prometheus HTTP API, secrets already resolved. */
export type PrometheusSettings = {
  /** http or https, without credentials, query or fragment; a path is a prefix. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: RequestSettings;
  /** For one query, answer included. */
  readonly timeoutMs: number;
  /** Of one answer, decompressed. */
  readonly maxBytes: number;
  /** How old a sample may be and still be the base of an increment; longer than two scrape intervals. */
  readonly lookbackMs: number;
};

/** Everything but the address, as it is unless configuration says otherwise. */
export const DEFAULT_PROMETHEUS: Omit<PrometheusSettings, "url"> = {
  headers: {},
  requests: {
    counter: "istio_requests_total",
    armLabel: "destination_service_name",
    workloadLabel: "destination_workload",
    namespaceLabel: "destination_service_namespace",
    versionLabel: undefined,
    where: { reporter: "destination" },
    failed: { label: "response_code", matches: "5.." },
  },
  timeoutMs: 10_000,
  maxBytes: 16 * 1024 * 1024,
  lookbackMs: 300_000,
};
