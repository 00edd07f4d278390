import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { Sample, Series } from "./series.ts";

type Fields = { readonly [key: string]: unknown };

const UNREADABLE = "Prometheus answered in a form that is not its documented one.";

/**
 * The series in the body of a 200 answer of `/api/v1/query` (range selector) or `/api/v1/query_range`.
 * Unavailable: not JSON, another shape, warnings (a partial answer), a sample that is not a finite number.
 */
export function matrixOf(body: string): Reading<readonly Series[]> {
  const answer = fieldsOf(parsed(body));
  if (answer?.["status"] !== "success") return unavailable(UNREADABLE);
  if (!isNothing(answer["warnings"])) return unavailable("Prometheus answered with warnings: the data may be partial.");
  const data = fieldsOf(answer["data"]);
  if (data?.["resultType"] !== "matrix" || !Array.isArray(data["result"])) return unavailable(UNREADABLE);
  return collect(data["result"], seriesOf);
}

/** The kind of error in the body of a refused query, one short word; undefined where there is none to trust. */
export function errorTypeOf(body: string): string | undefined {
  const type = fieldsOf(parsed(body))?.["errorType"];
  return typeof type === "string" && /^[a-z_]{1,32}$/.test(type) ? type : undefined;
}

function seriesOf(item: unknown): Reading<Series> {
  const fields = fieldsOf(item);
  const metric = fieldsOf(fields?.["metric"]);
  const values = fields?.["values"];
  if (metric === undefined || !Array.isArray(values)) return unavailable(UNREADABLE);
  const labels = collect(Object.entries(metric), labelOf);
  if (labels.kind === "unavailable") return labels;
  const samples = collect(values, sampleOf);
  if (samples.kind === "unavailable") return samples;
  return isRising(samples.value)
    ? read({ labels: new Map(labels.value), samples: samples.value })
    : unavailable(UNREADABLE);
}

function labelOf([name, value]: readonly [string, unknown]): Reading<readonly [string, string]> {
  return typeof value === "string" ? read([name, value]) : unavailable(UNREADABLE);
}

function sampleOf(item: unknown): Reading<Sample> {
  const [seconds, text, ...rest] = listOf(item);
  if (rest.length > 0) return unavailable(UNREADABLE);
  if (typeof seconds !== "number" || typeof text !== "string") return unavailable(UNREADABLE);
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return unavailable("Prometheus answered with a sample that is not a number.");
  return read({ at: Math.round(seconds * 1000), value });
}

function isRising(samples: readonly Sample[]): boolean {
  return samples.every(({ at }, position) => at > (samples[position - 1]?.at ?? -Infinity));
}

function collect<T, U>(items: readonly T[], one: (item: T) => Reading<U>): Reading<readonly U[]> {
  const values: U[] = [];
  for (const item of items) {
    const reading = one(item);
    if (reading.kind === "unavailable") return reading;
    values.push(reading.value);
  }
  return read(values);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
