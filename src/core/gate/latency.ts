import type { Counts, Window } from "../window.ts";
import { combine, evidenceOf, logAgainst, logNonInferior, NO_EVIDENCE, usable, type Evidence } from "./evidence.ts";
import { requestsIn, slowerThan, survival, quantile, type Histogram } from "./histogram.ts";
import { gapsIn, isConfirmed, printedBar, type Proof, type WaitReason } from "./judge.ts";
import { silenceOfEither } from "./latest.ts";
import { logMixture, printedE } from "./mixture.ts";
import { powerOf } from "./power.ts";
import { logBar, type GateSettings } from "./settings.ts";

/** One closed window of both arms' latency; an arm without a histogram was not measured. */
export type LatencyWindow = {
  readonly start: number;
  readonly end: number;
  readonly histograms: { readonly canary?: Histogram | undefined; readonly stable?: Histogram | undefined };
};

/** A bucket bound that "slow" is counted above, and what a slow-down means for that count. */
export type Edge = {
  readonly quantile: number;
  /** In the histogram's unit of time. */
  readonly bound: number;
  /** Prior weight, relative to the other edges'. */
  readonly weight: number;
  /** Ratio of the slow shares, canary to stable, that the tolerated slow-down makes. */
  readonly tolerated: number;
  /** The same for the slow-down that a pass excludes. */
  readonly regression: number;
  /** Over-dispersion of the slow counts, at least 1, and what is reckoned with while it is unknown: see GateSettings. */
  readonly dispersion: number;
  readonly exactDispersion?: number | undefined;
};

export type LatencySettings = Pick<GateSettings, "alpha" | "beta" | "power" | "placeboLogE"> & {
  readonly edges: readonly Edge[];
};

/** What the latency gate remembers: per edge, what the error gate would, with slow requests in the place of failed ones. */
export type LatencyEvidence = readonly Evidence[];

export type LatencyVerdict =
  | { readonly kind: "block" }
  | { readonly kind: "pass" }
  | { readonly kind: "wait"; readonly reason: WaitReason | { readonly kind: "noEdges" } };

export type LatencyJudgement = {
  readonly verdict: LatencyVerdict;
  readonly slower: Proof & { readonly logE: number };
  readonly edges: readonly EdgeJudgement[];
  readonly evidence: LatencyEvidence;
};

export type EdgeJudgement = {
  readonly edge: Edge;
  readonly logE: number;
  readonly nonInferior: Proof;
  /** Probability that the slow-down which a pass excludes would have been blocked by now, by this edge alone. */
  readonly power: number;
};

/** Slow-downs of a time, as fractions of it: what is called equal, and what a pass excludes. */
export type Slowdowns = { readonly tolerated: number; readonly regression: number };

/** By 10 % is called equal; a pass excludes half. */
export const DEFAULT_SLOWDOWNS: Slowdowns = { tolerated: 0.1, regression: 0.5 };

/** Each with its prior weight: slow requests are scarcest in the tail, so that its e-value needs the head start. */
const QUANTILES: readonly { readonly q: number; readonly weight: number }[] = [
  { q: 0.5, weight: 1 },
  { q: 0.9, weight: 1 },
  { q: 0.99, weight: 4 },
];
/** Fewer slow requests than this tell too little of what a slow-down would do to their number. */
const LEAST_SLOW = 20;

/**
 * The bounds nearest to p50, p90 and p99 of stable's past, and what slow-downs mean there: S(bound ÷ (1 + slow-down)) ÷ S(bound), S the share that takes
 * longer, so that the tolerance is one of time. Taken from before the windows that are judged, so that the bounds are known beforehand.
 */
