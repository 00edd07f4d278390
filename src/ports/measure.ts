import type { Reading } from "../core/reading.ts";
import type { ProviderSettings } from "./metrics.ts";

/** A time span, milliseconds since the epoch; `to` is when the question is asked for. */
export type Span = { readonly from: number; readonly to: number };

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The Go type that Argo's provider would hand to a condition (argo-rollouts 9f8d111d, metricproviders): `*float64` is the nil pointer of a query
 * that found nothing, `any` is what encoding/json makes of a value (numbers are float64, objects map[string]any, lists []any).
 */
export type GoResult =
  | { readonly goType: "float64"; readonly value: number }
  | { readonly goType: "[]float64"; readonly value: readonly number[] }
  | { readonly goType: "*float64"; readonly value: null }
  | { readonly goType: "string"; readonly value: string }
  | { readonly goType: "map[string]any"; readonly value: { readonly [key: string]: Json } }
  | { readonly goType: "[]map[string]any"; readonly value: readonly { readonly [key: string]: Json }[] }
  | { readonly goType: "[]MetricDataResult"; readonly value: readonly MetricDataResult[] }
  | { readonly goType: "any"; readonly value: Json };

/** One result of CloudWatch's GetMetricData, as its Go type has it; times in milliseconds. */
export type MetricDataResult = {
  readonly Id: string;
  readonly Label: string;
  readonly Values: readonly number[];
  readonly Timestamps: readonly number[];
};

/** A value asked for at a time, credentials and addresses already inside. A number may be NaN or infinite; whoever judges it decides. */
export type Measure<Query> = (query: Query, span: Span) => Promise<Reading<GoResult>>;

/** A query as Argo's Prometheus provider has it: of an instant, the end of the span, or over the span with a step (milliseconds). */
export type PromQuery = { readonly query: string; readonly stepMs: number | undefined };

/** A query as Argo's Datadog provider has it. */
export type DatadogQuery =
  | { readonly version: "v1"; readonly query: string }
  | {
      readonly version: "v2";
      readonly queries: Readonly<Record<string, string>>;
      readonly formula: string | undefined;
      readonly aggregator: string | undefined;
    };

/** One of GetMetricData's MetricDataQueries, in the form of the API. */
export type MetricDataQuery = { readonly [key: string]: unknown };

/** A question as Argo's web provider has it. `path` stands below the address of the connection; a body is sent as JSON where it is no text. */
export type WebQuery = {
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly jsonPath: string | undefined;
};

/** A query of each kind, as Argo's provider of that kind has it. */
export type ValueQuery =
  | { readonly kind: "prometheus"; readonly query: PromQuery }
  | { readonly kind: "datadog"; readonly query: DatadogQuery }
  | { readonly kind: "newRelic"; readonly query: string }
  | { readonly kind: "cloudWatch"; readonly query: readonly MetricDataQuery[] }
  | { readonly kind: "web"; readonly query: WebQuery };

/** Who is asked for a value, and for which one. */
export type ValueQuestion = { readonly settings: ProviderSettings; readonly asked: ValueQuery };

/** Asks for one value. Never throws for what the provider does, nor for an address or a header that cannot be used: that is `unavailable`. */
export type Measures = (question: ValueQuestion, span: Span) => Promise<Reading<GoResult>>;
