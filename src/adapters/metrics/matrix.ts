import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import { fieldsOf, itemsOf, jsonOf, type Fields } from "./json.ts";
import { nativeSampleOf } from "./native-sample.ts";
import type { Answer, Flawed, Sample, Series } from "./series.ts";

const NO_NUMBER = "Prometheus answered with a sample that is not a number.";
const UNREADABLE = "Prometheus answered in a form that is not its documented one.";

/**
 * The series in the body of a 200 answer of `/api/v1/query` (range selector) or `/api/v1/query_range`.
 * Unavailable: not JSON, another shape, warnings (a partial answer), a series of which not even the labels can be read.
 * Flawed: a series with another shape, and one with a sample that is not a finite number, up to that; what comes after it is told as well.
 */
export function matrixOf(body: string): Reading<Answer> {
  const answer = fieldsOf(jsonOf(body));
  if (answer?.["status"] !== "success") return unavailable(UNREADABLE);
  if (!isNothing(answer["warnings"])) return unavailable("Prometheus answered with warnings: the data may be partial.");
  const data = fieldsOf(answer["data"]);
  if (data?.["resultType"] !== "matrix" || !Array.isArray(data["result"])) return unavailable(UNREADABLE);
  return answerOf(data["result"]);
}

/** The kind of error in the body of a refused query, one short word; undefined where there is none to trust. */
export function errorTypeOf(body: string): string | undefined {
  const type = fieldsOf(jsonOf(body))?.["errorType"];
  return typeof type === "string" && /^[a-z_]{1,32}$/.test(type) ? type : undefined;
}

function answerOf(items: readonly unknown[]): Reading<Answer> {
  const series: Series[] = [];
  const flawed: Flawed[] = [];
  for (const item of items) {
    const fields = fieldsOf(item);
    const labels = labelsOf(fields?.["metric"]);
    if (labels === undefined) return unavailable(UNREADABLE);
    const told = toldIn(fields);
    const gap = told?.samples.findLast(({ value }) => !Number.isFinite(value));
    if (told === undefined) flawed.push({ labels, until: Infinity, reason: UNREADABLE });
    if (gap !== undefined) flawed.push({ labels, until: gap.at, reason: NO_NUMBER });
    if (told !== undefined)
      series.push({ labels, ...told, samples: gap === undefined ? told.samples : after(gap, told.samples) });
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

/** The samples of a series, not all of them numbers, and its native histograms, one of the two at least; undefined where one has another shape. */
function toldIn(fields: Fields | undefined): Omit<Series, "labels"> | undefined {
  const values = fields?.["values"];
  const samples = risingOf(values ?? [], sampleOf);
  const native = risingOf(fields?.["histograms"] ?? [], nativeSampleOf);
  if (samples === undefined || native === undefined) return undefined;
  if (values === undefined && native.length === 0) return undefined;
  return { samples, ...(native.length > 0 && { native }) };
}

/** What a list says of times that rise; undefined where an item has another shape, or another time. */
function risingOf<One extends { readonly at: number }>(
  list: unknown,
  read: (item: unknown) => One | undefined,
): readonly One[] | undefined {
  const found: One[] = [];
  for (const item of itemsOf(list) ?? [undefined]) {
    const one = read(item);
    if (one === undefined || one.at <= (found.at(-1)?.at ?? -Infinity)) return undefined;
    found.push(one);
  }
  return found;
}

function sampleOf(item: unknown): Sample | undefined {
  const [seconds, text, ...rest] = itemsOf(item) ?? [];
  if (rest.length > 0 || typeof seconds !== "number" || typeof text !== "string") return undefined;
  return { at: Math.round(seconds * 1000), value: text.trim() === "" ? Number.NaN : Number(text) };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
