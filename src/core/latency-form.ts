import type { Histogram } from "./gate/histogram.ts";
import type { ToldLatency, Window, WindowLatency } from "./window.ts";

/** What "how long requests took" is read from. A release is judged by one of them to its end: the bounds of the other lie elsewhere. */
export type LatencyForm = "native" | "classic";

/** What was told in one form; undefined where nothing was asked, or there is none. */
export function toldIn(latency: WindowLatency | undefined, form: LatencyForm): ToldLatency | undefined {
  return form === "native" ? latency?.native : latency;
}

/** The same of one arm. */
export function histogramIn(
  latency: WindowLatency | undefined,
  form: LatencyForm,
  arm: "canary" | "stable",
): Histogram | undefined {
  const told = toldIn(latency, form);
  return told?.kind === "read" ? told[arm] : undefined;
}

/**
 * The form that a release is judged by: native histograms, which are finer, where stable had them in every window before it that tells of stable at all, and the
 * canary has not been seen with classic buckets alone.
 */
export function formOf(before: readonly Window[], since: readonly Window[]): LatencyForm {
  const classic = before.filter(({ latency }) => histogramIn(latency, "classic", "stable") !== undefined);
  if (classic.length === 0) return before.some(({ latency }) => latency?.native !== undefined) ? "native" : "classic";
  const isNative = classic.every(({ latency }) => histogramIn(latency, "native", "stable") !== undefined);
  const isClassicAlone = since.some(
    ({ latency }) =>
      histogramIn(latency, "classic", "canary") !== undefined && histogramIn(latency, "native", "canary") === undefined,
  );
  return isNative && !isClassicAlone ? "native" : "classic";
}
