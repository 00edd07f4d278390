import type { Template } from "./kinds/manifest.ts";

export type Pod = {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  /** The Deployment or Rollout that it is of. */
  readonly workload: string;
  /** What it was made from; its labels may have been changed since. */
  readonly template: Template;
  /** When it becomes ready, milliseconds; Infinity for never. */
  readonly readyAt: number;
};

/** Makes one new pod. */
export type NewPod = (owner: { readonly namespace: string; readonly name: string; readonly template: Template }) => Pod;

export function isReady({ readyAt }: Pod, now: number): boolean {
  return readyAt <= now;
}

/** Ready pods first: what goes is taken from the end. */
export function unreadyLast(pods: readonly Pod[], now: number): readonly Pod[] {
  return [...pods.filter((pod) => isReady(pod, now)), ...pods.filter((pod) => !isReady(pod, now))];
}
