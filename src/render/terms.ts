import { RATIO_AT_MOST, type Interval } from "../core/gate/interval.ts";
import type { Proof } from "../core/gate/judge.ts";
import type { Arm, Counts } from "../core/window.ts";
import { evidence, percent, ratio, whole } from "./numbers.ts";

/** An arm inside a sentence. */
export function armText(arm: Arm): string {
  return arm === "canary" ? "the canary" : "stable";
}

export function otherOf(arm: Arm): Arm {
  return arm === "canary" ? "stable" : "canary";
}

/** Cells of a table's two middle columns with a value in an arm's own. */
export function cellsOf(arm: Arm, value: string): readonly [canary: string, stable: string] {
  return arm === "canary" ? [value, ""] : ["", value];
}

export function rateText({ requests, failed }: Counts): string {
  return requests === 0 ? "no requests" : percent(failed / requests);
}

/** A ratio that may be beyond what is reckoned: 1.02, over 1,000. */
export function ratioText(value: number): string {
  return value >= RATIO_AT_MOST ? `over ${whole(RATIO_AT_MOST)}` : ratio(value);
}

/** Where a ratio lies, after it: " (0.58–1.69)"; nothing where that is not reckoned. */
export function intervalText(interval: Interval | undefined): string {
  if (interval === undefined) return "";
  const { low, high } = interval;
  if (low > 0 && high < RATIO_AT_MOST) return ` (${ratio(low)}–${ratio(high)})`;
  if (low > 0) return ` (at least ${ratio(low)})`;
  return high < RATIO_AT_MOST ? ` (at most ${ratio(high)})` : " (not known yet)";
}

/** An e-value and what it takes: "evidence 258, 20 passes". */
export function proof({ e, threshold }: Proof, effect: string): string {
  return `evidence ${evidence(e)}, ${evidence(threshold)} ${effect}`;
}
