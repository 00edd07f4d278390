import { setTimeout as sleep } from "node:timers/promises";
import { unreachable } from "../../core/unreachable.ts";
import type { Distortion, Fault, Refusal } from "./faults.ts";

/** What a fault leaves of a piece of work: its own result, that result distorted, a refusal, or a cut connection. */
export type Faulted<T> =
  | { readonly kind: "done"; readonly result: T }
  | { readonly kind: "distorted"; readonly result: T; readonly fault: Distortion }
  | { readonly kind: "undecided"; readonly result: T }
  | { readonly kind: "refuse"; readonly fault: Refusal }
  | { readonly kind: "drop" };

/** A piece of work under a fault; `isMerge`: it merges a pull request. */
export type Work<T> = { readonly run: () => Promise<T>; readonly isMerge: boolean };

const UNMERGEABLE: Refusal = {
  kind: "respond",
  when: "before",
  status: 405,
  message: "Pull Request is not mergeable",
  docs: "rest/pulls/pulls#merge-a-pull-request",
};

/** Applies a fault to a piece of work: `before` replaces it, `after` lets it happen and replaces its answer. */
export async function withFault<T>(fault: Fault | undefined, { run, isMerge }: Work<T>): Promise<Faulted<T>> {
  if (fault === undefined) return { kind: "done", result: await run() };
  switch (fault.kind) {
    case "delay":
      await sleep(fault.ms);
      return { kind: "done", result: await run() };
    case "respond":
      if (fault.when === "after") await run();
      return { kind: "refuse", fault };
    case "drop":
      if (fault.when === "after") await run();
      await fault.meanwhile?.();
      return { kind: "drop" };
    case "mergeableNull":
      return isMerge ? { kind: "refuse", fault: UNMERGEABLE } : { kind: "undecided", result: await run() };
    case "breakOff":
    case "loseItems":
    case "stale":
      return { kind: "distorted", result: await run(), fault };
    default:
      return unreachable(fault);
  }
}
