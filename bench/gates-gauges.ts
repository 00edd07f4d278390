import { NO_DRIFT } from "../src/core/gate/drift.ts";
import { calibrateGauge, judgeGauge, type GaugeSettings, type GaugeWindow } from "../src/core/gate/gauge.ts";
import { classify, DEFAULT_KAYENTA } from "../src/core/gate/kayenta.ts";
import { judgeSeasonal, profileOf, seasonalThreshold, type Reading } from "../src/core/gate/seasonal.ts";
import { chance, type Chance } from "../src/backtest/chance.ts";
import { autoregressive, normal, poisson } from "./gates-chance.ts";

/** Hours of a gauge such as CPU, each judged after a calibration by placebo rollouts of its own past. */
export type GaugeJob = {
  readonly kind: "gauge";
  /** How much a window's value follows the one before, 0 to 1. */
  readonly memory: number;
  readonly ratio: number;
  /** Spread of the lasting log-difference between pods. */
  readonly podSpread: number;
  readonly alpha: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** How many rollouts were blocked, and would have been by Kayenta's test at the end, and by that test repeated every five minutes. */
export type GaugeCount = {
  readonly ours: number;
  readonly kayenta: number;
  readonly repeated: number;
  /** How many rollouts Kayenta's test has judged: every fourth, since it is slow. */
  readonly judged: number;
};

const MINUTES = 60;
const PLACEBOS = 200;
const PER_PAST = 8;
const PER_KAYENTA = 4;
const SPREAD = 0.08;
const MINUTE = 60_000;

/** Plays a job's hours and counts what was blocked. */
export function playGauge(job: GaugeJob): GaugeCount {
  const count = { ours: 0, kayenta: 0, repeated: 0, judged: 0 };
  let settings: GaugeSettings | undefined;
  for (let run = job.from; run < job.to; run += 1) {
    const random = chance(
      job.seed,
      run,
      21,
      Math.round(job.memory * 100),
      Math.round(job.ratio * 100),
      job.podSpread * 1e4,
    );
    if (settings === undefined || (run - job.from) % PER_PAST === 0) settings = settingsOf(job, random);
    const windows = hour(job, job.ratio, random);
    if (judgeGauge(NO_DRIFT, windows, settings).verdict.kind === "block") count.ours += 1;
    if (run % PER_KAYENTA !== 0) continue;
    count.judged += 1;
    if (isHigh(windows)) count.kayenta += 1;
    if (Array.from({ length: 12 }, (_, look) => windows.slice(0, 5 * (look + 1))).some(isHigh)) count.repeated += 1;
  }
  return count;
}

function settingsOf(job: GaugeJob, random: Chance): GaugeSettings {
  const placebos = Array.from({ length: PLACEBOS }, () => hour(job, 1, random));
  return { worse: "higher", regression: 1.25, calibration: calibrateGauge(placebos, "higher", job.alpha) };
}

function hour({ memory, podSpread }: GaugeJob, ratio: number, random: Chance): readonly GaugeWindow[] {
  const bias = podSpread * normal(random);
  let canary = SPREAD * normal(random);
  let stable = SPREAD * normal(random);
  return Array.from({ length: MINUTES }, (_, minute) => {
    canary = autoregressive(canary, memory, SPREAD, random);
    stable = autoregressive(stable, memory, SPREAD, random);
    const values = { canary: ratio * Math.exp(bias + canary), stable: Math.exp(stable) };
    return { start: minute * MINUTE, end: (minute + 1) * MINUTE, values };
  });
}

function isHigh(windows: readonly GaugeWindow[]): boolean {
  const of = (arm: "canary" | "stable") => windows.map(({ values }) => values[arm] ?? Number.NaN);
  return classify(of("canary"), of("stable"), DEFAULT_KAYENTA) === "high";
}

/** Hours of a service without a control group, held against its own season, after eight weeks. */
export type SeasonalJob = {
  readonly kind: "seasonal";
  readonly ratio: number;
  readonly alpha: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

const WEEKS = 8;
const STEP = 5 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HOURS_PER_PAST = 20;

/** How many of a job's hours were blocked. */
export function playSeasonal(job: SeasonalJob): number {
  let blocked = 0;
  for (let run = job.from; run < job.to; run += HOURS_PER_PAST) {
    const random = chance(job.seed, run, 31, Math.round(job.ratio * 100));
    const readings = errorsOf(WEEKS * 7 * DAY + HOURS_PER_PAST * 3 * HOUR, random);
    const past = readings.filter(({ at }) => at < WEEKS * 7 * DAY);
    const settings = { profile: profileOf(past, "count"), worse: "higher" as const };
    const { threshold } = seasonalThreshold(past, HOUR, job.alpha, settings);
    for (let hourly = 0; hourly < HOURS_PER_PAST; hourly += 1) {
      const begin = WEEKS * 7 * DAY + hourly * 3 * HOUR + HOUR;
      const between = (low: number, high: number) => readings.filter(({ at }) => at >= low && at < high);
      const running = between(begin, begin + HOUR).map((one) => ({ ...one, value: one.value * job.ratio }));
      const said = judgeSeasonal(between(begin - HOUR, begin), running, { ...settings, threshold });
      if (said.verdict.kind === "block") blocked += 1;
    }
  }
  return blocked;
}

/** Failed requests of each five minutes: a day's season and a level that drifts. */
function errorsOf(lengthMs: number, random: Chance): readonly Reading[] {
  let level = 0.2 * normal(random);
  return Array.from({ length: Math.floor(lengthMs / STEP) }, (_, index) => {
    level = autoregressive(level, 0.95, 0.2, random);
    const day = ((index * STEP) % DAY) / DAY;
    const season = Math.exp(0.8 * Math.sin(2 * Math.PI * (day - 0.35)));
    return { at: index * STEP, value: poisson(random, 60 * season * Math.exp(level)) };
  });
}
