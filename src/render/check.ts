import type { Action, Fall, Standing } from "../core/action.ts";
import type { Sha } from "../core/names.ts";
import type { BumpPull, Member, Unconcerned } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import { analysisTable } from "./analysis.ts";
import { buttonsOf, type Button } from "./buttons.ts";
import { pictureOf, type Picture } from "./chart/picture.ts";
import { LONGEST_NAME } from "./divergence.ts";
import { evidenceTable, groundsSentence } from "./evidence.ts";
import { wordsOf } from "./gates.ts";
import { fallReason, fallTitle, gateless } from "./fall.ts";
import { goingOnText } from "./going-on.ts";
import { clip, code, details, escaped, list, plain, withoutStop } from "./markdown.ts";
import { count, duration, utc } from "./numbers.ts";
import { nextOf } from "./next.ts";
import { missingItems } from "./missing.ts";
import { planOutlook } from "./outlook.ts";
import { hashOf, recordBlock, recordOf, timelineOf, verdictIn, type GateRecord } from "./record.ts";
import { seasonalTable } from "./seasonal.ts";
import { seenText } from "./seen.ts";
import { setReport } from "./set-report.ts";
import { sparkline } from "./sparkline.ts";
import { planTable } from "./step.ts";
import { LONGEST_TITLE, titleOf } from "./title.ts";

/** A check run as it should be; `conclusion` undefined is in progress. Equal content has an equal `externalId`. */
export type Check = {
  readonly name: "tidegate/plan" | "tidegate/gate" | "tidegate/policy";
  readonly headSha: Sha;
  readonly externalId: string;
  readonly conclusion: "success" | "failure" | "action_required" | "neutral" | undefined;
  readonly title: string;
  readonly summary: string;
  readonly text: string | undefined;
  readonly actions: readonly Button[];
  /** What is shown below, where pictures can be. They follow the text and are no part of `externalId`. */
  readonly pictures: readonly Picture[];
  /** Remarks on lines; absent where the check never has any. They follow the text and are no part of `externalId`. */
  readonly annotations?: readonly Annotation[];
};

/** A remark on a line (from 1) of a file. */
export type Annotation = {
  readonly path: string;
  readonly line: number;
  readonly level: "failure" | "warning";
  readonly title: string;
  readonly message: string;
};

type Of<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/** GitHub's limit of a check's summary and of its text, in characters. */
export const LONGEST_TEXT = 65_535;

/** What the gate says of a step, on the step's pull request; of several members, one report for all. */
export function gateCheck({ member, stage, outlook, fellows = [], headSha }: Of<"reportGate">): Check {
  const gates = [{ member, stage, outlook }, ...fellows].map((standing) => gateOf(standing, headSha));
  const [first] = gates;
  if (gates.length === 1 && first !== undefined) return first.check;
  return { name: GATE, headSha, ...setReport(gates) };
}

const GATE = "tidegate/gate";

/** What the gate says of one member. */
export type Gate = Standing & { readonly check: Check };

function gateOf({ member, stage, outlook }: Standing, headSha: Sha): Gate {
  const record = recordOf(member, stage, headSha, outlook);
  const conclusion = conclusionOf(stage);
  const title = titleOf(member, stage);
  const isFinal = conclusion === "success" || conclusion === "failure";
  const actions = buttonsOf(stage);
  const check: Check = {
    name: GATE,
    headSha,
    externalId: hashOf(
      GATE,
      conclusion ?? "open",
      topicOf(stage, title),
      record.missing.map(withoutNumbers),
      member.merger,
      actions,
      bucketOf(member),
      // A moment that goes on with the clock is no reason to write again.
      isFinal ? { ...record, outlook: undefined } : undefined,
    ),
    conclusion,
    title,
    summary: gateSummary(record, title, nextOf(member, stage)),
    text: gateText(record, member),
    actions,
    pictures: [pictureOf(member, verdictIn(stage))].filter((picture) => picture !== undefined),
  };
  return { member, stage, check };
}

/** Why nothing of a service moves, on each of its open step pull requests. */
export function refusalCheck({ refusal, headSha }: Of<"reportRefusal">): Check {
  const [first = "no reason is known"] = refusal.problems;
  const problems = list(
    refusal.problems.map((problem) => escaped(problem)),
    50,
  );
  return settled({
    name: "tidegate/gate",
    headSha,
    conclusion: "action_required",
    title: `Cannot read ${refusal.service}: ${withoutStop(first)}`,
    body: `${problems}\n\nNothing of ${escaped(refusal.service)} moves until this is mended on the tracked branch.`,
    text: undefined,
  });
}

/** What merging a bump would start and what stands in its way, on the bump's pull request. */
export function planCheck(bump: BumpPull): Check {
  return settled({ name: "tidegate/plan", headSha: bump.headSha, ...planOutlook(bump) });
}

/** Lets a commit pass that is merged at once, where the branch's rules ask for the gate: it raises no weight. */
export function fallCheck(member: Member, fall: Fall, headSha: Sha): Check {
  return settled({
    name: "tidegate/gate",
    headSha,
    conclusion: "success",
    title: `${gateless(fall)}: ${fallTitle(member, fall)}`,
    body: `${escaped(fallReason(member, fall), 1000)}\n\nTidegate merges it at once.`,
    text: undefined,
  });
}

