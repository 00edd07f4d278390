import type { Arm, Counts, Window } from "../window.ts";
import { pairOf, usable } from "./evidence.ts";

/** Why the latest windows say nothing about an arm. */
export type Silence =
  /** No window of the running step has closed. */
  | { readonly kind: "noWindows" }
  /** The provider has no sample of the arm in the latest windows, or nothing that is a count, or never together with the other arm's. */
  | { readonly kind: "noSamples"; readonly arm: Arm; readonly windows: number }
  /** The arm was measured and served no request in the latest windows. */
  | { readonly kind: "noTraffic"; readonly arm: Arm; readonly windows: number };

const LATEST = 2;

/** Why an arm cannot be judged by the latest windows, oldest first; undefined when it was seen serving. What it did before is no excuse for silence now. */
export function silenceOf(windows: readonly Window[], arm: Arm): Silence | undefined {
  const latest = windows.slice(-LATEST);
  return silence(
    latest,
    arm,
    latest.map(({ counts }) => usable(counts[arm])),
  );
}

/** The same for a comparison: both arms must be seen serving, in windows that have the counts of both. */
export function silenceOfEither(windows: readonly Window[]): Silence | undefined {
  const latest = windows.slice(-LATEST);
  const pairs = latest.map(pairOf);
  const last = latest.at(-1);
  if (last !== undefined && pairs.every((pair) => pair === undefined)) {
    return {
      kind: "noSamples",
      arm: usable(last.counts.canary) === undefined ? "canary" : "stable",
      windows: latest.length,
    };
  }
  return (
    silence(
      latest,
      "canary",
      pairs.map((pair) => pair && { requests: pair[0], failed: pair[1] }),
    ) ??
    silence(
      latest,
      "stable",
      pairs.map((pair) => pair && { requests: pair[2], failed: pair[3] }),
    )
  );
}

function silence(latest: readonly Window[], arm: Arm, counts: readonly (Counts | undefined)[]): Silence | undefined {
  if (latest.length === 0) return { kind: "noWindows" };
  if (counts.some((seen) => seen !== undefined && seen.requests > 0)) return undefined;
  const kind = counts.every((seen) => seen === undefined) ? "noSamples" : "noTraffic";
  return { kind, arm, windows: latest.length };
}
