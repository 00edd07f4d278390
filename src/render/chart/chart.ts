import type { ShownQuantile, ShownQuantiles } from "../../core/latency-quantiles.ts";
import type { Arm, Window } from "../../core/window.ts";
import { seriesOf, type Cell, type Series } from "../sparkline.ts";
import { percentile } from "../took.ts";

/**
 * Everything that a chart shows, in whole numbers, so that an address can carry it: rates and evidence over cells of one length, neither counts nor names.
 * `from` and `cellMs` are milliseconds; null is a gap.
 */
export type Chart = {
  readonly from: number;
  readonly cellMs: number;
  /** Failed requests per million. */
  readonly canary: readonly Point[];
  readonly stable: readonly Point[];
  /** The committed weight in per cent from so many seconds after `from` on. */
  readonly weights: readonly (readonly [second: number, weight: number])[];
  readonly lines: readonly ChartLine[];
  /** How long requests of the running step took; absent where latency is not judged. */
  readonly quantiles?: readonly ChartQuantile[];
};

/** A quantile of both arms; absent of one without requests. */
export type ChartQuantile = { readonly name: string } & { readonly [arm in Arm]?: Placed };

/** As it is guessed, and between what it surely lies: millionths of a second, null where so few requests cannot say. */
export type Placed = readonly [guess: number, low: number, high: number | null];

export type Point = number | null;

/** The evidence of one gate: reaching `bar` blocks a release or lets it pass. */
export type ChartLine = {
  readonly name: string;
  readonly effect: "blocks" | "passes";
  /** Log of the e-value that it takes, in ten-thousandths, as all logs here but `points`. */
  readonly bar: number;
  /** What the log has come to. */
  readonly value: number;
  /** Hundredths of a log, at the end of each cell. */
  readonly points: readonly Point[];
};

export const MOST_LINES = 8;
export const MOST_QUANTILES = 5;
export const LONGEST_LINE_NAME = 22;
export const MILLION = 1_000_000;
const PER_BAR = 10_000;
const PER_POINT = 100;
/** Farther than any boundary that is drawn. */
const LOG_AT_MOST = 1_000;

/** A gate's log e-values, each at the end of the window that began at `start`, milliseconds, oldest first. */
export type Evidences = Pick<ChartLine, "name" | "effect"> & {
  readonly logBar: number;
  readonly marks: readonly { readonly start: number; readonly log: number }[];
};

/** What is committed from `at`, milliseconds, on; in per cent. */
export type Committed = { readonly at: number; readonly weight: number };

export type ChartParts = {
  readonly windows: readonly Window[];
  readonly windowMs: number;
  /** Oldest first. */
  readonly weights: readonly Committed[];
  readonly evidences: readonly Evidences[];
  readonly quantiles?: ShownQuantiles;
};

/** The chart of closed windows, oldest first; undefined while no request is counted. */
export function chartOf({ windows, windowMs, weights, evidences, quantiles = {} }: ChartParts): Chart | undefined {
  const series = seriesOf(windows, windowMs);
  if (series === undefined) return undefined;
  return {
    from: series.from,
    cellMs: series.cellMs,
    canary: series.canary.map(perMillion),
    stable: series.stable.map(perMillion),
    weights: weightsIn(series, weights),
    lines: evidences.slice(0, MOST_LINES).flatMap((one) => lineOf(one, series)),
    ...quantilesIn(quantiles),
  };
}

/** A time of the chart, in milliseconds. */
export function msOf(inMillionths: number): number {
  return inMillionths / 1000;
}

/** The log that a line's `bar` or `value` stands for. */
export function logOf(inTenThousandths: number): number {
  return inTenThousandths / PER_BAR;
}

/** The log that a line's point stands for. */
export function logAt(inHundredths: number): number {
  return inHundredths / PER_POINT;
}

/** Far more than any request takes: four months. */
const LONGEST_TIME = 1e13;

function quantilesIn({ canary = [], stable = [] }: ShownQuantiles): Pick<Chart, "quantiles"> {
  const seen = canary.length === 0 ? stable : canary;
  if (seen.length === 0) return {};
  const quantiles = seen.slice(0, MOST_QUANTILES).map(({ quantile }, at) => ({
    name: percentile(quantile),
    ...placed("canary", canary[at]),
    ...placed("stable", stable[at]),
  }));
  return { quantiles };
}

function placed(arm: Arm, one: ShownQuantile | undefined): { readonly [arm in Arm]?: Placed } {
  if (one === undefined) return {};
  const { guess, low, high } = one;
  if (![guess, low, high ?? 0].every((ms) => ms >= 0)) return {};
  const inMillionths = (ms: number) => Math.min(LONGEST_TIME, Math.round(ms * 1000));
  return { [arm]: [inMillionths(guess), inMillionths(low), high === undefined ? null : inMillionths(high)] };
}

// Anything above nothing stays above the floor.
function perMillion(cell: Cell): Point {
  if (cell === null || !(cell[0] > 0)) return null;
  const share = (cell[1] / cell[0]) * MILLION;
  if (!Number.isFinite(share)) return null;
  return share > 0 ? Math.min(MILLION, Math.max(1, Math.round(share))) : 0;
}

/** What is committed within the series; of what came before, the last. */
function weightsIn({ from, to }: Series, weights: readonly Committed[]): Chart["weights"] {
  const before = weights.findLast(({ at }) => at <= from);
  const within = weights.filter(({ at }) => at > from && at < to);
  return [...(before === undefined ? [] : [{ ...before, at: from }]), ...within].map(
    ({ at, weight }) => [Math.round((at - from) / 1000), weight] as const,
  );
}

function lineOf({ name, effect, logBar, marks }: Evidences, { from, cellMs, canary }: Series): readonly ChartLine[] {
  const points: Point[] = canary.map(() => null);
  for (const { start, log } of marks) {
    const cell = Math.floor((start - from) / cellMs);
    if (cell >= 0 && cell < points.length && !Number.isNaN(log)) points[cell] = whole(log, PER_POINT);
  }
  const value = marks.findLast(({ log }) => !Number.isNaN(log));
  if (value === undefined || Number.isNaN(logBar)) return [];
  const [bar, reached] = [whole(logBar, PER_BAR), whole(value.log, PER_BAR)];
  return [{ name: name.slice(0, LONGEST_LINE_NAME), effect, bar, value: reached, points }];
}

// A zero has no sign: text would not keep it.
function whole(log: number, per: number): number {
  return Math.round(Math.min(LOG_AT_MOST, Math.max(-LOG_AT_MOST, log)) * per) + 0;
}
