import type { GateSettings } from "../core/gate/settings.ts";
import type { LatencySettings, Slowdowns } from "../core/gate/latency.ts";
import { edgesIn, edgesWith, PAST_WINDOWS, type LatencyEdge } from "../core/latency-memory.ts";
import type { Moment } from "./history.ts";
import type { Judging } from "./judges.ts";

/** How releases are judged by latency. */
export type LatencyPlan = {
  readonly slowdowns: Slowdowns;
  /** Its part of alpha as it is configured, relative to that of errors. */
  readonly part: number;
  /** What latency has of a release's alpha; what errors have of it is in their own settings. */
  readonly alpha: number;
  /** What errors have of the alpha of a release that is not judged by latency, since there was no histogram before it. */
  readonly alone: number;
};

/** The same with everything that was measured, in order of time: bounds are taken from the time before a release. */
export type Timing = LatencyPlan & { readonly moments: readonly Moment[] };

/** The bounds that a release would have been judged at which began then; undefined where it would not have been judged by latency. */
export function edgesBefore({ moments, slowdowns }: Timing, begin: number): readonly LatencyEdge[] | undefined {
  const end = indexFrom(moments, begin);
  const since = begin - PAST_WINDOWS * ((moments[0]?.end ?? 0) - (moments[0]?.start ?? 0));
  const before = moments.slice(Math.max(0, end - PAST_WINDOWS), end).filter(({ start }) => start >= since);
  const found = edgesIn(
    before.flatMap(({ latency }) => latency ?? []),
    slowdowns,
  );
  return found.kind === "known" ? found.edges : undefined;
}

/** The first of them that begins then or later. */
function indexFrom(moments: readonly Moment[], begin: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle]?.start ?? Number.POSITIVE_INFINITY) < begin) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Both gates with what each has of alpha; a release without bounds is judged by errors alone. */
export function judgingBy(
  settings: GateSettings,
  timing: LatencyPlan | undefined,
  edges: readonly LatencyEdge[] | undefined,
): Judging {
  if (timing === undefined) return { errors: settings };
  if (edges === undefined) return { errors: { ...settings, alpha: timing.alone } };
  return { errors: settings, latency: latencySettings(settings, timing, edges) };
}

/** As a release has them. */
export function latencySettings(
  gate: GateSettings,
  { alpha }: LatencyPlan,
  edges: readonly LatencyEdge[],
): LatencySettings {
  return { ...edgesWith(edges, { gate }), alpha };
}