export function edgesOf(past: Histogram, slowdowns = DEFAULT_SLOWDOWNS): readonly Edge[] {
  const bounds = QUANTILES.map(({ q, weight }) => ({ q, weight, bound: nearestBound(past, quantile(past, q)) }));
  const distinct = bounds.filter(({ bound }, at) => bounds.findIndex((other) => other.bound === bound) === at);
  return distinct.flatMap(({ q, weight, bound }) => {
    const slow = bound === undefined ? 0 : survival(past, bound);
    if (bound === undefined || slow * requestsIn(past) < LEAST_SLOW) return [];
    const ratio = (slowdown: number) => survival(past, bound / (1 + slowdown)) / slow;
    const [tolerated, regression] = [ratio(slowdowns.tolerated), ratio(slowdowns.regression)];
    return regression > tolerated ? [{ quantile: q, bound, weight, tolerated, regression, dispersion: 1 }] : [];
  });
}

/** What the windows of one weight step say, per edge. */
export function latencyEvidenceOf(windows: readonly LatencyWindow[], settings: LatencySettings): LatencyEvidence {
  return settings.edges.map((edge) => evidenceOf(slowWindows(windows, edge.bound), gateAt(edge, settings)));
}

/** Evidence of windows that do not overlap, together, edge by edge. */
export function combineLatency(earlier: LatencyEvidence, later: LatencyEvidence): LatencyEvidence {
  return later.map((evidence, at) => combine(earlier[at] ?? NO_EVIDENCE, evidence));
}

/** Log of the e-value against "the canary is slower by no more than is tolerated": the weighted mean over the edges, each valid by itself. */
export function logSlower(evidence: LatencyEvidence, settings: LatencySettings): number {
  const { edges } = settings;
  return logMixture(
    edges.map((edge, at) => logAgainst(evidence[at] ?? NO_EVIDENCE, gateAt(edge, settings))),
    edges.map((edge) => shareOf(edge, edges)),
  );
}

function shareOf({ weight }: Edge, edges: readonly Edge[]): number {
  return weight / edges.reduce((sum, edge) => sum + edge.weight, 0);
}

/** The same of the edges that rest on slow requests and windows enough, the others counting as 0; −∞ while there is none. */
export function logConfirmed(evidence: LatencyEvidence, settings: LatencySettings): number {
  const confirmed = settings.edges.filter((_, at) => isConfirmed(evidence[at] ?? NO_EVIDENCE));
  if (confirmed.length === 0) return Number.NEGATIVE_INFINITY;
  return logMixture(
    confirmed.map((edge) => logAgainst(evidence[settings.edges.indexOf(edge)] ?? NO_EVIDENCE, gateAt(edge, settings))),
    confirmed.map((edge) => shareOf(edge, settings.edges)),
  );
}

/** Whether that blocks. */
export function blocksLatency(evidence: LatencyEvidence, settings: LatencySettings): boolean {
  return logConfirmed(evidence, settings) >= logBar(settings);
}

/** Judges latency by the evidence of the steps before and the running step's closed windows, oldest first. */
export function judgeLatency(
  before: LatencyEvidence,
  running: readonly LatencyWindow[],
  settings: LatencySettings,
): LatencyJudgement {
  const evidence = combineLatency(before, latencyEvidenceOf(running, settings));
  const logE = logSlower(evidence, settings);
  const edges = edgeJudgements(evidence, settings);
  return {
    verdict: verdictOf({ evidence, edges, logE }, running, settings),
    slower: { logE, e: printedE(logE), threshold: printedBar(settings) },
    edges,
    evidence,
  };
}

/** Slow requests in the place of failed ones, so that both are judged alike. A histogram whose bounds do not tell counts as missing. */
export function slowWindows(windows: readonly LatencyWindow[], bound: number): readonly Window[] {
  return windows.map(({ start, end, histograms }) => {
    const canary = slowCounts(histograms.canary, bound);
    const stable = slowCounts(histograms.stable, bound);
    return { start, end, counts: { ...(canary && { canary }), ...(stable && { stable }) }, pods: {} };
  });
}

