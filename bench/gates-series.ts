import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  judgeSeasonal,
  profileOf,
  seasonalThreshold,
  type Reading,
  type SeasonalSettings,
} from "../src/core/gate/seasonal.ts";
import { atLeast, atMost, shareFigure, shareOf, sumOf, type Count, type Figure } from "./gates-figures.ts";

/** A metric of a real service, point by point; `labelled`: somebody has called that point an anomaly. */
type Point = Reading & { readonly labelled: boolean };
type Metric = { readonly name: string; readonly points: readonly Point[]; readonly stepMs: number };

/** A stretch of a metric without a label, as long as a release, and what came right before it. */
type Stretch = { readonly before: readonly Reading[]; readonly running: readonly Reading[] };

/** What one way of judging blocks of a metric's stretches as they were, and twice as high. */
type Blocks = { readonly same: Count; readonly doubled: Count };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Releases of so long where there is a point an hour, and where there is one a minute. */
const LENGTHS = { hourly: 6 * HOUR, dense: HOUR };
const TRAINED_ON = 0.6;
/** Of fewer stretches 5 % are not even two. */
const LEAST_STRETCHES = 40;
const ALPHAS = [0.05, 0.01];

/** Whether a folder holds a clone of microsoft/cloud-monitoring-dataset. */
export function isSeriesFolder(folder: string): boolean {
  return existsSync(join(folder, "data")) && globSync("data/*/*.csv", { cwd: folder }).length > 0;
}

/**
 * Target 7: the seasonal baseline on metrics of real services. What it knows of a metric comes from the first 60 % of its points, without the labelled ones;
 * each stretch of the rest without a label is judged as a release with nothing wrong, and again twice as high.
 */
export function seriesFigures(folder: string): readonly Figure[] {
  const metrics = globSync("data/*/*.csv", { cwd: folder })
    .toSorted()
    .map((path) => metricOf(join(folder, path)))
    .filter((metric) => metric.points.length > 0);
  const ours = ALPHAS.flatMap((alpha) => {
    const judged = metrics.map((metric) => blocksOf(metric, (train, length) => seasonal(train, length, alpha)));
    return alphaFigures(judged.filter(isJudged), alpha);
  });
  const naive = NAIVE.flatMap(({ name, method }) => {
    const judged = metrics.map((metric) => blocksOf(metric, method)).filter(isJudged);
    return [
      shareFigure(sumOf(judged.map(({ same }) => same)), { target: 7, what: `${name}: usual stretches blocked` }),
      shareFigure(sumOf(judged.map(({ doubled }) => doubled)), { target: 7, what: `${name}: x2 found` }),
    ];
  });
  return [...ours, ...naive];
}

function alphaFigures(judged: readonly Blocks[], alpha: number): readonly Figure[] {
  const what = `season, ${judged.length} real metrics, promised ${100 * alpha} %`;
  const same = sumOf(judged.map((blocks) => blocks.same));
  const isFive = alpha === 0.05;
  return [
    shareFigure(same, {
      target: 7,
      what: `${what}: usual stretches blocked`,
      bound: isFive ? { kind: "between", low: 0.04, high: 0.06 } : atMost(0.015),
    }),
    {
      target: 7,
      what: `${what}: blocked of the metric at the 90th percentile`,
      unit: "share",
      value: percentile(
        judged.map((blocks) => shareOf(blocks.same)),
        0.9,
      ),
      ...(isFive && { bound: atMost(0.12) }),
    },
    shareFigure(sumOf(judged.map(({ doubled }) => doubled)), {
      target: 7,
      what: `${what}: x2 found`,
      bound: atLeast(isFive ? 0.65 : 0.5),
    }),
  ];
}

type Method = (train: readonly Point[], lengthMs: number) => ((stretch: Stretch) => boolean) | undefined;

function seasonal(train: readonly Point[], lengthMs: number, alpha: number): ReturnType<Method> {
  const known = train.filter(({ labelled }) => !labelled);
  const shape = { profile: profileOf(known, "count"), worse: "higher" as const };
  const { threshold } = seasonalThreshold(known, lengthMs, alpha, shape);
  if (threshold === undefined) return undefined;
  const settings: SeasonalSettings = { ...shape, threshold };
  return ({ before, running }) => judgeSeasonal(before, running, settings).verdict.kind === "block";
}

const NAIVE: readonly { readonly name: string; readonly method: Method }[] = [
  {
    name: "any point above mean + 3 deviations",
    method: (train) => {
      const values = train.map(({ value }) => value);
      const mean = meanOf(values);
      const limit = mean + 3 * Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
      return ({ running }) => running.some(({ value }) => value > limit);
    },
  },
  {
    name: "10 % above the time before",
    method: () => (stretch) => {
      const mean = (readings: readonly Reading[]) => meanOf(readings.map(({ value }) => value));
      return mean(stretch.running) > 1.1 * mean(stretch.before);
    },
  },
];

function blocksOf(metric: Metric, method: Method): Blocks {
  const split = Math.floor(TRAINED_ON * metric.points.length);
  const lengthMs = metric.stepMs >= HOUR / 2 ? LENGTHS.hourly : LENGTHS.dense;
  const blocks = method(metric.points.slice(0, split), lengthMs);
  const stretches = blocks === undefined ? [] : stretchesOf(metric.points.slice(split), lengthMs);
  const hits = (ratio: number) => stretches.filter((one) => blocks?.(times(one, ratio)) === true).length;
  return { same: { hits: hits(1), runs: stretches.length }, doubled: { hits: hits(2), runs: stretches.length } };
}

function times({ before, running }: Stretch, ratio: number): Stretch {
  return { before, running: running.map(({ at, value }) => ({ at, value: ratio * value })) };
}

function stretchesOf(points: readonly Point[], lengthMs: number): readonly Stretch[] {
  const begin = points[0]?.at ?? 0;
  const groups = Map.groupBy(points, ({ at }) => Math.floor((at - begin) / lengthMs));
  return [...groups].flatMap(([index, running]) => {
    const before = groups.get(index - 1) ?? [];
    const isUsual = before.length > 0 && ![...before, ...running].some(({ labelled }) => labelled);
    return isUsual ? [{ before, running }] : [];
  });
}

function isJudged({ same }: Blocks): boolean {
  return same.runs >= LEAST_STRETCHES;
}

/** Lines of `TimeStamp,Value,Label`, values perhaps in quotes. */
function metricOf(path: string): Metric {
  const [, ...lines] = readFileSync(path, "utf8").split(/\r?\n/);
  const points = lines.flatMap((line): readonly Point[] => {
    const [time = "", value = "", label = ""] = line.replaceAll('"', "").split(",");
    const at = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(" ", "T")}Z`);
    return Number.isFinite(at) && value !== "" ? [{ at, value: Number(value), labelled: Number(label) === 1 }] : [];
  });
  const gaps = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  return { name: basename(path, ".csv"), points, stepMs: percentile(gaps, 0.5) ?? MINUTE };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The quantile of a sample, even between its values. */
function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined) return undefined;
  return below + (position - Math.floor(position)) * (above - below);
}
