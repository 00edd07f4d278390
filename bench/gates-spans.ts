import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import type { Histogram } from "../src/core/gate/histogram.ts";
import { together } from "../src/core/gate/histogram.ts";
import { calibrateLatency, extendedLatency } from "../src/core/gate/latency-calibration.ts";
import {
  blocksLatency,
  DEFAULT_SLOWDOWNS,
  edgesOf,
  type LatencyEvidence,
  type LatencySettings,
  type LatencyWindow,
} from "../src/core/gate/latency.ts";
import { knownQuantiles } from "../src/core/gate/quantile-band.ts";
import { chance, type Chance } from "../src/backtest/chance.ts";
import { poisson } from "./gates-chance.ts";
import {
  atLeast,
  atMost,
  medianFigure,
  medianOf,
  orNever,
  shareFigure,
  type Count,
  type Figure,
} from "./gates-figures.ts";
import { LATENCY_OTHERS } from "./gates-latency-methods.ts";
import { table } from "./gates-text.ts";
import { dayOf, type Day, type Fault, type Piece } from "./gates-spans-read.ts";

const MINUTES = 30;
const MINUTE = 60_000;
const ALPHA = 0.05;
const PLACEBOS = 40;
/** Releases of each service and weight, and of each fault. */
const RUNS = { quick: { identical: 12, broken: 6 }, full: { identical: 80, broken: 40 } };
type Runs = (typeof RUNS)["quick"];
const WEIGHTS = [0.05, 0.1, 0.25];
const FAULT_WEIGHT = 0.1;
/** Stretches of fewer requests, or shorter ones (seconds), tell too little to draw from. */
const LEAST_REQUESTS = 8;
const LEAST_SECONDS = 15;
const LEAST_PIECES = 4;
/** Quantiles that say whether a fault slows anything down. */
const COMPARED = Array.from({ length: 99 }, (_, at) => (at + 1) / 100);
const MATERIAL = 1.5;
const IMMATERIAL = 1.25;
/** Requests a minute to each service: as many as were recorded, or of those at most so many, as the target is set for. */
const TRAFFIC = [
  { name: "60 a minute", most: 60 },
  { name: "as recorded", most: Number.POSITIVE_INFINITY },
] as const;
type Traffic = (typeof TRAFFIC)[number];
/** Native buckets of schema 3, from a microsecond to a minute; seconds. */
const BOUNDS: readonly number[] = [...Array.from({ length: 208 }, (_, at) => 2 ** ((at - 160) / 8)), Infinity];

/** Whether a folder holds a clone of IntelligentDDS/Nezha. */
export function isSpansFolder(folder: string): boolean {
  return existsSync(join(folder, "rca_data"));
}

/**
 * Target 6: latency of two real systems of services, from the spans of their requests, and faults that were injected into them. A rollout draws a stretch of time
 * for each of its minutes, and requests from that stretch: both arms' from before a fault, or the canary's from after it.
 */
export function spanFigures(
  folder: string,
  { seed, isFull }: { readonly seed: number; readonly isFull: boolean },
): { readonly text: string; readonly figures: readonly Figure[] } {
  const runs = isFull ? RUNS.full : RUNS.quick;
  const days = globSync("rca_data/*/", { cwd: folder }).toSorted();
  const services = days.map((day) => dayOf(join(folder, day))).flatMap(servicesOf);
  const figures = TRAFFIC.flatMap((traffic, nth) => {
    const known = services.map((one) => thinned(one, traffic));
    const identical = known.flatMap((one, at) => identicalOf(one, runs, chance(seed, 61, at, nth)));
    const broken = known.flatMap((one, at) => brokenOf(one, runs, chance(seed, 62, at, nth)));
    return [
      ...WEIGHTS.flatMap((weight) => identicalFigures(identical, traffic, weight)),
      ...faultFigures(broken, traffic),
    ];
  });
  return { text: quantileText(services), figures };
}

/** A service on one day. `kept` is the share of its requests that rollouts are played with. */
type Service = {
  readonly service: string;
  readonly pieces: readonly Piece[];
  readonly faults: readonly Fault[];
  readonly kept: number;
};

function servicesOf({ faults, pieces }: Day): readonly Service[] {
  return [...pieces].flatMap(([service, all]) => {
    const known = all.filter(isTelling);
    return known.length < LEAST_PIECES
      ? []
      : [{ service, pieces: known, faults: faults.filter((one) => one.service === service), kept: 1 }];
  });
}

function isTelling({ took, seconds }: Piece): boolean {
  return took.length >= LEAST_REQUESTS && seconds >= LEAST_SECONDS;
}

