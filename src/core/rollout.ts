import { livenessOf, type Expected, type Liveness, type Unseen } from "./live.ts";
import type { Version } from "./manifest.ts";
import { replicasFor, type Step } from "./plan.ts";
import { restoredStable } from "./restored.ts";
import { assumedFrom, windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import { NO_WEIGHT, WHOLE } from "./weight.ts";
import type { Window } from "./window.ts";

/**
 * Whether the last change of a member that is an Argo Rollout is what runs, by the windows since it landed. A weight shows in the share. Promotion shows in
 * the pods, all of which run the new image then: its share goes up to all and back to none, because the controller makes the canary stable.
 */
export function rolloutSeen(member: Member, windows: readonly Window[]): Liveness {
  const step = runningStep(member);
  const isAlike = isOneImage(member);
  const isByPods = step?.kind === "promote" || member.policy.evidence !== "compare";
  if (isByPods && isAlike && member.at.weight > NO_WEIGHT) return alike(member, windows);
  return livenessOf(step?.kind === "promote" ? ranOut(member) : weighed(member, isAlike), told(member, windows));
}

/** Where nothing could tell, the change counts as live after the time that is configured for that. */
function alike(member: Member, windows: readonly Window[]): Liveness {
  const from = assumedFrom(member);
  if (from === undefined) return { kind: "unseen", why: { kind: "alike" } };
  const first = windows.find(({ start }) => start >= from);
  if (first === undefined) return { kind: "unseen", why: { kind: "assuming", from } };
  return { kind: "live", since: first.start, by: "assumed", share: undefined, deviates: false };
}

/** What the next commit of an Argo Rollout's way back waits for; undefined when it is due. `now` is in milliseconds. */
export function rolloutFallUnseen(member: Member, windows: readonly Window[], now: number): Unseen | undefined {
  const { manifest, changedAt, policy } = member;
  const isRestoring = manifest.weight > NO_WEIGHT;
  // Where nothing could tell, time has to: a way back must come to its end.
  if (isRestoring && isOneImage(member)) return now < changedAt + policy.deadlineMs ? { kind: "alike" } : undefined;
  const expected: Expected = {
    from: manifest.weight,
    weight: manifest.weight,
    canaryReplicas: undefined,
    canaryImage: manifest.canary.image,
    stable: isRestoring ? restoredStable(member, now) : undefined,
    evidence: policy.evidence,
    assumedFrom: assumedFrom(member),
  };
  const seen = livenessOf(expected, told(member, windows));
  return seen.kind === "live" ? settling(member, now) : seen.why;
}

/** What stable runs where something landed while a promotion ran out: only the pods tell. Undefined while they are not of one version that is known. */
export function settledOn(member: Member): Version | undefined {
  const { at, manifest, timeline, changedAt } = member;
  if (runningStep(member)?.kind !== "promote" || at.release?.aborting?.by !== "containment") return undefined;
  const last = timeline.kind === "read" ? windowsSince(changedAt, timeline.value).at(-1) : undefined;
  const images = new Set(last?.pods.stable?.map(({ image }) => image));
  const known: readonly Version[] = [manifest.stable, at.release, manifest.canary];
  const running = images.size === 1 ? known.filter(({ image }) => images.has(image)) : [];
  return new Set(running.map(({ template }) => template)).size === 1 ? running[0] : undefined;
}

function settling(member: Member, now: number): Unseen | undefined {
  const { at, changedAt, policy } = member;
  if (runningStep(member)?.kind !== "promote" || at.release?.aborting?.by !== "containment") return undefined;
  return settledOn(member) === undefined && now < changedAt + policy.deadlineMs ? { kind: "alike" } : undefined;
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
    assumedFrom: assumedFrom(member),
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
