import type { Counts, Window } from "../src/core/window.ts";
import { binomial, type Chance } from "../src/backtest/chance.ts";
import { autoregressive, geometric, normal, poisson } from "./gates-chance.ts";

/** A simulated service: requests a minute, error rate, and how its errors arrive. */
export type Service = {
  readonly name: string;
  readonly rpm: number;
  readonly errorRate: number;
  /** `seasonal`: the rate follows the hour. `incident`: 30 % of rollouts meet one that hits both arms. `clustered`: errors come several at a time. */
  readonly errors: "steady" | "seasonal" | "incident" | "clustered";
  /** How many errors come at a time, on average, where they are clustered. */
  readonly cluster?: number | undefined;
  /** How far uneven pods differ: spread of the lasting log-difference between the arms, and of each window's. */
  readonly bias?: number | undefined;
  readonly noise?: number | undefined;
};

export const SERVICES: readonly Service[] = [
  { name: "web-high", rpm: 30_000, errorRate: 0.001, errors: "steady" },
  { name: "api-mid", rpm: 3000, errorRate: 0.005, errors: "steady" },
  { name: "internal-low", rpm: 120, errorRate: 0.01, errors: "steady" },
  { name: "sparse", rpm: 10, errorRate: 0.02, errors: "steady" },
  { name: "near-zero", rpm: 600, errorRate: 0.00002, errors: "steady" },
  { name: "seasonal-err", rpm: 3000, errorRate: 0.004, errors: "seasonal" },
  { name: "dep-incident", rpm: 3000, errorRate: 0.005, errors: "incident" },
  { name: "bursty-pods", rpm: 3000, errorRate: 0.005, errors: "clustered" },
];

/** What is wrong with the canary: its error rate is ratio × stable's + add. `isUneven`: its pods also differ as pods do. */
export type Scenario = {
  readonly name: string;
  readonly ratio: number;
  readonly add: number;
  readonly isUneven: boolean;
};

export const SAME: Scenario = { name: "A/A", ratio: 1, add: 0, isUneven: false };
export const UNEVEN: Scenario = { name: "A/A het", ratio: 1, add: 0, isUneven: true };

/** Regressions, with pods alike. */
export const REGRESSIONS: readonly Scenario[] = [
  { ...SAME, name: "x2", ratio: 2 },
  { ...SAME, name: "x5", ratio: 5 },
  { ...SAME, name: "x10", ratio: 10 },
  { ...SAME, name: "+1pp", add: 0.01 },
  { ...SAME, name: "+5pp", add: 0.05 },
  { ...SAME, name: "all-fail", add: 1 },
];

/** Minutes at each weight of a full rollout. */
export const STEP_MINUTES = 15;

/** The canary's weight, minute by minute, of a full rollout. */
export const FULL: readonly number[] = [0.01, 0.05, 0.1, 0.25].flatMap((weight) => steady(weight, STEP_MINUTES));

/** One weight, for so many minutes. */
export function steady(weight: number, minutes: number): readonly number[] {
  return Array.from({ length: minutes }, () => weight);
}

const MINUTE = 60_000;
const DAY = 1440;
const WEEK = 7 * DAY;
const INCIDENT_MINUTES = 10;
const INCIDENT_RATE = 0.08;
/** How many errors come at a time, on average, unless a class says otherwise. */
export const CLUSTER = 5;
const BIAS = 0.05;
const NOISE = 0.15;

/** The one-minute windows of a rollout from a random minute of the week, one per weight. */
export function rollout(
  service: Service,
  weights: readonly number[],
  scenario: Scenario,
  random: Chance,
): readonly Window[] {
  const from = Math.floor(random() * WEEK);
  const incident = incidentOf(service, weights.length, random);
  const bias = scenario.isUneven ? (service.bias ?? BIAS) * normal(random) : 0;
  let traffic = 0.1 * normal(random);
  let level = 0.25 * normal(random);
  return weights.map((weight, minute) => {
    if (minute > 0) {
      traffic = autoregressive(traffic, 0.9, 0.1, random);
      level = autoregressive(level, 0.95, 0.25, random);
    }
    const requests = poisson(random, (service.rpm / 1.2) * season(from + minute) * Math.exp(traffic));
    const inIncident = minute >= incident && minute < incident + INCIDENT_MINUTES;
    const base = inIncident ? INCIDENT_RATE : service.errorRate * errorSeason(service, from + minute);
    const stableRate = Math.min(0.5, base * Math.exp(level));
    const noise = scenario.isUneven ? Math.exp(bias + (service.noise ?? NOISE) * normal(random)) : 1;
    const canaryRate = Math.min(1, stableRate * noise * scenario.ratio + scenario.add);
    const ofCanary = binomial(random, requests, weight);
    const counts = {
      canary: armOf(service, ofCanary, canaryRate, random),
      stable: armOf(service, requests - ofCanary, stableRate, random),
    };
    return { start: minute * MINUTE, end: (minute + 1) * MINUTE, counts, pods: {} };
  });
}

function incidentOf({ errors }: Service, minutes: number, random: Chance): number {
  if (errors !== "incident" || random() >= 0.3) return Number.POSITIVE_INFINITY;
  return Math.floor(random() * Math.max(1, minutes - INCIDENT_MINUTES));
}

function season(minuteOfWeek: number): number {
  const day = (minuteOfWeek % DAY) / DAY;
  const isWeekend = Math.floor((minuteOfWeek % WEEK) / DAY) >= 5;
  const shape = Math.exp(0.8 * Math.sin(2 * Math.PI * (day - 0.35)) + 0.2 * Math.sin(4 * Math.PI * day));
  return shape * (isWeekend ? 0.6 : 1);
}

function errorSeason({ errors }: Service, minuteOfWeek: number): number {
  if (errors !== "seasonal") return 1;
  return Math.exp(1.2 * Math.sin(2 * Math.PI * ((minuteOfWeek % DAY) / DAY - 0.6)));
}

function armOf({ errors, cluster = CLUSTER }: Service, requests: number, rate: number, random: Chance): Counts {
  if (errors !== "clustered" || rate >= 1) return { requests, failed: binomial(random, requests, rate) };
  const clusters = poisson(random, (requests * rate) / cluster);
  let failed = 0;
  for (let at = 0; at < clusters; at += 1) failed += geometric(random, cluster);
  return { requests, failed: Math.min(requests, failed) };
}
