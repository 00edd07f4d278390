import { extended } from "../core/gate/calibration.ts";
import { combine, NO_EVIDENCE, totalOf, type Evidence } from "../core/gate/evidence.ts";
import { extendedLatency } from "../core/gate/latency-calibration.ts";
import {
  blocksLatency,
  combineLatency,
  latencyVerdict,
  slowWindows,
  type LatencyEvidence,
  type LatencySettings,
} from "../core/gate/latency.ts";
import { silenceOfEither } from "../core/gate/latest.ts";
import { gapsIn, isLeaning, passedBy, testOf } from "../core/gate/judge.ts";
import { powerOf, type Power } from "../core/gate/power.ts";
import { outcomeOf, type Ruling } from "../core/gate/ruling.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { latencyWindows } from "../core/latency-memory.ts";
import type { Window } from "../core/window.ts";

/** Which gates judge a release that is played, by the settings of each, alpha divided. */
export type Judging = { readonly errors?: GateSettings | undefined; readonly latency?: LatencySettings | undefined };

/** One gate that watches a release; a look at every window costs one window. It is what `judge` and `judgeLatency` say of the same windows at once. */
export type Judge = {
  readonly gate: "errors" | "latency";
  /** With one more window of the running step. */
  readonly see: (window: Window) => Judge;
  /** Where the running step has passed. */
  readonly next: () => Judge;
  readonly isBlocking: () => boolean;
  /** Whether the step may pass, where it is not blocking. */
  readonly isPassing: () => boolean;
};

/** The gates at the beginning of a release. */
export function judgesOf({ errors, latency }: Judging): readonly Judge[] {
  return [
    ...(errors === undefined ? [] : [errorJudge(errors, { before: NO_EVIDENCE, running: NO_EVIDENCE })]),
    ...(latency === undefined ? [] : [latencyJudge(latency, { before: [], running: [], windows: [] })]),
  ];
}

/** Whether all of them together let a step pass, as they would in a release. */
export function isPassedBy(judges: readonly Judge[]): boolean {
  const said: Ruling[] = [];
  for (const judge of judges) {
    // What waits decides, and asking the others what they are sure of costs more than all else.
    if (!judge.isPassing()) return false;
    said.push({ gate: judge.gate, verdict: { kind: "pass" } });
  }
  return outcomeOf(said).kind === "pass";
}

type Errors = { readonly before: Evidence; readonly running: Evidence };

function errorJudge(settings: GateSettings, { before, running }: Errors): Judge {
  const all = combine(before, running);
  return {
    gate: "errors",
    see: (window) => errorJudge(settings, { before, running: extended(running, window, settings) }),
    next: () => errorJudge(settings, { before: all, running: NO_EVIDENCE }),
    isBlocking: () => testOf(all, settings) === "blocks",
    isPassing: () => isEnough(running, settings) && isPassed(all, settings),
  };
}

/** Whether both arms had the least requests that a pass rests on. */
function isEnough({ strata }: Evidence, { minimum = 0 }: GateSettings): boolean {
  const [canary, , stable] = totalOf(strata);
  return Math.min(canary, stable) >= minimum;
}

const UNKNOWN: Power = { power: 0, expected: 0, needed: undefined };

function isPassed(evidence: Evidence, settings: GateSettings): boolean {
  if (testOf(evidence, settings) !== "stands" || isLeaning(evidence, settings)) return false;
  const isProven = passedBy(evidence, UNKNOWN, settings) !== undefined;
  return isProven || passedBy(evidence, powerOf(evidence.strata, settings), settings) !== undefined;
}

type Latency = {
  readonly before: LatencyEvidence;
  readonly running: LatencyEvidence;
  /** Of the running step. */
  readonly windows: readonly Window[];
};

function latencyJudge(settings: LatencySettings, { before, running, windows }: Latency): Judge {
  const all = combineLatency(before, running.length === 0 ? before.map(() => NO_EVIDENCE) : running);
  return {
    gate: "latency",
    see: (window) =>
      latencyJudge(settings, {
        before,
        running: extendedLatency(running, latencyWindows([window]), settings),
        windows: [...windows, window],
      }),
    next: () => latencyJudge(settings, { before: all, running: [], windows: [] }),
    isBlocking: () => blocksLatency(all, settings),
    isPassing: () => latencyVerdict(all, settings).kind === "pass" && isMeasured(windows, settings),
  };
}

function isMeasured(windows: readonly Window[], { edges: [first] }: LatencySettings): boolean {
  const slow = slowWindows(latencyWindows(windows), first?.bound ?? 0);
  return silenceOfEither(slow) === undefined && gapsIn(slow) === undefined;
}