function slowCounts(histogram: Histogram | undefined, bound: number): Counts | undefined {
  const failed = histogram === undefined ? undefined : slowerThan(histogram, bound);
  return histogram === undefined || failed === undefined
    ? undefined
    : usable({ requests: requestsIn(histogram), failed });
}

function nearestBound({ bounds }: Histogram, time: number | undefined): number | undefined {
  // Above the largest number is only what is slower than everything: a duration that is NaN.
  const finite = bounds.filter((bound) => bound > 0 && bound < Number.MAX_VALUE);
  if (time === undefined || time <= 0) return undefined;
  const distance = (bound: number) => Math.abs(Math.log(bound / time));
  return finite.toSorted((a, b) => distance(a) - distance(b))[0];
}

/** How much of the prior weight of all edges each has. */
export function sharesOf({ edges }: Pick<LatencySettings, "edges">): readonly number[] {
  return edges.map((edge) => shareOf(edge, edges));
}

/** The error gate's settings for slow requests at one edge. No share of slow requests is good enough by itself, so the SLO form proves nothing. */
export function gateAt(edge: Edge, { alpha, beta, power }: LatencySettings): GateSettings {
  const { tolerated: tolerance, regression, dispersion, exactDispersion } = edge;
  return { alpha, beta, tolerance, regression, slo: 0, unhealthy: 1, dispersion, power, exactDispersion };
}

function edgeJudgements(evidence: LatencyEvidence, settings: LatencySettings): readonly EdgeJudgement[] {
  return settings.edges.map((edge, at) => edgeJudgement(edge, evidence[at] ?? NO_EVIDENCE, settings));
}

function edgeJudgement(edge: Edge, evidence: Evidence, settings: LatencySettings): EdgeJudgement {
  const gate = gateAt(edge, settings);
  // One edge must carry the mean over all of them.
  const alone = { ...gate, alpha: settings.alpha * shareOf(edge, settings.edges) };
  return {
    edge,
    logE: logAgainst(evidence, gate),
    nonInferior: { e: printedE(logNonInferior(evidence, gate)), threshold: 1 / settings.beta },
    power: powerOf(evidence.strata, alone, edge.regression).power,
  };
}

type Seen = {
  readonly evidence: LatencyEvidence;
  readonly edges: readonly EdgeJudgement[];
  readonly logE: number;
};

function verdictOf(
  { evidence, edges, logE }: Seen,
  running: readonly LatencyWindow[],
  settings: LatencySettings,
): LatencyVerdict {
  const [first] = settings.edges;
  if (first === undefined) return { kind: "wait", reason: { kind: "noEdges" } };
  if (blocksLatency(evidence, settings)) return { kind: "block" };
  const windows = slowWindows(running, first.bound);
  const silence = silenceOfEither(windows) ?? gapsIn(windows);
  return silence === undefined ? seenVerdict({ evidence, edges, logE }, settings) : { kind: "wait", reason: silence };
}

/** What evidence says by itself, whether or not the latest windows were measured. */
export function latencyVerdict(evidence: LatencyEvidence, settings: LatencySettings): LatencyVerdict {
  if (settings.edges.length === 0) return { kind: "wait", reason: { kind: "noEdges" } };
  if (blocksLatency(evidence, settings)) return { kind: "block" };
  const logE = logSlower(evidence, settings);
  const edges = logE > 0 ? [] : edgeJudgements(evidence, settings);
  return seenVerdict({ evidence, edges, logE }, settings);
}

function seenVerdict({ edges, logE }: Seen, settings: LatencySettings): LatencyVerdict {
  if (logE > 0) return { kind: "wait", reason: { kind: "leaning", e: printedE(logE) } };
  const open = edges.filter(
    ({ nonInferior, power }) => nonInferior.e < nonInferior.threshold && power < settings.power,
  );
  if (open.length === 0) return { kind: "pass" };
  const least = Math.min(...open.map(({ power }) => power));
  return { kind: "wait", reason: { kind: "tooLittle", power: least, wanted: settings.power } };
}
