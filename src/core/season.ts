import { current } from "./gate/drift.ts";
import {
  judgeSeasonal,
  leadMs,
  seasonalThreshold,
  seenAndUsual,
  type Measure,
  type Profile,
  type Reading as Sample,
  type SeasonalPlacebos,
  type SeasonalSettings,
} from "./gate/seasonal.ts";
import { unreachable } from "./unreachable.ts";

/** What Tidegate knows how to ask for of a service as a whole, from the names of its data plane. */
export const SEASONAL_BUILTINS = ["errors", "requests", "latency-p99"] as const;
export type SeasonalBuiltin = (typeof SEASONAL_BUILTINS)[number];

/** The words in braces that stand for something of the service in a query; `every` is the time between readings, as PromQL writes it. */
export const SEASONAL_WORDS = ["service", "namespace", "canary", "stable", "pods", "every"] as const;

/** What is asked for: one number of the service as a whole. */
export type SeasonalQuery =
  | { readonly kind: "query"; readonly query: string }
  | { readonly kind: "builtin"; readonly builtin: SeasonalBuiltin };

/** What configuration says of one metric that is held against the service's own past. */
export type SeasonalPolicy = {
  readonly name: string;
  readonly asked: SeasonalQuery;
  readonly worse: SeasonalSettings["worse"];
  readonly measure: Measure;
  /** Of the alpha of a release, relative to the other gates' parts. */
  readonly part: number;
  /** How much of the past before the first weight is read. */
  readonly days: number;
  /** From reading to reading; readings stand at multiples of it. */
  readonly everyMs: number;
};

/** From and to, milliseconds. */
export type Span = { readonly from: number; readonly to: number };

/** What has been read of one metric, and what follows from its past alone. */
export type SeasonalFacts = {
  /** Readings before the first weight without those of releases, oldest first. */
  readonly history: readonly Sample[];
  readonly profile: Profile;
  /** Readings that have settled, up to `to`; oldest first, those that give the level among them. */
  readonly readings: readonly Sample[];
  /** A multiple of the time between readings. */
  readonly to: number;
};

/** A step that is judged: since when it is seen live, when the release's first weight landed, and when other releases of the member were under way before. Milliseconds. */
export type SeasonalStep = {
  readonly since: number;
  readonly begin: number;
  readonly busy: readonly Span[];
  readonly bakeMs: number;
  readonly warmUpMs: number;
  /** The metric's share of the release's alpha in this step. */
  readonly alpha: number;
};

export type SeasonalWait =
  | { readonly kind: "unread"; readonly why: string }
  /** The step has not been seen live. */
  | { readonly kind: "notLive" }
  /** The first reading of the step is to come. */
  | { readonly kind: "first"; readonly at: number }
  /** The latest reading is missing, or holds nothing that can be compared. */
  | { readonly kind: "noSamples"; readonly at: number }
  /** More than half of the step's readings are missing. */
  | { readonly kind: "gaps"; readonly missing: number; readonly of: number }
  /** The time before the release does not say where it began. */
  | { readonly kind: "noBaseline" };

/** `usual` passes nothing by itself: before and after cannot tell a release from an incident. */
export type SeasonalMetricVerdict =
  | { readonly kind: "block" | "usual" }
  /** Nothing is promised: the past has too few stretches without a release, or never drifted upwards, so that the first failure would block. */
  | { readonly kind: "advise"; readonly why: "tooFew" | "flat" }
  | { readonly kind: "wait"; readonly reason: SeasonalWait };

/** A metric of a step, with the numbers behind its verdict. */
export type JudgedSeason = Pick<SeasonalPolicy, "name" | "worse" | "measure" | "everyMs" | "days"> & {
  readonly verdict: SeasonalMetricVerdict;
  /** Typical readings of the step, and what is usual at their time after the level of the time before the release; absent where there is none. */
  readonly typical?: { readonly seen: number; readonly usual: number } | undefined;
  /** Where the drift from what is usual stands, and the highest that it has been in this step. */
  readonly drift?: { readonly now: number; readonly peak: number } | undefined;
  /** What the drift blocks above; absent where it only advises, and while nothing is read. */
  readonly threshold?: number | undefined;
  /** The metric's share of the release's alpha in this step. */
  readonly alpha: number;
  /** Stretches of the past without a release, as long as the step is watched (ms); absent while nothing is read. */
  readonly placebos?: { readonly known: number; readonly needed: number; readonly lengthMs: number } | undefined;
};

/** Reckons what stretches of the past say; a look asks for the same again and again. */
export type ThresholdOf = (lengthMs: number, gapMs: number) => SeasonalPlacebos;

/** What stretches of a metric's past say of one that begins `gapMs` after the time that gives its level. */
export function thresholdOf(
  { history, profile }: Pick<SeasonalFacts, "history" | "profile">,
  { worse, everyMs }: SeasonalPolicy,
  alpha: number,
): ThresholdOf {
  return (lengthMs, gapMs) =>
    seasonalThreshold(history, lengthMs, alpha, { profile, worse, gapMs, readings: lengthMs / everyMs });
}

