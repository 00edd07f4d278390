import { judgedOn, type EvidenceKind } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import { deadlineOutcome, type Holding, type Stage } from "../core/stage.ts";
import type { Aborting } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { waysOut } from "./divergence.ts";
import { restores } from "./fall.ts";
import { duration, utc } from "./numbers.ts";
import { code } from "./markdown.ts";
import { effectOf, newVersion } from "./step.ts";
import { deadlineOf } from "./title.ts";

/** What happens next and who can change it, as Markdown; the last sentence is the next step. */
export function nextOf(member: Member, stage: Stage): string {
  const version = newVersion(member);
  switch (stage.kind) {
    case "resting":
      return "A new image starts a release.";
    case "blocked":
      return `It does not start again by itself: a newer version starts a release, and ${code("/retry")} lets this one start again.`;
    case "queued":
      return `Its first step is proposed as soon as the waves before are done. ${code("/abort")} takes ${version} back here, and blocks it.`;
    case "diverged":
      return `Nothing further is committed meanwhile. ${waysOut(member, stage.divergence)}`;
    case "raised":
      return waysOut(member, stage.divergence);
    case "orphan":
      return waysOut(member, { kind: "orphan", weight: stage.weight, what: "" });
    case "proposing":
      return "The next look reports on the new head.";
    case "held":
      return `Nothing merges while it is held. ${heldNext(stage.because)}. ${code("/abort")} takes ${version} back.`;
    case "gathering":
      return `The release begins when no further bump has landed for ${duration(member.policy.gatherMs)}. ${code("/promote")} begins it now, ${code("/abort")} takes ${version} back.`;
    case "syncing":
      return syncingNext(member, stage, version);
    case "baking":
      return `Merging ${effectOf(member, stage.step)}. It merges from ${utc(stage.until, member.changedAt)} on, as soon as the gate passes. ${ways(version)}`;
    case "measuring":
      return measuringNext(member, stage, version);
    case "refused":
      return `Nothing of Tidegate's own is missing; the rules of the branch are. Whoever they ask for (reviewers, code owners) can approve it, and Tidegate merges it at the next asking, which ${effectOf(member, stage.step)}; merging by hand does the same. ${code("/hold")} keeps it where it is, ${code("/abort")} takes ${version} back.`;
    case "paced":
    case "passed":
      return `Tidegate merges it, which ${effectOf(member, stage.step)}.`;
    case "failed":
    case "aborting":
      return fallNext(member, stage.aborting);
    default:
      return unreachable(stage);
  }
}

function heldNext(because: Holding): string {
  switch (because.kind) {
    case "hold":
      return because.hold.closed === undefined
        ? `${code("/resume")} goes on`
        : `To go on, re-open #${because.hold.closed}, or say ${code("/resume")} for a new pull request`;
    case "draft":
      return "To go on, mark the pull request ready for review";
    case "pushed":
      return `To go on, take that commit off the branch, or say ${code("/resume")}, which builds it anew without the commit`;
    case "unreadable":
      return "To go on, mend that file on the tracked branch; what fails is taken back all the same";
    default:
      return unreachable(because);
  }
}

function syncingNext(
  member: Member,
  { step, why, overdue }: Extract<Stage, { readonly kind: "syncing" }>,
  version: string,
): string {
  if (why.kind === "providerDown")
    return `No answer is never a pass: nothing moves until the provider answers. ${code("/abort")} takes ${version} back meanwhile.`;
  const bake = step.bakeMs === 0 ? "the gate looks" : `it bakes for ${duration(step.bakeMs)} and the gate looks`;
  const look = overdue ? "Look at the cluster: what git wants has not come about. " : "";
  const late =
    deadlineOutcome(member) === "abort" ? ` Not live by ${deadlineOf(member)}, ${version} is taken back.` : "";
  return `${look}Nothing further is committed before the last change is seen live; then ${bake}.${late} ${code("/abort")} takes ${version} back.`;
}

function measuringNext(
  member: Member,
  { step, overdue }: Extract<Stage, { readonly kind: "measuring" }>,
  version: string,
): string {
  const effect = `Merging ${effectOf(member, step)}.`;
  if (overdue)
    return `${effect} It still merges by itself if the gate passes. ${DECIDES[judgedOn(member)]}; ${code("/promote")} or ${code("/abort")} decides it now.`;
  const late = deadlineOutcome(member) === "abort" ? `${version} is taken back` : "a person has to decide";
  return `${effect} It merges as soon as the gate passes; past ${deadlineOf(member)} ${late}. ${ways(version)}`;
}

const DECIDES: Readonly<Record<EvidenceKind, string>> = {
  compare: "A longer bake, a higher first weight or more traffic would decide it",
  health:
    "A longer bake, a higher first weight or more traffic would decide it; where none is to be expected, the evidence for this target is bake, which asks for ready pods alone",
  bake: "Pods that stay ready for the whole bake time would decide it, unless requests are counted that fail",
};

function ways(version: string): string {
  return `${code("/promote")} merges it without waiting, ${code("/hold")} keeps it where it is, ${code("/abort")} takes ${version} back.`;
}

function fallNext(member: Member, aborting: Aborting): string {
  const first = restores(member, aborting) ? "Stable goes back first, then the weight to 0" : "The weight goes to 0";
  const then =
    aborting.by === "containment"
      ? "What landed meanwhile starts a release of its own."
      : `A newer version starts a new release, and ${code("/retry")} lets this one start again.`;
  return `${first}; what follows waits until that is seen live. ${then}`;
}
