import { profileOf, type Measure, type Reading as Sample } from "../core/gate/seasonal.ts";
import { read, type Reading } from "../core/reading.ts";
import type { SeasonalFacts, Span } from "../core/season.ts";
import type { Metrics, ReadingsQuestion } from "../ports/metrics.ts";

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
 * What is known of a metric up to the question's end. Its history is read once, all of it before `begin`, and never again while `known` is remembered;
 * after that only what has settled since is asked for.
 */
export async function factsOf(
  readingsOf: NonNullable<Metrics["readings"]>,
  recalled: Recalled,
  known: SeasonalFacts | undefined,
): Promise<Reading<SeasonalFacts>> {
  const { question } = recalled;
  const { to, everyMs } = question;
  if (known !== undefined && known.to >= to && known.readings.at(-1)?.at === known.to) return read(known);
  const from = known === undefined ? question.from : Math.max(question.from, known.to - LATE_READINGS * everyMs);
  const fresh = to <= from ? read([]) : await readingsOf({ ...question, from });
  if (fresh.kind === "unavailable") return fresh;
  const readings = merged(known?.readings ?? [], fresh.value);
  if (known !== undefined) return read({ ...known, readings, to: Math.max(to, known.to) });
  const history = quietBefore(readings, recalled);
  return read({ history, profile: profileOf(history, recalled.measure), readings, to });
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
