import { countedShare } from "./copied.ts";
import { divergence, type Divergence } from "./divergence.ts";
import { leapOf } from "./flagger.ts";
import { livenessOf, type Expected, type Liveness, type Unseen } from "./live.ts";
import { isPromoted, isSentBesides } from "./fall.ts";
import { longest, type Held, type HeldBack } from "./pacing.ts";
import type { DeadlineOutcome, Step } from "./plan.ts";
import { blockOf, isQueued, nextStep, saidOf } from "./proposal.ts";
import { onceReady } from "./ready-once.ts";
import { restoredStable } from "./restored.ts";
import { rolloutFallUnseen, rolloutSeen } from "./rollout.ts";
import { besideOf, windowsSince } from "./segments.ts";
import type { Edit, Member } from "./snapshot.ts";
import type { Aborting, Blocked, Hold, Override, Skip } from "./state.ts";
import { isProviderAlone } from "./unread.ts";
import { verdictOf, type Verdict } from "./verdict.ts";
import { wantedPods } from "./wanted-pods.ts";
import type { Earlier } from "./waves.ts";
import { NO_WEIGHT, type Weight } from "./weight.ts";

/** Where a member stands, derived from facts at every look; each case brings what it needs to act and to explain. */
export type Stage =
  /** Canary and stable are the same version, at weight 0. */
  | { readonly kind: "resting" }
  | { readonly kind: "blocked"; readonly block: Blocked }
  /** Git contradicts itself; nothing moves until a person has put it right. */
  | { readonly kind: "diverged"; readonly divergence: Exclude<Divergence, { readonly kind: "orphan" | "raised" }> }
  /** A person raised the weight to one of the plan: the state follows. */
  | { readonly kind: "raised"; readonly divergence: Extract<Divergence, { readonly kind: "raised" }> }
  /** A weight without a release; the pull request that sends it to 0 is open or due. */
  | { readonly kind: "orphan"; readonly weight: Weight }
  /** Members of earlier waves have the version still to do. */
  | { readonly kind: "queued"; readonly behind: readonly Earlier[] }
  /** The step's pull request is not open, or its head is not what it should be; `held` where GitHub's limits keep it from being so. */
  | { readonly kind: "proposing"; readonly step: Step; readonly held?: Held }
  /** `under`: where it would stand if nobody held it. */
  | { readonly kind: "held"; readonly step: Step; readonly because: Holding; readonly under: Unheld }
  /** A bump has landed, and others may join it until then. */
  | { readonly kind: "gathering"; readonly step: Step; readonly until: number }
  /** The last change has not been seen live; `overdue` from the deadline on. */
  | { readonly kind: "syncing"; readonly step: Step; readonly why: Unseen | ProviderDown; readonly overdue: boolean }
  | { readonly kind: "baking"; readonly step: Step; readonly until: number; readonly verdict: Verdict }
  /** Baked; the gate cannot tell yet. `overdue`: nor can it by the deadline, and only a person can decide. */
  | { readonly kind: "measuring"; readonly step: Step; readonly verdict: Verdict; readonly overdue: boolean }
  /** Everything holds but the repository's pace, or GitHub's limits. */
  | (Held & { readonly kind: "paced"; readonly step: Step; readonly word: Word })
  /** Nothing of ours is missing, and GitHub does not let it be merged; asked again at `until`. */
  | {
      readonly kind: "refused";
      readonly step: Step;
      readonly reason: string;
      readonly until: number;
      readonly word: Word;
    }
  | { readonly kind: "passed"; readonly step: Step; readonly word: Word }
  | { readonly kind: "failed"; readonly aborting: Aborting; readonly verdict: Verdict | undefined }
  /** On the way back: `unseen` is what the next commit of it waits for. */
  | { readonly kind: "aborting"; readonly aborting: Aborting; readonly unseen: Unseen | ProviderDown | undefined };

