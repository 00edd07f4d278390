import type { Expected, Liveness } from "./live.ts";
import type { Step } from "./plan.ts";
import { requestsIn } from "./shift.ts";
import { NO_WEIGHT, WHOLE } from "./weight.ts";
import type { Window } from "./window.ts";

/**
 * Whether copies of requests reach the canary: a copy is one request more, which is counted for it. From the first that is, and from when the pods are as expected, milliseconds;
 * where requests are not judged at all, from then alone.
 */
export function copied(
  { evidence }: Pick<Expected, "evidence">,
  windows: readonly Window[],
  podsAsExpected: number,
): Liveness {
  if (evidence === "bake") return liveSince(podsAsExpected, "pods");
  const first = windows.find(({ counts }) => (counts.canary?.requests ?? 0) > 0);
  if (first !== undefined) return liveSince(Math.max(podsAsExpected, first.start), "copies");
  const isCounted = windows.some(({ counts }) => counts.stable !== undefined);
  return { kind: "unseen", why: isCounted ? { kind: "copies", requests: requestsIn(windows) } : { kind: "noCounts" } };
}

function liveSince(since: number, by: "pods" | "copies"): Liveness {
  return { kind: "live", since, by, share: undefined, deviates: false };
}

/** The canary's share, whole per cent, of all requests that are counted while copies of so many per cent of them are sent to it: they are counted beside those that they are of. */
export function shareOfCopies(mirror: number): number {
  return Math.round((WHOLE * mirror) / (WHOLE + mirror));
}

/** The canary's share, per cent, of the requests that are counted under a step. */
export function countedShare(step: Step | undefined): number {
  return step?.mirror === undefined ? (step?.nearest ?? step?.weight ?? NO_WEIGHT) : shareOfCopies(step.mirror);
}