/** Lets a head pass where the branch's rules ask for a check that has nothing to say there. */
export function unconcernedCheck({ headSha }: Unconcerned, name: Check["name"]): Check {
  const why = UNCONCERNED[name];
  return settled({
    name,
    headSha,
    conclusion: "neutral",
    title: `Nothing here concerns ${name}: ${why}`,
    body: "The check is here because the rules of the branch ask for it.",
    text: undefined,
  });
}

const UNCONCERNED: Readonly<Record<Check["name"], string>> = {
  "tidegate/plan": "no image of a service is bumped",
  "tidegate/gate": "it is no step of a release",
  "tidegate/policy": "it brings no service without a template and no pitfall",
};

/** What a check says whose content changes only with the facts of git: its title leads the summary. */
export type Settled = Pick<Check, "name" | "headSha" | "conclusion" | "title" | "text"> & { readonly body: string };

/** A check that says it. */
export function settled({ name, headSha, conclusion, title: words, body, text }: Settled): Check {
  const title = clip(plain(words, LONGEST_TITLE), LONGEST_TITLE);
  const summary = paragraphs([headline(title), body]);
  return {
    name,
    headSha,
    externalId: hashOf(name, conclusion ?? "open", title, summary, text),
    conclusion,
    title,
    summary,
    text,
    actions: [],
    pictures: [],
  };
}

function conclusionOf(stage: Stage): Check["conclusion"] {
  switch (stage.kind) {
    case "resting":
    case "queued":
    case "raised":
    case "proposing":
    case "gathering":
    case "baking":
    case "paced":
      return undefined;
    case "syncing":
    case "measuring":
      return stage.overdue ? "action_required" : undefined;
    case "blocked":
    case "diverged":
    case "held":
      return "action_required";
    // Sending a weight that no release wants to 0 needs no gate: whoever merges the offer must be able to.
    case "orphan":
    // The gate has passed; what is missing is of GitHub's own rules.
    case "refused":
    case "passed":
      return "success";
    case "failed":
    case "aborting":
      return "failure";
    default:
      return unreachable(stage);
  }
}

const WINDOWS_A_REPORT = 4;

// Counts that move with every look would have the report written anew at every look; the bucket refreshes them.
function topicOf(stage: Stage, title: string): string {
  const moves =
    stage.kind === "measuring" ||
    (stage.kind === "syncing" && (stage.why.kind === "share" || stage.why.kind === "draining"));
  return moves ? withoutNumbers(title) : title;
}

function withoutNumbers(words: string): string {
  return words.replace(/\d[\d.,]*/g, "#");
}

/** Which group of windows the last closed one belongs to; -1 without windows. */
function bucketOf(member: Member): number {
  const last = timelineOf(member).at(-1);
  return last === undefined ? -1 : Math.floor(last.end / (WINDOWS_A_REPORT * member.policy.windowMs));
}

/** The sentence first, then the numbers and what happens next. */
function gateSummary(record: GateRecord, title: string, next: string): string {
  const chart = record.series && sparkline(record.series);
  return paragraphs([
    headline(title),
    missingText(record),
    mergerText(record),
    groundsSentence(record),
    evidenceTable(record),
    record.seasonal && seasonalTable(record.seasonal),
    ...(record.analyses ?? []).map((one) => analysisTable(one, Date.parse(record.live.since))),
    chart,
    goingOnText(record),
    next,
  ]);
}

const MOST_MISSING = 20;

// A single one is what the title says.
function missingText({ missing }: GateRecord): string | undefined {
  if (missing.length < 2) return undefined;
  return `What is missing, nearest first:\n\n${missingItems(missing, MOST_MISSING)}`;
}

function mergerText({ merger }: GateRecord): string | undefined {
  if (merger === undefined) return undefined;
  return `The newest step was merged by hand by ${escaped(merger, LONGEST_NAME)}, before its gate had said so: an override.`;
}

function gateText(record: GateRecord, member: Member): string {
  const { at, plan, target, state, policy } = member;
  const covered = `The verdict covers ${code(state.service)} in ${code(target)} at ${record.live.weight}% and the blobs of ${code(record.head)}.`;
  return paragraphs([
    record.windows && covered,
    seenSentence(record, member),
    windowsSentence(record, member),
    details("The plan", planTable(plan, (at.release?.step ?? -1) + 1, policy.evidence)),
    details("The record, for machines", recordBlock(record)),
  ]);
}

function seenSentence({ seen }: GateRecord, member: Member): string | undefined {
  if (seen === undefined) return undefined;
  return `${seenText(seen, member)}.`;
}

function windowsSentence({ windows, gates = [] }: GateRecord, { changedAt, policy }: Member): string {
  if (windows === undefined) return "No window of the running step has closed.";
  const { from, to, lengthMs } = windows;
  const span = `${utc(Date.parse(from), changedAt)} to ${utc(Date.parse(to), changedAt)}`;
  const seen = `Measured in ${count(windows.count, "window")} of ${duration(lengthMs)}, ${span}.`;
  const warmUp =
    policy.warmUpMs === 0 ? [] : [`Not compared are the first ${duration(policy.warmUpMs)} of a step, its warm-up.`];
  return [seen, ...warmUp, ...gates.flatMap((ruling) => wordsOf(ruling).seen ?? [])].join(" ");
}

function headline(title: string): string {
  return `**${escaped(title)}.**`;
}

function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("\n\n");
}
