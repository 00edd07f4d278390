import { FOUND_RATIO } from "../core/gate/power.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { goodAt, type Assessment, type Ends, type Field, type Outlook } from "./assess.ts";

/** Steps that suit a service's traffic. Weights are shares of 1. */
export type Climb = {
  readonly weights: readonly number[];
  readonly bakeMs: number;
  /** Until nine of ten good steps at the first weight have passed; undefined where fewer do. */
  readonly firstMs: number | undefined;
};

/** Weights that are tried in turn where the plan's first one is too small to decide anything. */
const CANDIDATES: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];

/** Durations as people write them, milliseconds. */
const NICE: readonly number[] = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1440].map(
  (minutes) => minutes * 60_000,
);

/** A weight at which more good steps than this are still undecided at the deadline is no first one. */
const MOST_HELD = 0.1;

/**
 * The smallest first weight, of the plan's and larger ones, at which nine of ten good steps are decided by the deadline; undefined where they are at
 * none. The gate waits for what it needs, so a longer bake would only make good releases slow: it is proposed where
 * fivefold error rates get through that the SLO does not call good enough. `rate`: the service's own, a share of 1.
 */
export function climbFor(field: Field, { settings, climbs, steps }: Assessment, rate: number): Climb | undefined {
  const { weights, bakeMs } = field.shape;
  const first = weights[0] ?? 1;
  const tried = [...new Set([...weights, ...CANDIDATES])].filter((weight) => weight >= first).toSorted((a, b) => a - b);
  // What is known by errors alone does not say what latency decides.
  const known = field.timing === undefined ? steps : [];
  const goodOf = (weight: number) =>
    known.find((step) => step.weight === weight)?.good ?? goodAt(weight, field, settings);
  const weight = tried.find((one) => isDecided(goodOf(one)));
  if (weight === undefined) return undefined;
  return {
    weights: [weight, ...weights.filter((one) => one > weight)],
    bakeMs: isMissing(climbs) && !isGoodEnough(rate, settings) ? longerBake(field) : bakeMs,
    firstMs: goodOf(weight).passMs.most,
  };
}

/** More than this share of releases with fivefold error rates that get through is too many. */
const MOST_MISSED = 0.1;

/** Whether fivefold error rates get through all steps. */
export function isMissing({ bad }: Outlook): boolean {
  return bad.some(({ regression, passed, of }) => regression === "x5" && passed > MOST_MISSED * of);
}

/** Whether five times an error rate is still below the SLO, so that no gate needs to find it. */
export function isGoodEnough(rate: number, { slo }: Pick<GateSettings, "slo">): boolean {
  return FOUND_RATIO * rate < slo;
}

/** Whether nine of ten good steps are decided in time. */
export function isDecided({ held, of }: Ends): boolean {
  return of > 0 && held <= MOST_HELD * of;
}

/** At least twice as long, and shorter than the deadline; as it is where there is no such. */
function longerBake({ shape: { bakeMs, deadlineWindows, windowMs } }: Field): number {
  return NICE.find((one) => one >= 2 * bakeMs && one < deadlineWindows * windowMs) ?? bakeMs;
}
