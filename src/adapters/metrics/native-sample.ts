import type { Bucket, Buckets } from "../../core/gate/native.ts";
import { fieldsOf, itemsOf } from "./json.ts";
import type { NativeSample } from "./series.ts";

/** How a native histogram of the HTTP API says which of its bounds belong to a bucket: only these two are of durations, (left, right] and [−zero, zero]. */
const OPEN_LEFT = 0;
const CLOSED = 3;

/** Counts of rates and of averages are sums of fractions. */
const ROUNDING = 1e-6;

/**
 * One item of `histograms`, a time in seconds and a native histogram, in its own unit of time. Undefined where it has another shape; without buckets where it has
 * that shape and is none of durations: NaN, below 0, negative times, buckets that are not in order or hold more than there are.
 */
export function nativeSampleOf(item: unknown): NativeSample | undefined {
  const [seconds, told, ...rest] = itemsOf(item) ?? [];
  const fields = fieldsOf(told);
  const count = fields?.["count"];
  const rows = itemsOf(fields?.["buckets"] ?? [])?.map(rowOf);
  if (rest.length > 0 || typeof seconds !== "number" || typeof count !== "string" || rows === undefined)
    return undefined;
  const known = rows.filter((row) => row !== undefined);
  if (known.length !== rows.length) return undefined;
  return { at: Math.round(seconds * 1000), buckets: bucketsIn(known, numberOf(count)) };
}

type Row = { readonly rule: number; readonly left: number; readonly right: number; readonly count: number };

function rowOf(item: unknown): Row | undefined {
  const [rule, left, right, count, ...rest] = itemsOf(item) ?? [];
  if (rest.length > 0 || typeof rule !== "number") return undefined;
  if (typeof left !== "string" || typeof right !== "string" || typeof count !== "string") return undefined;
  return { rule, left: numberOf(left), right: numberOf(right), count: numberOf(count) };
}

const SPELT: Readonly<Record<string, number>> = { "+Inf": Infinity, "-Inf": -Infinity };

/** NaN where it is no number. */
function numberOf(text: string): number {
  return SPELT[text] ?? (text.trim() === "" ? Number.NaN : Number(text));
}

function bucketsIn(rows: readonly Row[], all: number): Buckets | undefined {
  const told = rows.map(bucketOf);
  const buckets = told.filter((bucket) => bucket !== undefined);
  if (buckets.length !== told.length || !areInOrder(buckets)) return undefined;
  const held = buckets.reduce((sum, { count }) => sum + count, 0);
  const beside = all - held;
  if (!Number.isFinite(beside) || beside < -ROUNDING * held) return undefined;
  const full = buckets.filter(({ count }) => count > 0);
  // A duration that is NaN is in no bucket; in classic ones it is in the last. So much slower than all others is what it counts as.
  return beside <= ROUNDING * held ? full : withSlowest(full, beside);
}

function withSlowest(buckets: Buckets, count: number): Buckets {
  const last = buckets.at(-1);
  if (last?.upper === Number.POSITIVE_INFINITY)
    return [...buckets.slice(0, -1), { ...last, count: last.count + count }];
  return [...buckets, { lower: Number.MAX_VALUE, upper: Number.POSITIVE_INFINITY, count }];
}

/** Undefined where it is no bucket of durations. */
function bucketOf({ rule, left, right, count }: Row): Bucket | undefined {
  const isZero = rule === CLOSED && left <= 0;
  const isOfTimes = left < right && right >= 0 && (rule === OPEN_LEFT || isZero);
  if (!isOfTimes || !Number.isFinite(count) || count < 0) return undefined;
  return { lower: left <= 0 ? Number.NEGATIVE_INFINITY : left, upper: right, count };
}

function areInOrder(buckets: Buckets): boolean {
  return buckets.every(({ lower }, at) => at === 0 || lower >= (buckets[at - 1]?.upper ?? Number.POSITIVE_INFINITY));
}
