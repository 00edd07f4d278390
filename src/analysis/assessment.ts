import { assessMetric, assessPhases, exceededLimit, tallyOf, wantedCount, type Rules, type Tally } from "./assess.ts";
import { isCompleted, type Phase } from "./phase.ts";

/** One measurement that was taken: what came out, and when it was done (ms). */
export type Taken = { readonly phase: Phase; readonly at: number };

/** A metric of a run with what was measured of it, in the order of time. */
export type Measuring = {
  readonly name: string;
  readonly rules: Rules;
  readonly isDryRun: boolean;
  readonly taken: readonly Taken[];
};

/** A run so far. `isEnding`: it is asked to end. */
export type Run = {
  readonly startedAt: number;
  readonly isEnding: boolean;
  readonly metrics: readonly Measuring[];
};

/** Argo's phase of a run, what is to be measured next and when (ms), and what there is to say. */
export type Assessment = {
  readonly phase: Phase;
  readonly metrics: readonly { readonly name: string; readonly phase: Phase }[];
  readonly due: readonly { readonly name: string; readonly at: number }[];
  readonly why: string;
  /** Argo calls a run Successful that ended before anything was measured. It is evidence of nothing. */
  readonly hasEvidence: boolean;
};

/** An error is measured again after so long, whatever the interval. */
export const ERROR_RETRY_MS = 10_000;

/** Where a run stands, as Argo's controller would find after looking at it until nothing changes any more. */
export function assess(run: Run): Assessment {
  const tallied = run.metrics.map((metric) => ({ ...metric, tally: tallyUntilDecided(metric) }));
  const { metrics, isEnding, ...found } = assessTallied(tallied, run.isEnding);
  return {
    ...found,
    metrics: metrics.map(({ name, phase }) => ({ name, phase })),
    due: isEnding ? [] : metrics.flatMap((metric) => dueOf(metric, run.startedAt)),
  };
}

/** A metric of a run, by what came of its measurements. */
export type Tallied = Pick<Measuring, "name" | "rules" | "isDryRun"> & { readonly tally: Tally };

type Phased<Metric> = Metric & { readonly phase: Phase };

/** The same of metrics whose measurements are counted already; a metric that is bad ends the others. */
export function assessTallied<Metric extends Tallied>(
  tallied: readonly Metric[],
  isAsked: boolean,
): Omit<Assessment, "metrics" | "due"> & {
  readonly metrics: readonly Phased<Metric>[];
  readonly isEnding: boolean;
} {
  const open = phasesOf(tallied, isAsked);
  const isEnding = isAsked || open.some(({ phase, isDryRun }) => !isDryRun && isBad(phase));
  const metrics = isEnding ? phasesOf(tallied, true) : open;
  const phase = assessPhases(
    metrics.map(({ tally, phase: own, isDryRun }) => ({ phase: tally.last === undefined ? undefined : own, isDryRun })),
    isEnding,
  );
  const hasEvidence = metrics.some(({ tally, isDryRun }) => !isDryRun && tally.count > 0);
  return { phase, metrics, isEnding, why: whyOf(metrics, phase, hasEvidence), hasEvidence };
}

function phasesOf<Metric extends Tallied>(metrics: readonly Metric[], isEnding: boolean): readonly Phased<Metric>[] {
  return metrics.map((metric) => ({ ...metric, phase: assessMetric(metric.rules, metric.tally, isEnding) }));
}

// What is decided stays decided: measurements that came later do not count.
function tallyUntilDecided({ rules, taken }: Measuring): Tally {
  const phases = taken.map(({ phase }) => phase);
  const decided = phases.findIndex((_, index) =>
    isCompleted(assessMetric(rules, tallyOf(phases.slice(0, index + 1)), false)),
  );
  return tallyOf(decided === -1 ? phases : phases.slice(0, decided + 1));
}

function isBad(phase: Phase): boolean {
  return phase === "Failed" || phase === "Error" || phase === "Inconclusive";
}

function dueOf(
  { name, rules, tally, taken, phase }: Phased<Measuring & Tallied>,
  startedAt: number,
): Assessment["due"] {
  const last = taken.at(-1);
  if (last === undefined) return [{ name, at: startedAt + rules.initialDelayMs }];
  if (isCompleted(phase) || !isCompleted(last.phase) || tally.count >= wantedCount(rules)) return [];
  const wait = last.phase === "Error" ? ERROR_RETRY_MS : (rules.intervalMs ?? ERROR_RETRY_MS);
  return [{ name, at: last.at + wait }];
}

function whyOf(metrics: readonly Phased<Tallied>[], phase: Phase, hasEvidence: boolean): string {
  if (!isCompleted(phase)) return "it is not decided yet";
  if (!hasEvidence && phase === "Successful")
    return "nothing was measured: Argo calls that Successful, it is no evidence";
  const guilty = metrics.find((metric) => !metric.isDryRun && metric.phase === phase && isBad(phase));
  const limit = guilty === undefined ? undefined : exceededLimit(guilty.rules, guilty.tally);
  if (guilty === undefined) return "every metric is within its limits";
  return limit === undefined ? `${guilty.name}: too few successes in a row` : `${guilty.name}: ${limit.why}`;
}
