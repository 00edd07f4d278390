import type { Excluded } from "../core/gate/calibration.ts";
import type { GaugeBars } from "../core/gate/gauge.ts";
import { alphasOf } from "../core/gates.ts";
import { budgetName } from "../core/gauge-gate.ts";
import type { BacktestedMember } from "../ports/backtests.ts";
import type { TimelineQuestion } from "../ports/metrics.ts";
import { backtestOf, type Backtest } from "./backtest.ts";
import type { GaugePlan } from "./gauges.ts";
import type { Moment } from "./history.ts";
import { shapeOf } from "./shape.ts";
import type { LatencyPlan } from "./timing.ts";

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
  { asked, policy, provider }: Pick<BacktestedMember, "asked" | "policy" | "provider">,
  days: number,
  now: number,
): TimelineQuestion {
  const { windowMs, settleMs } = policy;
  const to = Math.floor((now - settleMs) / windowMs) * windowMs;
  return {
    ...asked,
    from: to - Math.ceil((days * DAY_MS) / windowMs) * windowMs,
    to,
    windowMs,
    ...(isTimed({ policy, provider }) && { latency: "asked" }),
    ...(policy.gauges && { gauges: policy.gauges.map(({ name, query }) => ({ name, query })) }),
  };
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
    settings: {
      ...policy.gate,
      alpha: alphasOf(policy, isTimed({ policy, provider })).get("errors") ?? policy.gate.alpha,
    },
    latency: latencyOf({ policy, provider }),
    gauges: gaugesOf({ policy, provider }),
    podless: hasPods ? podlessIn(moments, podLabel) : "its provider is asked for counts of whole arms",
  });
}

function podlessIn(moments: readonly Moment[], label: string): string | undefined {
  return moments.some(({ pods }) => pods.length > 0)
    ? undefined
    : `no series of stable's requests has a label ${label} that names one of its pods`;
}

/** Whether releases ask how long requests took. */
function isTimed({ policy: { latency }, provider }: Judged): boolean {
  return latency !== undefined && provider.kind === "prometheus" && provider.requests.latency !== undefined;
}

/** How latency has its part of alpha, where it is judged and its provider counts it; what errors have of it is in their settings. */
function latencyOf({ policy, provider }: Judged): LatencyPlan | undefined {
  const { latency: slowdowns, parts, gate } = policy;
  if (slowdowns === undefined || !isTimed({ policy, provider })) return undefined;
  return {
    slowdowns,
    part: parts.latency,
    alpha: alphasOf(policy, true).get("latency") ?? 0,
    alone: alphasOf(policy, false).get("errors") ?? gate.alpha,
  };
}

/** Each gauge with what it would have of alpha if all that are configured were calibrated; those that Kayenta's judge is asked about need no calibration. */
function gaugesOf({ policy, provider }: Judged): readonly GaugePlan[] {
  const gauges = (policy.gauges ?? []).filter(({ kayenta }) => kayenta === undefined);
  const calibrated = gauges.map((gauge) => ({ ...gauge, calibration: gauge.calibration ?? ANY }));
  const alphas = alphasOf({ ...policy, gauges: calibrated }, isTimed({ policy, provider }));
  return gauges.map((gauge) => ({ ...gauge, alpha: alphas.get(budgetName(gauge.name)) ?? 0 }));
}

/** Whatever a gauge is calibrated by, its part is the same. */
const ANY: GaugeBars = { threshold: 1, usual: 0, low: 0 };

type Judged = Pick<BacktestedMember, "policy" | "provider">;
