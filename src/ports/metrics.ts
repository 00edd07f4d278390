import { DATA_PLANES } from "../core/data-planes.ts";
import type { Reading as Sample } from "../core/gate/seasonal.ts";
import type { Name } from "../core/names.ts";
import type { Reading } from "../core/reading.ts";
import type { RequestSettings } from "../core/requests.ts";
import type { SeasonalQuery } from "../core/season.ts";
import type { Arms } from "../core/state.ts";
import type { Window } from "../core/window.ts";
import type { CountedSettings } from "./counted.ts";

/** Which windows of which member. `from` and `to` are milliseconds, multiples of `windowMs`; `to` is past by at least the settling time. */
export type TimelineQuestion = {
  /** What the service is called in its state file. */
  readonly service: Name;
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
  /** How long requests took is asked besides, where the provider counts that. */
  readonly latency?: "asked" | undefined;
  /** Gauges that are asked besides, where the provider speaks PromQL: each name once. */
  readonly gauges?: readonly GaugeQuestion[] | undefined;
};

/** A gauge; its query, with words in braces for what tells an arm, gives one mean of it. */
export type GaugeQuestion = { readonly name: string; readonly query: string };

/** One number of a service as a whole over a past time. `from` and `to` are milliseconds, multiples of `everyMs`; the first reading is at `from` and `everyMs`. */
export type ReadingsQuestion = Pick<TimelineQuestion, "service" | "namespace" | "arms" | "workloads"> & {
  readonly asked: SeasonalQuery;
  readonly from: number;
  readonly to: number;
  readonly everyMs: number;
};

/** One provider of metrics, credentials and addresses already inside. Never throws for what the provider does: that is `unavailable`. */
export type Metrics = {
  /** A reading for each question, in their order. They are asked together, so that many cost little more than one. */
  readonly timelines: (questions: readonly TimelineQuestion[]) => Promise<readonly Reading<readonly Window[]>[]>;
  /**
   * Readings of the past for each question, in their order, oldest first: finite and not negative, each for the time between the reading before and itself; what
   * is missing is left out. Absent where nothing but counts can be asked for.
   */
  readonly readings?: (questions: readonly ReadingsQuestion[]) => Promise<readonly Reading<readonly Sample[]>[]>;
};

/** One server that speaks the Prometheus HTTP API, secrets already resolved. */
export type PrometheusSettings = {
  readonly kind: "prometheus";
  /** http or https, without credentials, query or fragment; a path is a prefix. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Signs every request for Amazon's managed service; undefined where that is not asked for. */
  readonly sigv4?: {
    readonly region: string;
    readonly id: string;
    readonly secret: string;
    readonly token: string | undefined;
  };
  readonly requests: RequestSettings;
  /** For one query, answer included. */
  readonly timeoutMs: number;
  /** Of one answer, decompressed, however many members it is for. */
  readonly maxBytes: number;
  /** How old a sample may be and still be the base of an increment; longer than two scrape intervals. */
  readonly lookbackMs: number;
};

/** Whatever can be asked for windows. */
export type ProviderSettings = PrometheusSettings | CountedSettings;

/** Everything but the address, as it is unless configuration says otherwise. */
export const DEFAULT_PROMETHEUS: Omit<PrometheusSettings, "url"> = {
  kind: "prometheus",
  headers: {},
  requests: { ...DATA_PLANES.istio.requests, latency: DATA_PLANES.istio.latency },
  timeoutMs: 10_000,
  maxBytes: 16 * 1024 * 1024,
  lookbackMs: 300_000,
};
