import { isDeepStrictEqual } from "node:util";
import { cachedTimelines } from "../src/adapters/metrics/cached.ts";
import { prometheusMetrics } from "../src/adapters/metrics/prometheus.ts";
import type { Reading } from "../src/core/reading.ts";
import type { Window } from "../src/core/window.ts";
import { DEFAULT_PROMETHEUS, type Metrics, type TimelineQuestion } from "../src/ports/metrics.ts";
import { FIRST_LOOK, questionsOf, WINDOW_MS } from "./fanout-fleet.ts";

/** What one look cost. Bytes are of answers, unpacked; `unavailable`: members of which nothing was read. */
export type Cost = {
  readonly queries: number;
  readonly ms: number;
  readonly bytes: number;
  readonly unavailable: number;
};

/** Two looks, one window apart: the first knows nothing, the second all but the newest window. */
export type Looks = { readonly cold: Cost; readonly warm: Cost };

type Readings = readonly Reading<readonly Window[]>[];
type Way = (metrics: Metrics, questions: readonly TimelineQuestion[]) => Promise<Readings>;

/** All members in one call, as a look asks. */
export const together: Way = (metrics, questions) => metrics.timelines(questions);

/** The alternative: every member by itself, all at the same time. */
export const oneByOne: Way = async (metrics, questions) =>
  (await Promise.all(questions.map((question) => metrics.timelines([question])))).flat();

/** Looks twice at so many services of a server; what was read is told as well, for comparison. */
export async function lookTwice(
  url: string,
  services: number,
  way: Way,
): Promise<Looks & { readonly readings: readonly [Readings, Readings] }> {
  const counted = countedFetch();
  const provider = prometheusMetrics({ ...DEFAULT_PROMETHEUS, url, timeoutMs: 120_000 }, { fetch: counted.fetch });
  const metrics = cachedTimelines(provider, new Map());
  const look = async (to: number): Promise<{ readonly cost: Cost; readonly readings: Readings }> => {
    const before = counted.sofar();
    const begin = performance.now();
    const readings = await way(metrics, questionsOf(services, to));
    const ms = performance.now() - begin;
    const { queries, bytes } = counted.sofar();
    const unavailable = readings.filter(({ kind }) => kind === "unavailable").length;
    return { cost: { queries: queries - before.queries, ms, bytes: bytes - before.bytes, unavailable }, readings };
  };
  const cold = await look(FIRST_LOOK);
  const warm = await look(FIRST_LOOK + WINDOW_MS);
  return { cold: cold.cost, warm: warm.cost, readings: [cold.readings, warm.readings] };
}

/** Whether two ways read the same of every member, and something of each. */
export function isSame(one: readonly [Readings, Readings], other: readonly [Readings, Readings]): boolean {
  const isSomething = one.flat().every((reading) => reading.kind === "read" && reading.value.every(isWhole));
  return isSomething && isDeepStrictEqual(one, other);
}

function isWhole({ counts, pods, latency }: Window): boolean {
  if (latency?.kind !== "read" || latency.canary === undefined || latency.stable === undefined) return false;
  const hasRequests = (counts.canary?.requests ?? 0) > 0 && (counts.stable?.requests ?? 0) > 0;
  return hasRequests && pods.canary?.[0]?.ready === 2 && pods.stable?.[0]?.ready === 2;
}

function countedFetch() {
  let [queries, bytes] = [0, 0];
  const counting = async (url: URL, init: RequestInit): Promise<Response> => {
    queries += 1;
    const response = await fetch(url, init);
    const body = await response.arrayBuffer();
    bytes += body.byteLength;
    return new Response(body, { status: response.status });
  };
  return { fetch: counting, sofar: () => ({ queries, bytes }) };
}
