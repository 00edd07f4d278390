import { z } from "zod";
import type { GaugesQuestion } from "../core/explain-gauges.ts";
import type { LatencyQuestion } from "../core/explain-latency.ts";
import type { AnalysisRun } from "../core/gate/analysis.ts";
import type { StepWindows } from "../core/gate/explain.ts";
import type { Histogram } from "../core/gate/histogram.ts";
import { DEFAULT_GATE } from "../core/gate/settings.ts";
import type { SeasonalRuling } from "../core/seasonal-gate.ts";
import type { AnalysisQuestion } from "../core/question.ts";
import type { Window } from "../core/window.ts";
import { Before, Moment, stepsOf } from "./gate-file-windows.ts";

/** What the other gates of a step were asked. */
export type Besides = {
  readonly latency?: LatencyQuestion | undefined;
  readonly gauges?: GaugesQuestion | undefined;
  readonly analyses?: readonly AnalysisQuestion[] | undefined;
  /** What the service as a whole says by its own past: told, and not reckoned again, since days of readings are behind it. */
  readonly seasonal?: SeasonalRuling | undefined;
};

const MOST_WINDOWS = 100_000;
const Share = z.number().gt(0).lt(1);
const Rising = (bounds: readonly number[]) =>
  bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound));

/** Finite bounds, and one count more than there are: of what is above all of them. */
const WrittenHistogram = z
  .strictObject({
    bounds: z.array(z.number()).refine(Rising, { error: "must rise" }),
    counts: z.array(z.number().min(0)),
    spread: z.enum(["even", "exponential"]).default("even"),
  })
  .refine(({ bounds, counts }) => counts.length === bounds.length + 1, {
    error: "must have one count more than bounds",
  })
  .transform(({ bounds, counts, spread }): Histogram => ({
    bounds: [...bounds, Number.POSITIVE_INFINITY],
    counts,
    spread,
  }));

const Step = z.int().min(0).default(0);

const LatencyWindow = z.strictObject({
  step: Step,
  start: Moment,
  end: Moment,
  canary: WrittenHistogram.nullish(),
  stable: WrittenHistogram.nullish(),
  unread: z.string().optional(),
});

const Edge = z.strictObject({
  quantile: Share,
  bound: z.number().gt(0),
  weight: z.number().gt(0),
  tolerated: z.number().gt(0),
  regression: z.number().gt(0),
});

const LatencySettings = z.strictObject({
  alpha: z.number().gt(0).max(0.5).default(DEFAULT_GATE.alpha),
  beta: z.number().gt(0).max(0.5).default(DEFAULT_GATE.beta),
  power: Share.default(DEFAULT_GATE.power),
  tolerated: z.number().min(0).default(0.1),
  regression: z.number().gt(0).default(0.5),
  isAskedFor: z.literal(true).optional(),
  deadlineMs: z.number().gt(0).default(7_200_000),
});

const Latency = z.union([
  z.strictObject({ stands: z.enum(["none", "tooFew"]) }),
  z.strictObject({
    unread: z.string(),
    settings: LatencySettings.prefault({}),
    windows: z.array(LatencyWindow).max(MOST_WINDOWS).default([]),
  }),
  z.strictObject({
    settings: LatencySettings.prefault({}),
    form: z.enum(["classic", "native"]).default("classic"),
    edges: z.array(Edge).min(1).max(10),
    before: z.array(Before).default([]),
    windows: z.array(LatencyWindow).max(MOST_WINDOWS),
    // What was reckoned before is reckoned again.
    explanation: z.unknown().optional(),
  }),
]);

const Bars = z.strictObject({ threshold: z.number(), usual: z.number(), low: z.number() });

const GaugeValue = z.union([
  z.strictObject({ canary: z.number().nullish(), stable: z.number().nullish() }),
  z.strictObject({ unread: z.string() }),
]);

const Gauges = z.strictObject({
  alpha: z.number().gt(0).max(0.5).default(DEFAULT_GATE.alpha),
  gauges: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        query: z.string().default(""),
        worse: z.enum(["higher", "lower"]),
        regression: z.number().gt(1),
        part: z.number().gt(0).default(1),
        alpha: z.number().min(0).max(0.5),
        calibration: Bars.optional(),
      }),
    )
    .max(100),
  before: z
    .array(z.strictObject({ name: z.string(), sum: z.number(), count: z.int().min(1), peak: z.number() }))
    .default([]),
  windows: z
    .array(z.strictObject({ step: Step, start: Moment, end: Moment, values: z.record(z.string(), GaugeValue) }))
    .max(MOST_WINDOWS),
  explanation: z.unknown().optional(),
});

const Outcome = z.enum(["Successful", "Failed", "Inconclusive", "Error", "Blank"]);
const Phase = z.enum(["Pending", "Running", "Successful", "Failed", "Error", "Inconclusive"]);
const Limit = z.number().optional();

