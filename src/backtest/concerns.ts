import { binomialInterval } from "../core/gate/binomial.ts";
import { logBar } from "../core/gate/settings.ts";
import type { Backtest } from "./backtest.ts";
import type { GaugeFound } from "./gauges.ts";
import { MATTERS, type Identical } from "./identical.ts";
import type { LatencyFound } from "./latency.ts";
import { isDecided, isGoodEnough, isMissing } from "./propose.ts";

/** Why the gate cannot be trusted as it is configured. */
export type Concern =
  /** No request was counted. */
  | { readonly kind: "silent" }
  /** Nothing is known of what identical arms do. */
  | { readonly kind: "armsUnknown"; readonly why: string }
  /** Fewer placebo releases than promise alpha. */
  | { readonly kind: "tooFew"; readonly placebos: number; readonly needed: number; readonly promised: number }
  /** More identical releases are blocked than alpha allows, beyond chance or by the placebo quantile; and what would mend that. */
  | { readonly kind: "blocks"; readonly blocked: number; readonly of: number; readonly remedy: Remedy }
  /** Failures cluster more than the gate is told. */
  | { readonly kind: "clusters"; readonly dispersion: number; readonly configured: number }
  /** Good steps at a weight are not decided by their deadline. */
  | { readonly kind: "undecided"; readonly weight: number; readonly held: number; readonly of: number }
  /** The same by latency; `isNever`: at no weight, where errors by themselves would decide. */
  | {
      readonly kind: "slowUndecided";
      readonly weight: number;
      readonly held: number;
      readonly of: number;
      readonly isNever: boolean;
    }
  /** Releases are judged by latency, and nothing is known of how pods differ in it. */
  | { readonly kind: "latencyUntold" }
  /** Fewer placebo releases than promise latency's share of alpha. */
  | { readonly kind: "tooFewSlow"; readonly placebos: number; readonly needed: number }
  /** More identical releases are blocked by latency than its alpha allows; and what would mend that, where something does. */
  | {
      readonly kind: "slowBlocks";
      readonly blocked: number;
      readonly of: number;
      readonly tolerated: number | undefined;
    }
  /** A gauge as it is calibrated blocks more identical releases than its alpha allows. `isMended`: another calibration is proposed. */
  | {
      readonly kind: "gaugeBlocks";
      readonly name: string;
      readonly blocked: number;
      readonly of: number;
      readonly isMended: boolean;
    }
  /** Releases with five times the errors get through all steps; `slo` where that is good enough by configuration. */
  | { readonly kind: "misses"; readonly passed: number; readonly of: number; readonly slo: number | undefined };

/** `days`: the past is too short to say. `pods`: identical pods differ by more than any threshold should forgive. */
export type Remedy = "threshold" | "dispersion" | "days" | "pods";

/** The concerns that a back-test raises, gravest first. */
export function concernsOf({
  past,
  arms,
  identical,
  configured,
  latency,
  latencyAdvice,
  gauges,
}: Omit<Backtest, "concerns">): readonly Concern[] {
  if (past.measured === 0 || past.perMinute === 0) return [{ kind: "silent" }];
  return [
    ...(identical === undefined && arms.kind === "none" ? [{ kind: "armsUnknown" as const, why: arms.why }] : []),
    ...ofIdentical(identical, configured),
    ...ofSteps(configured, past.failing),
    ...ofLatency(latency, identical),
    ...ofSlowSteps(configured, latencyAdvice),
    ...ofGauges(gauges),
  ];
}

function ofGauges(gauges: readonly GaugeFound[]): readonly Concern[] {
  return gauges.flatMap(({ name, now, isMore, past }): readonly Concern[] =>
    now === undefined || !isMore ? [] : [{ kind: "gaugeBlocks", name, ...now, isMended: past.kind === "calibrated" }],
  );
}

function ofLatency(latency: LatencyFound, identical: Identical | undefined): readonly Concern[] {
  if (latency.kind === "untold") return [{ kind: "latencyUntold" }];
  if (latency.kind !== "judged" || latency.identical === undefined) return [];
  const { blocked, of, needed, isMore, tolerated } = latency.identical;
  // What errors say of the number of releases need not be said twice.
  const isTold = identical !== undefined && identical.of < identical.needed;
  return [
    ...(of < needed && !isTold ? [{ kind: "tooFewSlow" as const, placebos: of, needed }] : []),
    ...(isMore ? [{ kind: "slowBlocks" as const, blocked, of, tolerated }] : []),
  ];
}

function ofSlowSteps({ latency = [] }: Backtest["configured"], advice: Backtest["latencyAdvice"]): readonly Concern[] {
  const isNever = advice?.kind === "off";
  return latency.flatMap(({ weight, good: { held, of }, good }): readonly Concern[] =>
    of === 0 || isDecided(good) ? [] : [{ kind: "slowUndecided", weight, held, of, isNever }],
  );
}

function ofIdentical(identical: Backtest["identical"], { settings }: Backtest["configured"]): readonly Concern[] {
  if (identical === undefined) return [];
  const { blocked, of, needed, promised, dispersion } = identical;
  const isSpread = identical.settings.dispersion > settings.dispersion * MATTERS;
  const isRaised = identical.settings.placeboLogE !== settings.placeboLogE;
  const isMore = binomialInterval(blocked, Math.max(1, of)).low > settings.alpha;
  return [
    ...(of < needed ? [{ kind: "tooFew" as const, placebos: of, needed, promised }] : []),
    ...(isRaised || isMore ? [{ kind: "blocks" as const, blocked, of, remedy: remedyOf(identical, isRaised) }] : []),
    ...(isSpread ? [{ kind: "clusters" as const, dispersion: dispersion.value, configured: settings.dispersion }] : []),
  ];
}

function remedyOf({ placeboLogE, settings }: Identical, isRaised: boolean): Remedy {
  if (isRaised) return "threshold";
  if (placeboLogE === undefined) return "days";
  return placeboLogE <= logBar(settings) ? "dispersion" : "pods";
}

function ofSteps({ steps, climbs, settings }: Backtest["configured"], rate: number): readonly Concern[] {
  const undecided = steps.flatMap(({ weight, good: { held, of }, good }): readonly Concern[] =>
    isDecided(good) ? [] : [{ kind: "undecided", weight, held, of }],
  );
  const fivefold = climbs.bad.find(({ regression }) => regression === "x5");
  if (fivefold === undefined || !isMissing(climbs)) return undecided;
  const slo = isGoodEnough(rate, settings) ? settings.slo : undefined;
  return [...undecided, { kind: "misses", passed: fivefold.passed, of: fivefold.of, slo }];
}
