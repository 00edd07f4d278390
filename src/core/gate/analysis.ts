/** A template that steps are judged by, as configuration says it. Durations are milliseconds. */
export type AnalysisSettings = {
  /** What people call the gate. */
  readonly name: string;
  /** The template's name, or the path of the file that holds it. */
  readonly template: string;
  /** Files, and folders with a slash at their end, in which templates are looked for. */
  readonly files: readonly string[];
  /** By name; `{canary}`, `{service}` and the like are still in them. */
  readonly args: Readonly<Record<string, string>>;
  /** The canary's weight from which on it is asked. */
  readonly from: number;
  /** `step`: each weight has a run of its own, which must come to an end; `release`: one run goes on beside all of them. */
  readonly runs: "step" | "release";
  /** The provider whose address and keys are used, by its name in configuration; undefined is the target's own. */
  readonly metrics: string | undefined;
  /** What Flagger's Canary says of a MetricTemplate; undefined for Argo's templates. */
  readonly checks: Checks | undefined;
  /** Where it stands in the configuration's text, from 1. */
  readonly line: number;
};

/** How often a MetricTemplate is asked, what it may answer, and how many failed checks fail it. */
export type Checks = {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly intervalMs: number;
  /** So many failed checks fail the gate; at least 1. */
  readonly threshold: number;
  readonly variables: Readonly<Record<string, string>>;
};

/** What Argo says of a run or of a metric. */
export type AnalysisPhase = "Pending" | "Running" | "Successful" | "Failed" | "Error" | "Inconclusive";

/** What one measurement came to; `Blank` is none: the provider answered with nothing that could be judged. */
export type Outcome = "Successful" | "Failed" | "Inconclusive" | "Error" | "Blank";

/** One measurement: for which time, milliseconds, and what was answered, in few words. */
export type Attempt = {
  readonly at: number;
  readonly outcome: Outcome;
  readonly value: string;
  /** Why it is an error or blank. */
  readonly why?: string | undefined;
};

/** A metric of a run so far. */
export type AnalysisMetric = {
  readonly name: string;
  readonly phase: AnalysisPhase;
  /** It is shown and judges nothing. */
  readonly isDryRun: boolean;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly limits: Limits;
  readonly last?: Attempt | undefined;
  /** For which time it was last measured with success, milliseconds. */
  readonly succeededAt?: number | undefined;
  /** The oldest measurement that was due and has no answer yet, and why. */
  readonly open?: { readonly at: number; readonly reason: string } | undefined;
};

/** What is wanted of a metric; each limit is passed by more than it says. Undefined: there is none. */
export type Limits = {
  readonly count: number | undefined;
  readonly failures: number | undefined;
  readonly inconclusive: number;
  readonly errorsInARow: number;
  readonly successesInARow: number | undefined;
};

/** A template's run for the weight that is live. */
export type AnalysisRun = {
  readonly gate: string;
  readonly template: string;
  readonly runs: AnalysisSettings["runs"];
  /** When it began, milliseconds; undefined until the weight is seen live. */
  readonly startedAt: number | undefined;
  readonly phase: AnalysisPhase;
  /** What decided it, in Argo's terms. */
  readonly why: string;
  readonly metrics: readonly AnalysisMetric[];
};

export type AnalysisVerdict =
  /** `reason` is free of numbers: the same failure is recorded in the same words. */
  | { readonly kind: "block"; readonly reason: string }
  | { readonly kind: "pass" }
  | { readonly kind: "wait"; readonly reason: AnalysisWait }
  /** There is nothing that it could judge: all its metrics are dry runs, or the run was over before this weight. */
  | { readonly kind: "stands" };

/** Why a run says nothing yet, nearest thing first. */
export type AnalysisWait =
  | { readonly kind: "notBegun" }
  /** A person decides. */
  | { readonly kind: "inconclusive"; readonly why: string }
  | { readonly kind: "unanswered"; readonly metric: string; readonly why: string }
  | { readonly kind: "noEvidence"; readonly metric: string; readonly why: string | undefined }
  | { readonly kind: "unfinished"; readonly metric: string; readonly done: number; readonly of: number | undefined };

/**
 * What a gate makes of a run. `since` is when the weight was seen live, milliseconds. Argo's Failed and Error block, Inconclusive waits for a person;
 * a pass rests on a success of every metric that was measured under this weight and on nothing that is due and unanswered.
 */
export function analysisVerdict(run: AnalysisRun, since: number | undefined): AnalysisVerdict {
  const judged = run.metrics.filter(({ isDryRun }) => !isDryRun);
  if (judged.length === 0) return { kind: "stands" };
  if (run.phase === "Failed" || run.phase === "Error") return { kind: "block", reason: failureOf(run, judged) };
  if (run.startedAt === undefined || since === undefined) return { kind: "wait", reason: { kind: "notBegun" } };
  if (run.phase === "Inconclusive") return { kind: "wait", reason: { kind: "inconclusive", why: run.why } };
  const missing = judged.map((metric) => missingOf(metric, run, since)).find((one) => one !== undefined);
  if (missing !== undefined) return { kind: "wait", reason: missing };
  return { kind: judged.some((metric) => hasSucceeded(metric, since)) ? "pass" : "stands" };
}

function hasSucceeded({ succeededAt }: AnalysisMetric, since: number): boolean {
  return succeededAt !== undefined && succeededAt >= since;
}

function failureOf({ gate, phase }: AnalysisRun, judged: readonly AnalysisMetric[]): string {
  const guilty = judged.find((metric) => metric.phase === phase)?.name ?? "a metric";
  return phase === "Failed"
    ? `the analysis ${gate} found that ${guilty} failed`
    : `the analysis ${gate} could not evaluate ${guilty} too often`;
}

function missingOf(metric: AnalysisMetric, { runs }: AnalysisRun, since: number): AnalysisWait | undefined {
  const { name, phase, counts, limits, last, open } = metric;
  if (open !== undefined) return { kind: "unanswered", metric: name, why: open.reason };
  if (counts.Successful === 0 || last === undefined) return { kind: "noEvidence", metric: name, why: last?.why };
  if (phase === "Successful") return undefined;
  if (last.at < since) return { kind: "noEvidence", metric: name, why: "nothing was measured under this weight" };
  // A failure that a limit tolerates is none that speaks for the weight.
  if (!hasSucceeded(metric, since)) return { kind: "noEvidence", metric: name, why: "no success under this weight" };
  // What was good before is no excuse for silence now.
  if (last.outcome === "Blank" || last.outcome === "Error") return { kind: "noEvidence", metric: name, why: last.why };
  if (runs === "release" || isOpenEnded(limits)) return undefined;
  return {
    kind: "unfinished",
    metric: name,
    done: counts.Successful + counts.Failed + counts.Inconclusive,
    of: limits.count,
  };
}

/** Such a metric is measured until the bake is over, and says nothing of an end of its own. */
function isOpenEnded({ count, successesInARow }: Limits): boolean {
  return count === undefined && successesInARow === undefined;
}
