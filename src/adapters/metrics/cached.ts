import { isDeepStrictEqual } from "node:util";
import type { Histogram } from "../../core/gate/histogram.ts";
import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { ToldLatency, Window, WindowGauge, WindowLatency } from "../../core/window.ts";
import type { Metrics, TimelineQuestion } from "../../ports/metrics.ts";
import { NO_WINDOWS, windowsFrom, withWindows, type KeptWindows } from "./kept-windows.ts";

/** A provider that can be told from every other: equal identities give equal answers. It holds no secret. */
export type IdentifiedMetrics = Metrics & {
  readonly identity: string;
  /** Present where a window is whole without pods, for none are ever told: its counts may change until so long after its end (milliseconds). */
  readonly changesForMs?: number;
};

/** Windows that are already read, by provider and question; emptied at will, it only saves queries. */
export type WindowStore = Map<string, KeptWindows>;

/** How much is kept: members asked about, and windows of each. */
export type CacheLimits = { readonly members: number; readonly windows: number };

export const CACHE_LIMITS: CacheLimits = { members: 2_000, windows: 3_000 };

/**
 * Reads a closed window once: only windows after the known ones are asked for. A window that lacks an arm or pods is asked for again for a while,
 * because its samples may only be late. What an answer says of a window never depends on where the question began, beyond the lookback.
 */
export function cachedTimelines(
  metrics: IdentifiedMetrics,
  store: WindowStore,
  limits: CacheLimits = CACHE_LIMITS,
): Metrics {
  return {
    ...(metrics.readings && { readings: metrics.readings }),
    timelines: async (questions) => {
      const asked = questions.map((question) => ({
        question,
        key: keyOf(metrics.identity, question),
        known: knownWindows(keptFor(store, keyOf(metrics.identity, question), limits), question),
      }));
      const open = asked.flatMap((one) => {
        const from = one.known.at(-1)?.end ?? one.question.from;
        return from >= one.question.to ? [] : [{ one, rest: { ...one.question, from } }];
      });
      const readings = open.length === 0 ? [] : await metrics.timelines(open.map(({ rest }) => rest));
      const fresh = new Map(open.map(({ one }, place) => [one, readings[place] ?? NOT_ANSWERED]));
      return asked.map((one) => {
        const rest = fresh.get(one) ?? read([]);
        const { to } = one.question;
        const isFinal = (window: Window): boolean => isComplete(window, to, metrics) || isSettled(window, to);
        if (rest.kind === "read") keep(store, one.key, { fresh: rest.value.filter(isFinal), limits });
        return joined(one.known, rest);
      });
    },
  };
}

const NOT_ANSWERED: Reading<readonly Window[]> = unavailable("The provider did not answer this question.");

function joined(known: readonly Window[], fresh: Reading<readonly Window[]>): Reading<readonly Window[]> {
  return fresh.kind === "read" ? read([...known, ...fresh.value]) : fresh;
}

/** The complete windows from the question's beginning on, without a gap. */
function knownWindows(kept: KeptWindows, { from, to, windowMs }: TimelineQuestion): readonly Window[] {
  const all = windowsFrom(kept, from);
  const whole = all.findIndex(({ start }, index) => start >= to || start !== from + index * windowMs);
  return whole === -1 ? all : all.slice(0, whole);
}

// A map remembers the order of insertion: what was asked about least recently is first, and goes first.
function keptFor(store: WindowStore, key: string, { members }: CacheLimits): KeptWindows {
  const kept = store.get(key) ?? NO_WINDOWS;
  store.delete(key);
  store.set(key, kept);
  drop(store, members);
  return kept;
}

type Keeping = { readonly fresh: readonly Window[]; readonly limits: CacheLimits };

function keep(store: WindowStore, key: string, { fresh, limits }: Keeping): void {
  const kept = keptFor(store, key, limits);
  let before = kept.recent.at(-1);
  const lean = fresh.map((window) => (before = alike(window, before)));
  store.set(key, withWindows(kept, lean, limits.windows));
}

/** The window, with what is as in another one for its own: pods seldom change, bounds of buckets never do, and there are many windows. */
function alike(window: Window, other: Window | undefined): Window {
  if (other === undefined) return window;
  const { pods, latency } = window;
  return {
    ...window,
    pods: isDeepStrictEqual(pods, other.pods) ? other.pods : pods,
    ...(latency && { latency: alikeLatency(latency, other.latency) }),
  };
}

function alikeLatency(latency: WindowLatency, other: WindowLatency | undefined): WindowLatency {
  if (latency.kind !== "read" || other?.kind !== "read") return latency;
  const canary = latency.canary && alikeHistogram(latency.canary, other.canary);
  const stable = latency.stable && alikeHistogram(latency.stable, other.stable);
  return { ...latency, ...(canary && { canary }), ...(stable && { stable }) };
}

function alikeHistogram(histogram: Histogram, other: Histogram | undefined): Histogram {
  const isSame = isDeepStrictEqual(histogram.bounds, other?.bounds);
  return isSame && other !== undefined ? { ...histogram, bounds: other.bounds } : histogram;
}

function drop(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function isComplete(
  { end, counts, pods, latency, gauges = {} }: Window,
  to: number,
  { changesForMs }: IdentifiedMetrics,
): boolean {
  if (counts.canary === undefined || counts.stable === undefined) return false;
  if (isLate(latency) || isLate(latency?.native)) return false;
  if (Object.values(gauges).some(isLate)) return false;
  return changesForMs === undefined ? pods.canary !== undefined && pods.stable !== undefined : end <= to - changesForMs;
}

/** Samples of one time come with minutes between them, and no more. */
const LATE_MS = 10 * 60_000;

/**
 * What was taken of an arm then has long been told: what is missing beside it was never there, such as the canary before its first weight.
 * A window of which nothing is told may be told yet, as what could not be read may be read.
 */
function isSettled({ end, counts, latency, gauges = {} }: Window, to: number): boolean {
  if (end > to - LATE_MS || (counts.canary ?? counts.stable) === undefined) return false;
  return [latency, latency?.native, ...Object.values(gauges)].every((told) => told?.kind !== "unread");
}

/** Of one arm alone, or of none for once: the rest may come. Where neither arm has any, none is counted. */
function isLate(told: ToldLatency | WindowGauge | undefined): boolean {
  if (told === undefined) return false;
  return told.kind === "unread" || (told.canary === undefined) !== (told.stable === undefined);
}

// One store may serve several providers: staging and production often have the same names.
function keyOf(
  identity: string,
  { service, namespace, arms, workloads, container, windowMs, latency, gauges }: TimelineQuestion,
): string {
  const members = [arms.by, arms.canary, arms.stable, workloads.canary, workloads.stable];
  return JSON.stringify([identity, service, namespace, ...members, container, windowMs, latency, gauges]);
}
