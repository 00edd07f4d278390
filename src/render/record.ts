import { createHash } from "node:crypto";
import type { AnalysisRuling } from "../core/analysis-gate.ts";
import type { Eta } from "../core/gate/eta.ts";
import type { Health } from "../core/gate/health.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import type { GateRuling } from "../core/gates.ts";
import type { Image } from "../core/image.ts";
import type { Sha } from "../core/names.ts";
import type { HeldBy } from "../core/pacing.ts";
import type { Outlook } from "../core/outlook.ts";
import { judgedOn, type EvidenceKind, type Step } from "../core/plan.ts";
import { windowsOf } from "../core/segments.ts";
import type { SeasonalRuling } from "../core/seasonal-gate.ts";
import type { Member } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import type { Override, Skip } from "../core/state.ts";
import type { Readiness, Verdict } from "../core/verdict.ts";
import type { Window } from "../core/window.ts";
import { fenced } from "./markdown.ts";
import { missingList } from "./missing.ts";
import { seenIn, type SeenAs } from "./seen.ts";
import { seriesOf, type Series } from "./sparkline.ts";
import { isRollout, releaseOf } from "./step.ts";

/**
 * Everything that a gate's report says, for machines; the words and tables for people are made from it. Moments are ISO 8601 in UTC
 * (in the series, milliseconds), lengths milliseconds, rates and shares fractions of 1. A part that does not apply is absent.
 */
export type GateRecord = {
  readonly version: 1;
  readonly service: string;
  readonly target: string;
  readonly release: {
    readonly image: string;
    readonly from: string;
    readonly commit?: Sha | undefined;
    readonly source?: number | undefined;
  };
  /** The commit whose blobs are judged. */
  readonly head: Sha;
  /** What is committed and runs. */
  readonly live: {
    readonly weight: number;
    /** Testers go to the canary, and nobody else. */
    readonly testers?: true | undefined;
    /** Of how many per cent of the requests copies go to the canary, while no request does. */
    readonly mirror?: number | undefined;
    readonly canary: Running;
    readonly stable: Running;
    readonly since: string;
  };
  /** What merging would commit. */
  readonly step?:
    | (Pick<Step, "index" | "kind" | "weight" | "replicas" | "judge"> & { readonly of: number })
    | undefined;
  readonly stage: Stage["kind"];
  /** Until when the stage lasts at least. */
  readonly until?: string | undefined;
  /** What holds the merge, or the proposal, that nothing else does: the repository's pace or one of GitHub's limits, and until when. */
  readonly heldBy?: (HeldBy & { readonly until: string }) | undefined;
  /** When a person has to decide what neither cluster nor data have. */
  readonly deadline: string;
  /** What the step is judged on. */
  readonly evidence: EvidenceKind;
  /** Since when, and in what, the last change is seen live. */
  readonly seen?: (SeenAs & { readonly since: string }) | undefined;
  readonly verdict?: { readonly kind: Verdict["kind"]; readonly reason?: string | undefined } | undefined;
  /** When stable would take the version, and when the last step would merge, if everything passes at the present pace. */
  readonly outlook?: { readonly promoted?: string | undefined; readonly over: string } | undefined;
  /** What is missing before the merge, nearest first. */
  readonly missing: readonly string[];
  readonly override?: Override | undefined;
  readonly skips?: readonly Skip[] | undefined;
  /** Who merged the newest step by hand. */
  readonly merger?: string | undefined;
  /** The closed windows of the running step. */
  readonly windows?:
    | { readonly from: string; readonly to: string; readonly count: number; readonly lengthMs: number }
    | undefined;
  /** What each gate says where arms are compared, each with what it was judged by. */
  readonly gates?: readonly GateRuling[] | undefined;
  /** What each template says besides. */
  readonly analyses?: readonly AnalysisRuling[] | undefined;
  /** What the service as a whole says besides, by its own past. */
  readonly seasonal?: SeasonalRuling | undefined;
  readonly health?: Health | undefined;
  readonly readiness?: Readiness | undefined;
  readonly eta?: Eta | undefined;
  /** What is configured of the error gate; `alpha` is for the release and all its gates. */
  readonly settings: GateSettings;
  readonly series?: Series | undefined;
};

/** `replicas` is absent where they are the cluster's to choose. */
export type Running = { readonly image: Image; readonly replicas?: number | undefined };

