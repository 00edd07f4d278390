import type { Arm, Counts, Window } from "../window.ts";
import { combine, evidenceOf, logAgainst, logBelowSlo, logNonInferior, usable, type Evidence } from "./evidence.ts";
import { logAboveLimit, logBelowLimit } from "./health.ts";
import type { GateSettings } from "./settings.ts";

/** What the evidence had come to when the window that began at `start`, milliseconds, had closed: logs of e-values. */
export type Mark = {
  readonly start: number;
  readonly worse: number;
  readonly nonInferior: number;
  readonly slo: number;
};

/**
 * The comparison's evidence after windows, oldest first, on from what was known before: after every so many of them, and after the last. A window without the
 * counts of both arms leaves it as it was.
 */
export function trailOf(
  before: Evidence,
  windows: readonly Window[],
  settings: GateSettings,
  every = 1,
): readonly Mark[] {
  let known = before;
  return inGroups(windows, every).map((group) => {
    // Strata are no part of any e-value, and would grow with every group.
    known = { ...combine(known, evidenceOf(group, settings)), strata: [] };
    return {
      start: group.at(-1)?.start ?? 0,
      worse: logAgainst(known, settings),
      nonInferior: logNonInferior(known, settings),
      slo: logBelowSlo(known, settings),
    };
  });
}

function inGroups(windows: readonly Window[], every: number): readonly (readonly Window[])[] {
  return Array.from({ length: Math.ceil(windows.length / every) }, (_, group) =>
    windows.slice(group * every, (group + 1) * every),
  );
}

/** The same for an arm by itself against the limit `unhealthy`. */
export type HealthMark = { readonly start: number; readonly above: number; readonly below: number };

/** What is known of an arm by itself after each window, oldest first. */
export function healthTrailOf(windows: readonly Window[], arm: Arm, settings: GateSettings): readonly HealthMark[] {
  let known: Counts = { requests: 0, failed: 0 };
  return windows.map(({ start, counts }) => {
    const seen = usable(counts[arm]);
    if (seen !== undefined) known = { requests: known.requests + seen.requests, failed: known.failed + seen.failed };
    return { start, above: logAboveLimit(known, settings), below: logBelowLimit(known, settings) };
  });
}
