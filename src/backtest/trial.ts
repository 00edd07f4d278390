import { extended } from "../core/gate/calibration.ts";
import { logAgainst, NO_EVIDENCE, type Evidence } from "../core/gate/evidence.ts";
import { isConfirmed } from "../core/gate/judge.ts";
import { extendedLatency } from "../core/gate/latency-calibration.ts";
import { logConfirmed, type LatencyEvidence, type LatencySettings } from "../core/gate/latency.ts";
import { logBar, type GateSettings } from "../core/gate/settings.ts";
import { latencyWindows } from "../core/latency-memory.ts";
import type { Window } from "../core/window.ts";
import { isPassedBy, judgesOf, type Judge, type Judging } from "./judges.ts";
import type { Shape } from "./shape.ts";

/** How a release or a step of it ended, and after how many windows. */
export type End = { readonly kind: "blocked" | "passed" | "held"; readonly windows: number };

/** The most that log E reached at a look at which it could block, and the first window after which the gate blocked; undefined where it did not. */
export type Sight = { readonly logE: number; readonly blockedAt: number | undefined };

/** Looks after every window of a whole release, evidence carried on over its steps; whatever its end, all of it is looked at. */
export function watched(steps: readonly (readonly Window[])[], settings: GateSettings): Sight {
  let evidence: Evidence = NO_EVIDENCE;
  let sight: Sight = { logE: Number.NEGATIVE_INFINITY, blockedAt: undefined };
  let seen = 0;
  const bar = logBar(settings);
  for (const window of steps.flat()) {
    evidence = extended(evidence, window, settings);
    seen += 1;
    if (!isConfirmed(evidence)) continue;
    const logE = logAgainst(evidence, settings);
    const isBlocked = sight.blockedAt === undefined && logE >= bar;
    sight = { logE: Math.max(sight.logE, logE), blockedAt: isBlocked ? seen : sight.blockedAt };
  }
  return sight;
}

/** The same by latency. */
export function watchedLatency(steps: readonly (readonly Window[])[], settings: LatencySettings): Sight {
  let evidence: LatencyEvidence = [];
  let sight: Sight = { logE: Number.NEGATIVE_INFINITY, blockedAt: undefined };
  const bar = logBar(settings);
  for (const [index, window] of steps.flat().entries()) {
    evidence = extendedLatency(evidence, latencyWindows([window]), settings);
    const logE = logConfirmed(evidence, settings);
    const isBlocked = sight.blockedAt === undefined && logE >= bar;
    sight = { logE: Math.max(sight.logE, logE), blockedAt: isBlocked ? index + 1 : sight.blockedAt };
  }
  return sight;
}

/** Windows of one step, as many as there may be of it, for all of the time that is played. */
export type Track = readonly Window[];

/**
 * A release as its gates let it climb: looked at after every window, a step passed at the earliest when its bake is over, evidence carried on, held at
 * a step's deadline or when the windows are over. Each step has a track through all of the time; the release changes from one to the next.
 */
export function climbed(
  tracks: readonly Track[],
  shape: Pick<Shape, "bakeWindows" | "deadlineWindows" | "warmUpWindows">,
  judging: Judging,
): End {
  let judges = judgesOf(judging);
  let at = 0;
  for (const track of tracks) {
    const end = stepped(judges, track.slice(at, at + shape.deadlineWindows), shape);
    at += end.windows;
    if (end.kind !== "passed") return { kind: end.kind, windows: at };
    judges = end.judges.map((judge) => judge.next());
  }
  return { kind: "passed", windows: at };
}

type Rules = Pick<Shape, "bakeWindows" | "warmUpWindows">;

function stepped(
  begun: readonly Judge[],
  windows: Track,
  { bakeWindows, warmUpWindows }: Rules,
): End & { readonly judges: readonly Judge[] } {
  let judges = begun;
  for (const [index, window] of windows.entries()) {
    if (index < warmUpWindows) continue;
    judges = judges.map((judge) => judge.see(window));
    const seen = index + 1;
    if (judges.some((judge) => judge.isBlocking())) return { kind: "blocked", windows: seen, judges };
    const isLook = seen >= bakeWindows && (seen < LOOKED_AT_ALL || seen % EVERY === 0 || seen === windows.length);
    if (isLook && isPassedBy(judges)) return { kind: "passed", windows: seen, judges };
  }
  return { kind: "held", windows: windows.length, judges };
}

// Whether it passes costs more than whether it blocks: after an hour or so it is asked less often.
const LOOKED_AT_ALL = 120;
const EVERY = 5;
