import { partsOf } from "./image.ts";
import type { Expected, Unseen } from "./live.ts";
import type { Pods, Window } from "./window.ts";

/** `isBlind`: nothing is known of any pod, and that is let pass. */
export type Wanted = Expected & { readonly isBlind?: boolean };

/** What speaks against a change in the pods at the end of a window, and in the versions that its requests were answered by; undefined where they are as wanted. */
export function podsUnseen(expected: Wanted, window: Window): Unseen | undefined {
  if (expected.isBlind === true) return versionUnseen(expected, window);
  return (
    canaryUnseen(expected, window.pods.canary) ??
    stableUnseen(expected, window.pods.stable) ??
    versionUnseen(expected, window)
  );
}

/**
 * An arm that is to run a version answers with no other. That it answers with the right one says nothing of how many pods are ready,
 * and before the first weight there is no answer at all, so that versions of requests alone make nothing live.
 */
function versionUnseen(
  { canaryReplicas = 0, canaryImage, stable }: Expected,
  { versions }: Window,
): Unseen | undefined {
  const canary = canaryReplicas === 0 ? undefined : otherVersion("canary", canaryImage, versions?.canary);
  return canary ?? (stable && otherVersion("stable", stable.image, versions?.stable));
}

function otherVersion(arm: "canary" | "stable", image: string, answering: readonly string[] = []): Unseen | undefined {
  const wanted = partsOf(image)?.tag;
  const answered = answering.find((version) => version !== wanted);
  return answered === undefined || wanted === undefined ? undefined : { kind: "version", arm, answered, wanted };
}

function canaryUnseen(
  { canaryImage, canaryReplicas, mayBeIdle }: Expected,
  pods: readonly Pods[] | undefined,
): Unseen | undefined {
  if (canaryReplicas === undefined) return undefined;
  if (pods === undefined) return { kind: "noPods", arm: "canary" };
  if (canaryReplicas === 0 && mayBeIdle !== true) {
    const left = total(pods);
    return left > 0 ? { kind: "leaving", arm: "canary", pods: left } : undefined;
  }
  return notReady("canary", { image: canaryImage, replicas: canaryReplicas }, pods);
}

function stableUnseen({ stable }: Expected, pods: readonly Pods[] | undefined): Unseen | undefined {
  if (stable === undefined) return undefined;
  if (pods === undefined) return { kind: "noPods", arm: "stable" };
  return notReady("stable", stable, pods);
}

/** An old pod that is still there may still answer: the change is live when only the wanted version is left. Of pods that are there one is ready, where none need be. */
function notReady(
  arm: "canary" | "stable",
  { image, replicas }: { readonly image: string; readonly replicas: number },
  pods: readonly Pods[],
): Unseen | undefined {
  const own = pods.filter((pod) => pod.image === image);
  const ready = own.reduce((sum, pod) => sum + pod.ready, 0);
  const wanted = Math.max(replicas, total(own) > 0 ? 1 : 0);
  if (ready < wanted) return { kind: "pods", arm, ready, wanted, image };
  const others = total(pods) - total(own);
  return others > 0 ? { kind: "leaving", arm, pods: others } : undefined;
}

function total(pods: readonly Pods[]): number {
  return pods.reduce((sum, pod) => sum + pod.total, 0);
}

/** Start of the first window of the unbroken run up to now whose pods are as expected, milliseconds; Infinity where they are not. */
export function podsSince(expected: Wanted, windows: readonly Window[]): number {
  const broken = windows.findLastIndex((window) => podsUnseen(expected, window) !== undefined);
  return windows[broken + 1]?.start ?? Number.POSITIVE_INFINITY;
}
