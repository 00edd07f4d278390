import { eta, type Eta } from "./gate/eta.ts";
import { healthy, type Health } from "./gate/health.ts";
import { judge, judgeSwapped, type Judgement } from "./gate/judge.ts";
import { isPromoted } from "./fall.ts";
import type { Judge, Step } from "./plan.ts";
import { evidenceBefore, saidOf } from "./proposal.ts";
import { windowsOf, windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import { unreachable } from "./unreachable.ts";
import type { Window } from "./window.ts";

/** The evidence that a verdict rests on; each part only where the step is judged by it. */
export type Grounds = {
  readonly judgement: Judgement | undefined;
  readonly health: Health | undefined;
  /** How far the comparison is from an end. */
  readonly eta: Eta | undefined;
};

/** What a gate says of a step. `reason` is free of numbers, so that the same failure is recorded in the same words; the numbers are in the grounds. */
export type Verdict = Grounds &
  ({ readonly kind: "pass" } | { readonly kind: "wait" } | { readonly kind: "fail"; readonly reason: string });

const NO_GROUNDS: Grounds = { judgement: undefined, health: undefined, eta: undefined };

/**
 * Judges whether `step` may follow on what runs now. `since` is when the last change was first seen live, milliseconds; undefined while it is not,
 * and then nothing passes that is compared, but what regresses fails all the same.
 */
export function verdictOf(member: Member, step: Step | undefined, since: number | undefined): Verdict {
  const { timeline, at } = member;
  if (timeline.kind === "unavailable" || step === undefined) return { ...NO_GROUNDS, kind: "wait" };
  const running = windowsOf(member, at.release?.step ?? -1, timeline.value);
  const verdict = judgedBy(member, step.judge, { running, since });
  return saidOf(member).skip === undefined ? verdict : withoutErrors(verdict, since);
}

/** What a person has left out neither passes nor fails; what it would have said is still shown. */
function withoutErrors({ judgement, health, eta: left }: Verdict, since: number | undefined): Verdict {
  return { judgement, health, eta: left, kind: since === undefined ? "wait" : "pass" };
}

type Seen = { readonly running: readonly Window[]; readonly since: number | undefined };

function judgedBy(member: Member, judge: Judge, { running, since }: Seen): Verdict {
  switch (judge) {
    case "seen":
      return { ...NO_GROUNDS, kind: "pass" };
    case "healthy":
      return byHealth(member, running);
    case "compare":
      return byComparison(member, running, since);
    case "swapped":
      return bySwappedArms(member, running, since);
    default:
      return unreachable(judge);
  }
}

/** Before the first weight an unhealthy stable is a reason to wait; once it runs the new version, to go back. */
function byHealth(member: Member, windows: readonly Window[]): Verdict {
  const health = healthy(windows, "stable", member.policy.gate);
  const grounds = { ...NO_GROUNDS, health };
  if (health.verdict.kind === "healthy") return { ...grounds, kind: "pass" };
  const release = member.at.release;
  const isSuspect = release !== undefined && isPromoted(member, release);
  if (health.verdict.kind === "unhealthy" && isSuspect) return { ...grounds, kind: "fail", reason: UNHEALTHY };
  return { ...grounds, kind: "wait" };
}

const UNHEALTHY = "stable fails more requests on the new version than is healthy";

function byComparison(member: Member, running: readonly Window[], since: number | undefined): Verdict {
  const { release } = member.at;
  const { gate } = member.policy;
  if (release === undefined) return { ...NO_GROUNDS, kind: "wait" };
  const before = evidenceBefore(member, release);
  const judgement = judge(before, running, gate);
  const grounds: Grounds = { ...NO_GROUNDS, judgement };
  if (judgement.verdict.kind === "block")
    return { ...grounds, kind: "fail", reason: "the canary fails more requests than stable" };
  if (judgement.verdict.kind === "pass" && isServing(since, running)) return { ...grounds, kind: "pass" };
  return { ...grounds, eta: eta(before, running, gate), kind: "wait" };
}

function bySwappedArms(member: Member, running: readonly Window[], since: number | undefined): Verdict {
  const rolling = byHealth(member, running);
  if (since === undefined || rolling.kind === "fail")
    return rolling.kind === "fail" ? rolling : { ...rolling, kind: "wait" };
  const live = windowsSince(since, running);
  const judgement = judgeSwapped(live, member.policy.gate);
  const grounds: Grounds = { ...rolling, judgement };
  if (judgement.verdict.kind === "block")
    return { ...grounds, kind: "fail", reason: "stable fails more requests on the new version than the canary" };
  return { ...grounds, kind: judgement.verdict.kind === "pass" ? rolling.kind : "wait" };
}

/** Evidence of earlier steps passes nothing by itself: the weight that is live must have been seen to serve. */
function isServing(since: number | undefined, running: readonly Window[]): boolean {
  return since !== undefined && windowsSince(since, running).some(({ counts }) => (counts.canary?.requests ?? 0) > 0);
}
