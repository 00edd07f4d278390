import { NO_DRIFT, type Drift } from "./gate/drift.ts";
import { addGauge, type GaugeBars, type GaugeSettings, type GaugeWindow } from "./gate/gauge.ts";
import type { KayentaGauge } from "./kayenta-gate.ts";
import { segments, type Segment } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { ReleaseState } from "./state.ts";
import type { Window } from "./window.ts";

/** What configuration says of one gauge. */
export type GaugePolicy = {
  readonly name: string;
  /** PromQL with words in braces, of which each arm is asked for one mean. */
  readonly query: string;
  readonly worse: GaugeSettings["worse"];
  /** Ratio of the worse to the better that a pass must have been able to find; above 1. */
  readonly regression: number;
  /** Of the alpha of a release, relative to the other gates' parts; only where it is calibrated. */
  readonly part: number;
  /** What identical releases of the service do, at this gauge's share of alpha; undefined where that is not known, and then it only advises. */
  readonly calibration: GaugeBars | undefined;
  /** Judged as Kayenta would instead; then nothing is remembered of it, and the rest says nothing. */
  readonly kayenta?: KayentaGauge | undefined;
};

/** How far a gauge has drifted over the steps before the running one; at least one window. */
export type GaugeDrift = Drift & { readonly name: string };

/** What a release remembers of its gauges, in the order of configuration; those of which nothing was compared are left out. */
export type GaugeMemory = readonly GaugeDrift[];

/** The drift of each configured gauge over the steps before the running one: what git has, and the windows since. */
export function gaugesBefore(member: Member, release: ReleaseState, timeline: readonly Window[]): GaugeMemory {
  const gauges = (member.policy.gauges ?? []).filter(({ kayenta }) => kayenta === undefined);
  if (gauges.length === 0) return [];
  const earlier = segments(member, timeline).filter(({ step }) => step < release.step);
  return withGaugeSteps(release.gauges, earlier, gauges);
}

/** What is remembered, with the windows of steps that followed. */
export function withGaugeSteps(
  memory: GaugeMemory | undefined,
  earlier: readonly Segment[],
  gauges: readonly Pick<GaugePolicy, "name" | "worse">[],
): GaugeMemory {
  return gauges.flatMap(({ name, worse }) => {
    const drift = earlier.reduce(
      (sum, { windows }) => addGauge(sum, gaugeWindows(windows, name), worse),
      driftIn(memory, name),
    );
    return drift.count === 0 ? [] : [{ name, ...drift }];
  });
}

/** The drift of one gauge in what is remembered. */
export function driftIn(memory: GaugeMemory = [], name: string): Drift {
  const found = memory.find((one) => one.name === name);
  return found === undefined ? NO_DRIFT : { sum: found.sum, count: found.count, peak: found.peak };
}

/** Windows as the pure gate takes them, of one gauge: one that could not be read has no values. */
export function gaugeWindows(windows: readonly Window[], name: string): readonly GaugeWindow[] {
  return windows.map(({ start, end, gauges }) => {
    const gauge = gauges?.[name];
    if (gauge?.kind !== "read") return { start, end, values: {} };
    return { start, end, values: { canary: gauge.canary, stable: gauge.stable } };
  });
}
