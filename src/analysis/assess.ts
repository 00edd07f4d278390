import { isCompleted, isWorse, type Phase } from "./phase.ts";

/** What a metric may have of each; a count of 0 is none. All limits are passed by more than they say. */
export type Rules = {
  readonly count: number;
  /** Milliseconds; undefined: measured once. */
  readonly intervalMs: number | undefined;
  readonly initialDelayMs: number;
  /** -1: failures do not count. */
  readonly failureLimit: number;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  /** 0: successes in a row do not count. */
  readonly consecutiveSuccessLimit: number;
};

/** What Argo takes where a metric says nothing. */
export const DEFAULTS: Rules = {
  count: 0,
  intervalMs: undefined,
  initialDelayMs: 0,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 4,
  consecutiveSuccessLimit: 0,
};

/** How often a metric was measured so far, by outcome; `last` is the phase of the last measurement. Errors do not count as measured. */
export type Tally = {
  readonly last: Phase | undefined;
  readonly count: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly consecutiveError: number;
  readonly consecutiveSuccess: number;
};

/** Before anything was measured. */
export const NOTHING: Tally = {
  last: undefined,
  count: 0,
  failed: 0,
  inconclusive: 0,
  consecutiveError: 0,
  consecutiveSuccess: 0,
};

/** The tally of measurements in the order in which they were taken. */
export function tallyOf(phases: readonly Phase[]): Tally {
  return phases.reduce((tally, phase) => added(tally, phase), NOTHING);
}

/** The tally with one more measurement. */
export function added(tally: Tally, phase: Phase): Tally {
  const { count, failed, inconclusive, consecutiveError, consecutiveSuccess } = tally;
  switch (phase) {
    case "Successful":
      return {
        ...tally,
        last: phase,
        count: count + 1,
        consecutiveError: 0,
        consecutiveSuccess: consecutiveSuccess + 1,
      };
    case "Failed":
      return {
        ...tally,
        last: phase,
        count: count + 1,
        failed: failed + 1,
        consecutiveError: 0,
        consecutiveSuccess: 0,
      };
    case "Inconclusive":
      return {
        ...tally,
        last: phase,
        count: count + 1,
        inconclusive: inconclusive + 1,
        consecutiveError: 0,
        consecutiveSuccess: 0,
      };
    case "Error":
      return { ...tally, last: phase, consecutiveError: consecutiveError + 1, consecutiveSuccess: 0 };
    default:
      return { ...tally, last: phase };
  }
}

/** How many measurements are wanted: without a count one, or with an interval as many as come. */
export function wantedCount({ count, intervalMs }: Rules): number {
  if (count !== 0) return count;
  return intervalMs === undefined ? 1 : Number.POSITIVE_INFINITY;
}

/** Argo's phase of a metric (analysis.go, assessMetricStatus). `isTerminating`: the run is asked to end, or another metric has failed. */
export function assessMetric(rules: Rules, tally: Tally, isTerminating: boolean): Phase {
  if (tally.last === undefined) return isTerminating ? "Successful" : "Pending";
  if (!isCompleted(tally.last)) return "Running";
  const exceeded = exceededLimit(rules, tally);
  if (exceeded !== undefined) return exceeded.phase;
  const { consecutiveSuccessLimit } = rules;
  if (consecutiveSuccessLimit > 0 && tally.consecutiveSuccess >= consecutiveSuccessLimit) return "Successful";
  if (tally.count >= wantedCount(rules)) return atTheCount(rules);
  return isTerminating ? "Successful" : "Running";
}

// Where successes in a row were wanted and did not come, enough measurements do not make up for them.
function atTheCount({ failureLimit, consecutiveSuccessLimit }: Rules): Phase {
  if (consecutiveSuccessLimit <= 0) return "Successful";
  return failureLimit >= 0 ? "Inconclusive" : "Failed";
}

/** The limit that is exceeded, the one that Argo names where there are several: errors before inconclusive before failures. */
export function exceededLimit(
  rules: Rules,
  tally: Tally,
): { readonly phase: "Failed" | "Inconclusive" | "Error"; readonly why: string } | undefined {
  if (tally.consecutiveError > rules.consecutiveErrorLimit)
    return {
      phase: "Error",
      why: `${tally.consecutiveError} errors in a row, and at most ${rules.consecutiveErrorLimit} are allowed`,
    };
  if (tally.inconclusive > rules.inconclusiveLimit)
    return {
      phase: "Inconclusive",
      why: `${tally.inconclusive} inconclusive, and at most ${rules.inconclusiveLimit} are allowed`,
    };
  if (rules.failureLimit >= 0 && tally.failed > rules.failureLimit)
    return { phase: "Failed", why: `${tally.failed} failed, and at most ${rules.failureLimit} are allowed` };
  return undefined;
}

/** Argo's phase of a whole run: the worst of its metrics once all are completed, dry runs left out. Undefined: a metric that has not begun. */
export function assessPhases(
  metrics: readonly { readonly phase: Phase | undefined; readonly isDryRun: boolean }[],
  isTerminating: boolean,
): Phase {
  const completed = metrics.flatMap(({ phase, isDryRun }): readonly Phase[] =>
    phase === undefined || !isCompleted(phase) ? [] : [isDryRun ? "Successful" : phase],
  );
  const worst = completed.reduce<Phase | undefined>(
    (found, phase) => (found === undefined || isWorse(phase, found) ? phase : found),
    undefined,
  );
  if (isTerminating) return worst ?? "Successful";
  return completed.length < metrics.length || worst === undefined ? "Running" : worst;
}

/** What is wrong with a metric's rules (utils/analysis, ValidateMetric), in a few words; undefined where nothing is. */
export function ruleFault(rules: Rules): string | undefined {
  const { failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit } = rules;
  if (consecutiveSuccessLimit < 0) return "consecutiveSuccessLimit is at least 0";
  if (failureLimit < -1) return "failureLimit is at least 0, or -1 for none";
  if (consecutiveSuccessLimit === 0 && failureLimit === -1)
    return "without a failureLimit (-1) a consecutiveSuccessLimit is needed: otherwise nothing could fail";
  if (inconclusiveLimit < 0) return "inconclusiveLimit is at least 0";
  if (consecutiveErrorLimit < 0) return "consecutiveErrorLimit is at least 0";
  return countFault(rules);
}

function countFault({
  count,
  intervalMs,
  failureLimit,
  inconclusiveLimit,
  consecutiveSuccessLimit,
}: Rules): string | undefined {
  const least = Math.max(failureLimit, 0) + consecutiveSuccessLimit;
  if (count > 0 && count < least)
    return `count (${count}) is at least failureLimit + consecutiveSuccessLimit (${least})`;
  if (count > 0 && count < inconclusiveLimit)
    return `count (${count}) is at least inconclusiveLimit (${inconclusiveLimit})`;
  return count > 1 && intervalMs === undefined ? "with a count of more than 1 an interval is needed" : undefined;
}
