import { read } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { Window } from "../../core/window.ts";
import type { Metrics, TimelineQuestion } from "../../ports/metrics.ts";

/** A provider that can be told from every other: equal identities give equal answers. It holds no secret. */
export type IdentifiedMetrics = Metrics & { readonly identity: string };

/** Windows that are already read, by provider, question and start; emptied at will, it only saves queries. */
export type WindowStore = Map<string, Map<number, Window>>;

/** How much is kept: members asked about, and windows of each. */
export type CacheLimits = { readonly members: number; readonly windows: number };

export const CACHE_LIMITS: CacheLimits = { members: 2_000, windows: 3_000 };

/**
 * Reads a closed window once: only windows after the known ones are asked for. A window that lacks an arm or pods is asked for again,
 * because its samples may only be late. What an answer says of a window never depends on where the question began, beyond the lookback.
 */
export function cachedTimeline(
  metrics: IdentifiedMetrics,
  store: WindowStore,
  limits: CacheLimits = CACHE_LIMITS,
): Metrics {
  return {
    timeline: async (question) => {
      const key = keyOf(metrics.identity, question);
      const known = knownWindows(windowsFor(store, key, limits), question);
      const from = known.at(-1)?.end ?? question.from;
      if (from >= question.to) return read(known);
      const fresh = await metrics.timeline({ ...question, from });
      if (fresh.kind === "read") keep(windowsFor(store, key, limits), fresh.value, limits);
      return joined(known, fresh);
    },
  };
}

function joined(known: readonly Window[], fresh: Reading<readonly Window[]>): Reading<readonly Window[]> {
  return fresh.kind === "read" ? read([...known, ...fresh.value]) : fresh;
}

/** The complete windows from the question's beginning on, without a gap. */
function knownWindows(
  windows: ReadonlyMap<number, Window>,
  { from, to, windowMs }: TimelineQuestion,
): readonly Window[] {
  const known: Window[] = [];
  for (let start = from; start < to; start += windowMs) {
    const window = windows.get(start);
    if (window === undefined) break;
    known.push(window);
  }
  return known;
}

// A map remembers the order of insertion: what was asked about least recently is first, and goes first.
function windowsFor(store: WindowStore, key: string, { members }: CacheLimits): Map<number, Window> {
  const windows = store.get(key) ?? new Map<number, Window>();
  store.delete(key);
  store.set(key, windows);
  drop(store, members);
  return windows;
}

function keep(windows: Map<number, Window>, fresh: readonly Window[], limits: CacheLimits): void {
  for (const window of fresh) if (isComplete(window)) windows.set(window.start, window);
  drop(windows, limits.windows);
}

function drop(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function isComplete({ counts, pods }: Window): boolean {
  return (
    counts.canary !== undefined && counts.stable !== undefined && pods.canary !== undefined && pods.stable !== undefined
  );
}

// One store may serve several providers: staging and production often have the same names.
function keyOf(identity: string, { namespace, arms, workloads, container, windowMs }: TimelineQuestion): string {
  const members = [arms.by, arms.canary, arms.stable, workloads.canary, workloads.stable];
  return JSON.stringify([identity, namespace, ...members, container, windowMs]);
}
