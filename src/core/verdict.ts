import { analysisRulings, besideTemplates, type AnalysisRuling } from "./analysis-gate.ts";
import { swappedErrorRuling } from "./error-gate.ts";
import { isPromoted } from "./fall.ts";
import { etaAlone, type Eta } from "./gate/eta.ts";
import { healthy, provenHealthy, type Health } from "./gate/health.ts";
import type { GateName, GateSettings } from "./gate/settings.ts";
import { reasonOf, rulingsOf, together, type GateRuling } from "./gates.ts";
import { evidenceOf, isOfOneArm, type Step } from "./plan.ts";
import { askedOf, podsOfPreview, runBy, speaking } from "./preview.ts";
import { saidOf } from "./proposal.ts";
import { alphaBesideSeasons, besideSeason, seasonalRuling, type SeasonalRuling } from "./seasonal-gate.ts";
import { judgedOf, windowsOf, windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import { unreachable } from "./unreachable.ts";
import { WHOLE } from "./weight.ts";
import type { Arm, Pods, Window } from "./window.ts";

/** Pods of an arm on the version that it is to run, and for how long they have been as wanted without a break: milliseconds, up to the end of the last closed window. */
export type Readiness = {
  readonly arm: Arm;
  readonly image: string;
  readonly ready: number;
  /** At least 1. */
  readonly wanted: number;
  readonly forMs: number;
};

/** The evidence that a verdict rests on; each part only where the step is judged by it. */
export type Grounds = {
  /** What each gate says where arms are compared, in the order of GATES; none where nothing is. */
  readonly rulings: readonly GateRuling[];
  /** The gates that a person has left out; what they say is shown all the same. */
  readonly skipped: readonly GateName[];
  readonly health: Health | undefined;
  /** How far an arm that is judged by itself is from an end. */
  readonly eta: Eta | undefined;
  readonly readiness?: Readiness | undefined;
  /** What each template says besides; absent where none is asked. */
  readonly analyses?: readonly AnalysisRuling[] | undefined;
  /** What the service as a whole says besides, by its own past; absent where it is not asked. */
  readonly seasonal?: SeasonalRuling | undefined;
  /** What the verdict would be without templates and the service's past; absent where neither is asked. */
  readonly own?: "pass" | "wait" | "fail" | undefined;
};

/** What a gate says of a step. `reason` is free of numbers, so that the same failure is recorded in the same words; the numbers are in the grounds. */
export type Verdict = Grounds &
  ({ readonly kind: "pass" } | { readonly kind: "wait" } | { readonly kind: "fail"; readonly reason: string });

const NO_GROUNDS: Grounds = { rulings: [], skipped: [], health: undefined, eta: undefined };

/**
 * Judges whether `step` may follow on what runs now. `since` is when the last change was first seen live, milliseconds; undefined while it is not,
 * and then nothing passes that is compared, but what regresses fails all the same.
 */
export function verdictOf(member: Member, step: Step | undefined, since: number | undefined): Verdict {
  const { timeline, at } = member;
  if (timeline.kind === "unavailable" || step === undefined) return { ...NO_GROUNDS, kind: "wait" };
  const running = windowsOf(member, at.release?.step ?? -1, timeline.value);
  const skipped = saidOf(member).skips.map(({ gate }) => gate);
  const verdict = { ...judgedBy(member, step, { running, since, skipped }), skipped };
  return withTemplates(withSeason(verdict, member, step), member, { step, since });
}

/** What templates say is heard after our own gates. */
function withTemplates(
  verdict: Verdict,
  member: Member,
  { step, since }: { readonly step: Step; readonly since: number | undefined },
): Verdict {
  const analyses = step.judge === "compare" || step.judge === "alone" ? analysisRulings(member, since) : [];
  if (analyses.length === 0) return verdict;
  const { own = verdict.kind, skipped } = verdict;
  return { ...verdict, analyses, own, ...besideTemplates(verdict, analyses, skipped) };
}

/** What is unusual for the service as a whole blocks, whatever else the step is judged by. */
function withSeason(verdict: Verdict, member: Member, step: Step): Verdict {
  const seasonal = seasonalRuling(member, step);
  if (seasonal === undefined) return verdict;
  return { ...verdict, seasonal, own: verdict.kind, ...besideSeason(verdict, seasonal, verdict.skipped) };
}

/** The closed windows of the running step, when what it committed was first seen live, milliseconds, and the gates that are left out. */
type Seen = {
  readonly running: readonly Window[];
  readonly since: number | undefined;
  readonly skipped: readonly GateName[];
};

function judgedBy(member: Member, step: Step, seen: Seen): Verdict {
  const isCompared = member.policy.evidence === "compare";
  switch (step.judge) {
    case "seen":
      return { ...NO_GROUNDS, kind: "pass" };
    case "healthy":
      return unlessSkipped(byHealth(member, "stable", seen.running), step, seen);
    case "compare":
      return isCompared ? byComparison(member, seen) : alone(member, step, "canary", seen);
    case "swapped":
      return isCompared ? unlessSkipped(bySwappedArms(member, seen), step, seen) : alone(member, step, "stable", seen);
    case "ready":
      return unlessSkipped(byReadiness(member, step, seen), step, seen);
    case "tested":
    case "mirrored":
      return besideStable(member, step, seen);
    case "alone":
      return alone(member, step, servingArm(member), seen);
    default:
      return unreachable(step.judge);
  }
}

function alone(member: Member, step: Step, arm: Arm, seen: Seen): Verdict {
  return unlessSkipped(uncompared(member, step, arm, seen), step, seen);
}

/** What a person has left out neither passes nor fails; what it would have said is still shown. Pods are no errors: they must be ready all the same. */
function unlessSkipped(verdict: Verdict, { bakeMs }: Step, { since, skipped }: Seen): Verdict {
  if (!skipped.includes("errors")) return verdict;
  const { rulings, health, eta, readiness } = verdict;
  const isUp = readiness === undefined || isReady(readiness, bakeMs);
  return { rulings, skipped, health, eta, readiness, kind: since !== undefined && isUp ? "pass" : "wait" };
}

/** Before the first weight an unhealthy stable is a reason to wait; an arm that runs the new version, to go back. */
function byHealth(member: Member, arm: Arm, windows: readonly Window[]): Verdict {
  const { policy, plan, at } = member;
  const isOneJudge = policy.evidence === "compare" && plan.steps.every(({ judge }) => !isOfOneArm(judge));
  const health = healthy(windows, arm, isOneJudge ? policy.gate : perStep(member));
  const grounds = { ...NO_GROUNDS, health };
  if (health.verdict.kind === "healthy") return { ...grounds, kind: "pass" };
  const isSuspect = at.release !== undefined && isPromoted(member, at.release);
  if (health.verdict.kind === "unhealthy" && isSuspect) return { ...grounds, kind: "fail", reason: REASONS[arm] };
  return policy.evidence === "bake" && isSilent(health) ? standing(member, arm, windows) : { ...grounds, kind: "wait" };
}

/** The arm that has all of the traffic where it switches: the canary, until stable has the new version and all of it back. */
function servingArm({ at, plan }: Member): Arm {
  return plan.steps[at.release?.step ?? 0]?.kind === "shift" ? "canary" : "stable";
}

/** What testers ask, or copies do, is judged as an arm without a comparison is, while stable, which has everybody else, is healthy. */
function besideStable(member: Member, step: Step, seen: Seen): Verdict {
  const verdict = alone(member, step, "canary", seen);
  const stable = byHealth(member, "stable", seen.running);
  return verdict.kind === "pass" && stable.kind !== "pass"
    ? { ...verdict, health: stable.health, kind: "wait" }
    : verdict;
}

/** The arm without traffic has its pods ready, and the other one, which has it all, is healthy. */
function byReadiness(member: Member, step: Step, { running, since }: Seen): Verdict {
  const { release } = member.at;
  const isBack = release !== undefined && isPromoted(member, release);
  const [coming, serving]: readonly [Arm, Arm] = isBack ? ["stable", "canary"] : ["canary", "stable"];
  const serves = byHealth(member, serving, running);
  if (since === undefined) return serves.kind === "fail" ? serves : { ...serves, kind: "wait" };
  const { readiness, isUp } = bakedOf(member, coming, windowsSince(since, running), step);
  return serves.kind === "pass" && !isUp ? { ...serves, readiness, kind: "wait" } : { ...serves, readiness };
}

function isSilent({ verdict }: Health): boolean {
  return verdict.kind === "wait" && verdict.reason.kind !== "aboveLimit";
}

function byComparison(member: Member, { running, since, skipped }: Seen): Verdict {
  const { release } = member.at;
  if (release === undefined) return { ...NO_GROUNDS, kind: "wait" };
  const rulings = rulingsOf({ member, release, running: judgedOf(member, release.step, running), since });
  const grounds: Grounds = { ...NO_GROUNDS, rulings };
  const all = together(rulings, skipped);
  if (all.kind === "block") return { ...grounds, kind: "fail", reason: all.reason };
  const isPassed = all.kind === "left" ? since !== undefined : all.kind === "pass" && isServing(since, running);
  return { ...grounds, kind: isPassed ? "pass" : "wait" };
}

function bySwappedArms(member: Member, { running, since }: Seen): Verdict {
  const rolling = byHealth(member, "stable", running);
  if (since === undefined || rolling.kind === "fail")
    return rolling.kind === "fail" ? rolling : { ...rolling, kind: "wait" };
  const { gate, warmUpMs } = member.policy;
  const alpha = alphaBesideSeasons(member.policy);
  const ruling = swappedErrorRuling(windowsSince(since + warmUpMs, running), { ...gate, alpha });
  const grounds: Grounds = { ...rolling, rulings: [ruling] };
  const { verdict } = ruling.judgement;
  if (verdict.kind === "block") return { ...grounds, kind: "fail", reason: reasonOf(ruling) };
  return { ...grounds, kind: verdict.kind === "pass" ? rolling.kind : "wait" };
}

/** Evidence of earlier steps passes nothing by itself: the weight that is live must have been seen to serve. */
function isServing(since: number | undefined, running: readonly Window[]): boolean {
  return since !== undefined && windowsSince(since, running).some(({ counts }) => (counts.canary?.requests ?? 0) > 0);
}

/**
 * Judges the arm that runs the new version by itself: its pods, and its error rate against the limit `unhealthy`. Under `health` a pass rests on a proof of
 * being below the limit, under `bake` on the pods alone, as long as what requests there are do not speak against it. Either fails what is proven to be above.
 */
function uncompared(member: Member, step: Step, arm: Arm, { running, since }: Seen): Verdict {
  const isHealth = evidenceOf(step, member.policy) === "health";
  const gate = perStep(member);
  const asked = askedOf(member, running, since);
  const health = speaking(asked, running, (windows) => (isHealth ? provenHealthy : healthy)(windows, arm, gate));
  const grounds = { ...NO_GROUNDS, health: isHealth || health.counts.requests > 0 ? health : undefined };
  const isUnhealthy = health.verdict.kind === "unhealthy";
  if (since === undefined)
    return isUnhealthy ? { ...grounds, kind: "fail", reason: REASONS[arm] } : { ...grounds, kind: "wait" };
  const live = windowsSince(since, running);
  const { readiness, isUp } = bakedOf(member, arm, live, step);
  // Where a person leaves the errors out, the pods still count.
  if (isUnhealthy) return { ...grounds, readiness, kind: "fail", reason: REASONS[arm] };
  const errors = isHealth ? passesHealth(health, arm, live) : health.aboveLimit.logE <= 0;
  if (errors && isUp) return { ...grounds, readiness, kind: "pass" };
  return { ...grounds, readiness, eta: isHealth ? etaAlone(asked, arm, gate) : undefined, kind: "wait" };
}

/** Where no requests are expected: an arm stands while it has a ready pod of what git says that it runs. */
function standing(member: Member, arm: Arm, running: readonly Window[]): Verdict {
  const seen = readinessOf(member, arm, running.slice(-1));
  const readiness = { ...seen, wanted: 1 };
  return { ...NO_GROUNDS, readiness, kind: isReady(readiness, 0) ? "pass" : "wait" };
}

/** Why an arm is taken back that fails by itself; stable only once it runs the new version. */
const REASONS: Readonly<Record<Arm, string>> = {
  canary: "the canary fails more requests than is healthy",
  stable: "stable fails more requests on the new version than is healthy",
};

/** Each step's requests are judged by themselves, so that a good one before does not outweigh a bad one; the false alarms allowed are shared among them. */
function perStep({ plan, policy, manifest }: Member): GateSettings {
  // A switch of a Rollout's is judged twice: since it was committed, and since it was seen.
  const again = manifest.blueGreen === true ? 1 : 0;
  const judged = plan.steps.filter((step) => step.judge !== "seen").length + again;
  return { ...policy.gate, alpha: alphaBesideSeasons(policy) / Math.max(1, judged) };
}

/** Whether as many pods as wanted have been ready for that long, milliseconds. */
function isReady({ ready, wanted, forMs }: Readiness, bakeMs: number): boolean {
  return ready >= wanted && forMs >= bakeMs;
}

/** What was proven while the change was on its way passes nothing that has not been seen to serve since. */
function passesHealth({ verdict }: Health, arm: Arm, live: readonly Window[]): boolean {
  return verdict.kind === "healthy" && live.some(({ counts }) => (counts[arm]?.requests ?? 0) > 0);
}

/** Pods of which nothing is known are assumed to be ready, where that was asked for and requests are judged beside. */
function bakedOf(
  member: Member,
  arm: Arm,
  live: readonly Window[],
  step: Step,
): { readonly readiness: Readiness | undefined; readonly isUp: boolean } {
  const { bakeMs } = step;
  const { assumedAfterMs, reports } = member.policy;
  const isUnknown = live.every(({ pods: { canary, stable } }) => canary === undefined && stable === undefined);
  if (isUnknown && (assumedAfterMs ?? reports) !== undefined && evidenceOf(step, member.policy) !== "bake")
    return { readiness: undefined, isUp: spanOf(live) >= bakeMs };
  const readiness = readinessOf(member, arm, live);
  return { readiness, isUp: isReady(readiness, bakeMs) };
}

function spanOf(live: readonly Window[]): number {
  const [first] = live;
  const last = live.at(-1);
  return first === undefined || last === undefined ? 0 : last.end - first.start;
}

function readinessOf(member: Member, arm: Arm, live: readonly Window[]): Readiness {
  const { image, replicas } = runBy(member, arm);
  const pods = live.at(-1)?.pods;
  const wanted = arm === "canary" ? wantedOf(member, pods?.stable) : replicas;
  const ready = readyOn(image, pods?.[arm]);
  return { arm, image, ready, wanted: Math.max(1, wanted), forMs: spanOf(live) };
}

function wantedOf(member: Member, stable: readonly Pods[] | undefined): number {
  const { manifest, plan, at } = member;
  if (manifest.blueGreen === true) return podsOfPreview(member, stable);
  const step = at.release?.step ?? -1;
  return Math.max(plan.steps[step]?.replicas ?? 0, relieved(plan.steps[step + 1], stable));
}

/** Of how many pods of stable the step takes all of the traffic: an autoscaler may have made more of them than git says. */
function relieved(next: Step | undefined, stable: readonly Pods[] = []): number {
  return next?.kind === "shift" && next.weight === WHOLE ? stable.reduce((sum, { ready }) => sum + ready, 0) : 0;
}

function readyOn(image: string, pods: readonly Pods[] = []): number {
  return pods.filter((pod) => pod.image === image).reduce((sum, pod) => sum + pod.ready, 0);
}
