import * as fc from "fast-check";
import { exact } from "../../../src/adapters/metrics/claims.ts";
import { countsPerWindow, type Grid } from "../../../src/adapters/metrics/counters.ts";
import { matrixOf } from "../../../src/adapters/metrics/matrix.ts";
import { requestedOver } from "../../../src/adapters/metrics/requests.ts";
import type { Series } from "../../../src/adapters/metrics/series.ts";
import { classicHistogram } from "../../../src/core/gate/histogram.ts";
import type { LatencyWindow } from "../../../src/core/gate/latency.ts";
import type { Window } from "../../../src/core/window.ts";
import { MINUTE } from "./windows.ts";

/** What may befall one scrape of a pod, all of whose counters it brings: nothing said, no number, no count, told twice, told late, not moved on, begun again. */
const FAULTS = ["missing", "NaN", "+Inf", "-Inf", "negative", "twice", "late", "stuck", "reset"] as const;
export type Fault = (typeof FAULTS)[number];

/** Faults that leave nothing behind that could be counted. A reset does: the counter goes on from 0. */
export const anySilence: fc.Arbitrary<Fault> = fc.constantFrom(...FAULTS.filter((fault) => fault !== "reset"));

/** Scrapes by number that have a fault. */
export type Plan = ReadonlyMap<number, Fault>;

/** How much each counter of a pod grows from scrape to scrape, by label, and what befalls its scrapes. */
export type Pod = { readonly grows: ReadonlyMap<string, number>; readonly plan: Plan };

const SCRAPE_SECONDS = 10;
export const SCRAPES_A_WINDOW = 6;
export const WINDOWS = 20;
/** All scrapes; the first window is only a base for the second. */
export const SCRAPES = SCRAPES_A_WINDOW * (WINDOWS + 1);
const LIFE_BEFORE = 1000;
const GRID: Grid = { from: MINUTE, to: (WINDOWS + 1) * MINUTE, windowMs: MINUTE, lookbackMs: 5 * MINUTE };
const CODES = { good: "200", bad: "500" };

/** Faults in stretches, those that can still be read as something in every second one. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .array(
    fc.record({
      from: fc.nat(SCRAPES),
      length: fc.integer({ min: 1, max: 30 }),
      fault: fc.oneof(fc.constantFrom("missing", "stuck", "reset"), fc.constantFrom(...FAULTS)),
    }),
    { maxLength: 6 },
  )
  .map(
    (stretches) =>
      new Map(
        stretches.flatMap(({ from, length, fault }) => Array.from({ length }, (_, at) => [from + at, fault] as const)),
      ),
  );

/** A pod that serves so many requests from scrape to scrape, failed ones among them. */
export function serving(requests: number, failed: number, plan: Plan = new Map()): Pod {
  return {
    grows: new Map([
      [CODES.good, requests - failed],
      [CODES.bad, failed],
    ]),
    plan,
  };
}

/** The windows that follow from what was scraped of a canary's and a stable pod, by the way of the product; empty ones where the answer cannot be read. */
export function countedFrom(canary: Pod, stable: Pod): readonly Window[] {
  const told = [toldOf(canary, "canary", "code"), toldOf(stable, "stable", "code")];
  const all = told.some((series) => series === undefined) ? [] : told.flatMap((series) => series ?? []);
  const failed = all.filter(({ labels }) => labels.get("code") === CODES.bad);
  const arms = { canary: [[exact("arm", "canary")]], stable: [[exact("arm", "stable")]] };
  const read = requestedOver({ all, failed }, arms, GRID, undefined);
  return Array.from({ length: WINDOWS }, (_, window) => ({
    start: window * MINUTE,
    end: (window + 1) * MINUTE,
    counts: read.kind === "read" ? (read.value[window]?.counts ?? {}) : {},
    pods: {},
  }));
}

/** The same of latency: the counters are cumulative buckets by `le`. */
export function timedFrom(canary: Pod, stable: Pod): readonly LatencyWindow[] {
  const [ofCanary, ofStable] = [histogramsOf(canary), histogramsOf(stable)];
  return Array.from({ length: WINDOWS }, (_, window) => ({
    start: window * MINUTE,
    end: (window + 1) * MINUTE,
    histograms: { canary: ofCanary[window], stable: ofStable[window] },
  }));
}

function histogramsOf(pod: Pod): readonly (ReturnType<typeof classicHistogram> | undefined)[] {
  const series = toldOf(pod, "", "le") ?? [];
  const buckets = series.map((one) => ({
    le: Number(one.labels.get("le")?.replace("+Inf", "Infinity")),
    counts: countsPerWindow([{ series: one, failed: false }], GRID),
  }));
  return Array.from({ length: WINDOWS }, (_, window) =>
    classicHistogram(buckets.map(({ le, counts }) => [le, counts[window]?.requests ?? Number.NaN])),
  );
}

/** A pod's series as a provider's answer has them; undefined where it has a flaw. */
function toldOf({ grows, plan }: Pod, arm: string, label: string): readonly Series[] | undefined {
  const result = [...grows].map(([value, grown]) => ({
    metric: { arm, [label]: value },
    values: samplesOf(grown, plan),
  }));
  const answer = matrixOf(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
  return answer.kind === "read" && answer.value.flawed.length === 0 ? answer.value.series : undefined;
}

type Told = readonly [seconds: number, value: string];

function samplesOf(grows: number, plan: Plan): readonly Told[] {
  let value = LIFE_BEFORE;
  let last: Told = [0, `${value}`];
  return Array.from({ length: SCRAPES }, (_, scrape) => scrape).flatMap((scrape): readonly Told[] => {
    const fault = plan.get(scrape);
    value = fault === "reset" ? grows : value + grows;
    const told = toldAs([scrape * SCRAPE_SECONDS, `${value}`], last, fault);
    if (fault === undefined || fault === "reset") last = [scrape * SCRAPE_SECONDS, `${value}`];
    return told;
  });
}

function toldAs(sample: Told, last: Told, fault: Fault | undefined): readonly Told[] {
  switch (fault) {
    case undefined:
    case "reset":
      return [sample];
    case "missing":
      return [];
    case "negative":
      return [[sample[0], `-${sample[1]}`]];
    case "twice":
      return [sample, sample];
    case "late":
      return [sample, last];
    case "stuck":
      return [[sample[0], last[1]]];
    default:
      return [[sample[0], fault]];
  }
}
