import { withController } from "./controller.ts";
import { canaryFallUnseen, canarySeen, canarySettledOn } from "./flagger.ts";
import { livenessOf, type Expected, type Liveness, type Unseen } from "./live.ts";
import type { Manifest, Version } from "./manifest.ts";
import { replicasFor, type Step, type StepKind } from "./plan.ts";
import { previewed, switchedAway } from "./preview.ts";
import { restoredStable } from "./restored.ts";
import { assumedFrom, besideOf, windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import { NO_WEIGHT, WHOLE } from "./weight.ts";
import { alike } from "./unshown.ts";
import type { Window } from "./window.ts";

/**
 * Whether the last change of a member that is an Argo Rollout is what runs, by the windows around its landing. A weight shows in the share. Promotion shows in
 * the pods, all of which run the new image then: its share goes up to all and back to none, because the controller makes the canary stable. What the controller says
 * of itself must agree.
 */
export function rolloutSeen(member: Member, timeline: readonly Window[]): Liveness {
  const { changedAt } = member;
  if (member.manifest.flagger !== undefined) return canarySeen(member, windowsSince(changedAt, timeline));
  const seen = seenInMetrics(member, windowsSince(changedAt, timeline));
  return withController(seen, { step: runningStep(member)?.kind, changedAt, timeline });
}

function seenInMetrics(member: Member, windows: readonly Window[]): Liveness {
  const isAlike = isOneImage(member);
  if (runningStep(member)?.kind === "promote")
    return isAlike ? promotedAlike(member, windows) : promoted(member, windows);
  if (member.manifest.blueGreen === true) return previewSeen(member, told(member, windows));
  // Above 0 what is not compared is seen in the pods of the canary's image.
  const isByPods = member.policy.evidence !== "compare" && member.at.weight > NO_WEIGHT;
  if (isByPods && isAlike) return alike(weighed(member, isAlike), windows);
  return livenessOf(weighed(member, isAlike), told(member, windows));
}

function previewSeen(member: Member, windows: readonly Window[]): Liveness {
  const why = switchedAway(member, windows.at(-1));
  return why === undefined ? livenessOf(previewed(member), windows) : { kind: "unseen", why };
}

function promoted(member: Member, windows: readonly Window[]): Liveness {
  return livenessOf(ranOut(member), told(member, windows));
}

/**
 * Promotion to another pod template of the same image. Its pods say nothing of it, but its Service does: a canary that ran under a weight is sent no
 * request any more when it has become stable, and when the pods of what was stable are gone, there are no more than the Rollout wants. How many an autoscaler wants git does not say.
 * Where it switches, that number alone tells: both had all of their pods before.
 */
function promotedAlike(member: Member, windows: readonly Window[]): Liveness {
  const { ratio, stable, blueGreen, scaled } = member.manifest;
  if (ratio !== undefined) return alike({ assumedFrom: assumedFrom(member) }, windows);
  const quiet = blueGreen === true ? {} : { from: NO_WEIGHT, weight: NO_WEIGHT };
  const seen = livenessOf({ ...ranOut(member), ...quiet }, windows);
  const pods = windows.at(-1)?.pods.stable?.reduce((sum, { total }) => sum + total, 0) ?? 0;
  if (seen.kind === "unseen" || pods <= stable.replicas) return seen;
  // A controller of two colours has completed while the old pods are there still.
  if (scaled === true && blueGreen !== true) return alike({ assumedFrom: assumedFrom(member) }, windows);
  return { kind: "unseen", why: { kind: "leaving", arm: "stable", pods: pods - stable.replicas } };
}

/**
 * The first kind of step that neither pods nor requests will show of a release, where nothing else is set to count: of an Argo Rollout and a change that leaves the image as it is,
 * the weights, where nothing is compared, or the promotion, where pods make the share or an autoscaler says how many there are. Of that one the controller's own metrics may tell, unless two colours switch: then old pods are there still.
 */
export function untoldStep(
  { at, policy }: Pick<Member, "at" | "policy">,
  { canary, stable, ratio, blueGreen, flagger, scaled }: Manifest,
): Extract<StepKind, "shift" | "promote"> | undefined {
  if (at.manifests.layout !== "rollout" || canary.image !== stable.image) return undefined;
  if (blueGreen === true) return scaled === true ? "promote" : undefined;
  if (policy.assumedAfterMs !== undefined) return undefined;
  if (flagger === undefined && policy.evidence !== "compare" && policy.reports === undefined) return "shift";
  return [ratio, flagger, scaled].every((one) => one === undefined) ? undefined : "promote";
}

/** What the next commit of an Argo Rollout's way back waits for; undefined when it is due. `now` is in milliseconds. */
export function rolloutFallUnseen(member: Member, windows: readonly Window[], now: number): Unseen | undefined {
  const { manifest, changedAt, policy } = member;
  if (manifest.flagger !== undefined) return canaryFallUnseen(member, windows, now);
  const isRestoring = manifest.weight > NO_WEIGHT;
  // Where nothing but a switch moves traffic, there is none on its way to 0.
  if (manifest.blueGreen === true && !isRestoring) return settling(member, windows, now);
  // Where nothing could tell, time has to: a way back must come to its end.
  const least = assumedFrom(member) ?? changedAt + policy.deadlineMs;
  if (isRestoring && isOneImage(member)) return now < least ? { kind: "alike" } : undefined;
  const expected: Expected = {
    from: manifest.weight,
    weight: manifest.weight,
    canaryReplicas: undefined,
    canaryImage: manifest.canary.image,
    stable: isRestoring ? restoredStable(member, now) : undefined,
    evidence: policy.evidence,
    ...(isRestoring ? { assumedFrom: assumedFrom(member) ?? wordless(member) } : besideOf(member)),
  };
  const seen = livenessOf(expected, told(member, windows));
  return seen.kind === "live" ? settling(member, windows, now) : seen.why;
}

/** From when on restored pods count as there that nothing shows, where otherwise a word would do: the deadline, milliseconds. */
function wordless({ policy: { reports, deadlineMs }, changedAt }: Member): number | undefined {
  return reports === undefined ? undefined : changedAt + deadlineMs;
}

/**
 * What an Argo Rollout's stable runs where a way back ends: what landed while a promotion ran out has run out with it, and then only the pods tell.
 * Stable has all the pods that are wanted; what else is left has fewer, or goes. Undefined while that is not so of exactly one version that is known.
 */
export function settledOn(member: Member): Version | undefined {
  const { at, manifest, timeline, changedAt } = member;
  if (at.manifests.layout !== "rollout" || at.release === undefined) return undefined;
  // Before the switch of two colours both have all of their pods.
  if (manifest.blueGreen === true && runningStep(member)?.kind !== "promote") return undefined;
  const last = timeline.kind === "read" ? windowsSince(changedAt, timeline.value).at(-1) : undefined;
  if (manifest.flagger !== undefined) return canarySettledOn(member, last);
  const whole = last?.pods.stable?.filter(({ ready }) => ready >= Math.max(1, manifest.stable.replicas)) ?? [];
  const known: readonly Version[] = [manifest.stable, at.release, manifest.canary];
  const running = known.filter((version) => whole.some(({ image }) => image === version.image));
  return new Set(running.map(({ template }) => template)).size === 1 ? running[0] : undefined;
}

function settling(member: Member, windows: readonly Window[], now: number): Unseen | undefined {
  const { at, changedAt, policy } = member;
  if (runningStep(member)?.kind !== "promote" || at.release?.aborting?.by !== "containment") return undefined;
  if (settledOn(member) !== undefined || now >= changedAt + policy.deadlineMs) return undefined;
  const counts = windows.at(-1)?.pods.stable?.map(({ total }) => total);
  if (counts === undefined) return { kind: "noPods", arm: "stable" };
  return {
    kind: "leaving",
    arm: "canary",
    pods: counts.reduce((sum, count) => sum + count, 0) - Math.max(0, ...counts),
  };
}

function runningStep({ at, plan }: Member): Step | undefined {
  return at.release === undefined ? undefined : plan.steps[at.release.step];
}

function weighed(member: Member, isAlike: boolean): Expected {
  const { at, plan, manifest, policy } = member;
  const { release } = at;
  const [before, step] = release === undefined ? [] : [plan.steps[release.step - 1], plan.steps[release.step]];
  return {
    from: before?.nearest ?? before?.weight ?? NO_WEIGHT,
    weight: step?.nearest ?? at.weight,
    canaryReplicas: isAlike ? undefined : podsOf(member),
    canaryImage: manifest.canary.image,
    stable: undefined,
    evidence: policy.evidence,
    ...besideOf(member),
  };
}

/**
 * At weight 0 a new image makes no pods; but the controller keeps those that its canary Service selects until the next version has some
 * (argo-rollouts 9f8d111d, rollout/service.go, ensureSVCTargets, and rollout/canary.go, scaleDownOldReplicaSetsForCanary), and they may be of one image.
 * Above 0 their number is the controller's, and of no account where the share shows the weight; else the least that it makes.
 */
function podsOf({ at: { weight }, manifest: { ratio, stable, canary }, policy, bump }: Member): number | undefined {
  if (weight === NO_WEIGHT) return bump?.was?.image === canary.image ? undefined : 0;
  if (policy.evidence === "compare") return undefined;
  return ratio === undefined
    ? replicasFor(weight, stable.replicas)
    : Math.max(1, Math.floor((ratio.replicas * weight) / WHOLE));
}

/** That its steps were applied, which is all that a report says, is not that they have run out. */
function ranOut(member: Member): Expected {
  const { at, manifest, policy } = member;
  const { canary, stable } = manifest;
  return {
    from: at.weight,
    weight: at.weight,
    canaryReplicas: undefined,
    canaryImage: canary.image,
    stable: { image: canary.image, replicas: stable.replicas },
    evidence: policy.evidence,
    assumedFrom: assumedFrom(member),
  };
}

/** Both arms' workloads bear the Rollout's name: pods on the canary's image are the canary's, and all of them are stable's to be. */
function told({ manifest: { canary } }: Member, windows: readonly Window[]): readonly Window[] {
  return windows.map((window) => {
    const own = window.pods.canary?.filter(({ image }) => image === canary.image);
    return own === undefined ? window : { ...window, pods: { ...window.pods, canary: own } };
  });
}

/** Of a release that changes no image, and on its way back, the pods of both versions look alike. */
function isOneImage({ at, manifest }: Member): boolean {
  return (at.release?.image ?? manifest.canary.image) === at.stable;
}
