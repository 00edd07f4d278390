import { livenessOf, type Expected, type Liveness, type Unseen } from "./live.ts";
import type { Step } from "./plan.ts";
import { blockOf, nextStep, saidOf } from "./proposal.ts";
import { windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { Aborting, Blocked, Hold, Override } from "./state.ts";
import { verdictOf, type Verdict } from "./verdict.ts";
import { NO_WEIGHT } from "./weight.ts";

/** Where a member stands, derived from facts at every look; each case brings what it needs to act and to explain. */
export type Stage =
  /** Canary and stable are the same version, at weight 0. */
  | { readonly kind: "resting" }
  | { readonly kind: "blocked"; readonly block: Blocked }
  /** Git contradicts itself; nothing moves until a person has put it right. */
  | { readonly kind: "diverged"; readonly what: string }
  /** The step's pull request is not open, or its head is not what it should be. */
  | { readonly kind: "proposing"; readonly step: Step }
  | { readonly kind: "held"; readonly step: Step; readonly hold: Hold; readonly verdict: Verdict | undefined }
  /** The last change has not been seen live; `overdue` from the deadline on. */
  | { readonly kind: "syncing"; readonly step: Step; readonly why: Unseen | ProviderDown; readonly overdue: boolean }
  | { readonly kind: "baking"; readonly step: Step; readonly until: number; readonly verdict: Verdict }
  /** Baked; the gate cannot tell yet. `overdue`: nor can it by the deadline, and only a person can decide. */
  | { readonly kind: "measuring"; readonly step: Step; readonly verdict: Verdict; readonly overdue: boolean }
  /** Everything holds but the repository's pace. */
  | {
      readonly kind: "paced";
      readonly step: Step;
      readonly until: number;
      readonly verdict: Verdict | undefined;
      readonly override: Override | undefined;
    }
  | {
      readonly kind: "passed";
      readonly step: Step;
      readonly verdict: Verdict | undefined;
      readonly override: Override | undefined;
    }
  | { readonly kind: "failed"; readonly aborting: Aborting; readonly verdict: Verdict | undefined }
  /** On the way back: `unseen` is what the next commit of it waits for. */
  | { readonly kind: "aborting"; readonly aborting: Aborting; readonly unseen: Unseen | ProviderDown | undefined };

export type ProviderDown = { readonly kind: "providerDown"; readonly reason: string };

/** One rule a line, worst first. `paceUntil` is when the repository may merge its next step, milliseconds. */
export function stageOf(member: Member, now: number, paceUntil: number): Stage {
  const { release } = member.at;
  if (release?.aborting !== undefined)
    return { kind: "aborting", aborting: release.aborting, unseen: fallUnseen(member, now) };
  const failure = failureOf(member);
  if (failure !== undefined) return failure;
  const what = divergence(member);
  if (what !== undefined) return { kind: "diverged", what };
  const step = nextStep(member);
  if (step !== undefined) return climb(member, step, { now, paceUntil });
  const block = blockOf(member);
  return block === undefined ? { kind: "resting" } : { kind: "blocked", block };
}

type Times = { readonly now: number; readonly paceUntil: number };

function climb(member: Member, step: Step, { now, paceUntil }: Times): Stage {
  const { pull, policy } = member;
  if (pull?.current !== true) return { kind: "proposing", step };
  const { holds, override } = saidOf(member);
  const hold = holds.find(({ target }) => target === member.target);
  const seen = seenOf(member);
  const overdue = now >= member.changedAt + policy.deadlineMs && member.at.release !== undefined;
  if (seen.kind !== "live")
    return hold === undefined
      ? { kind: "syncing", step, why: whyOf(seen), overdue }
      : { kind: "held", step, hold, verdict: undefined };
  const verdict = verdictOf(member, step, seen.since);
  if (hold !== undefined) return { kind: "held", step, hold, verdict };
  if (override === undefined && now < seen.since + step.bakeMs)
    return { kind: "baking", step, until: seen.since + step.bakeMs, verdict };
  if (override === undefined && verdict.kind !== "pass") return { kind: "measuring", step, verdict, overdue };
  if (now < paceUntil) return { kind: "paced", step, until: paceUntil, verdict, override };
  return { kind: "passed", step, verdict, override };
}

/** What ends a release at once, whatever else is going on: a change that no gate has judged, or a verdict. */
function failureOf(member: Member): Stage | undefined {
  const { release } = member.at;
  if (release === undefined) return undefined;
  if (member.manifest.canary.template !== release.template) return contained();
  const { timeline } = member;
  if (timeline.kind === "unavailable") return undefined;
  const seen = seenOf(member);
  const verdict = verdictOf(member, member.plan.steps[release.step + 1], seen.kind === "live" ? seen.since : undefined);
  if (verdict.kind !== "fail") return undefined;
  return { kind: "failed", aborting: { by: "gate", who: undefined, reason: verdict.reason }, verdict };
}

function contained(): Stage {
  const reason = "the canary's pod template changed under way";
  return { kind: "failed", aborting: { by: "containment", who: undefined, reason }, verdict: undefined };
}

/** How git contradicts itself, in words; undefined where it does not. Manifests beat the state: where they differ, somebody has had a hand in it. */
export function divergence({ at, manifest, plan }: Pick<Member, "at" | "manifest" | "plan">): string | undefined {
  const { weight, release } = at;
  if (manifest.weight !== weight) return `the route sends ${manifest.weight}% to the canary, the state says ${weight}%`;
  if (manifest.stable.image !== at.stable) return `stable runs ${manifest.stable.image}, the state says ${at.stable}`;
  const planned = release === undefined ? NO_WEIGHT : plan.steps[release.step]?.weight;
  if (planned !== weight)
    return `the plan has ${planned ?? "no step"} where the state has ${weight}%; the steps were changed under way`;
  return undefined;
}

type Seen = Liveness | ProviderDown;

function whyOf(seen: Exclude<Seen, { readonly kind: "live" }>): Unseen | ProviderDown {
  return seen.kind === "unseen" ? seen.why : seen;
}

/** Whether the last change that landed is seen. */
function seenOf(member: Member): Seen {
  const { timeline, changedAt } = member;
  if (timeline.kind === "unavailable") return { kind: "providerDown", reason: timeline.reason };
  return livenessOf(expectedOf(member), windowsSince(changedAt, timeline.value));
}

function expectedOf({ at, manifest, plan }: Member): Expected {
  const step = at.release === undefined ? undefined : plan.steps[at.release.step];
  const before = at.release === undefined ? undefined : plan.steps[at.release.step - 1];
  const stable =
    step?.kind === "promote" ? { image: manifest.stable.image, replicas: manifest.stable.replicas } : undefined;
  const canaryReplicas = step?.kind === "drain" ? undefined : (step?.replicas ?? 0);
  return {
    from: before?.weight ?? NO_WEIGHT,
    weight: at.weight,
    canaryReplicas,
    canaryImage: manifest.canary.image,
    stable,
  };
}

/** What the next commit of a way back waits for; undefined when it is due. A broken canary does not stop it. */
function fallUnseen(member: Member, now: number): Unseen | ProviderDown | undefined {
  const { timeline, changedAt, manifest, at } = member;
  const restoring = manifest.weight > NO_WEIGHT;
  // What came under the weight meanwhile was judged by nobody: the weight goes at once, stable restored or not.
  if (restoring && manifest.canary.template !== at.release?.template) return undefined;
  if (timeline.kind === "unavailable") return { kind: "providerDown", reason: timeline.reason };
  const expected: Expected = {
    from: manifest.weight,
    weight: manifest.weight,
    canaryReplicas: undefined,
    canaryImage: manifest.canary.image,
    stable: restoring ? { image: at.stable, replicas: manifest.stable.replicas } : undefined,
  };
  const seen = livenessOf(expected, windowsSince(Math.min(changedAt, now), timeline.value));
  return seen.kind === "live" ? undefined : seen.why;
}
