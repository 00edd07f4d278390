import type { Template } from "../kinds/manifest.ts";
import { isReady } from "../pod.ts";
import type { Pod } from "../pod.ts";

/** The label that tells the pods of one ReplicaSet of a Rollout from those of another. */
export const HASH_LABEL = "rollouts-pod-template-hash";

/** One version of a Rollout's pods. */
export type ReplicaSet = {
  readonly hash: string;
  /** With the hash among its labels. */
  readonly template: Template;
  readonly revision: number;
  /** When it was made, milliseconds: coming back makes no ReplicaSet younger. */
  readonly createdAt: number;
  /** How many pods it is to have. */
  readonly replicas: number;
  /** The Rollout's replicas when it was last scaled. */
  readonly sizedFor: number;
  /** When it goes, milliseconds; undefined as long as nobody has decided that. */
  readonly scaleDownAt: number | undefined;
  readonly pods: readonly Pod[];
};

/** How many of its pods are ready. */
export function availableIn(set: ReplicaSet | undefined, now: number): number {
  return set?.pods.filter((pod) => isReady(pod, now)).length ?? 0;
}