function thinned(service: Service, { most }: Traffic): Service {
  const sum = (of: (piece: Piece) => number) => service.pieces.reduce((total, piece) => total + of(piece), 0);
  const perMinute = (60 * sum(({ took }) => took.length)) / sum(({ seconds }) => seconds);
  return { ...service, kept: Math.min(1, most / perMinute) };
}

const SHOWN = [0.5, 0.9, 0.99];
/** Both columns together hold at every look, but for 5 %. */
const SHOWN_BAND = { alpha: 0.025, least: 100 };

/** Where each service's quantiles lie before the faults and after them, as a verdict would show a canary's and stable's. */
function quantileText(services: readonly Service[]): string {
  const known = (pieces: readonly Piece[]) =>
    knownQuantiles(histogramOf(pieces.flatMap(({ took }) => took)), SHOWN, SHOWN_BAND).map(
      ({ low, high }) =>
        `${(1000 * low).toPrecision(2)} to ${Number.isFinite(high) ? (1000 * high).toPrecision(2) : "?"}`,
    );
  const rows = services.flatMap(({ service, pieces, faults }) => [
    [service, "before", ...known(pieces)],
    ...faults.map(({ kind, after }) => ["", kind, ...known([after])]),
  ]);
  return table([["milliseconds, known at every look", "", ...SHOWN.map((share) => `p${100 * share}`)], ...rows]);
}

/** The minute at which each method blocked, 0 for never. */
type Ends = ReadonlyMap<string, number>;
type Identical = { readonly weight: number; readonly ends: Ends };
type Broken = { readonly kind: string; readonly worst: number; readonly ends: Ends };

const OURS = "ours, alpha 5 %";

/** Every second stretch is the past that is learnt from; releases are drawn from the others. */
function identicalOf({ pieces, kept }: Service, runs: Runs, random: Chance): readonly Identical[] {
  const [past, rest] = halves(pieces);
  return WEIGHTS.flatMap((weight) => {
    const settings = settingsOf(past, { weight, kept }, random);
    if (settings === undefined) return [];
    return Array.from({ length: runs.identical }, () => ({
      weight,
      ends: endsOf(rolloutOf(rest, undefined, { weight, kept }, random), settings),
    }));
  });
}

function brokenOf({ pieces, faults, kept }: Service, runs: Runs, random: Chance): readonly Broken[] {
  const [past, rest] = halves(pieces);
  const share = { weight: FAULT_WEIGHT, kept };
  const settings = settingsOf(past, share, random);
  if (settings === undefined) return [];
  // What the canary is compared with.
  const usual = rest.flatMap(({ took }) => took);
  return faults
    .filter(({ after }) => isTelling(after))
    .flatMap(({ kind, after }) =>
      Array.from({ length: runs.broken }, () => ({
        kind,
        worst: slowdownOf(after.took, usual),
        ends: endsOf(rolloutOf(rest, after, share, random), settings),
      })),
    );
}

function halves(pieces: readonly Piece[]): readonly [past: readonly Piece[], rest: readonly Piece[]] {
  return [pieces.filter((_, at) => at % 2 === 0), pieces.filter((_, at) => at % 2 === 1)];
}

/** The greatest factor between the quantiles of two samples. */
function slowdownOf(after: readonly number[], usual: readonly number[]): number {
  const [slow, fast] = [after.toSorted((a, b) => a - b), usual.toSorted((a, b) => a - b)];
  const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 1;
  return Math.max(...COMPARED.map((share) => at(slow, share) / at(fast, share)));
}

/** The canary's weight, and the share of the requests that there are. */
type Share = { readonly weight: number; readonly kept: number };

function settingsOf(past: readonly Piece[], share: Share, random: Chance): LatencySettings | undefined {
  const histogram = together(past.map(({ took }) => histogramOf(took)));
  const edges = histogram === undefined ? [] : edgesOf(histogram);
  if (edges.length === 0) return undefined;
  const placebos = Array.from({ length: PLACEBOS }, () => rolloutOf(past, undefined, share, random));
  return calibrateLatency(placebos, { alpha: ALPHA, beta: 0.05, power: 0.8, edges });
}

/** Minutes of one weight, each drawn from a stretch of its own. */
function rolloutOf(
  pieces: readonly Piece[],
  fault: Piece | undefined,
  { weight, kept }: Share,
  random: Chance,
): readonly LatencyWindow[] {
  return Array.from({ length: MINUTES }, (_, minute) => {
    const piece = pieces[Math.floor(random() * pieces.length)] ?? { took: [], seconds: 1 };
    const perMinute = (kept * 60 * piece.took.length) / piece.seconds;
    const of = ({ took }: Piece, share: number) =>
      histogramOf(
        Array.from({ length: poisson(random, share * perMinute) }, () => took[Math.floor(random() * took.length)] ?? 0),
      );
    return {
      start: minute * MINUTE,
      end: (minute + 1) * MINUTE,
      histograms: { canary: of(fault ?? piece, weight), stable: of(piece, 1 - weight) },
    };
  });
}

