import type { Health } from "../core/gate/health.ts";
import type { GateName } from "../core/gate/settings.ts";
import { versionOf } from "../core/image.ts";
import { judgedOn } from "../core/plan.ts";
import type { Closing, Member } from "../core/snapshot.ts";
import type { Holding, Stage, Word } from "../core/stage.ts";
import type { Aborting, Hold } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Verdict } from "../core/verdict.ts";
import { divergenceText, LONGEST_NAME, wayOut } from "./divergence.ts";
import { numbersOf, readyText } from "./evidence.ts";
import { givesBack } from "./fall.ts";
import { wordsOf } from "./gates.ts";
import { clip, plain, withoutStop } from "./markdown.ts";
import { utc } from "./numbers.ts";
import { reasonText, waitsText } from "./pacing.ts";
import { seenIn, type SeenLive } from "./seen.ts";
import { newVersion } from "./step.ts";
import { missingOf, unseenText } from "./waiting.ts";
import { earlierText } from "./wave.ts";

/** GitHub's limit of a check's title. */
export const LONGEST_TITLE = 255;

/** Where a member stands, in one sentence without its stop: the nearest missing thing, with a time where one is known. Plain text. */
export function titleOf(member: Member, stage: Stage): string {
  const words = sentenceOf(member, stage);
  const seen = seenIn(member, stage);
  const unshown = seen === undefined ? "" : unshownText(seen);
  return `${clip(words, LONGEST_TITLE - unshown.length)}${unshown}`;
}

function unshownText({ by, share }: SeenLive): string {
  const isWhole = share === undefined;
  if (by === "assumed")
    return isWhole ? " (assumed live, nothing shows it)" : " (its pods are assumed, nothing shows them)";
  if (by === "reported")
    return isWhole
      ? " (reported live, the metrics do not show it)"
      : " (its pods are reported, the metrics do not show them)";
  return "";
}

type In<Kind extends Stage["kind"]> = Extract<Stage, { readonly kind: Kind }>;

function sentenceOf(member: Member, stage: Stage): string {
  switch (stage.kind) {
    case "resting":
      return "Nothing to release: canary and stable run the same";
    case "blocked":
      return `Blocked: ${versionOf(stage.block.image)} was taken back (${plain(stage.block.reason)})`;
    case "queued":
      return `Queued: ${newVersion(member)} begins here when stable runs it in ${earlierText(stage.behind)}`;
    case "diverged":
      return `Held: ${divergenceText(member, stage.divergence)}; ${wayOut(member, stage.divergence)}`;
    case "raised":
      return `Following: ${divergenceText(member, stage.divergence)}`;
    case "orphan":
      return orphanTitle(member, stage);
    case "proposing":
      return proposingTitle(member, stage);
    case "held":
      return heldTitle(member, stage.because);
    case "gathering":
      return `Gathering until ${utc(stage.until, member.changedAt)}: further bumps may still join this release`;
    case "syncing":
      return syncingTitle(member, stage);
    case "baking":
      return bakingTitle(member, stage);
    case "measuring":
      return measuringTitle(member, stage);
    case "paced":
      return `${wordText(stage.word)}; ${pacedText(member, stage)}`;
    case "refused":
      return `${wordText(stage.word)}; ${refusalText(member, stage)}`;
    case "passed":
      return passedTitle(member, stage);
    case "failed":
      return `${endWord(stage.aborting)}: ${failureText(member, stage)}; ${consequence(member, stage.aborting)}`;
    case "aborting":
      return abortingTitle(member, stage);
    default:
      return unreachable(stage);
  }
}

function proposingTitle(member: Member, { held }: In<"proposing">): string {
  const { closed, changedAt } = member;
  if (closed?.kind === "unnamed") return `Waiting for GitHub to say ${closerUnknown(closed, member)}`;
  return held === undefined
    ? "Preparing: the step's pull request is being brought up to date"
    : `Preparing; ${waitsText("the step's pull request", held, changedAt)}`;
}

function pacedText({ changedAt }: Member, { until, by }: In<"paced">): string {
  return by.kind === "turn"
    ? `merging at ${utc(until, changedAt)}, ${reasonText(by)}`
    : waitsText("the merge", { until, by }, changedAt);
}

function orphanTitle(member: Member, { weight }: In<"orphan">): string {
  const found = { kind: "orphan", weight, what: "" } as const;
  return `A weight without a release: ${weight}% of the traffic goes to the canary; ${wayOut(member, found)}`;
}

function heldTitle(member: Member, because: Holding): string {
  switch (because.kind) {
    case "hold":
      return holdText(because.hold);
    case "draft":
      return `Held while ${member.pull === undefined ? "the pull request" : `#${member.pull.number}`} is a draft: mark it ready for review`;
    case "pushed":
      return `Held: ${pushedText(because)}`;
    case "unreadable":
      return `Held: ${withoutStop(plain(because.what))}; until it is mended the release is only watched`;
    default:
      return unreachable(because);
  }
}

/** Who holds a step and how it goes on, as plain text. */
export function holdText({ by, reason, closed }: Hold): string {
  if (closed !== undefined) return `Held by ${plain(by)}, who closed #${closed}: re-open it or /resume`;
  return reason === undefined ? `Held by ${plain(by)}` : `Held by ${plain(by)}: ${plain(reason)}`;
}

