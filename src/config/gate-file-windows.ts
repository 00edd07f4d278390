import { z } from "zod";
import type { StepWindows } from "../core/gate/explain.ts";
import { SLO_FACTORS } from "../core/gate/one-arm.ts";
import { BETS, BETTER_RATIOS, RATIOS } from "../core/gate/rate.ts";
import type { Window } from "../core/window.ts";
import { instantOf } from "./instant.ts";

/** A time as it is written, in milliseconds. */
export const Moment = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: "custom", message: "must be a time such as 2026-11-20T10:04:11Z" });
  return z.NEVER;
});

function sums({ length }: readonly number[]) {
  return z
    .array(z.number())
    .refine((some) => some.length === 0 || some.length === length, { error: `must be ${length} numbers, or none` });
}

const Count = z.number().min(0);

/** Log-sums of windows that are not told any more. */
export const Before = z.strictObject({
  through: z.int().min(-1).default(-1),
  exact: sums(RATIOS),
  bets: sums(BETS),
  better: sums(BETTER_RATIOS),
  slo: sums(SLO_FACTORS),
  failedWindows: z.int().min(0),
  strata: z.array(z.tuple([Count, Count, Count, Count])).max(1000),
});

/** Windows by their step, in the order in which they are written. */
export function stepsOf<Written extends { readonly step: number }>(
  windows: readonly Written[],
  windowOf: (written: Written) => Window,
): readonly StepWindows[] {
  const steps = new Map<number, Window[]>();
  for (const written of windows) {
    const windows = steps.get(written.step) ?? [];
    windows.push(windowOf(written));
    steps.set(written.step, windows);
  }
  return [...steps].map(([step, windows]) => ({ step, windows }));
}

type Timed = { readonly step: number; readonly start: number; readonly end: number };

/** Whether windows follow each other in time, and their steps too. */
export function isOrdered(windows: readonly Timed[]): boolean {
  return windows.every((window, index) => isAfter(window, windows[index - 1]));
}

function isAfter({ step, start, end }: Timed, before: Timed | undefined): boolean {
  return start < end && (before === undefined || (start >= before.end && step >= before.step));
}
