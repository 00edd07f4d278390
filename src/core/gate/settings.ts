import { closest } from "../closest.ts";
import { isName } from "../names.ts";

/** The gates of our own that a step may be judged by; a person may have one left out. */
export const GATES = ["errors", "latency", "gauges", "seasonal"] as const;
export type OwnGate = (typeof GATES)[number];

/** A gate as people call it: one of those, or one by a template, by the name that configuration gives it. */
export type GateName = string;

/** The gate that a word in a command names; undefined where it can be none, or is nearly one of our own. Whether configuration has it is known where the member is. */
export function gateNamed(word: string): GateName | undefined {
  const own = GATES.find((known) => known === word);
  return own ?? (isName(word) && closest(word, GATES) === undefined ? word : undefined);
}

/** Each gate's part of the alpha of a release, relative to the others'; every gauge and every metric of a season has its own. */
export type Parts = Readonly<Record<Exclude<OwnGate, "gauges" | "seasonal">, number>>;

export const DEFAULT_PARTS: Parts = { errors: 1, latency: 1 };

/** Where the counts of an arm are missing: wait for them, take the release back, or leave the gate to the others, which then have to pass it. */
export type NoData = "wait" | "fail" | "skip";

/** What configuration says about the error gate; the defaults need no tuning. Shares and probabilities are fractions of 1. */
export type GateSettings = {
  /** Most false blocks of a good release, over all looks and steps. */
  readonly alpha: number;
  /** Most false passes of a release at `regression`. */
  readonly beta: number;
  /** Ratio of error rates, canary to stable, that is still called equal. */
  readonly tolerance: number;
  /** Ratio of error rates that a pass excludes. */
  readonly regression: number;
  /** Error rate that is good enough by itself; proven below it, a canary passes without a comparison. */
  readonly slo: number;
  /** Error rate above which an arm without a fair comparison is unhealthy. */
  readonly unhealthy: number;
  /** Over-dispersion of the counts, at least 1: how much more errors cluster than independent requests would. */
  readonly dispersion: number;
  /** Power at a five-fold error rate that lets a quiet release pass. */
  readonly power: number;
  /** Weight of the exact half in E, a half unless said; 0 where nothing is known of how errors cluster, since the betting half needs no such knowledge. */
  readonly exactShare?: number | undefined;
  /** Over-dispersion that the exact half reckons with in E, where that is more than `dispersion`: while nothing is known of how errors cluster. */
  readonly exactDispersion?: number | undefined;
  /** Least requests to each arm in the running step that a pass rests on, however sure it is; none unless said. */
  readonly minimum?: number | undefined;
  /** What becomes of a step that is live and lacks the counts of an arm; it waits unless said. */
  readonly noData?: NoData | undefined;
  /** Log of what E of the service's placebo rollouts stayed below, but for a share of `alpha`; absent while they are too few to tell. */
  readonly placeboLogE?: number | undefined;
};

/** Log of the E that blocks: 1/alpha, or what E of identical releases has been seen to reach if that is more. */
export function logBar({ alpha, placeboLogE }: Pick<GateSettings, "alpha" | "placeboLogE">): number {
  return Math.max(-Math.log(alpha), placeboLogE ?? Number.NEGATIVE_INFINITY);
}

export const DEFAULT_GATE: GateSettings = {
  alpha: 0.01,
  beta: 0.05,
  tolerance: 1.25,
  regression: 2,
  slo: 0.01,
  unhealthy: 0.05,
  dispersion: 1,
  power: 0.8,
};
