import { versionOf } from "../core/image.ts";
import type { Held } from "../core/pacing.ts";
import type { Step } from "../core/plan.ts";
import { saidOf } from "../core/proposal.ts";
import type { Member } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Verdict } from "../core/verdict.ts";
import { divergenceText, wayOut } from "./divergence.ts";
import { escaped, list, plain, withoutStop } from "./markdown.ts";
import { duration, utc } from "./numbers.ts";
import { reasonText } from "./pacing.ts";
import { NEED, newVersion } from "./step.ts";
import { closerUnknown, deadlineOf, endWord, holdText, pushedText } from "./title.ts";
import { allMissing, unseenText } from "./waiting.ts";
import { earlierText } from "./wave.ts";

/** Everything that is missing before the next merge, nearest first, as clauses of plain text; none where nothing is, or where nothing is to be merged. */
export function missingList(member: Member, stage: Stage): readonly string[] {
  const { changedAt } = member;
  switch (stage.kind) {
    case "resting":
    case "passed":
      return [];
    case "blocked":
      return [
        `a newer version, or /retry: ${versionOf(stage.block.image)} was taken back (${plain(stage.block.reason)})`,
      ];
    case "queued":
      return [`its turn: ${newVersion(member)} on stable in ${earlierText(stage.behind)}`];
    case "diverged":
      return [agreement(member, stage.divergence), ...handsOn(member)];
    case "raised":
      return [`the state's commit that follows: ${divergenceText(member, stage.divergence)}`];
    case "orphan":
      return [`a release for the weight of ${stage.weight}%, or weight 0: ${orphanWay(member, stage.weight)}`];
    case "proposing":
      return proposingMissing(member, stage);
    case "held":
      return [...handsOn(member), ...missingList(member, stage.under)];
    case "gathering":
      return [`the end of the time for further bumps, ${utc(stage.until, changedAt)}`, ...leave(member)];
    case "syncing":
      return [
        `the last change seen live: ${syncingText(member, stage)}`,
        ...afterwards(member, stage.step),
        ...leave(member),
      ];
    case "baking":
      return [`bake time, until ${utc(stage.until, changedAt)}`, ...gatePass(member, stage.verdict), ...leave(member)];
    case "measuring":
      return [...gatePass(member, stage.verdict, stage.overdue), ...leave(member)];
    case "paced":
      return [pacedMissing(member, stage), ...leave(member)];
    case "refused":
      return [`${leaveOf(stage.reason)}, asked again at ${utc(stage.until, changedAt)}`];
    case "failed":
      return [`a new release: this one is taken back (${endWord(stage.aborting)}: ${plain(stage.aborting.reason)})`];
    case "aborting":
      return [`the end of the way back${stage.unseen === undefined ? "" : `: ${unseenText(stage.unseen, member)}`}`];
    default:
      return unreachable(stage);
  }
}

/** Clauses as a Markdown list, at most so many. */
export function missingItems(missing: readonly string[], most: number): string {
  return list(
    missing.map((clause) => escaped(clause, 500)),
    most,
  );
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function proposingMissing(member: Member, { held }: In<"proposing">): readonly string[] {
  const { closed } = member;
  if (closed?.kind === "unnamed") return [`GitHub's word on ${closerUnknown(closed, member)}`];
  const wanted = "the step's pull request as it should be";
  return held === undefined ? [`${wanted}: it is being brought up to date`] : [wanted, roomMissing(member, held)];
}

function pacedMissing(member: Member, { until, by }: In<"paced">): string {
  return by.kind === "turn"
    ? `this repository's turn, at ${utc(until, member.changedAt)}: one step at a time`
    : roomMissing(member, { until, by });
}

function roomMissing({ changedAt }: Member, { until, by }: Held): string {
  return `room in GitHub's limits, at ${utc(until, changedAt)}: ${reasonText(by)}`;
}

function agreement(member: Member, found: In<"diverged">["divergence"]): string {
  return `git in agreement with itself: ${divergenceText(member, found)} (${wayOut(member, found)})`;
}

function orphanWay(member: Member, weight: In<"orphan">["weight"]): string {
  return wayOut(member, { kind: "orphan", weight, what: "" });
}

/** What people keep a step back with, all of it. */
function handsOn(member: Member): readonly string[] {
  const { pull, target } = member;
  const hold = saidOf(member).holds.find((one) => one.target === target);
  return [
    ...(member.obstacle === undefined ? [] : [`what it goes by, mended: ${withoutStop(plain(member.obstacle))}`]),
    ...(pull?.foreign === undefined
      ? []
      : [`a branch that only Tidegate wrote: ${pushedText({ kind: "pushed", edit: pull.foreign })}`]),
    ...(hold === undefined
      ? []
      : [`the hold's end: ${lowered(holdText(hold))}${hold.closed === undefined ? " (/resume)" : ""}`]),
    ...(pull?.draft === true ? [`#${pull.number} marked ready for review: it is a draft`] : []),
  ];
}

function lowered(words: string): string {
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

function syncingText(member: Member, { why, overdue }: In<"syncing">): string {
  const text = unseenText(why, member);
  return overdue ? `${text} (not by ${deadlineOf(member)}; look at the cluster)` : text;
}

/** What comes once the last change is seen live. */
function afterwards(member: Member, { bakeMs, judge }: Step): readonly string[] {
  const { override, skips } = saidOf(member);
  if (override !== undefined) return [];
  return [
    ...(bakeMs === 0 ? [] : [`bake time, ${duration(bakeMs)} from then on`]),
    ...(judge === "seen" || skips.some(({ gate }) => gate === "errors")
      ? []
      : [`the gate's pass: ${NEED[member.policy.evidence][judge]}`]),
  ];
}

function gatePass(member: Member, verdict: Verdict, overdue = false): readonly string[] {
  if (verdict.kind !== "wait" || saidOf(member).override !== undefined) return [];
  const missing = allMissing(verdict, member).map(({ what }) => what);
  const pass = `the gate's pass${overdue ? " or a person's word (/promote, /abort)" : ""}`;
  return (missing.length === 0 ? ["its verdict"] : missing).map((what) => `${pass}: ${what}`);
}

/** GitHub has refused the step as it is, whatever else was missing meanwhile. */
function leave({ refusal }: Member): readonly string[] {
  return refusal === undefined ? [] : [leaveOf(refusal.reason)];
}

function leaveOf(reason: string): string {
  return `GitHub's leave: ${withoutStop(plain(reason))}`;
}
