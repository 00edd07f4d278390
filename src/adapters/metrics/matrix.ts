import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { Answer, Flawed, Sample, Series } from "./series.ts";

type Fields = { readonly [key: string]: unknown };

const NO_NUMBER = "Prometheus answered with a sample that is not a number.";
const UNREADABLE = "Prometheus answered in a form that is not its documented one.";

/**
 * The series in the body of a 200 answer of `/api/v1/query` (range selector) or `/api/v1/query_range`.
 * Unavailable: not JSON, another shape, warnings (a partial answer), a series of which not even the labels can be read.
 * Flawed: a series with another shape, and one with a sample that is not a finite number, up to that; what comes after it is told as well.
 */
export function matrixOf(body: string): Reading<Answer> {
  const answer = fieldsOf(parsed(body));
  if (answer?.["status"] !== "success") return unavailable(UNREADABLE);
  if (!isNothing(answer["warnings"])) return unavailable("Prometheus answered with warnings: the data may be partial.");
  const data = fieldsOf(answer["data"]);
  if (data?.["resultType"] !== "matrix" || !Array.isArray(data["result"])) return unavailable(UNREADABLE);
  return answerOf(data["result"]);
}

/** The kind of error in the body of a refused query, one short word; undefined where there is none to trust. */
export function errorTypeOf(body: string): string | undefined {
  const type = fieldsOf(parsed(body))?.["errorType"];
  return typeof type === "string" && /^[a-z_]{1,32}$/.test(type) ? type : undefined;
}

function answerOf(items: readonly unknown[]): Reading<Answer> {
  const series: Series[] = [];
  const flawed: Flawed[] = [];
  for (const item of items) {
    const fields = fieldsOf(item);
    const labels = labelsOf(fields?.["metric"]);
    if (labels === undefined) return unavailable(UNREADABLE);
    const samples = samplesOf(fields?.["values"]);
    const gap = samples?.findLast(({ value }) => !Number.isFinite(value));
    if (samples === undefined) flawed.push({ labels, until: Infinity, reason: UNREADABLE });
    if (gap !== undefined) flawed.push({ labels, until: gap.at, reason: NO_NUMBER });
    if (samples !== undefined) series.push({ labels, samples: gap === undefined ? samples : after(gap, samples) });
  }
  return read({ series, flawed });
}

function after(gap: Sample, samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ at }) => at > gap.at);
}

function labelsOf(metric: unknown): ReadonlyMap<string, string> | undefined {
  const fields = fieldsOf(metric);
  if (fields === undefined) return undefined;
  const labels = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== "string") return undefined;
    labels.set(name, value);
  }
  return labels;
}

/** The samples, not all of them numbers; undefined where one has another shape. */
function samplesOf(values: unknown): readonly Sample[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const samples: Sample[] = [];
  let before = -Infinity;
  for (const item of values) {
    const sample = sampleOf(item);
    if (sample === undefined || sample.at <= before) return undefined;
    before = sample.at;
    samples.push(sample);
  }
  return samples;
}

function sampleOf(item: unknown): Sample | undefined {
  const [seconds, text, ...rest] = listOf(item);
  if (rest.length > 0 || typeof seconds !== "number" || typeof text !== "string") return undefined;
  return { at: Math.round(seconds * 1000), value: text.trim() === "" ? Number.NaN : Number(text) };
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
