import { isConfirmed } from "./gate/judge.ts";
import { NO_EVIDENCE } from "./gate/evidence.ts";
import { explain, type Explanation, type StepWindows } from "./gate/explain.ts";
import {
  combineLatency,
  gateAt,
  judgeLatency,
  latencyEvidenceOf,
  logConfirmed,
  sharesOf,
  slowWindows,
  type Edge,
  type LatencySettings,
} from "./gate/latency.ts";
import { logBar } from "./gate/settings.ts";
import { latencyRuling, type LatencyAsked, type LatencyRuling } from "./latency-gate.ts";
import { edgesWith, latencyWindows, withSteps, type LatencyMemory, type Remembered } from "./latency-memory.ts";

/** What a comparison of latency was asked: what git has of the release, the windows of each step since, oldest first, the last of them the running one, and the settings. */
export type LatencyQuestion = {
  readonly found: Remembered;
  readonly steps: readonly StepWindows[];
  readonly policy: LatencyAsked["member"]["policy"];
  /** Its share of the release's alpha. */
  readonly alpha: number;
};

/** What "slow" above one bound says, slow requests in the place of failed ones. */
export type EdgeExplanation = Pick<
  Explanation,
  "windows" | "strata" | "exact" | "bets" | "exactShare" | "logE" | "nonInferior" | "guards"
> & {
  readonly edge: Edge;
  /** Of the prior weight of all bounds. */
  readonly share: number;
  /** ln(share) + logE, which E of all bounds is the sum of exp of. */
  readonly logTerm: number;
  /** It rests on slow requests and windows enough; else it counts as 0 in what blocks. */
  readonly isConfirmed: boolean;
  /** To find the slow-down that a pass excludes, by this bound alone. */
  readonly power: number;
};

/** Everything that a verdict of the latency gate is made of. */
export type LatencyExplanation = {
  readonly settings: LatencySettings;
  readonly edges: readonly EdgeExplanation[];
  /** ln E = ln Σ exp(logTerm), and the same of the bounds that are confirmed; undefined where none is. */
  readonly logE: number;
  readonly logConfirmed: number | undefined;
  readonly logBar: number;
};

/** What the latency gate says to a question: the very ruling of a release. */
export function latencyAnswer({ found, steps, policy, alpha }: LatencyQuestion): LatencyRuling {
  const running = steps.at(-1)?.windows ?? [];
  const earlier = steps.slice(0, -1);
  const known: Remembered =
    found.kind === "known" ? { ...found, memory: withSteps(found.memory, earlier, policy) } : found;
  return latencyRuling({ member: { policy }, running }, known, alpha);
}

/** Takes that apart; undefined where there is nothing that it could judge by. */
export function explainLatency({ found, steps, policy, alpha }: LatencyQuestion): LatencyExplanation | undefined {
  if (found.kind !== "known") return undefined;
  const { memory } = found;
  const settings: LatencySettings = { ...edgesWith(memory.edges, policy), alpha };
  const { evidence: earlier } = withSteps(memory, steps.slice(0, -1), policy);
  const running = latencyWindows(steps.at(-1)?.windows ?? [], memory.form);
  const judged = judgeLatency(earlier, running, settings);
  const evidence = combineLatency(earlier, latencyEvidenceOf(running, settings));
  const confirmed = logConfirmed(evidence, settings);
  const shares = sharesOf(settings);
  const edges = settings.edges.map((edge, at): EdgeExplanation => {
    const share = shares[at] ?? 0;
    const of = edgeAlone(edge, { memory, steps, settings, at });
    const power = judged.edges[at]?.power ?? 0;
    const isSure = isConfirmed(evidence[at] ?? NO_EVIDENCE);
    return { ...of, edge, share, logTerm: Math.log(share) + of.logE, isConfirmed: isSure, power };
  });
  return {
    settings,
    edges,
    logE: judged.slower.logE,
    logConfirmed: Number.isFinite(confirmed) ? confirmed : undefined,
    logBar: logBar(settings),
  };
}

type Alone = {
  readonly memory: LatencyMemory;
  readonly steps: readonly StepWindows[];
  readonly settings: LatencySettings;
  readonly at: number;
};

function edgeAlone(edge: Edge, { memory, steps, settings, at }: Alone) {
  const before = memory.evidence[at] ?? NO_EVIDENCE;
  const slow = steps.map(({ step, windows }) => ({
    step,
    windows: slowWindows(latencyWindows(windows, memory.form), edge.bound),
  }));
  const found = explain({ suspect: "canary", before, steps: slow, settings: gateAt(edge, settings) });
  const { windows, strata, exact, bets, exactShare, logE, nonInferior, guards } = found;
  // What a pass rests on beside the evidence is asked of all bounds together.
  const own = guards.filter(({ name }) => name === "failed" || name === "failedWindows");
  return { windows, strata, exact, bets, exactShare, logE, nonInferior, guards: own };
}
