import type { GateSettings } from "../core/gate/settings.ts";
import { goodAt, outlookAt, stepWindows, type Ends, type Field, type StepOutlook } from "./assess.ts";

/** Steps that suit a service's traffic. Weights are shares of 1. */
export type Climb = {
  readonly weights: readonly number[];
  readonly bakeMs: number;
  /** Until nine of ten good steps at the first weight are decided. */
  readonly firstMs: number;
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
 * The smallest first weight, of the plan's and larger ones, at which nine of ten good steps are decided by the deadline, and a bake by which they have passed, and half of the
 * fivefold error rates that are found are found; undefined where errors decide at no weight.
 */
export function climbFor(field: Field, settings: GateSettings, known: readonly StepOutlook[]): Climb | undefined {
  const { weights } = field.shape;
  const first = weights[0] ?? 1;
  const tried = [...new Set([...weights, ...CANDIDATES])].filter((weight) => weight >= first).toSorted((a, b) => a - b);
  const weight = tried.find((one) =>
    isDecided(known.find((step) => step.weight === one)?.good ?? goodAt(one, field, settings)),
  );
  if (weight === undefined) return undefined;
  const { good, bad } = known.find((step) => step.weight === weight) ?? outlookAt(weight, field, settings);
  const firstMs = good.passMs.most ?? stepWindows(field) * field.shape.windowMs;
  const found = bad.find(({ regression }) => regression === "x5")?.blockMs ?? 0;
  return {
    weights: [weight, ...weights.filter((one) => one > weight)],
    bakeMs: bakeFor(Math.max(firstMs, found), field),
    firstMs,
  };
}

/** Whether nine of ten good steps are decided in time. */
export function isDecided({ held, of }: Ends): boolean {
  return of > 0 && held <= MOST_HELD * of;
}

/** Never shorter than configured: time also shows what errors do not. Never as long as the deadline. */
function bakeFor(ms: number, { shape: { bakeMs: configured, deadlineWindows, windowMs } }: Field): number {
  const nice = NICE.find((one) => one >= ms) ?? configured;
  return nice < deadlineWindows * windowMs ? Math.max(configured, nice) : configured;
}
