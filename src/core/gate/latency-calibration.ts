import { LEAST_WINDOWS, UNKNOWN_DISPERSION } from "./calibration.ts";
import { dispersionOf } from "./dispersion.ts";
import {
  combineLatency,
  latencyEvidenceOf,
  logConfirmed,
  slowWindows,
  type Edge,
  type LatencyEvidence,
  type LatencySettings,
  type LatencyWindow,
} from "./latency.ts";
import { placeboThreshold } from "./placebo.ts";
import { totalOf } from "./evidence.ts";

/** The settings with what windows of equal versions say of each edge's slow requests, and what E of placebo releases stays below. */
export function calibrateLatency(
  placebos: readonly (readonly LatencyWindow[])[],
  settings: LatencySettings,
): LatencySettings {
  const history = placebos.flat();
  const read = { ...settings, edges: settings.edges.map((edge) => dispersed(edge, history)) };
  const scores = placebos.map((windows) => supremum(windows, read));
  return { ...read, placeboLogE: placeboThreshold(scores, settings.alpha) };
}

/** The evidence with more windows of the step that it is of, so that a look at every window costs one window. */
export function extendedLatency(
  evidence: LatencyEvidence,
  windows: readonly LatencyWindow[],
  settings: LatencySettings,
): LatencyEvidence {
  return combineLatency(evidence, latencyEvidenceOf(windows, settings)).map((one) => ({
    ...one,
    strata: [totalOf(one.strata)],
  }));
}

function dispersed(edge: Edge, history: readonly LatencyWindow[]): Edge {
  const { value, windows } = dispersionOf(slowWindows(history, edge.bound));
  return windows < LEAST_WINDOWS ? { ...edge, exactDispersion: UNKNOWN_DISPERSION } : { ...edge, dispersion: value };
}

function supremum(windows: readonly LatencyWindow[], settings: LatencySettings): number {
  let evidence: LatencyEvidence = [];
  let most = Number.NEGATIVE_INFINITY;
  for (const window of windows) {
    evidence = extendedLatency(evidence, [window], settings);
    most = Math.max(most, logConfirmed(evidence, settings));
  }
  return most;
}
