import { stepTimes, type Answer, type Point, type Steps } from "./evaluate.ts";
import { QueryError, selectorOf, type Selector } from "./selector.ts";
import type { SeriesReader, StoredSeries } from "./series-store.ts";

/** A sum of rates, alone or over another one: what a rate of success is written as. */
export type Rates = { readonly sum: Selector; readonly over: Selector | undefined };

const SUM = String.raw`sum\s*\(\s*rate\s*\(\s*([^()]*(?:\{[^}]*\}[^()]*)?)\)\s*\)`;
const RATES = new RegExp(String.raw`^\s*${SUM}\s*(?:/\s*${SUM}\s*)?$`, "s");
const ABOVE_ZERO = /^\((.*)\)\s*>\s*0\s*<\s*Inf$/s;

/** The one form of PromQL beside selectors that the sandbox evaluates; undefined for every other query. Throws a QueryError where a rate has no range. */
export function ratesOf(query: string): Rates | undefined {
  const [, sum, over] = RATES.exec(query) ?? [];
  if (sum === undefined) return undefined;
  return { sum: ranged(sum), over: over === undefined ? undefined : ranged(over) };
}

function ranged(text: string): Selector {
  const selector = selectorOf(text.trim());
  if (selector.rangeMs === undefined) throw new QueryError("expected type range vector in call to function rate");
  return selector;
}

/** The same where it is asked for only what is above 0 and finite, as a gauge is; undefined for every other query. */
export function gaugeOf(query: string): Rates | undefined {
  const [, rates] = ABOVE_ZERO.exec(query) ?? [];
  return rates === undefined ? undefined : ratesOf(rates);
}

/** Evaluates a gauge at each step. */
export function evaluateGauge(store: SeriesReader, rates: Rates, steps: Steps): Answer {
  const values = stepTimes(steps).flatMap((at): readonly Point[] => {
    const value = valueOf(store, rates, at);
    return value !== undefined && value > 0 && value < Infinity ? [[at / 1000, String(value)]] : [];
  });
  return { resultType: "matrix", result: values.length === 0 ? [] : [{ metric: {}, values }] };
}

/** One value without labels, or none where a sum has no series; 0 over 0 is NaN. Rates are not extrapolated to the ends of the range. */
export function evaluateRates(store: SeriesReader, rates: Rates, at: number): Answer {
  const value = valueOf(store, rates, at);
  if (value === undefined) return { resultType: "vector", result: [] };
  return { resultType: "vector", result: [{ metric: {}, value: [at / 1000, String(value)] }] };
}

function valueOf(store: SeriesReader, { sum, over }: Rates, at: number): number | undefined {
  const [above, below] = [sumOf(store, sum, at), over === undefined ? 1 : sumOf(store, over, at)];
  return above === undefined || below === undefined ? undefined : above / below;
}

function sumOf(store: SeriesReader, selector: Selector, at: number): number | undefined {
  const rates = seriesIn(store, selector).flatMap((series) => rateOf(series, at - (selector.rangeMs ?? 0), at));
  return rates.length === 0 ? undefined : rates.reduce((total, rate) => total + rate, 0);
}

function seriesIn(store: SeriesReader, { name, matchers }: Selector): readonly StoredSeries[] {
  return [...store.series(name)].filter(({ labels }) =>
    matchers.every(({ label, matches }) => matches(labels.get(label) ?? "")),
  );
}

/** Per second, between the first and the last sample of (after, to]; a counter that falls began anew. */
function rateOf({ times, values }: StoredSeries, after: number, to: number): readonly number[] {
  const samples = times.flatMap((time, index) => {
    const value = values[index];
    return time <= after || time > to || value === undefined ? [] : [{ time, value }];
  });
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.time === first.time) return [];
  const grown = samples.slice(1).map(({ value }, index) => {
    const before = samples[index]?.value ?? 0;
    return value < before ? value : value - before;
  });
  return [grown.reduce((total, more) => total + more, 0) / ((last.time - first.time) / 1000)];
}
