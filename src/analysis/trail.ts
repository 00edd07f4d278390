import type { AnalysisMetric, AnalysisRun, Attempt, Limits, Outcome } from "../core/gate/analysis.ts";
import { added, assessMetric, NOTHING, wantedCount, type Rules, type Tally } from "./assess.ts";
import { assessTallied, ERROR_RETRY_MS } from "./assessment.ts";
import { isCompleted } from "./phase.ts";

/** What has been measured of a metric since its run began. It follows from the run's beginning and from the answers alone. */
export type Trail = {
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly tally: Tally;
  readonly last: Attempt | undefined;
  /** For which time it was last measured with success, ms. */
  readonly succeededAt: number | undefined;
  /** For which time it is measured next, ms; undefined once it is decided. */
  readonly next: number | undefined;
};

const NONE: Trail["counts"] = { Successful: 0, Failed: 0, Inconclusive: 0, Error: 0, Blank: 0 };

/** A metric of a run that begins at `startedAt` (ms) and has measured nothing. */
export function begun({ initialDelayMs }: Rules, startedAt: number): Trail {
  return { counts: NONE, tally: NOTHING, last: undefined, succeededAt: undefined, next: startedAt + initialDelayMs };
}

/**
 * The trail with one more measurement. Blank is no measurement to Argo's counts and limits: it is asked again an interval later. An error is asked again
 * after Argo's ten seconds.
 */
export function followed(rules: Rules, { counts, tally: before, succeededAt }: Trail, attempt: Attempt): Trail {
  const { outcome, at } = attempt;
  const tally = outcome === "Blank" ? before : added(before, outcome);
  const isOver = outcome !== "Blank" && isCompleted(assessMetric(rules, tally, false));
  const wait = outcome === "Error" ? ERROR_RETRY_MS : (rules.intervalMs ?? ERROR_RETRY_MS);
  return {
    counts: { ...counts, [outcome]: counts[outcome] + 1 },
    tally,
    last: attempt,
    succeededAt: outcome === "Successful" ? at : succeededAt,
    next: isOver ? undefined : at + wait,
  };
}

/** A metric of a run with its trail, and the measurement that it waits for. */
export type Followed = {
  readonly name: string;
  readonly isDryRun: boolean;
  readonly rules: Rules;
  readonly trail: Trail;
  readonly open?: AnalysisMetric["open"];
};

/** Where a run stands, by Argo's assessor; nobody has asked it to end. */
export function runOf(
  about: Pick<AnalysisRun, "gate" | "template" | "runs" | "startedAt">,
  followed: readonly Followed[],
): AnalysisRun {
  const tallied = followed.map((metric) => ({ ...metric, tally: metric.trail.tally }));
  const { phase, why, metrics } = assessTallied(tallied, false);
  return {
    ...about,
    phase,
    why,
    metrics: metrics.map((metric) => ({
      name: metric.name,
      phase: metric.phase,
      isDryRun: metric.isDryRun,
      counts: metric.trail.counts,
      limits: limitsOf(metric.rules),
      ...(metric.trail.last && { last: metric.trail.last }),
      ...(metric.trail.succeededAt !== undefined && { succeededAt: metric.trail.succeededAt }),
      ...(metric.open && { open: metric.open }),
    })),
  };
}

function limitsOf(rules: Rules): Limits {
  const count = wantedCount(rules);
  const { failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit } = rules;
  return {
    count: Number.isFinite(count) ? count : undefined,
    failures: failureLimit < 0 ? undefined : failureLimit,
    inconclusive: inconclusiveLimit,
    errorsInARow: consecutiveErrorLimit,
    successesInARow: consecutiveSuccessLimit > 0 ? consecutiveSuccessLimit : undefined,
  };
}
