import { combine, evidenceOf, totalOf, type Evidence } from "../../../src/core/gate/evidence.ts";
import type { GateSettings } from "../../../src/core/gate/settings.ts";
import type { Counts, Window } from "../../../src/core/window.ts";
import { normal, poisson, type Chance } from "./chance.ts";

/** A service whose traffic and errors drift as they do in production; the ratio is the canary's error rate to stable's. */
export type Service = { readonly rpm: number; readonly errorRate: number; readonly ratio: number };

export const API_MID: Service = { rpm: 3000, errorRate: 0.005, ratio: 1 };

const MINUTE = 60_000;

/** The window of each minute, endless, at the canary weight that `weightAt` gives for it, as a fraction of 1. */
export function* minutes(service: Service, weightAt: (minute: number) => number, random: Chance): Generator<Window> {
  const phase = random();
  let traffic = 0.1 * normal(random);
  let level = 0.25 * normal(random);
  for (let minute = 0; ; minute += 1) {
    traffic = autoregressive(traffic, 0.9, 0.1, random);
    level = autoregressive(level, 0.95, 0.25, random);
    const requests = (service.rpm / 1.2) * season(phase + minute / 1440) * Math.exp(traffic);
    const errorRate = Math.min(0.5, service.errorRate * Math.exp(level));
    const weight = weightAt(minute);
    const canary = arm(requests * weight, errorRate * service.ratio, random);
    const stable = arm(requests * (1 - weight), errorRate, random);
    yield { start: minute * MINUTE, end: (minute + 1) * MINUTE, counts: { canary, stable }, pods: {} };
  }
}

/** The same with traffic and error level that do not drift. */
export function* steadyMinutes({ rpm, errorRate, ratio }: Service, weight: number, random: Chance): Generator<Window> {
  for (let minute = 0; ; minute += 1) {
    const canary = arm(rpm * weight, errorRate * ratio, random);
    const stable = arm(rpm * (1 - weight), errorRate, random);
    yield { start: minute * MINUTE, end: (minute + 1) * MINUTE, counts: { canary, stable }, pods: {} };
  }
}

function season(day: number): number {
  return Math.exp(0.8 * Math.sin(2 * Math.PI * (day - 0.35)) + 0.2 * Math.sin(4 * Math.PI * day));
}

function autoregressive(last: number, memory: number, deviation: number, random: Chance): number {
  return memory * last + deviation * Math.sqrt(1 - memory ** 2) * normal(random);
}

function arm(requests: number, errorRate: number, random: Chance): Counts {
  const failed = poisson(random, requests * Math.min(1, errorRate));
  return { requests: failed + poisson(random, requests * (1 - Math.min(1, errorRate))), failed };
}

/** The evidence with more windows of its one step inside, so that a look at each minute costs one minute. */
export function withinStep(evidence: Evidence, windows: readonly Window[], settings: GateSettings): Evidence {
  const all = combine(evidence, evidenceOf(windows, settings));
  return { ...all, strata: [totalOf(all.strata)] };
}
