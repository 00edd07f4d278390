import { select, stepTimes, valueOf, type Answer, type Point, type Steps } from "./evaluate.ts";
import { selectorOf, type Selector } from "./selector.ts";
import type { SeriesReader, StoredSeries } from "./series-store.ts";

/** Series added up by labels. */
export type Sums = { readonly selector: Selector; readonly by: readonly string[] };

const SUMS = /^sum by \(([^)]*)\) \(([^()]*\{.*\})\)$/s;

/** The sum of a selector by labels; undefined for any other query. Throws a QueryError on a selector that is none. */
export function sumsOf(query: string): Sums | undefined {
  const [, by, selector] = SUMS.exec(query) ?? [];
  if (by === undefined || selector === undefined) return undefined;
  return { selector: selectorOf(selector), by: by.split(",").map((label) => label.trim()) };
}

/** Evaluates it at each step. */
export function evaluateSums(store: SeriesReader, { selector, by }: Sums, steps: Steps): Answer {
  const groups = Map.groupBy(select(store, selector), (series) => keyOf(series, by));
  const times = stepTimes(steps);
  const result = [...groups.values()].flatMap((all) => {
    const values = times.flatMap((at) => sumAt(all, at));
    const [first] = all;
    return first === undefined || values.length === 0 ? [] : [{ metric: labelsOf(first, by), values }];
  });
  return { resultType: "matrix", result };
}

function sumAt(all: readonly StoredSeries[], at: number): readonly Point[] {
  const values = all.map((series) => valueOf(series, at)).filter((value) => value !== undefined);
  return values.length === 0 ? [] : [[at / 1000, String(values.reduce((sum, value) => sum + value, 0))]];
}

function keyOf(series: StoredSeries, names: readonly string[]): string {
  return JSON.stringify(names.map((label) => series.labels.get(label) ?? ""));
}

function labelsOf({ labels }: StoredSeries, names: readonly string[]): object {
  return Object.fromEntries(names.flatMap((label) => (labels.has(label) ? [[label, labels.get(label)]] : [])));
}