const Run = z.strictObject({
  gate: z.string(),
  template: z.string(),
  runs: z.enum(["step", "release"]),
  startedAt: z.number().optional(),
  phase: Phase,
  why: z.string(),
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      phase: Phase,
      isDryRun: z.boolean(),
      counts: z.record(Outcome, z.int().min(0)),
      limits: z.strictObject({
        count: Limit,
        failures: Limit,
        inconclusive: z.number(),
        errorsInARow: z.number(),
        successesInARow: Limit,
      }),
      last: z
        .strictObject({ at: z.number(), outcome: Outcome, value: z.string(), why: z.string().optional() })
        .optional(),
      succeededAt: z.number().optional(),
      open: z.strictObject({ at: z.number(), reason: z.string() }).optional(),
    }),
  ),
});

const Analysis = z.strictObject({
  gate: z.string(),
  since: Moment.nullish(),
  run: Run.nullish(),
  verdict: z.unknown().optional(),
});

/** The parts of a file of windows that are about other gates than errors. */
export const BESIDES = {
  latency: Latency.optional(),
  gauges: Gauges.optional(),
  analyses: z.array(Analysis).max(100).optional(),
  seasonal: z.unknown().optional(),
};

type Written = {
  readonly latency?: z.infer<typeof Latency> | undefined;
  readonly gauges?: z.infer<typeof Gauges> | undefined;
  readonly analyses?: readonly z.infer<typeof Analysis>[] | undefined;
};

/** The questions of a file of windows to other gates than errors. */
export function besidesIn({ latency, gauges, analyses }: Written): Besides {
  return {
    ...(latency && { latency: latencyIn(latency) }),
    ...(gauges && { gauges: gaugesIn(gauges) }),
    ...(analyses && { analyses: analyses.map(analysisIn) }),
  };
}

function latencyIn(written: z.infer<typeof Latency>): LatencyQuestion {
  if ("stands" in written) {
    const settings = LatencySettings.parse({});
    return { ...askedBy(settings), found: { kind: "out", why: written.stands }, steps: [] };
  }
  const form = "edges" in written ? written.form : "classic";
  const asked = { ...askedBy(written.settings), steps: timedSteps(written.windows, form) };
  if ("unread" in written) return { ...asked, found: { kind: "unread", reason: written.unread } };
  const { edges, before } = written;
  const memory = { edges, evidence: before, ...(form === "native" && { form }) };
  return { ...asked, found: { kind: "known", memory } };
}

function askedBy({ alpha, beta, power, deadlineMs, ...latency }: z.infer<typeof LatencySettings>) {
  return {
    alpha,
    policy: { gate: { ...DEFAULT_GATE, alpha, beta, power }, latency: slowdownsOf(latency), deadlineMs },
  };
}

function slowdownsOf({
  tolerated,
  regression,
  isAskedFor,
}: Pick<z.infer<typeof LatencySettings>, "tolerated" | "regression" | "isAskedFor">) {
  return { tolerated, regression, ...(isAskedFor && { isAskedFor }) };
}

function timedSteps(
  windows: readonly z.infer<typeof LatencyWindow>[],
  form: "classic" | "native",
): readonly StepWindows[] {
  return stepsOf(windows, ({ start, end, canary, stable, unread }): Window => {
    const told =
      unread === undefined
        ? ({ kind: "read", ...(canary && { canary }), ...(stable && { stable }) } as const)
        : ({ kind: "unread", reason: unread } as const);
    const latency = form === "classic" ? told : ({ kind: "read", native: told } as const);
    return { start, end, counts: {}, pods: {}, latency };
  });
}

function gaugesIn({ alpha, gauges, before, windows }: z.infer<typeof Gauges>): GaugesQuestion {
  const steps = stepsOf(windows, ({ start, end, values }): Window => ({
    start,
    end,
    counts: {},
    pods: {},
    gauges: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueIn(value)])),
  }));
  return { alpha, gauges: gauges.map((gauge) => ({ ...gauge, calibration: gauge.calibration })), before, steps };
}

function valueIn(value: z.infer<typeof GaugeValue>) {
  if ("unread" in value) return { kind: "unread", reason: value.unread } as const;
  const { canary, stable } = value;
  const told = (arm: "canary" | "stable", number?: number | null) =>
    typeof number === "number" ? { [arm]: number } : {};
  return { kind: "read", ...told("canary", canary), ...told("stable", stable) } as const;
}

function analysisIn({ gate, since, run }: z.infer<typeof Analysis>): AnalysisQuestion {
  return { gate, since: since ?? undefined, run: run ? runIn(run) : undefined };
}

function runIn({ startedAt, metrics, ...run }: z.infer<typeof Run>): AnalysisRun {
  const limitsOf = ({ count, failures, successesInARow, ...limits }: (typeof metrics)[number]["limits"]) => ({
    ...limits,
    count,
    failures,
    successesInARow,
  });
  return { ...run, startedAt, metrics: metrics.map((metric) => ({ ...metric, limits: limitsOf(metric.limits) })) };
}
