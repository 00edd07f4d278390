import { select, stepTimes, valueOf, type Answer, type Point, type Steps } from "./evaluate.ts";
import { durationOf, selectorOf, type Selector } from "./selector.ts";
import type { SeriesStore, StoredSeries } from "./series-store.ts";

/** What series have grown by over so many milliseconds, summed by labels; what is new counts from 0 where others of its group are not. */
export type Growth = {
  readonly selector: Selector;
  readonly by: readonly string[];
  readonly group: readonly string[];
  readonly overMs: number;
};

const GROWTH =
  /^sum by \(([^)]*)\) \(\(\((.+?) - \2 offset (\w+)\) >= 0\) or \(\2 and on \(([^)]*)\) count by \(\4\) \(\2 offset \3\)\)\)$/s;

/** The one form of arithmetic that the sandbox evaluates; undefined for any other query. Throws a QueryError on a selector that is none. */
export function growthOf(query: string): Growth | undefined {
  const match = GROWTH.exec(query);
  if (match === null) return undefined;
  const [, by = "", selector = "", over = "", group = ""] = match;
  const names = (list: string) => list.split(",").map((label) => label.trim());
  return { selector: selectorOf(selector), by: names(by), group: names(group), overMs: durationOf(over) };
}

/** Evaluates it at each step. */
export function evaluateGrowth(store: SeriesStore, { selector, by, group, overMs }: Growth, steps: Steps): Answer {
  const found = select(store, selector);
  const sums = new Map<string, { readonly metric: object; readonly points: Point[] }>();
  for (const at of stepTimes(steps)) {
    const before = new Map(found.map((series) => [series, valueOf(series, at - overMs)]));
    const watched = new Set(found.filter((series) => before.get(series) !== undefined).map((one) => keyOf(one, group)));
    const grown = Map.groupBy(found, (series) => keyOf(series, by));
    for (const [key, all] of grown) {
      const parts = all.flatMap((series) =>
        grownBy(valueOf(series, at), before.get(series), watched.has(keyOf(series, group))),
      );
      const [first] = all;
      if (parts.length === 0 || first === undefined) continue;
      const sum = sums.get(key) ?? { metric: labelsOf(first, by), points: [] };
      sums.set(key, sum);
      sum.points.push([at / 1000, String(parts.reduce((total, part) => total + part, 0))]);
    }
  }
  return { resultType: "matrix", result: [...sums.values()].map(({ metric, points }) => ({ metric, values: points })) };
}

function grownBy(now: number | undefined, before: number | undefined, isWatched: boolean): readonly number[] {
  if (now === undefined) return [];
  if (before !== undefined && now >= before) return [now - before];
  return isWatched ? [now] : [];
}

function keyOf(series: StoredSeries, names: readonly string[]): string {
  return JSON.stringify(names.map((label) => series.labels.get(label) ?? ""));
}

function labelsOf({ labels }: StoredSeries, names: readonly string[]): object {
  return Object.fromEntries(names.flatMap((label) => (labels.has(label) ? [[label, labels.get(label)]] : [])));
}