/** Judges one metric of a running step, over the readings that lie wholly in its bake, by what is usual at their time. */
export function judgeSeason(
  policy: SeasonalPolicy,
  facts: SeasonalFacts,
  step: SeasonalStep,
  placebos: ThresholdOf = thresholdOf(facts, policy, step.alpha),
): JudgedSeason {
  const { everyMs } = policy;
  const lengthMs = watchedMs(step, everyMs);
  const due = dueOf(step, { lengthMs, everyMs, to: facts.to });
  const level = levelSpan(step, lengthMs);
  const known = placebos(lengthMs, Math.max(0, firstReading(step, everyMs) - everyMs - level.to));
  const before = facts.readings.filter(({ at }) => at > level.from && at <= level.to);
  const running = facts.readings.filter(({ at }) => due.includes(at));
  const isLevelled = 2 * before.length * everyMs >= level.to - level.from;
  const settings = { profile: facts.profile, worse: policy.worse, threshold: known.threshold };
  const found = judgeSeasonal(isLevelled ? before : [], running, settings);
  const { count, peak } = found.evidence;
  return {
    ...shownOf(policy, step.alpha),
    verdict: refined(found.verdict, { due, running, known, firstAt: firstReading(step, everyMs) }),
    typical: isLevelled ? seenAndUsual(before, running, facts.profile) : undefined,
    drift: count === 0 ? undefined : { now: current(found.evidence), peak },
    threshold: known.threshold,
    placebos: { known: known.placebos, needed: known.needed, lengthMs },
  };
}

/** A metric of which nothing can be judged, and why. */
export function waitingSeason(policy: SeasonalPolicy, alpha: number, reason: SeasonalWait): JudgedSeason {
  return { ...shownOf(policy, alpha), verdict: { kind: "wait", reason } };
}

/** The same where nothing more can be read: what was read before blocks all the same, and what only advises holds nothing up. */
export function unreadSeason(judged: JudgedSeason, why: string): JudgedSeason {
  const { kind } = judged.verdict;
  if (kind === "block" || kind === "advise") return judged;
  return { ...judged, verdict: { kind: "wait", reason: { kind: "unread", why } } };
}

function shownOf({ name, worse, measure, everyMs, days }: SeasonalPolicy, alpha: number) {
  return { name, worse, measure, everyMs, days, alpha };
}

/** How long a step is watched: its bake after the warm-up, in whole readings, at least one. */
function watchedMs({ bakeMs, warmUpMs }: SeasonalStep, everyMs: number): number {
  return Math.max(1, Math.floor((bakeMs - warmUpMs) / everyMs)) * everyMs;
}

/** The first reading of which nothing was before the step was seen live, nor in its warm-up. */
function firstReading({ since, warmUpMs }: SeasonalStep, everyMs: number): number {
  return (Math.ceil((since + warmUpMs) / everyMs) + 1) * everyMs;
}

function dueOf(
  step: SeasonalStep,
  { lengthMs, everyMs, to }: { readonly lengthMs: number; readonly everyMs: number; readonly to: number },
): readonly number[] {
  const first = firstReading(step, everyMs);
  return Array.from({ length: lengthMs / everyMs }, (_, index) => first + index * everyMs).filter((at) => at <= to);
}

/** The time that gives the level: right before the first weight, or before the releases that went on until then. */
function levelSpan({ begin, busy }: SeasonalStep, lengthMs: number): Span {
  const lead = leadMs(lengthMs);
  let to = begin;
  for (;;) {
    const other = busy.find((span) => span.from < to && span.to > to - lead);
    if (other === undefined) return { from: to - lead, to };
    to = other.from;
  }
}

type Watched = {
  readonly due: readonly number[];
  readonly running: readonly Sample[];
  readonly known: SeasonalPlacebos;
  readonly firstAt: number;
};

/** What blocks goes before what is missing; what could not block anyhow holds nothing up. */
function refined(
  verdict: ReturnType<typeof judgeSeasonal>["verdict"],
  { due, running, known, firstAt }: Watched,
): SeasonalMetricVerdict {
  const wait = (reason: SeasonalWait) => ({ kind: "wait", reason }) as const;
  if (verdict.kind === "block") return { kind: "block" };
  if (known.threshold === undefined) return { kind: "advise", why: known.placebos < known.needed ? "tooFew" : "flat" };
  const last = due.at(-1);
  if (last === undefined) return wait({ kind: "first", at: firstAt });
  const told = running.filter(({ value }) => Number.isFinite(value) && value >= 0);
  if (told.every(({ at }) => at !== last)) return wait({ kind: "noSamples", at: last });
  const missing = due.length - told.length;
  if (2 * missing > due.length) return wait({ kind: "gaps", missing, of: due.length });
  switch (verdict.kind) {
    case "stands":
      return { kind: "usual" };
    case "wait":
      return wait(verdict.reason.kind === "noBaseline" ? { kind: "noBaseline" } : { kind: "noSamples", at: last });
    // Without a threshold alone, and that was asked before.
    case "advise":
      return { kind: "advise", why: "tooFew" };
    default:
      return unreachable(verdict);
  }
}

/** What the metrics of a member are called among those who share alpha. */
export function budgetedSeasons(
  seasonal: readonly SeasonalPolicy[] = [],
): readonly { readonly metric: string; readonly part: number }[] {
  return seasonal.map(({ name, part }) => ({ metric: seasonalBudget(name), part }));
}

/** No gate of another kind has such a name. */
export function seasonalBudget(metric: string): string {
  return `seasonal:${metric}`;
}
