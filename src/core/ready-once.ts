import type { Liveness } from "./live.ts";
import { scaleThemselves } from "./manifests.ts";
import type { Member } from "./snapshot.ts";
import { NO_WEIGHT } from "./weight.ts";
import type { Window } from "./window.ts";

/** From when on a version must have been ready once before it gets a weight, milliseconds: when it landed. Undefined where pods do not come and go with requests, and where it has a weight. */
export function readySince({ at, bump, changedAt }: Pick<Member, "at" | "bump" | "changedAt">): number | undefined {
  const isWarming = at.release?.step === 0 && at.release.aborting === undefined && at.weight === NO_WEIGHT;
  return isWarming && scaleThemselves(at.manifests) ? Math.min(bump?.at ?? changedAt, changedAt) : undefined;
}

/**
 * What is seen of a version without a weight that needs no pods, once it was ready: a revision of Knative's starts one pod, and until that was ready a weight
 * goes to the revision before, which may be one that was taken back. Where nothing tells of pods at all, what counts instead goes on counting.
 */
export function onceReady(member: Member, seen: Liveness, timeline: readonly Window[]): Liveness {
  const since = readySince(member);
  if (since === undefined || seen.kind === "unseen") return seen;
  const { image } = member.manifest.canary;
  const told = timeline.flatMap(({ end, pods: { canary } }) => (end > since && canary !== undefined ? [canary] : []));
  const isReady = told.some((pods) => pods.some((pod) => pod.image === image && pod.ready > 0));
  if (isReady || told.length === 0) return seen;
  return { kind: "unseen", why: { kind: "pods", arm: "canary", ready: 0, wanted: 1, image } };
}
