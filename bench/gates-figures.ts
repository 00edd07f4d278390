import { binomialInterval } from "../src/core/gate/binomial.ts";
import type { Interval } from "../src/core/gate/interval.ts";
import type { Blocked, ErrorJob } from "./gates-errors.ts";
import type { Played } from "./gates-job.ts";

/** What a figure must be; a figure without a bound is for information. */
export type Bound =
  | { readonly kind: "atMost"; readonly than: number }
  | { readonly kind: "atLeast"; readonly than: number }
  | { readonly kind: "between"; readonly low: number; readonly high: number };

/** One measured figure. `value` is undefined where nothing was measured, and then no bound holds. */
export type Figure = {
  /** Number of the target. */
  readonly target: number;
  readonly what: string;
  readonly unit: "share" | "minutes" | "ratio";
  readonly value: number | undefined;
  /** Exact 95 % interval of a share or of a median, from the rollouts behind it. */
  readonly interval?: Interval | undefined;
  readonly runs?: number | undefined;
  readonly bound?: Bound | undefined;
};

/** So many of so many rollouts. */
export type Count = { readonly hits: number; readonly runs: number };

/** Rollouts of one cell, from all its jobs: when each method blocked. */
export type Cell = { readonly job: ErrorJob; readonly blocked: Blocked };

/** Whether a figure meets its bound; `open`: it does not, but so few rollouts cannot tell. Full runs have as many as the targets ask for. */
export type Standing = "holds" | "open" | "fails";

/** How a figure stands to its bound; one without a bound holds. */
export function standingOf(figure: Figure, isFull: boolean): Standing {
  const { value, interval, bound } = figure;
  if (bound === undefined) return "holds";
  if (value === undefined) return "fails";
  if (meets(value, bound)) return "holds";
  const isWithin = interval !== undefined && [interval.low, interval.high].some((end) => meets(end, bound));
  return isWithin && !isFull ? "open" : "fails";
}

function meets(value: number, bound: Bound): boolean {
  if (bound.kind === "between") return value >= bound.low && value <= bound.high;
  return bound.kind === "atMost" ? value <= bound.than : value >= bound.than;
}

/** The figure of a share, with its exact interval. */
export function shareFigure(
  { hits, runs }: Count,
  rest: Pick<Figure, "target" | "what"> & { readonly bound?: Bound | undefined },
): Figure {
  if (runs === 0) return { ...rest, unit: "share", value: undefined };
  return { ...rest, unit: "share", value: hits / runs, interval: binomialInterval(hits, runs), runs };
}

/** Outcomes of one kind of job. */
export function ofKind<K extends Played["job"]["kind"]>(
  played: readonly Played[],
  kind: K,
): readonly Extract<Played, { readonly job: { readonly kind: K } }>[] {
  return played.filter((one): one is Extract<Played, { readonly job: { readonly kind: K } }> => one.job.kind === kind);
}

/** Rollouts of jobs that differ in nothing but their numbers, together. */
export function cellsOf(played: readonly Played[]): readonly Cell[] {
  const groups = Map.groupBy(
    played.flatMap((one) => ("blocked" in one ? [one] : [])),
    ({ job: { service, scenario, weights, methods } }) => JSON.stringify([service, scenario, weights, methods]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = [...first.blocked.keys()];
    const blocked = new Map(names.map((name) => [name, group.flatMap((one) => one.blocked.get(name) ?? [])]));
    return [{ job: first.job, blocked }];
  });
}

/** How many rollouts of a cell a method blocked. */
export function blockedIn({ blocked }: Cell, method: string): Count {
  const minutes = blocked.get(method) ?? [];
  return { hits: minutes.filter((minute) => minute > 0).length, runs: minutes.length };
}

/** Counts together. */
export function sumOf(counts: readonly Count[]): Count {
  return counts.reduce((sum, { hits, runs }) => ({ hits: sum.hits + hits, runs: sum.runs + runs }), {
    hits: 0,
    runs: 0,
  });
}

/** Share of a count; 0 of nothing. */
export function shareOf({ hits, runs }: Count): number {
  return runs === 0 ? 0 : hits / runs;
}

/** The count with the greatest share, with its name. */
export function worstOf(
  counts: readonly (readonly [name: string, count: Count])[],
): readonly [name: string, count: Count] {
  return counts.toSorted(([, a], [, b]) => shareOf(b) - shareOf(a))[0] ?? ["none", { hits: 0, runs: 0 }];
}

/** The middle one; undefined of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Exact 95 % interval of the median: two of the values, so far from the middle that no fair coin often falls further (order statistics). Undefined of too few. */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  let [left, below, logTerm] = [0, 0, -sorted.length * Math.LN2];
  while (below + Math.exp(logTerm) <= HALF_TAIL && left < sorted.length) {
    below += Math.exp(logTerm);
    logTerm += Math.log((sorted.length - left) / (left + 1));
    left += 1;
  }
  const [low, high] = [sorted[left - 1], sorted[sorted.length - left]];
  return low === undefined || high === undefined ? undefined : { low, high };
}

const HALF_TAIL = 0.025;

/** The figure of a median, with that interval. */
export function medianFigure(
  values: readonly number[],
  rest: Pick<Figure, "target" | "what" | "unit" | "bound">,
): Figure {
  const median = medianOf(values);
  const isFinite = median !== undefined && Number.isFinite(median);
  return { ...rest, value: isFinite ? median : undefined, interval: medianInterval(values), runs: values.length };
}

/** Minutes at which rollouts were blocked, those that never were counting as later than all others. */
export function orNever(minutes: readonly number[]): readonly number[] {
  return minutes.map((minute) => (minute === 0 ? Number.POSITIVE_INFINITY : minute));
}

/** The median over all rollouts, those that were never blocked counting as later than all others; undefined where more than half were not. */
export function medianMinute(minutes: readonly number[]): number | undefined {
  const middle = medianOf(orNever(minutes));
  return middle === Number.POSITIVE_INFINITY ? undefined : middle;
}

export function atMost(than: number): Bound {
  return { kind: "atMost", than };
}

export function atLeast(than: number): Bound {
  return { kind: "atLeast", than };
}
