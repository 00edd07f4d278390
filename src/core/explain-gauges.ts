import { current, type Drift } from "./gate/drift.ts";
import { addGauge, differenceOf, type GaugeWindow } from "./gate/gauge.ts";
import type { StepWindows } from "./gate/explain.ts";
import { gaugesJudged, withKayenta, type GaugesRuling } from "./gauge-gate.ts";
import type { KayentaRuling } from "./kayenta-gate.ts";
import { driftIn, gaugeWindows, withGaugeSteps, type GaugeMemory, type GaugePolicy } from "./gauge-memory.ts";

/** A gauge and its share of the release's alpha, which it has where it is calibrated. */
export type AskedGauge = GaugePolicy & { readonly alpha: number };

/** What the gauges were asked: how far each had drifted by what git has, the windows of each step since, oldest first, the last of them the running one. */
export type GaugesQuestion = {
  readonly before: GaugeMemory;
  readonly steps: readonly StepWindows[];
  readonly gauges: readonly AskedGauge[];
  /** Of the release and all its gates. */
  readonly alpha: number;
  /** What Kayenta's judge says of the others, which it is asked once a step; absent where it is not asked. */
  readonly kayenta?: KayentaRuling | undefined;
};

/** What one window adds to a gauge's drift. */
export type GaugeTerms = GaugeWindow & {
  readonly step: number;
  /** ln(canary ÷ stable), the other way round where lower is worse; undefined where there is none. */
  readonly difference: number | undefined;
  /** The sum of all differences so far, and that ÷ √ their number. */
  readonly sum: number;
  readonly drift: number;
};

/** Everything that a verdict on a gauge is made of. */
export type GaugeExplanation = {
  readonly gauge: AskedGauge;
  readonly before: Drift | undefined;
  readonly windows: readonly GaugeTerms[];
  /** Differences, their sum, and T: the highest that the drift has been; undefined where nothing was compared. */
  readonly count: number;
  readonly sum: number;
  readonly peak: number | undefined;
  /** What finding the regression takes: `low` + √count × ln(regression), which must be above the threshold; undefined where it only advises. */
  readonly found: number | undefined;
};

/** What the gauges say to a question: the very ruling of a release. */
export function gaugesAnswer({ before, steps, gauges, alpha, kayenta }: GaugesQuestion): GaugesRuling {
  const known = withGaugeSteps(before, steps.slice(0, -1), gauges);
  const shares = new Map(gauges.map(({ name, alpha: share }) => [name, share]));
  const running = steps.at(-1)?.windows ?? [];
  const ruling = gaugesJudged({ before: known, running, alpha }, gauges, ({ name }) => shares.get(name) ?? 0);
  return withKayenta(ruling, kayenta);
}

/** Takes that apart, gauge by gauge. */
export function explainGauges({ before, steps, gauges }: GaugesQuestion): readonly GaugeExplanation[] {
  return gauges.map((gauge) => {
    const start = driftIn(before, gauge.name);
    const { windows, end } = termsOf(gauge, start, steps);
    const { calibration, regression } = gauge;
    const found = calibration && calibration.low + Math.sqrt(end.count) * Math.log(regression);
    return {
      gauge,
      before: start.count === 0 ? undefined : start,
      windows,
      count: end.count,
      sum: end.sum,
      peak: end.count === 0 ? undefined : end.peak,
      found,
    };
  });
}

function termsOf({ name, worse }: GaugePolicy, start: Drift, steps: readonly StepWindows[]) {
  let end = start;
  const windows = steps.flatMap(({ step, windows: of }) =>
    gaugeWindows(of, name).map((window): GaugeTerms => {
      end = addGauge(end, [window], worse);
      return { ...window, step, difference: differenceOf(window, worse), sum: end.sum, drift: current(end) };
    }),
  );
  return { windows, end };
}
