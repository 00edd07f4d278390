import { totalOf, type Stratum } from "./gate/evidence.ts";
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
import { edgesWith, latencyWindows, type Remembered } from "./latency-memory.ts";

/** What the latency gate says of a step. */
export type LatencyRuling = {
  readonly gate: "latency";
  readonly judgement: LatencyJudged;
};

export type LatencyJudged =
  | {
      readonly verdict: LatencyVerdict;
      readonly slower: Proof;
      readonly edges: readonly JudgedEdge[];
      /** With its share of the release's alpha. */
      readonly settings: Omit<LatencySettings, "edges">;
      readonly slowdowns: Slowdowns;
    }
  /** There is nothing that it could judge in this release: no histograms of the time before it, or too few slow requests in them. */
  | { readonly verdict: { readonly kind: "stands"; readonly why: "none" | "tooFew" } }
  /** What it would judge by could not be read. */
  | { readonly verdict: { readonly kind: "wait"; readonly reason: { readonly kind: "unread"; readonly why: string } } };

/** One bound, with requests and slow ones of both arms, of this step and those before, in windows that have both arms. */
export type JudgedEdge = EdgeJudgement & { readonly counts: Stratum };

/** Judges how long the canary takes against stable, by what is known of the steps before. */
export function latencyRuling({ member, running }: Compared, found: Remembered, alpha: number): LatencyRuling {
  if (found.kind === "out") return ruled({ verdict: { kind: "stands", why: found.why } });
  if (found.kind === "unread")
    return ruled({ verdict: { kind: "wait", reason: { kind: "unread", why: found.reason } } });
  const { edges, ...settings } = { ...edgesWith(found.memory.edges, member.policy), alpha };
  const judged = judgeLatency(found.memory.evidence, latencyWindows(running), { ...settings, edges });
  const last = running.at(-1)?.latency;
  if (last?.kind === "unread" && judged.verdict.kind !== "block")
    return ruled({ verdict: { kind: "wait", reason: { kind: "unread", why: last.reason } } });
  const { e, threshold } = judged.slower;
  return ruled({
    verdict: judged.verdict,
    slower: { e, threshold },
    edges: judged.edges.map((edge, at) => ({ ...edge, counts: totalOf(judged.evidence[at]?.strata ?? []) })),
    settings,
    slowdowns: member.policy.latency ?? DEFAULT_SLOWDOWNS,
  });
}

/** Why a canary is taken back. */
export const SLOWER = "the canary answers more slowly than stable";

function ruled(judgement: LatencyJudged): LatencyRuling {
  return { gate: "latency", judgement };
}
