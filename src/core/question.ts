import type { ErrorRuling } from "./error-gate.ts";
import { NO_EVIDENCE } from "./gate/evidence.ts";
import type { AloneQuestion, Question } from "./gate/explain.ts";
import type { Health } from "./gate/health.ts";
import { segments, windowsOf } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { Window } from "./window.ts";

/** What the error gate was asked of a member when it gave this ruling. */
export function questionOf(member: Member, { judgement, settings }: ErrorRuling): Question {
  const { suspect } = judgement;
  const release = member.at.release;
  if (suspect === "canary") {
    const steps = segments(member, timelineOf(member));
    return { suspect, before: release?.evidence ?? NO_EVIDENCE, steps, settings };
  }
  // Stable is judged from when it was seen on the new version, and those are the last ones.
  const running = runningOf(member);
  const windows = running.slice(Math.max(0, running.length - judgement.windows));
  return { suspect, before: NO_EVIDENCE, steps: [{ step: release?.step ?? 0, windows }], settings };
}

/** The same where an arm was judged by itself. */
export function aloneQuestionOf(member: Member, { arm, aboveLimit, belowLimit }: Health): AloneQuestion {
  const settings = { ...member.policy.gate, alpha: 1 / aboveLimit.threshold };
  return { arm, windows: runningOf(member), settings, isProof: belowLimit !== undefined };
}

function runningOf(member: Member): readonly Window[] {
  return windowsOf(member, member.at.release?.step ?? -1, timelineOf(member));
}

function timelineOf({ timeline }: Member): readonly Window[] {
  return timeline.kind === "read" ? timeline.value : [];
}
