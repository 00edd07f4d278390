import type { Expected, Unseen } from "./live.ts";
import type { Health } from "./gate/health.ts";
import type { Manifest, Workload } from "./manifest.ts";
import { besideOf, windowsSince } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import { weight, WHOLE } from "./weight.ts";
import type { Arm, Pods, Window } from "./window.ts";

/** Any weight: a change from it to itself is seen in pods alone. */
const WITHOUT_MOVE = weight(1);

/**
 * What a version of a blue/green Rollout must look like that has its pods and no traffic. Requests say nothing of it: whoever tests it asks its own Service.
 * A release that has not begun waits for none of its pods.
 */
export function previewed(member: Member): Expected {
  const { at, manifest, policy } = member;
  return {
    from: WITHOUT_MOVE,
    weight: WITHOUT_MOVE,
    canaryReplicas: at.release === undefined ? undefined : podsOfPreview(member),
    canaryImage: manifest.canary.image,
    stable: undefined,
    evidence: policy.evidence,
    ...besideOf(member),
  };
}

/** How many pods of the new version's image there are when it can take all of the traffic: of one image, those of both versions. `pods` are all of the Rollout's. */
export function podsOfPreview({ manifest }: Pick<Member, "manifest">, pods: readonly Pods[] = []): number {
  const { canary, stable } = manifest;
  if (canary.image === stable.image) return canary.replicas + stable.replicas;
  const serving = pods.filter(({ image }) => image !== canary.image).reduce((sum, { ready }) => sum + ready, 0);
  return Math.max(canary.replicas, serving);
}

/** What speaks against it that the old version still serves: its pods have gone, as they do a while after somebody has promoted the new one behind git's back. */
export function switchedAway(
  { at, manifest }: Pick<Member, "at" | "manifest">,
  last: Window | undefined,
): Unseen | undefined {
  const pods = last?.pods.stable;
  if (pods === undefined || manifest.canary.image === at.stable) return undefined;
  const isThere = (image: string) => pods.some((one) => one.image === image && one.total > 0);
  if (isThere(at.stable) || !isThere(manifest.canary.image)) return undefined;
  return { kind: "pods", arm: "stable", ready: 0, wanted: wantedOf(manifest), image: at.stable };
}

function wantedOf({ stable }: Manifest): number {
  return Math.max(1, stable.replicas);
}

/** Whether a blue/green Rollout has switched although git has not said so. */
export function hasSwitched(member: Member): boolean {
  const { manifest, timeline, changedAt } = member;
  if (manifest.blueGreen !== true || timeline.kind === "unavailable") return false;
  return switchedAway(member, windowsSince(changedAt, timeline.value).at(-1)) !== undefined;
}

/** The windows that tell of an arm that has all of the traffic. A Rollout switches a while after it is told to: what was asked of the old version before proves nothing of the new one. */
export function askedOf(
  { manifest }: Pick<Member, "manifest">,
  running: readonly Window[],
  since: number | undefined,
): readonly Window[] {
  return manifest.blueGreen === true && since !== undefined ? windowsSince(since, running) : running;
}

/** What they say, unless all windows since the switch was committed speak against the arm. */
export function speaking(
  asked: readonly Window[],
  all: readonly Window[],
  judge: (windows: readonly Window[]) => Health,
): Health {
  const whole = judge(all);
  return asked === all || whole.verdict.kind === "unhealthy" ? whole : judge(asked);
}

/** What an arm is to run: from the switch of a blue/green Rollout on there is one version, which goes on record with the end of the release. */
export function runBy({ at, manifest }: Pick<Member, "at" | "manifest">, arm: Arm): Workload {
  return manifest.blueGreen === true && at.weight === WHOLE ? manifest.canary : manifest[arm];
}