function histogramOf(took: readonly number[]): Histogram {
  const counts = BOUNDS.map(() => 0);
  for (const seconds of took) {
    const at = Math.min(BOUNDS.length - 1, Math.max(0, Math.ceil(8 * Math.log2(seconds)) + 160));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { bounds: BOUNDS, counts, spread: "exponential" };
}

function endsOf(windows: readonly LatencyWindow[], settings: LatencySettings): Ends {
  let evidence: LatencyEvidence = [];
  const ours = windows.findIndex((window) => {
    evidence = extendedLatency(evidence, [window], settings);
    return blocksLatency(evidence, settings);
  });
  const others = LATENCY_OTHERS.map(({ name, begin }) => {
    const blocks = begin(settings.edges);
    return [name, windows.findIndex((window) => blocks(window)) + 1] as const;
  });
  return new Map([[OURS, ours + 1], ...others]);
}

function identicalFigures(identical: readonly Identical[], traffic: Traffic, weight: number): readonly Figure[] {
  const ends = identical.filter((one) => one.weight === weight).map((one) => one.ends);
  return methodsOf(ends).map((name) =>
    shareFigure(countOf(ends, name), {
      target: 6,
      what: `spans, ${traffic.name}, identical at ${100 * weight} %: blocked by ${name}`,
      ...(name === OURS && { bound: atMost(0.005) }),
    }),
  );
}

/** The target's bounds are those of its traffic; with more, a slow-down between what is tolerated and a quarter is found in time, as it should be. */
function faultFigures(broken: readonly Broken[], traffic: Traffic): readonly Figure[] {
  const kinds = [...new Set(broken.map(({ kind }) => kind))].toSorted();
  const byKind = kinds.flatMap((kind) => kindFigures(kind, broken, traffic));
  const of = (is: (worst: number) => boolean) => broken.filter(({ worst }) => is(worst)).map(({ ends }) => ends);
  const slow = of((worst) => worst >= MATERIAL);
  const same = of((worst) => worst < IMMATERIAL);
  const tolerated = of((worst) => worst <= 1 + DEFAULT_SLOWDOWNS.tolerated);
  const what = `spans, ${traffic.name}, faults that slow`;
  return [
    ...byKind,
    shareFigure(countOf(slow, OURS), { target: 6, what: `${what} a quantile down by half: found by ${OURS}` }),
    shareFigure(countOf(tolerated, OURS), {
      target: 6,
      what: `${what} none down by more than is tolerated: blocked by ${OURS}`,
      ...(Number.isFinite(traffic.most) && { bound: atMost(ALPHA) }),
    }),
    ...methodsOf(same).map((name) =>
      shareFigure(countOf(same, name), {
        target: 6,
        what: `${what} none down by a quarter: blocked by ${name}`,
        ...(name === OURS && Number.isFinite(traffic.most) && { bound: atMost(0.02) }),
      }),
    ),
  ];
}

function kindFigures(kind: string, broken: readonly Broken[], traffic: Traffic): readonly Figure[] {
  const own = broken.filter((one) => one.kind === kind);
  const minutes = own.map(({ ends }) => ends.get(OURS) ?? 0);
  const isAsked = kind === "cpu_contention";
  const worst = medianOf(own.map((one) => one.worst))?.toFixed(1);
  const what = `spans, ${traffic.name}, ${kind} at ${100 * FAULT_WEIGHT} % (${worst} times as slow): by ${OURS}`;
  const found = countOf(
    own.map(({ ends }) => ends),
    OURS,
  );
  return [
    shareFigure(found, { target: 6, what: `${what}: found`, ...(isAsked && { bound: atLeast(0.8) }) }),
    medianFigure(orNever(minutes), {
      target: 6,
      what: `${what}: median`,
      unit: "minutes",
      ...(isAsked && { bound: atMost(4) }),
    }),
  ];
}

function countOf(ends: readonly Ends[], name: string): Count {
  return { hits: ends.filter((one) => (one.get(name) ?? 0) > 0).length, runs: ends.length };
}

function methodsOf(ends: readonly Ends[]): readonly string[] {
  return [...(ends[0]?.keys() ?? [])];
}
