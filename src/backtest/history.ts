import { usable } from "../core/gate/evidence.ts";
import type { Excluded } from "../core/gate/calibration.ts";
import type { Histogram } from "../core/gate/histogram.ts";
import type { Counts, Window } from "../core/window.ts";
import type { Reading } from "../core/reading.ts";
import type { PodCounts, PodsAt } from "../ports/pod-counts.ts";

/** A closed window of a service's past. */
export type Moment = {
  readonly start: number;
  readonly end: number;
  /** All that stable answered; undefined where nothing was measured. */
  readonly stable: Counts | undefined;
  /** How long that took; absent where it was not asked, not counted or not measured. */
  readonly latency?: Histogram | undefined;
  /** There are native histograms of it, which are not played. */
  readonly isNative?: boolean | undefined;
  /** Gauges by pod, each by its name; absent where they are not asked. */
  readonly gauges?: Readonly<Record<string, Reading<ReadonlyMap<string, number>>>> | undefined;
  /** Counts and how long requests took by pod, those that answered nothing left out; empty where pods cannot be told apart. */
  readonly pods: readonly PodCounts[];
  /** A release was under way, by the images that ran and the requests that a canary got. */
  readonly isReleasing: boolean;
  /** Both arms served, and ran one version: what a placebo release would have seen. */
  readonly twins: Window | undefined;
};

/** The past, oldest first, from what a release would have been told of each window and what pods of stable answered. */
export function momentsOf(windows: readonly Window[], podsAt: PodsAt): readonly Moment[] {
  const compact = compacting();
  return windows.map((window) => {
    const { start, end, counts } = window;
    const images = imagesIn(window);
    const isServing = isSeenServing(counts.canary);
    const isTold = images.canary.size > 0 && images.stable.size > 0;
    const all = images.canary.union(images.stable);
    const isTwins = isServing && isTold && all.size === 1 && isSeenServing(counts.stable);
    return {
      start,
      end,
      stable: usable(counts.stable),
      latency: window.latency?.kind === "read" ? compact(window.latency.stable) : undefined,
      isNative: window.latency?.native === undefined ? undefined : true,
      pods: podsIn(podsAt.get(start) ?? [], compact),
      isReleasing: isServing || all.size > 1,
      twins: isTwins ? window : undefined,
    };
  });
}

function isSeenServing(counts: Counts | undefined): boolean {
  return (usable(counts)?.requests ?? 0) > 0;
}

/** Those that answered, by name. */
function podsIn(pods: readonly PodCounts[], compact: Compact): readonly PodCounts[] {
  return pods
    .filter((one) => usable(one)?.failed === one.failed && one.requests > 0)
    .map((one) => ({ ...one, latency: compact(one.latency) }))
    .toSorted((a, b) => (a.pod < b.pod ? -1 : 1));
}

type Compact = (histogram: Histogram | undefined) => Histogram | undefined;

/** Histograms of whole requests, all of those with equal bounds sharing them: a past holds a million of them. */
function compacting(): Compact {
  const known = new Map<string, Histogram["bounds"]>();
  return (histogram) => {
    if (histogram === undefined) return undefined;
    const key = histogram.bounds.join();
    const bounds = known.get(key) ?? histogram.bounds;
    known.set(key, bounds);
    return { ...histogram, bounds, counts: histogram.counts.map(Math.round) };
  };
}

function imagesIn({ pods }: Window): { readonly canary: ReadonlySet<string>; readonly stable: ReadonlySet<string> } {
  const of = (arm: "canary" | "stable") => new Set((pods[arm] ?? []).map(({ image }) => image));
  return { canary: of("canary"), stable: of("stable") };
}

// What pauses for less is one release still.
const PAUSE_MS = 1_800_000;

/** How many releases the past holds, seen by themselves. */
export function releasesIn(moments: readonly Moment[]): number {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const { start, end, isReleasing } of moments) {
    if (!isReleasing) continue;
    if (start - last > PAUSE_MS) count += 1;
    last = end;
  }
  return count;
}

/** What is left of the past without releases and without what is excluded (milliseconds). */
export function quietOnly(moments: readonly Moment[], excluded: readonly Excluded[]): readonly Moment[] {
  const isOut = ({ start, end }: Moment) => excluded.some(({ from, to }) => start < to && end > from);
  return moments.filter((moment) => !moment.isReleasing && !isOut(moment));
}

/** How many pods stable had at most, in as long a past as there is. */
export function mostPods(moments: readonly Pick<Moment, "pods">[]): number {
  return moments.reduce((most, { pods }) => Math.max(most, pods.length), 0);
}

/** The past in stretches of `length` windows that follow each other without a gap, and do not overlap. */
export function stretches(moments: readonly Moment[], length: number): readonly (readonly Moment[])[] {
  const found: (readonly Moment[])[] = [];
  let run: Moment[] = [];
  for (const moment of moments) {
    if (moment.stable === undefined || (run.length > 0 && run.at(-1)?.end !== moment.start)) run = [];
    if (moment.stable === undefined) continue;
    run.push(moment);
    if (run.length < length) continue;
    found.push(run);
    run = [];
  }
  return found;
}