/** The record of what a gate says of a member now. */
export function recordOf(member: Member, stage: Stage, head: Sha, outlook?: Outlook): GateRecord {
  const { state, target, at, manifest, policy, changedAt } = member;
  const { image, from, source } = releaseOf(member);
  const verdict = verdictIn(stage);
  const measured = timelineOf(member);
  return {
    version: 1,
    service: state.service,
    target,
    release: { image, from, commit: (at.release ?? member.bump)?.commit, source },
    head,
    live: {
      weight: at.weight,
      testers: at.testers,
      mirror: at.mirror,
      canary: isRollout(member) ? { image: manifest.canary.image } : runningOf(manifest.canary),
      stable: runningOf(manifest.stable),
      since: iso(changedAt),
    },
    step: stepRecord(member),
    stage: stage.kind,
    until: "until" in stage ? iso(stage.until) : undefined,
    heldBy: heldIn(stage),
    deadline: iso(changedAt + policy.deadlineMs),
    outlook: outlook && outlookRecord(outlook),
    missing: missingList(member, stage),
    evidence: judgedOn(member),
    seen: seenRecord(member, stage),
    ...saidIn(stage),
    merger: member.merger,
    windows: spanOf(windowsOf(member, at.release?.step ?? -1, measured), policy.windowMs),
    ...(verdict && partsOf(verdict)),
    settings: policy.gate,
    series: seriesOf(measured, policy.windowMs),
  };
}

/** A verdict's parts as the record has them. */
export function partsOf(
  verdict: Verdict,
): Pick<GateRecord, "verdict" | "gates" | "analyses" | "seasonal" | "health" | "eta" | "readiness"> {
  const { kind, rulings, health, eta, readiness, analyses, seasonal } = verdict;
  return {
    verdict: { kind, reason: kind === "fail" ? verdict.reason : undefined },
    gates: rulings.length === 0 ? undefined : rulings,
    analyses,
    seasonal,
    health,
    readiness,
    eta,
  };
}

function outlookRecord({ promotedAt, overAt }: Outlook): GateRecord["outlook"] {
  return { promoted: promotedAt === undefined ? undefined : iso(promotedAt), over: iso(overAt) };
}

function heldIn(stage: Stage): GateRecord["heldBy"] {
  const held = stage.kind === "paced" ? stage : stage.kind === "proposing" ? stage.held : undefined;
  return held && { ...held.by, until: iso(held.until) };
}

function saidIn(stage: Stage): Pick<GateRecord, "override" | "skips"> {
  if (!("word" in stage)) return {};
  const { override, skips } = stage.word;
  return { override, skips: skips.length === 0 ? undefined : skips };
}

/** The verdict that a stage rests on; undefined where it rests on none. */
export function verdictIn(stage: Stage): Verdict | undefined {
  if (stage.kind === "held") return verdictIn(stage.under);
  if ("word" in stage) return stage.word.verdict;
  return "verdict" in stage ? stage.verdict : undefined;
}

/** The member's closed windows; none while the provider is down. */
export function timelineOf({ timeline }: Member): readonly Window[] {
  return timeline.kind === "read" ? timeline.value : [];
}

/** The record as a fenced JSON block, one line a part. Invisible characters are written as escapes. */
export function recordBlock(record: GateRecord): string {
  return fenced(jsonOf(record), "json");
}

/** Short hash of anything that JSON can say. */
export function hashOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 20);
}

function jsonOf(record: GateRecord): string {
  const lines = Object.entries(record)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `  ${JSON.stringify(key)}: ${JSON.stringify(part)}`);
  return `{\n${lines.join(",\n")}\n}`.replace(/\p{Cf}/gu, asEscapes);
}

function asEscapes(character: string): string {
  return Array.from(
    { length: character.length },
    (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
  ).join("");
}

function seenRecord(member: Member, stage: Stage): GateRecord["seen"] {
  const seen = seenIn(member, stage);
  if (seen === undefined) return undefined;
  const { by, share, deviates, phase, report } = seen;
  return {
    since: iso(seen.since),
    by,
    share,
    deviates: deviates || undefined,
    phase,
    report: report && { ...report, at: iso(report.at) },
  };
}

/** What merging would commit. */
export function stepRecord({ at, plan }: Member): GateRecord["step"] {
  const step = plan.steps[(at.release?.step ?? -1) + 1];
  if (step === undefined) return undefined;
  const { index, kind, weight, replicas, judge } = step;
  return { index, of: plan.steps.length, kind, weight, replicas, judge };
}

function runningOf({ image, replicas }: Member["manifest"]["canary"]): Running {
  return { image, replicas };
}

function spanOf(windows: readonly Window[], lengthMs: number): GateRecord["windows"] {
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { from: iso(first.start), to: iso(last.end), count: windows.length, lengthMs };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