/** Whose commit keeps a step from merging, as a clause of plain text. */
export function pushedText({ edit: { commit, by } }: Extract<Holding, { readonly kind: "pushed" }>): string {
  return `${plain(by, LONGEST_NAME)} pushed ${commit.slice(0, 10)} to this branch, and Tidegate merges only what it wrote; take it off or /resume`;
}

const LONGEST_REFUSAL = 120;

/** What GitHub says, and when it is asked again, as a clause of plain text. */
export function refusalText({ changedAt }: Member, { reason, until }: In<"refused">): string {
  return `GitHub does not let it be merged (${withoutStop(plain(reason, LONGEST_REFUSAL))}), asked again at ${utc(until, changedAt)}`;
}

function syncingTitle(member: Member, { why, overdue }: In<"syncing">): string {
  const text = unseenText(why, member);
  if (overdue) return `Not seen live by ${deadlineOf(member)}: ${text}`;
  return why.kind === "providerDown" ? `Waiting: ${text}` : `Syncing: ${text}`;
}

function bakingTitle(member: Member, { until, verdict }: In<"baking">): string {
  const missing = missingOf(verdict, member);
  const text = missing?.kind === "quality" ? missing.what : soFar(member, verdict);
  return `Baking until ${utc(until, member.changedAt)}; ${text}`;
}

function soFar(member: Member, { readiness }: Verdict): string {
  const evidence = judgedOn(member);
  if (evidence === "bake" && readiness !== undefined) return readyText(readiness);
  return evidence === "health" ? "errors are below the limit so far" : "no regression so far";
}

function measuringTitle(member: Member, { verdict, overdue }: In<"measuring">): string {
  const missing = missingOf(verdict, member) ?? { kind: "quantity", what: "the gate's verdict" };
  if (!overdue) return `Waiting: ${missing.what}`;
  const short = shortOfTraffic(verdict);
  const cannot = short.length === 0 ? "" : `cannot be decided by ${short.join(" and ")} at this traffic; `;
  return `Undecided by ${deadlineOf(member)}: ${cannot}${missing.what}`;
}

/** The gates that wait where all that wait have too little traffic, and nothing else is wrong. */
function shortOfTraffic({ rulings, skipped, health, readiness }: Verdict): readonly GateName[] {
  if (rulings.length === 0) return readiness !== undefined && isShort(health) ? ["errors"] : [];
  const waiting = rulings.filter(({ gate, judgement }) => judgement.verdict.kind === "wait" && !skipped.includes(gate));
  return waiting.every((ruling) => wordsOf(ruling).isOfTraffic) ? waiting.map(({ gate }) => gate) : [];
}

function isShort(health: Health | undefined): boolean {
  const verdict = health?.verdict;
  return verdict?.kind === "wait" && (verdict.reason.kind === "tooLittle" || verdict.reason.kind === "noTraffic");
}

function passedTitle(member: Member, { word }: In<"passed">): string {
  const numbers = numbersOf(word.verdict, member);
  if (word.override === undefined && word.skips.length === 0)
    return `Passed: ${numbers ?? "what is committed is seen live"}`;
  return numbers === undefined ? wordText(word) : `${wordText(word)}; ${numbers}`;
}

/** On whose word a step merges, as plain text: "Passed", "Overridden by ana", "Errors skipped by ana: the provider is being moved". */
export function wordText({ override, skips }: Pick<Word, "override" | "skips">): string {
  if (override !== undefined)
    return `Overridden by ${plain(override.by)}${override.reach === "full" ? ", to the end of the release" : ""}`;
  if (skips.length === 0) return "Passed";
  const words = skips.map(({ gate, by, reason }) => `${gate} skipped by ${plain(by)}: ${plain(reason)}`).join("; ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function failureText(member: Member, { aborting, verdict }: In<"failed">): string {
  const numbers = verdict?.kind === "fail" ? numbersOf(verdict, member) : undefined;
  return numbers ?? plain(aborting.reason);
}

function abortingTitle(member: Member, { aborting, unseen }: In<"aborting">): string {
  const waits = unseen === undefined ? "" : `; ${unseenText(unseen, member)}`;
  return `${endWord(aborting)}: ${plain(aborting.reason)}; ${consequence(member, aborting)}${waits}`;
}

/** How a release ended, as its first word. */
export function endWord({ by, who }: Aborting): string {
  switch (by) {
    case "gate":
      return "Failed";
    case "person":
      return who === undefined ? "Aborted" : `Aborted by ${plain(who)}`;
    case "containment":
      return "Contained";
    default:
      return unreachable(by);
  }
}

function consequence(member: Member, aborting: Aborting): string {
  return givesBack(member, aborting) ? `taking ${newVersion(member)} back` : "taking the weight to 0";
}

/** When a person has to decide what neither data nor cluster has. */
export function deadlineOf({ changedAt, policy }: Pick<Member, "changedAt" | "policy">): string {
  return utc(changedAt + policy.deadlineMs, changedAt);
}

/** Who it was that closed the step's pull request, a clause. */
export function closerUnknown(
  { number, until }: Extract<Closing, { readonly kind: "unnamed" }>,
  { changedAt }: Pick<Member, "changedAt">,
): string {
  return `who closed #${number}; it is asked again until ${utc(until, changedAt)}`;
}
