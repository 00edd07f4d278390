import type { Expected, Liveness, Unseen } from "./live.ts";
import { livenessOf } from "./live.ts";
import type { CanaryGates, Version } from "./manifest.ts";
import { assumedFrom, besideOf } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { TargetState } from "./state.ts";
import { alike } from "./unshown.ts";
import { NO_WEIGHT, WHOLE, type Weight } from "./weight.ts";
import type { Pods, Window } from "./window.ts";

/** Any weight: a change from it to itself is seen in pods alone. */
const ANY = WHOLE;

/** Where the gates of a Canary stand that is as its state says, while no way back is under way. */
export function gatesOf({ weight, release }: Pick<TargetState, "weight" | "release">): CanaryGates {
  if (weight === WHOLE) return "promotion";
  if (weight > NO_WEIGHT) return "weight";
  return release === undefined ? "rest" : "begin";
}

/**
 * Why all of the traffic would go to the canary, as a clause: from a weight that its list lacks, and goes beyond, Flagger goes to 100%
 * (flagger 15bd6ad5, pkg/controller/scheduler.go, nextStepWeight, runCanary).
 */
export function leapOf({
  at: { weight },
  manifest: { listed = [] },
}: Pick<Member, "at" | "manifest">): string | undefined {
  const isListed = weight === NO_WEIGHT || weight === WHOLE || listed.includes(weight);
  if (isListed || listed.every((one) => one < weight)) return undefined;
  return `the Canary's list of weights lacks ${weight}%, from which Flagger goes to 100%`;
}

/**
 * Whether the last change of a Canary's gates is what runs. A beginning shows in the canary's pods, a weight in the share. Promotion shows in pods:
 * stable's are all of the new image, and the canary's have gone, which Flagger takes away as the last thing.
 */
export function canarySeen(member: Member, windows: readonly Window[]): Liveness {
  const { at, plan, manifest } = member;
  const { release } = at;
  const kind = release === undefined ? undefined : plan.steps[release.step]?.kind;
  if (kind !== "promote") return livenessOf(weighed(member), windows);
  // The pods of both Deployments run one image: nothing tells whether Flagger has promoted, or has taken the version back.
  if (manifest.canary.image === at.stable) return alike({ assumedFrom: assumedFrom(member) }, windows);
  const image = manifest.canary.image;
  return livenessOf({ ...gone(member), stable: { image, replicas: manifest.stable.replicas } }, windows);
}

/**
 * What the next commit of a Canary's way back waits for; undefined when it is due: that no request goes to the canary, and that its pods have gone, which Flagger does last.
 * What has come in between starts over, and keeps its pods. From promotion on stable's pods have to tell besides which version was promoted. `now` is in milliseconds.
 */
export function canaryFallUnseen(member: Member, windows: readonly Window[], now: number): Unseen | undefined {
  const { manifest, changedAt, policy } = member;
  // No way back leaves a weight: that is somebody's hand.
  if (manifest.weight > NO_WEIGHT) return undefined;
  const seen = livenessOf({ ...gone(member), ...QUIET, canaryReplicas: undefined, ...besideOf(member) }, windows);
  if (seen.kind === "unseen") return seen.why;
  const last = windows.at(-1);
  const rolling = settling(member, last);
  if (rolling?.kind === "leaving") return rolling;
  // By the deadline neither pods that Flagger leaves there nor pods of which nobody knows stop the way back.
  return now < changedAt + policy.deadlineMs ? (leaving(member, last) ?? rolling) : undefined;
}

/**
 * What stable runs where a way back from promotion on ends: Flagger may have promoted before it read of it. Of one image it is taken to have:
 * if it has not, what is released once more is what stable runs. Undefined while stable's pods are not all of one version that is known.
 */
export function canarySettledOn(member: Member, last: Window | undefined): Version | undefined {
  const { at, manifest } = member;
  const { release } = at;
  if (release === undefined || !isPromoting(member)) return undefined;
  if (release.image === release.from) return release;
  const [only, ...others] = imagesIn(last?.pods.stable);
  const known: readonly Version[] = [manifest.stable, release, manifest.canary];
  return others.length > 0 ? undefined : known.find(({ image }) => image === only);
}

function isPromoting({ at, plan }: Member): boolean {
  return at.release !== undefined && plan.steps[at.release.step]?.kind === "promote";
}

function imagesIn(pods: readonly Pods[] = []): readonly string[] {
  return pods.filter(({ total }) => total > 0).map(({ image }) => image);
}

function leaving({ at, manifest }: Member, last: Window | undefined): Unseen | undefined {
  const pods = last?.pods.canary;
  if (pods === undefined) return { kind: "noPods", arm: "canary" };
  const stays = at.release?.aborting?.by === "containment" ? manifest.canary.image : undefined;
  const left = pods.filter(({ image }) => image !== stays).reduce((sum, { total }) => sum + total, 0);
  return left > 0 ? { kind: "leaving", arm: "canary", pods: left } : undefined;
}

/** What is promoted while the way back begins has to come to its end, or nobody could say what stable runs. */
function settling(member: Member, last: Window | undefined): Unseen | undefined {
  if (!isPromoting(member)) return undefined;
  const pods = last?.pods.stable;
  if (pods === undefined) return { kind: "noPods", arm: "stable" };
  if (imagesIn(pods).length < 2) return undefined;
  const totals = pods.map(({ total }) => total);
  return { kind: "leaving", arm: "stable", pods: totals.reduce((sum, one) => sum + one, 0) - Math.max(...totals) };
}

const QUIET = { from: NO_WEIGHT, weight: NO_WEIGHT } as const;

/** No pod of the canary's Deployment is left. */
function gone(member: Member): Expected {
  const { manifest, policy } = member;
  return {
    from: ANY,
    weight: ANY,
    canaryReplicas: 0,
    canaryImage: manifest.canary.image,
    stable: undefined,
    evidence: policy.evidence,
    assumedFrom: assumedFrom(member),
  };
}

function weighed(member: Member): Expected {
  const { at, plan, manifest, policy } = member;
  const before: Weight = (at.release && plan.steps[at.release.step - 1]?.weight) ?? NO_WEIGHT;
  return {
    from: before,
    weight: at.weight,
    canaryReplicas: podsOf(member),
    canaryImage: manifest.canary.image,
    stable: undefined,
    evidence: policy.evidence,
    ...besideOf(member),
  };
}

/** Before a release there may be some of a version that has come in between. How many there are then is Flagger's, which waits for all of them; where the share shows the weight, it shows them too. */
function podsOf({ at, manifest, policy }: Member): number | undefined {
  const isShown = at.weight > NO_WEIGHT && policy.evidence === "compare";
  return at.release === undefined || isShown ? undefined : Math.max(1, manifest.canary.replicas);
}
