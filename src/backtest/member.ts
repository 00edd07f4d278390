import type { Excluded } from "../core/gate/calibration.ts";
import { alphaOf } from "../core/gate/budget.ts";
import { budgetedGauges } from "../core/gauge-gate.ts";
import type { BacktestedMember } from "../ports/backtests.ts";
import type { TimelineQuestion } from "../ports/metrics.ts";
import { backtestOf, type Backtest } from "./backtest.ts";
import type { Moment } from "./history.ts";
import { shapeOf } from "./shape.ts";

/** How a past is played over. */
export type Playing = {
  readonly excluded: readonly Excluded[];
  readonly seed: number;
  readonly releasesPerMonth: number | undefined;
  /** The label of the request counter that names pods. */
  readonly podLabel: string;
};

const DAY_MS = 86_400_000;

/** The last so many days of closed windows of a member; `now` in milliseconds. */
export function lastDays(
  { asked, policy: { windowMs, settleMs } }: Pick<BacktestedMember, "asked" | "policy">,
  days: number,
  now: number,
): TimelineQuestion {
  const to = Math.floor((now - settleMs) / windowMs) * windowMs;
  return { ...asked, from: to - Math.ceil((days * DAY_MS) / windowMs) * windowMs, to, windowMs };
}

/** Plays releases over what has been read of a member's past. `hasPods`: whether its provider can tell pods apart at all. */
export function playedOver(
  { policy, provider }: Pick<BacktestedMember, "policy" | "provider">,
  moments: readonly Moment[],
  { podLabel, hasPods, ...playing }: Playing & { readonly hasPods: boolean },
): Backtest {
  return backtestOf({
    ...playing,
    moments,
    shape: shapeOf(policy),
    settings: { ...policy.gate, alpha: errorsAlpha({ policy, provider }) },
    podless: hasPods ? podlessIn(moments, podLabel) : "its provider is asked for counts of whole arms",
  });
}

function podlessIn(moments: readonly Moment[], label: string): string | undefined {
  return moments.some(({ pods }) => pods.length > 0)
    ? undefined
    : `no series of stable's requests has a label ${label} that names one of its pods`;
}

/** What of a release's alpha is the error gate's: latency has its part where it is judged, and its provider counts it, and every gauge that is calibrated has one. */
function errorsAlpha({
  policy: { gate, parts, latency, gauges },
  provider,
}: Pick<BacktestedMember, "policy" | "provider">): number {
  const isTimed = latency !== undefined && provider.kind === "prometheus" && provider.requests.latency !== undefined;
  const budgeted = [
    { metric: "errors", part: parts.errors },
    { metric: "latency", part: isTimed ? parts.latency : 0 },
    ...budgetedGauges(gauges),
  ];
  return alphaOf(gate.alpha, budgeted).get("errors") ?? gate.alpha;
}