/** Where a step stands that nobody holds. */
export type Unheld = Extract<
  Stage,
  { readonly kind: "gathering" | "syncing" | "baking" | "measuring" | "paced" | "refused" | "passed" }
>;

/** What keeps a step from merging on a person's account. */
export type Holding =
  | { readonly kind: "hold"; readonly hold: Hold }
  | { readonly kind: "draft" }
  /** Configuration or the state file cannot be read; the release is watched by what they last said. */
  | { readonly kind: "unreadable"; readonly what: string }
  /** Somebody's commit is on the step's branch. */
  | { readonly kind: "pushed"; readonly edit: Edit };

/** On whose word a step merges: the gate's, or a person's. */
export type Word = {
  readonly verdict: Verdict;
  readonly override: Override | undefined;
  readonly skips: readonly Skip[];
};

export type ProviderDown = { readonly kind: "providerDown"; readonly reason: string };

/** One rule a line, worst first. `paceUntil` is when the repository may merge its next step, milliseconds; `heldBack` what GitHub's limits keep from being sent. */
export function stageOf(member: Member, now: number, paceUntil: number, heldBack: HeldBack = {}): Stage {
  const { release } = member.at;
  if (release?.aborting !== undefined)
    return { kind: "aborting", aborting: release.aborting, unseen: fallUnseen(member, now) };
  const failure = failureOf(member);
  if (failure !== undefined) return failure;
  const diverged = divergedStage(member);
  if (diverged !== undefined) return diverged;
  if (isQueued(member)) return { kind: "queued", behind: member.behind };
  const step = nextStep(member);
  if (step !== undefined) return climb(member, step, { now, paceUntil, heldBack });
  const block = blockOf(member);
  return block === undefined ? { kind: "resting" } : { kind: "blocked", block };
}

type Times = { readonly now: number; readonly paceUntil: number; readonly heldBack: HeldBack };

function divergedStage(member: Member): Stage | undefined {
  const found = divergence(member);
  if (found === undefined) return undefined;
  if (found.kind === "raised") return { kind: "raised", divergence: found };
  if (found.kind === "orphan") return { kind: "orphan", weight: found.weight };
  return { kind: "diverged", divergence: found };
}

function climb(member: Member, step: Step, times: Times): Stage {
  const because = holdingOf(member);
  if (because === undefined && member.pull?.current !== true) return proposing(member, step, times);
  const under = unheld(member, step, times);
  if (because !== undefined) return { kind: "held", step, because, under };
  return takenBackAtDeadline(member, under) ?? under;
}

function proposing({ pull }: Member, step: Step, { heldBack: { push, open } }: Times): Stage {
  const holds = [push, pull === undefined ? open : undefined].filter((hold) => hold !== undefined);
  const [first, ...others] = holds;
  return first === undefined ? { kind: "proposing", step } : { kind: "proposing", step, held: longest(first, others) };
}

/** What becomes of a member that is undecided at its deadline: from promotion on, where going back is a change of its own, a person always decides. */
export function deadlineOutcome(member: Pick<Member, "at" | "manifest" | "policy">): DeadlineOutcome {
  const { release } = member.at;
  return release === undefined || isPromoted(member, release) ? "hold" : member.policy.onDeadline;
}

/** An outage of the provider, or of what it tells of one gate, takes nothing back, and what somebody has said or is just saying goes before. */
function takenBackAtDeadline(member: Member, under: Unheld): Stage | undefined {
  if (under.kind !== "measuring" && under.kind !== "syncing") return undefined;
  if (!under.overdue || deadlineOutcome(member) === "hold") return undefined;
  if (member.heard.length > 0 || saidOf(member).override !== undefined) return undefined;
  if (under.kind === "syncing")
    return under.why.kind === "providerDown" ? undefined : undecided("not seen live by the deadline", undefined);
  return isProviderAlone(under.verdict) ? undefined : undecided("undecided by the deadline", under.verdict);
}

