import type { Expected, Liveness, Unseen } from "./live.ts";
import type { Report } from "./report.ts";
import type { Window } from "./window.ts";

/** What counts where nothing shows a change: from when on, milliseconds, or why it does not yet. */
export type Unshown = {
  readonly by: "assumed" | "reported";
  readonly from: number;
  readonly why: Unseen;
  readonly report?: Report | undefined;
};

/** As much of what is expected as says what counts beside the metrics. */
export type Beside = Pick<Expected, "assumedFrom" | "reported" | "afterReportMs">;

/** Undefined where a change must be seen. */
export function unshownOf({ assumedFrom, reported, afterReportMs = 0 }: Beside): Unshown | undefined {
  if (assumedFrom !== undefined)
    return { by: "assumed", from: assumedFrom, why: { kind: "assuming", from: assumedFrom } };
  if (reported === undefined) return undefined;
  const [report, problem] = reported.kind === "read" ? [reported.value] : [undefined, reported.reason];
  if (report?.outcome !== "success")
    return { by: "reported", from: Number.POSITIVE_INFINITY, why: { kind: "unreported", failed: report, problem } };
  const from = report.at + afterReportMs;
  return { by: "reported", from, why: { kind: "assuming", from }, report };
}

/** Live since the first window that began when what nothing shows counts. */
export function toldLive({ by, from, why, report }: Unshown, windows: readonly Window[], since = from): Liveness {
  const first = windows.find(({ start }) => start >= Math.max(from, since));
  if (first === undefined) return { kind: "unseen", why };
  return { kind: "live", since: first.start, by, share: undefined, deviates: false, ...(report && { report }) };
}

/** Where nothing could tell two versions apart, the change counts as live by time or by the word of the tool that delivers, where that is configured. */
export function alike(expected: Beside, windows: readonly Window[]): Liveness {
  const unshown = unshownOf(expected);
  return unshown === undefined ? { kind: "unseen", why: { kind: "alike" } } : toldLive(unshown, windows);
}
