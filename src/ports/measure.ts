import type { Reading } from "../core/reading.ts";

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
