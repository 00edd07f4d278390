import { totalOf, type Stratum } from "./gate/evidence.ts";
import { slowerThan } from "./gate/histogram.ts";
import type { Proof } from "./gate/judge.ts";
import {
  DEFAULT_SLOWDOWNS,
  judgeLatency,
  type EdgeJudgement,
  type LatencySettings,
  type LatencyVerdict,
  type Slowdowns,
} from "./gate/latency.ts";
import type { Compared } from "./gates.ts";
import { histogramIn, toldIn, type LatencyForm } from "./latency-form.ts";
import { edgesWith, latencyWindows, type LatencyMemory, type Remembered } from "./latency-memory.ts";
import { quantilesIn, type ShownQuantiles } from "./latency-quantiles.ts";
import type { Policy } from "./plan.ts";
import type { Arm, Window } from "./window.ts";

/** What the latency gate says of a step. */
export type LatencyRuling = {
  readonly gate: "latency";
  readonly judgement: LatencyJudged;
};

export type LatencyJudged =
  | {
      readonly verdict: LatencyVerdict | { readonly kind: "wait"; readonly reason: Untold };
      readonly slower: Proof;
      readonly edges: readonly JudgedEdge[];
      readonly form: LatencyForm;
      /** Of the running step. */
      readonly quantiles: ShownQuantiles;
      /** With its share of the release's alpha. */
      readonly settings: Omit<LatencySettings, "edges">;
      readonly slowdowns: Slowdowns;
    }
  /** There is nothing that it could judge in this release: no histograms of the time before it, or too few slow requests in them. */
  | { readonly verdict: { readonly kind: "stands"; readonly why: "none" | "tooFew" } }
  /** What it would judge by could not be read. */
  | { readonly verdict: { readonly kind: "wait"; readonly reason: Unread } }
  /** The same for so long that the step goes on without it, if another gate passes it: nobody has asked for latency by name. */
  | { readonly verdict: { readonly kind: "absent"; readonly why: string; readonly forMs: number } };

/** For how long it is waited for, milliseconds: to the end where configuration asks for latency, or what had been read leans towards being slower. */
export type Unread = {
  readonly kind: "unread";
  readonly why: string;
  readonly until: { readonly kind: "askedFor" | "leaning" } | { readonly kind: "patience"; readonly ms: number };
};

/** An arm has a histogram that cannot be held against the bounds of this release: of the other form, or a bucket reaches over a bound. */
export type Untold =
  | { readonly kind: "otherForm"; readonly arm: Arm; readonly form: LatencyForm }
  | { readonly kind: "otherBounds"; readonly arm: Arm; readonly bound: number };

/** One bound, with requests and slow ones of both arms, of this step and those before, in windows that have both arms. */
export type JudgedEdge = EdgeJudgement & { readonly counts: Stratum };

/** What latency is asked about: the closed windows of the running step, oldest first. */
export type LatencyAsked = Pick<Compared, "running"> & {
  readonly member: { readonly policy: Pick<Policy, "gate" | "latency" | "deadlineMs"> };
};

/** Judges how long the canary takes against stable, by what is known of the steps before. */
export function latencyRuling(compared: LatencyAsked, found: Remembered, alpha: number): LatencyRuling {
  if (found.kind === "out") return ruled({ verdict: { kind: "stands", why: found.why } });
  const { member, running } = compared;
  if (found.kind === "unread") return ruled(unreadable(found.reason, spanOf(running), untilIn(member.policy)));
  const { memory } = found;
  const form = memory.form ?? "classic";
  const { edges, ...settings } = { ...edgesWith(memory.edges, member.policy), alpha };
  const windows = latencyWindows(running, form);
  const judged = judgeLatency(memory.evidence, windows, { ...settings, edges });
  const unread = unreadAtEnd(running, form);
  if (unread !== undefined && judged.verdict.kind !== "block")
    return ruled(unreadable(unread.why, unread.forMs, untilIn(member.policy, judged.slower.logE)));
  const { e, threshold } = judged.slower;
  return ruled({
    verdict: untoldVerdict(judged.verdict, running.at(-1), memory),
    slower: { e, threshold },
    edges: judged.edges.map((edge, at) => ({ ...edge, counts: totalOf(judged.evidence[at]?.strata ?? []) })),
    form,
    quantiles: quantilesIn(windows),
    settings,
    slowdowns: member.policy.latency ?? DEFAULT_SLOWDOWNS,
  });
}

/** Why a canary is taken back. */
export const SLOWER = "the canary answers more slowly than stable";

/** How much of the time until the deadline a step waits for a latency that is only judged because nothing else was said. */
const PATIENCE = 0.5;

function untilIn({ latency, deadlineMs }: Pick<Policy, "latency" | "deadlineMs">, logE = 0): Unread["until"] {
  if (latency?.isAskedFor === true) return { kind: "askedFor" };
  return logE > 0 ? { kind: "leaning" } : { kind: "patience", ms: deadlineMs * PATIENCE };
}

function unreadable(why: string, forMs: number, until: Unread["until"]): LatencyJudged {
  if (until.kind === "patience" && forMs >= until.ms) return { verdict: { kind: "absent", why, forMs } };
  return { verdict: { kind: "wait", reason: { kind: "unread", why, until } } };
}

/** For how long, up to now, nothing could be read, and why in the end; undefined where the last window was. */
function unreadAtEnd(
  running: readonly Window[],
  form: LatencyForm,
): { readonly why: string; readonly forMs: number } | undefined {
  const told = running.map(({ latency }) => toldIn(latency, form));
  const last = told.at(-1);
  if (last?.kind !== "unread") return undefined;
  const since = told.findLastIndex((one) => one?.kind !== "unread") + 1;
  return { why: last.reason, forMs: spanOf(running.slice(since)) };
}

function spanOf(windows: readonly Window[]): number {
  return (windows.at(-1)?.end ?? 0) - (windows[0]?.start ?? 0);
}

/** What a wait is really for where the latest histograms are there and do not fit. */
function untoldVerdict(
  verdict: LatencyVerdict,
  last: Window | undefined,
  memory: LatencyMemory,
): LatencyVerdict | { readonly kind: "wait"; readonly reason: Untold } {
  if (verdict.kind !== "wait" || verdict.reason.kind === "leaning" || last === undefined) return verdict;
  const reason = untoldOf(last, memory, "canary") ?? untoldOf(last, memory, "stable");
  return reason === undefined ? verdict : { kind: "wait", reason };
}

function untoldOf({ latency }: Window, { edges, form: known }: LatencyMemory, arm: Arm): Untold | undefined {
  const form = known ?? "classic";
  const own = histogramIn(latency, form, arm);
  const other = histogramIn(latency, form === "native" ? "classic" : "native", arm);
  if (own === undefined) return other === undefined ? undefined : { kind: "otherForm", arm, form };
  const untold = edges.find(({ bound }) => slowerThan(own, bound) === undefined);
  return untold && { kind: "otherBounds", arm, bound: untold.bound };
}

function ruled(judgement: LatencyJudged): LatencyRuling {
  return { gate: "latency", judgement };
}
