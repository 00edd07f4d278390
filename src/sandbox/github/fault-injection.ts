import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";

export type Refusal = Fault & { readonly kind: "respond" };

/** What a fault leaves of a piece of work: its own result, a refusal, or a cut connection. */
export type Faulted<T> =
  | { readonly kind: "done"; readonly result: T }
  | { readonly kind: "refuse"; readonly fault: Refusal }
  | { readonly kind: "drop" };

/** Applies a fault to a piece of work: `before` replaces it, `after` lets it happen and replaces its answer. */
export async function withFault<T>(fault: Fault | undefined, work: () => Promise<T>): Promise<Faulted<T>> {
  if (fault === undefined) return { kind: "done", result: await work() };
  if (fault.kind === "delay") {
    await sleep(fault.ms);
    return { kind: "done", result: await work() };
  }
  if (fault.when === "after") await work();
  if (fault.kind === "respond") return { kind: "refuse", fault };
  await fault.meanwhile?.();
  return { kind: "drop" };
}
