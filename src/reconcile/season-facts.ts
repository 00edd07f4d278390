import { profileOf, type Measure, type Reading as Sample } from "../core/gate/seasonal.ts";
import type { SeasonalFacts, Span } from "../core/season.ts";
import type { ReadingsQuestion } from "../ports/metrics.ts";

/** A metric as it is asked for: where its history ends, and the times that are no part of it (ms). `from` and `to` are multiples of `everyMs`. */
export type Recalled = {
  readonly question: ReadingsQuestion;
  readonly begin: number;
  readonly busy: readonly Span[];
  readonly measure: Measure;
};

/** Readings that may still have been late when they were asked for. */
const LATE_READINGS = 5;

/**
 * What is to be asked of a metric up to the question's end; undefined where all of it is known. Its history is asked for once, all of it before `begin`, and
 * never again while it is remembered; after that only what has settled since. A history of which most is missing is asked for again with every further reading:
 * a store that was not there for a moment is no past that is too short.
 */
export function lackingOf(
  { question, begin }: Recalled,
  known: SeasonalFacts | undefined,
): ReadingsQuestion | undefined {
  const { from, to, everyMs } = question;
  if (known === undefined) return question;
  if (known.to < to && 2 * known.history.length * everyMs < begin - from) return question;
  if (known.to >= to && known.readings.at(-1)?.at === known.to) return undefined;
  const since = Math.max(from, known.to - LATE_READINGS * everyMs);
  return since < to ? { ...question, from: since } : undefined;
}

/** What is known with what has been told since; its history and what is usual follow from the first answer alone. */
export function factsWith(
  recalled: Recalled,
  known: SeasonalFacts | undefined,
  fresh: readonly Sample[],
): SeasonalFacts {
  const { to } = recalled.question;
  const readings = merged(known?.readings ?? [], fresh);
  if (known !== undefined) return { ...known, readings, to: Math.max(to, known.to) };
  const history = quietBefore(readings, recalled);
  return { history, profile: profileOf(history, recalled.measure), readings, to };
}

/** What was told later counts, in the order of time. */
function merged(known: readonly Sample[], fresh: readonly Sample[]): readonly Sample[] {
  const first = fresh[0]?.at ?? Number.POSITIVE_INFINITY;
  const settled = known.filter(({ at }) => at < first);
  const late = known.filter(({ at }) => at >= first && fresh.every((one) => one.at !== at));
  return [...settled, ...[...late, ...fresh].toSorted((a, b) => a.at - b.at)];
}

/** A reading is of the time since the one before it. */
function quietBefore(readings: readonly Sample[], { question: { everyMs }, begin, busy }: Recalled): readonly Sample[] {
  const isBusy = (at: number) => busy.some(({ from, to }) => at > from && at - everyMs < to);
  return readings.filter(({ at }) => at <= begin && !isBusy(at));
}
