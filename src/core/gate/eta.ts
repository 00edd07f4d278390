import type { Arm, Counts, Window } from "../window.ts";
import { combine, evidenceOf, logAgainst, pairOf, tallyOf, totalOf, usable, type Evidence } from "./evidence.ts";
import { logAboveLimit, logBelowLimit } from "./health.ts";
import { isLeaning, passedBy, testOf, type PassedBy } from "./judge.ts";
import { powerOf } from "./power.ts";
import { logBar, type GateSettings } from "./settings.ts";

/** How far a verdict is. */
export type Eta =
  /** In so many milliseconds, after so many more requests to the suspect; 0 when it could pass now. `given`: only if both arms fail alike from now on. */
  | {
      readonly kind: "passes";
      readonly inMs: number;
      readonly requests: number;
      readonly by: PassedBy | "health";
      readonly given?: "alike" | undefined;
    }
  /** As errors go, the test blocks first. */
  | { readonly kind: "blocks"; readonly inMs: number }
  /** No request of an arm in the running step, so nothing to go by. */
  | { readonly kind: "noTraffic" }
  /** Not within ETA_AT_MOST_MS: errors cannot decide at this traffic. */
  | { readonly kind: "never" };

/** Farther than this is never: thirty days. */
export const ETA_AT_MOST_MS = 30 * 24 * 3_600_000;

/**
 * When the running step comes to a verdict if traffic and errors go on as in its windows so far, reckoned by scaling them. Bake time is the caller's.
 * Errors that lean towards a block, and are not half-way there, mostly are so by chance, and do not go on: then both arms are taken to fail alike from now on.
 */
export function eta(evidence: Evidence, running: readonly Window[], settings: GateSettings): Eta {
  const now = evidenceOf(running, settings);
  const [stratum] = now.strata;
  const spanMs = measuredMs(running);
  if (stratum === undefined || stratum[0] === 0 || stratum[2] === 0 || spanMs === 0) return { kind: "noTraffic" };
  const after = (coming: Evidence) => {
    const at = (scale: number) => outcomeOf(combine(evidence, grown(now, coming, scale - 1)), settings);
    return endOf(at, { spanMs, requests: stratum[0] });
  };
  const [all, asSeen] = [combine(evidence, now), after(now)];
  const passesAsIs = asSeen.kind === "passes" && (asSeen.inMs === 0 || !isLeaning(all, settings));
  if (passesAsIs || logAgainst(all, settings) >= logBar(settings) / 2) return asSeen;
  const asAlike = after(evidenceOf(running.map(alike), settings));
  return asAlike.kind === "passes" ? { ...asAlike, given: "alike" } : asSeen;
}

/** How far the least scale of a span and its requests is at which there is an outcome. */
function endOf(
  at: (scale: number) => PassedBy | "blocks" | undefined,
  { spanMs, requests }: { readonly spanMs: number; readonly requests: number },
): Eta {
  const scale = firstDecided(at, 1 + ETA_AT_MOST_MS / spanMs);
  const outcome = scale === undefined ? undefined : at(scale);
  if (scale === undefined || outcome === undefined) return { kind: "never" };
  const inMs = Math.ceil((scale - 1) * spanMs);
  if (outcome === "blocks") return { kind: "blocks", inMs };
  return { kind: "passes", inMs, requests: Math.ceil((scale - 1) * requests), by: outcome };
}

/** The window as it would be expected if both arms failed alike: its failures in proportion to the requests. */
function alike(window: Window): Window {
  const pair = pairOf(window);
  if (pair === undefined) return window;
  const { allFailed, share } = tallyOf(pair);
  const canary = { requests: pair[0], failed: allFailed * share };
  const stable = { requests: pair[2], failed: allFailed * (1 - share) };
  return { ...window, counts: { canary, stable } };
}

/** The evidence of a step so far, and `times` as much of what is coming, as one stratum. */
function grown(now: Evidence, coming: Evidence, times: number): Evidence {
  const all = combine(now, scaled(coming, times));
  return { ...all, strata: [totalOf(all.strata)] };
}

/** The same for an arm that is judged by itself, whose error rate must be proven to be below the limit. */
export function etaAlone(running: readonly Window[], arm: Arm, settings: GateSettings): Eta {
  const measured = running.flatMap(({ start, end, counts }) => {
    const seen = usable(counts[arm]);
    return seen === undefined ? [] : [{ ...seen, ms: end - start }];
  });
  const sum = (of: "requests" | "failed" | "ms") => measured.reduce((total, window) => total + window[of], 0);
  const now: Counts = { requests: sum("requests"), failed: sum("failed") };
  const spanMs = sum("ms");
  if (now.requests === 0 || spanMs === 0) return { kind: "noTraffic" };
  const at = (scale: number) => endAlone({ requests: now.requests * scale, failed: now.failed * scale }, settings);
  const scale = firstDecided(at, 1 + ETA_AT_MOST_MS / spanMs);
  if (scale === undefined) return { kind: "never" };
  const inMs = Math.ceil((scale - 1) * spanMs);
  if (at(scale) === "blocks") return { kind: "blocks", inMs };
  return { kind: "passes", inMs, requests: Math.ceil((scale - 1) * now.requests), by: "health" };
}

function endAlone(counts: Counts, settings: GateSettings): "passes" | "blocks" | undefined {
  if (logAboveLimit(counts, settings) >= -Math.log(settings.alpha)) return "blocks";
  return logBelowLimit(counts, settings) >= -Math.log(settings.beta) ? "passes" : undefined;
}

/** What the gate would say of this evidence; undefined while nothing. */
function outcomeOf(evidence: Evidence, settings: GateSettings): PassedBy | "blocks" | undefined {
  const test = testOf(evidence, settings);
  if (test === "blocks") return "blocks";
  if (test !== "stands" || isLeaning(evidence, settings)) return undefined;
  return passedBy(evidence, powerOf(evidence.strata, settings), settings);
}

const PRECISION = 1.005;

/** Least scale, from 1 to `atMost`, to within PRECISION, at which there is an outcome. */
function firstDecided(at: (scale: number) => unknown, atMost: number): number | undefined {
  if (at(1) !== undefined) return 1;
  let decided = 1;
  let open = 1;
  while (at(decided) === undefined) {
    if (decided >= atMost) return undefined;
    open = decided;
    decided = Math.min(decided * 2, atMost);
  }
  while (decided / open > PRECISION) {
    const middle = Math.sqrt(decided * open);
    if (at(middle) === undefined) open = middle;
    else decided = middle;
  }
  return decided;
}

function scaled(evidence: Evidence, scale: number): Evidence {
  const times = (sums: readonly number[]) => sums.map((sum) => sum * scale);
  return {
    through: evidence.through,
    exact: times(evidence.exact),
    bets: times(evidence.bets),
    better: times(evidence.better),
    slo: times(evidence.slo),
    failedWindows: Math.floor(evidence.failedWindows * scale),
    strata: evidence.strata.map(([a, b, c, d]) => [a * scale, b * scale, c * scale, d * scale]),
  };
}

function measuredMs(windows: readonly Window[]): number {
  return windows.filter((window) => pairOf(window) !== undefined).reduce((sum, { start, end }) => sum + end - start, 0);
}
