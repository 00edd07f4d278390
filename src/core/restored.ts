import type { Member } from "./snapshot.ts";

/**
 * What stable must be seen to run on a way back that has restored it: as git has it, a hand on it meanwhile must not keep the weight up for ever.
 * An autoscaler may hold it below git's replicas. By the deadline one ready pod of the version, with none of another, is enough. `now` is in milliseconds.
 */
export function restoredStable(
  { manifest: { stable }, changedAt, policy }: Pick<Member, "manifest" | "changedAt" | "policy">,
  now: number,
): { readonly image: string; readonly replicas: number } {
  const { image, replicas } = stable;
  return { image, replicas: now < changedAt + policy.deadlineMs ? replicas : Math.min(1, replicas) };
}