function undecided(reason: string, verdict: Verdict | undefined): Stage {
  return { kind: "failed", aborting: { by: "gate", who: undefined, reason }, verdict };
}

/** Where the step to come stands, whoever holds it and however its pull request is; undefined where none is to come. */
export function standsAt(member: Member, now: number): Unheld | undefined {
  const step = nextStep(member);
  return step && unheld(member, step, { now, paceUntil: 0, heldBack: {} });
}

function unheld(member: Member, step: Step, times: Times): Unheld {
  const seen = seenOf(member);
  if (seen.kind !== "live") return { kind: "syncing", step, why: whyOf(seen), overdue: isOverdue(member, times) };
  const verdict = verdictOf(member, step, seen.since);
  return judged(member, { step, verdict, since: seen.since }, times);
}

/** What a person has done to keep a step from merging. A branch that is to be built anew is, even under a hold, unless somebody's commit would be lost. */
function holdingOf(member: Member): Holding | undefined {
  const { pull, target } = member;
  const hold = saidOf(member).holds.find((one) => one.target === target);
  if (pull === undefined) return hold?.closed === undefined ? undefined : { kind: "hold", hold };
  if (pull.foreign !== undefined) return { kind: "pushed", edit: pull.foreign };
  if (!pull.current) return undefined;
  if (member.obstacle !== undefined) return { kind: "unreadable", what: member.obstacle };
  if (hold !== undefined) return { kind: "hold", hold };
  return pull.draft ? { kind: "draft" } : undefined;
}

type Judged = { readonly step: Step; readonly verdict: Verdict; readonly since: number };

function judged(member: Member, { step, verdict, since }: Judged, times: Times): Unheld {
  const { now, paceUntil, heldBack } = times;
  const { override, skips } = saidOf(member);
  const gathered = gatheredAt(member, step);
  if (override === undefined && now < gathered) return { kind: "gathering", step, until: gathered };
  if (override === undefined && now < since + step.bakeMs)
    return { kind: "baking", step, until: since + step.bakeMs, verdict };
  if (override === undefined && verdict.kind !== "pass")
    return { kind: "measuring", step, verdict, overdue: isOverdue(member, times) };
  const word: Word = { verdict, override, skips };
  const turn: Held = { until: paceUntil, by: { kind: "turn" } };
  const pace = longest(turn, heldBack.merge === undefined ? [] : [heldBack.merge]);
  if (now < pace.until) return { kind: "paced", step, word, ...pace };
  const { refusal } = member;
  if (refusal !== undefined && now < refusal.until) return { kind: "refused", step, word, ...refusal };
  return { kind: "passed", step, word };
}

function isOverdue({ changedAt, policy, at }: Member, { now }: Times): boolean {
  return at.release !== undefined && now >= changedAt + policy.deadlineMs;
}

/** Until when further bumps may join the one that waits to begin, milliseconds. */
function gatheredAt({ policy, bump }: Member, step: Step): number {
  return step.index === 0 && policy.secondBump === "batch" ? (bump?.at ?? 0) + policy.gatherMs : 0;
}

/** What ends a release at once, whatever else is going on: a change that no gate has judged, or a verdict. */
function failureOf(member: Member): Stage | undefined {
  const { release } = member.at;
  if (release === undefined) return undefined;
  if (member.manifest.canary.template !== release.template) return isReverted(member) ? byHand(REVERTED) : contained();
  const leap = leapOf(member);
  // Whatever weight somebody meant, nothing has judged all of it.
  if (leap !== undefined) return byHand(leap);
  const { timeline } = member;
  if (timeline.kind === "unavailable") return undefined;
  const seen = seenOf(member);
  const verdict = verdictOf(member, member.plan.steps[release.step + 1], seen.kind === "live" ? seen.since : undefined);
  if (verdict.kind !== "fail") return undefined;
  return { kind: "failed", aborting: { by: "gate", who: undefined, reason: verdict.reason }, verdict };
}

