import { countedShare } from "./copied.ts";
import { isComparedAt, type Plan } from "./plan.ts";
import { read } from "./reading.ts";
import { shiftOf, type Weights } from "./shift.ts";
import type { Member } from "./snapshot.ts";
import type { Beside } from "./unshown.ts";
import type { Window } from "./window.ts";

/** The windows that one step of the release ran through. */
export type Segment = { readonly step: number; readonly windows: readonly Window[] };

/**
 * The windows of each step whose traffic compares canary with stable, oldest first, from the first whose evidence the state lacks.
 * A window belongs to the step that had landed when it began; one that straddles a landing is the earlier step's.
 */
export function segments(member: Member, timeline: readonly Window[]): readonly Segment[] {
  const { plan } = member;
  const { release } = member.at;
  if (release === undefined) return [];
  return plan.steps
    .filter(({ index }) => isComparedAt(plan, index) && index > release.evidence.through && index <= release.step)
    .map(({ index }) => ({ step: index, windows: judgedOf(member, index, timeline) }));
}

/** The windows of a step that are compared: without its warm-up, which begins where the requests show the step's weight, or with its landing where they do not. */
export function judgedOf(
  member: Pick<Member, "landings" | "policy" | "plan">,
  step: number,
  timeline: readonly Window[],
): readonly Window[] {
  const windows = windowsOf(member, step, timeline);
  const { warmUpMs } = member.policy;
  const landed = windows[0]?.start;
  if (warmUpMs === 0 || landed === undefined) return windows;
  const shift = shiftOf(weightsOf(member.plan, step), windows);
  return windowsSince((shift.kind === "moved" ? shift.since : landed) + warmUpMs, windows);
}

function weightsOf({ steps }: Plan, index: number): Weights {
  const [from, to] = [steps[index - 1], steps[index]];
  return { from: countedShare(from), weight: countedShare(to) };
}

/** The windows that began after a step landed and before the next one did; where it is assumed when it runs, that much later each. */
export function windowsOf(
  { landings, policy }: Pick<Member, "landings" | "policy">,
  step: number,
  timeline: readonly Window[],
): readonly Window[] {
  const from = landings.get(step);
  if (from === undefined) return [];
  const to = landings.get(step + 1) ?? Number.POSITIVE_INFINITY;
  const late = policy.assumedAfterMs ?? 0;
  return timeline.filter(({ start }) => start >= from + late && start < to + late);
}

/** The windows that began after a moment, milliseconds. */
export function windowsSince(moment: number, timeline: readonly Window[]): readonly Window[] {
  return timeline.filter(({ start }) => start >= moment);
}

/** What counts beside the metrics for it that the last change runs; nothing where it must be seen. */
export function besideOf(member: Pick<Member, "policy" | "reported" | "changedAt">): Beside {
  const { reports } = member.policy;
  const reported = reports === undefined ? undefined : (member.reported ?? read(undefined));
  return { assumedFrom: assumedFrom(member), reported, afterReportMs: reports?.afterMs };
}

/** From when on the last change counts as live where nothing shows it, milliseconds; undefined where it must be seen. */
export function assumedFrom({
  changedAt,
  policy: { assumedAfterMs },
}: Pick<Member, "changedAt" | "policy">): number | undefined {
  return assumedAfterMs === undefined ? undefined : changedAt + assumedAfterMs;
}
