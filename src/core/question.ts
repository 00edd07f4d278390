import type { AnalysisRuling } from "./analysis-gate.ts";
import type { ErrorRuling } from "./error-gate.ts";
import type { GaugesQuestion } from "./explain-gauges.ts";
import type { LatencyQuestion } from "./explain-latency.ts";
import { analysisVerdict, type AnalysisRun, type AnalysisVerdict } from "./gate/analysis.ts";
import { NO_EVIDENCE } from "./gate/evidence.ts";
import type { AloneQuestion, Question } from "./gate/explain.ts";
import type { Health } from "./gate/health.ts";
import { alphasOf } from "./gates.ts";
import { budgetName, type GaugesRuling } from "./gauge-gate.ts";
import { latencyBefore } from "./latency-memory.ts";
import { seenOf } from "./stage.ts";
import { segments, windowsOf } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { Window } from "./window.ts";

/** What the error gate was asked of a member when it gave this ruling. */
export function questionOf(member: Member, { judgement, settings }: ErrorRuling): Question {
  const { suspect } = judgement;
  const release = member.at.release;
  if (suspect === "canary") {
    const steps = segments(member, timelineOf(member));
    const isLive = sinceOf(member) !== undefined;
    return { suspect, before: release?.evidence ?? NO_EVIDENCE, steps, settings, isLive };
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

/** What latency was asked of a member; undefined where no release is under way. */
export function latencyQuestionOf(member: Member): LatencyQuestion | undefined {
  const { at, policy } = member;
  if (at.release === undefined) return undefined;
  const timeline = timelineOf(member);
  const found = latencyBefore(member, at.release, timeline);
  const alpha = alphasOf(policy, found.kind !== "out").get("latency") ?? 0;
  const evidence = at.release.latency?.evidence ?? [];
  const bare = found.kind === "known" ? { ...found, memory: { ...found.memory, evidence } } : found;
  return { found: bare, steps: segments(member, timeline), policy, alpha };
}

/** What the gauges were asked of a member; undefined where no release is under way. */
export function gaugesQuestionOf(member: Member, { judgement: { kayenta } }: GaugesRuling): GaugesQuestion | undefined {
  const { at, policy } = member;
  if (at.release === undefined) return undefined;
  const timeline = timelineOf(member);
  // Whether latency takes its part is known before the first judged window, and stays so.
  const isTimed = latencyBefore(member, at.release, timeline).kind !== "out";
  const alphas = alphasOf(policy, isTimed);
  const ours = (policy.gauges ?? []).filter((gauge) => gauge.kayenta === undefined);
  const gauges = ours.map((gauge) => ({ ...gauge, alpha: alphas.get(budgetName(gauge.name)) ?? 0 }));
  const { alpha } = policy.gate;
  return { before: at.release.gauges ?? [], steps: segments(member, timeline), gauges, alpha, kayenta };
}

/** What a template was asked: its run so far, and since when the weight is seen live, milliseconds. */
export type AnalysisQuestion = {
  readonly gate: string;
  readonly run: AnalysisRun | undefined;
  readonly since: number | undefined;
};

/** What templates were asked of a member when they gave these rulings. */
export function analysisQuestionsOf(
  member: Member,
  rulings: readonly AnalysisRuling[] = [],
): readonly AnalysisQuestion[] {
  return rulings.map(({ gate, run }) => ({ gate, run, since: sinceOf(member) }));
}

/** What a template says to a question. */
export function analysisAnswer({ run, since }: AnalysisQuestion): AnalysisVerdict {
  return run === undefined ? { kind: "wait", reason: { kind: "notBegun" } } : analysisVerdict(run, since);
}

/** Since when the running step is seen live, milliseconds; undefined while it is not. */
function sinceOf(member: Member): number | undefined {
  const seen = seenOf(member);
  return seen.kind === "live" ? seen.since : undefined;
}

function runningOf(member: Member): readonly Window[] {
  return windowsOf(member, member.at.release?.step ?? -1, timelineOf(member));
}

function timelineOf({ timeline }: Member): readonly Window[] {
  return timeline.kind === "read" ? timeline.value : [];
}
