import { extended } from "../core/gate/calibration.ts";
import { combine, logAgainst, NO_EVIDENCE, totalOf, type Evidence } from "../core/gate/evidence.ts";
import { isConfirmed, isLeaning, passedBy, testOf } from "../core/gate/judge.ts";
import { powerOf, type Power } from "../core/gate/power.ts";
import { logBar, type GateSettings } from "../core/gate/settings.ts";
import type { Window } from "../core/window.ts";
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

/** Windows of one step, as many as there may be of it, for all of the time that is played. */
export type Track = readonly Window[];

/**
 * A release as the gate lets it climb: looked at after every window, a step passed at the earliest when its bake is over, evidence carried on, held at
 * a step's deadline or when the windows are over. Each step has a track through all of the time; the release changes from one to the next.
 */
export function climbed(
  tracks: readonly Track[],
  shape: Pick<Shape, "bakeWindows" | "deadlineWindows" | "warmUpWindows">,
  settings: GateSettings,
): End {
  let before: Evidence = NO_EVIDENCE;
  let at = 0;
  for (const track of tracks) {
    const end = stepped(before, track.slice(at, at + shape.deadlineWindows), { ...shape, settings });
    at += end.windows;
    if (end.kind !== "passed") return { kind: end.kind, windows: at };
    before = end.evidence;
  }
  return { kind: "passed", windows: at };
}

type Rules = Pick<Shape, "bakeWindows" | "warmUpWindows"> & { readonly settings: GateSettings };

function stepped(
  before: Evidence,
  windows: Track,
  { bakeWindows, warmUpWindows, settings }: Rules,
): End & { readonly evidence: Evidence } {
  let running: Evidence = NO_EVIDENCE;
  let evidence = before;
  for (const [index, window] of windows.entries()) {
    if (index < warmUpWindows) continue;
    running = extended(running, window, settings);
    evidence = combine(before, running);
    const seen = index + 1;
    if (testOf(evidence, settings) === "blocks") return { kind: "blocked", windows: seen, evidence };
    const isLook = seen >= bakeWindows && (seen < LOOKED_AT_ALL || seen % EVERY === 0 || seen === windows.length);
    if (isLook && isEnough(running, settings) && isPassed(evidence, settings))
      return { kind: "passed", windows: seen, evidence };
  }
  return { kind: "held", windows: windows.length, evidence };
}

// Whether it passes costs more than whether it blocks: after an hour or so it is asked less often.
const LOOKED_AT_ALL = 120;
const EVERY = 5;

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
