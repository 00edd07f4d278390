import type { Divergence } from "../core/divergence.ts";
import { versionOf, type Image } from "../core/image.ts";
import { stepAt } from "../core/landing.ts";
import { isQueued, isWaiting } from "../core/proposal.ts";
import type { Member, Reached } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Weight } from "../core/weight.ts";
import { code, plain, withoutStop } from "./markdown.ts";
import { newVersion } from "./step.ts";

/** How git contradicts itself and by whose hand, as a clause of plain text. */
export function divergenceText(member: Reached, found: Divergence): string {
  const { at, manifest } = member;
  const by = byWhom(member);
  switch (found.kind) {
    case "lowered":
      return `the weight was lowered from ${found.from}% to ${found.to}% ${by}`;
    case "raised":
      return `the weight was raised from ${found.from}% to ${found.to}% ${by}`;
    case "offPlan":
      return `the weight was set from ${at.weight}% to ${found.to}% ${by}, and no step of the plan goes on from there`;
    case "orphan":
      return `${found.weight}% of the traffic goes to the canary without a release`;
    case "testers":
    case "mirror":
    case "gates":
      return `${found.what}, changed ${by}`;
    case "stable":
      return `stable was set to ${told(manifest.stable.image, at.stable)} ${by}, the state says ${told(at.stable, manifest.stable.image)}`;
    case "plan":
      if (at.release === undefined) return `the state has ${at.weight}% without a release`;
      return plan(member, withoutStop(plain(member.obstacle ?? "")), plain(found.what));
    case "origin":
      return `the commit ${at.release?.commit.slice(0, 10)} that brought ${newVersion(member)} is not on the tracked branch any more`;
    default:
      return unreachable(found);
  }
}

/** Where what goes cannot be read, a plan that differs is what is left of it, and nobody has changed the steps. */
function plan({ obstacle }: Reached, unread: string, changed: string): string {
  return obstacle === undefined ? changed : unread;
}

/** Longest name of a commit's author that is shown, in characters: anybody may be called anything. */
export const LONGEST_NAME = 60;

function byWhom({ edit }: Pick<Member, "edit">): string {
  return edit === undefined ? "by hand" : `by ${plain(edit.by, LONGEST_NAME)}`;
}

/** Versions where they tell the two apart, else whole references. */
function told(image: Image, other: Image): string {
  return versionOf(image) === versionOf(other) ? image : versionOf(image);
}

/** What a person can do about it, in a few words of plain text. */
export function wayOut(member: Member, found: Divergence): string {
  const isUnderWay = member.at.release !== undefined;
  switch (found.kind) {
    case "lowered":
      return found.step === undefined ? "put it back, or /abort" : "/resume, put it back, or /abort";
    case "raised":
      return "the state follows at once";
    case "offPlan":
      return "put it back, or /abort";
    case "orphan":
      return isAdoptable(member, found.weight) ? "merge this to send it to 0, or /adopt" : "merge this to send it to 0";
    case "testers":
    case "mirror":
    case "gates":
      return isUnderWay ? "put it back, or /abort" : "put it back";
    case "stable":
      return isUnderWay ? "put it back, or /abort" : "/adopt, or put it back";
    case "plan":
      if (!isUnderWay) return "set it to 0";
      return plan(member, "mend that, or /abort", "put the steps back, or /abort");
    case "origin":
      return "bring it back, or /abort";
    default:
      return unreachable(found);
  }
}

/** The same as Markdown, each way with what it leads to. */
export function waysOut(member: Member, found: Divergence): string {
  const abort = `${code("/abort")} takes ${newVersion(member)} back.`;
  const { weight, release } = member.at;
  switch (found.kind) {
    case "lowered":
      if (found.step === undefined) return backOnly(found.to, weight, abort);
      return `${code("/resume")} or ${code("/adopt")} goes on from ${found.to}%. To go on from ${weight}%, put it back by a commit. ${abort}`;
    case "raised":
      return `Tidegate writes the state after it at once, as an override by whoever raised it; the release goes on from ${found.to}%. ${abort}`;
    case "offPlan":
      return backOnly(found.to, weight, abort);
    case "orphan":
      return orphanWays(member, found.weight);
    case "testers":
      return `Put the route's rule for testers back by a commit. ${release === undefined ? "" : abort}`.trimEnd();
    case "mirror":
      return `Put the route's mirror back by a commit. ${release === undefined ? "" : abort}`.trimEnd();
    case "gates":
      return `Put the Canary's hooks back by a commit. ${release === undefined ? "" : abort}`.trimEnd();
    case "stable":
      return release === undefined
        ? `${code("/adopt")} lets the state follow, and what stands on the canary then starts no release by itself. To undo it instead, put stable back by a commit.`
        : `To go on, put stable back by a commit. ${abort}`;
    case "plan":
      return release === undefined
        ? `To mend it, set the weight to 0 in the route and in ${code(`.tidegate/services/${member.state.service}.yaml`)}.`
        : `To go on, ${plan(member, "mend that", `put the steps back in ${code(".github/tidegate.yml")}`)}. ${abort}`;
    case "origin":
      return `To go on, push the commit back to the tracked branch. ${code("/abort")} sends the weight to 0 and gives the canary what stable runs.`;
    default:
      return unreachable(found);
  }
}

function backOnly(to: Weight, weight: Weight, abort: string): string {
  return `The release cannot go on from ${to}%: put it back to ${weight}% by a commit. ${abort}`;
}

function orphanWays(member: Member, weight: Weight): string {
  const down = `Merging this sends the weight to 0, and so does ${code("/abort")}, at once.`;
  return isAdoptable(member, weight)
    ? `${down} ${code("/adopt")} makes it a release of ${newVersion(member)} that goes on from ${weight}%.`
    : `${down} No release could go on from ${weight}%.`;
}

/** Whether a bump waits that could go on from the weight, which the plan has. */
function isAdoptable(member: Member, weight: Weight): boolean {
  return isWaiting(member) && !isQueued(member) && stepAt(member, weight) !== undefined;
}