/**
 * The canary has what it had before the bump, and stable had it too: somebody has taken the bump back, by GitHub's Revert button or by hand.
 * What stood there without ever having been stable was judged by nobody.
 */
function isReverted({ manifest, bump, at }: Member): boolean {
  const was = bump?.was;
  return manifest.canary.template === was?.template && was.image === at.release?.from;
}

const REVERTED = "the bump was reverted on the tracked branch";

function contained(): Stage {
  const reason = "the canary's pod template changed under way";
  return { kind: "failed", aborting: { by: "containment", who: undefined, reason }, verdict: undefined };
}

function byHand(reason: string): Stage {
  return { kind: "failed", aborting: { by: "person", who: undefined, reason }, verdict: undefined };
}

export type Seen = Liveness | ProviderDown;

function whyOf(seen: Exclude<Seen, { readonly kind: "live" }>): Unseen | ProviderDown {
  return seen.kind === "unseen" ? seen.why : seen;
}

/** Whether the last change that landed is seen. */
export function seenOf(member: Member): Seen {
  const { timeline, changedAt } = member;
  if (timeline.kind === "unavailable") return { kind: "providerDown", reason: timeline.reason };
  return member.at.manifests.layout === "rollout"
    ? rolloutSeen(member, timeline.value)
    : onceReady(member, livenessOf(expectedOf(member), windowsSince(changedAt, timeline.value)), timeline.value);
}

/** Whether a member waits for the word of the tool that delivers: nothing else shows its last change. `now` is in milliseconds. */
export function lacksReport(member: Member, now: number): boolean {
  const { policy, at, bump } = member;
  if (policy.reports === undefined || (at.release ?? bump) === undefined) return false;
  const isFalling = at.release?.aborting !== undefined;
  const seen = isFalling ? undefined : seenOf(member);
  const why = isFalling ? fallUnseen(member, now) : seen?.kind === "unseen" ? seen.why : undefined;
  return why?.kind === "unreported";
}

function expectedOf(member: Member): Expected {
  const { at, manifest, plan, policy } = member;
  const step = at.release === undefined ? undefined : plan.steps[at.release.step];
  const before = at.release === undefined ? undefined : plan.steps[at.release.step - 1];
  return {
    from: countedShare(before),
    weight: at.weight,
    testers: at.testers,
    mirror: at.mirror,
    canaryImage: manifest.canary.image,
    ...wantedPods(member, step),
    evidence: policy.evidence,
    ...besideOf(member),
  };
}

/** What the next commit of a way back waits for; undefined when it is due. A broken canary does not stop it. */
function fallUnseen(member: Member, now: number): Unseen | ProviderDown | undefined {
  const { timeline, changedAt, manifest, at, policy } = member;
  const restoring = manifest.weight > NO_WEIGHT;
  // No way back sends testers or copies anywhere: that is somebody's hand.
  if (isSentBesides(manifest)) return undefined;
  // What came under the weight meanwhile was judged by nobody: the weight goes at once, stable restored or not.
  const { template } = manifest.canary;
  if (restoring && template !== at.release?.template && template !== manifest.stable.template) return undefined;
  // Stable was not touched, or was seen restored: this weight is somebody's hand.
  if (restoring && at.weight === NO_WEIGHT) return undefined;
  if (timeline.kind === "unavailable") return { kind: "providerDown", reason: timeline.reason };
  const windows = windowsSince(Math.min(changedAt, now), timeline.value);
  if (at.manifests.layout === "rollout") return rolloutFallUnseen(member, windows, now);
  const expected: Expected = {
    from: manifest.weight,
    weight: manifest.weight,
    canaryReplicas: undefined,
    canaryImage: manifest.canary.image,
    stable: restoring ? restoredStable(member, now) : undefined,
    evidence: policy.evidence,
    ...besideOf(member),
  };
  const seen = livenessOf(expected, windows);
  return seen.kind === "live" ? undefined : seen.why;
}
