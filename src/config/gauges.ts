import { z } from "zod";
import { DEFAULT_KAYENTA } from "../core/gate/kayenta.ts";
import type { GaugePolicy } from "../core/gauge-memory.ts";
import { DEFAULT_SCORING, type KayentaGauge } from "../core/kayenta-gate.ts";
import type { Policy } from "../core/plan.ts";
import { problemAt, strict, type OurFile, type Problem } from "./document.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";

type Service = RepoConfig["services"][number];
type WrittenGauge = NonNullable<NonNullable<RepoConfig["gates"]>["gauges"]>[number];

const Group = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: "must be a group's name of lower-case letters, digits and dashes",
});
const Size = z.number().gt(0).max(1000).optional();
const Percent = z.number().min(0).max(100);
const OUTLIER_FACTOR = 3;

/** What may stand in a gauge's `kayenta`: the words of a canary configuration of Kayenta's. */
export const WrittenKayentaGauge = strict({
  direction: z.enum(["increase", "decrease", "either"], { error: "must be increase, decrease or either" }).optional(),
  critical: z.boolean().default(false),
  nanStrategy: z.enum(["remove", "replace"], { error: "must be remove or replace" }).default("remove"),
  outliers: z.enum(["keep", "remove"], { error: "must be keep or remove" }).default("keep"),
  outlierFactor: z.number().gt(0).max(100).default(OUTLIER_FACTOR),
  measure: z.enum(["meanRatio", "cles"], { error: "must be meanRatio or cles" }).default("meanRatio"),
  allowedIncrease: Size,
  allowedDecrease: Size,
  criticalIncrease: Size,
  criticalDecrease: Size,
  groups: z.array(Group).min(1, { error: "must name a group" }).max(10).default(["gauges"]),
});

/** What may stand in `gates.kayenta`. */
export const WrittenScoring = strict({
  pass: Percent.default(DEFAULT_SCORING.pass),
  marginal: Percent.default(DEFAULT_SCORING.marginal),
  groupWeights: z.record(Group, Percent).default({}),
});

/** What a pass must have been able to find: a quarter more, or less. */
const DEFAULT_REGRESSION = 0.25;

/** The gauges of a service: those of all, of which its own entry may say some otherwise, and its own. */
export function gaugesOf({ gates }: RepoConfig, own?: Service): Pick<Policy, "gauges" | "scoring"> {
  const [common, others] = [gates?.gauges ?? [], own?.gates?.gauges ?? []];
  const named = (name: string) => others.find((gauge) => gauge.name === name);
  const more = others.filter(({ name }) => common.every((gauge) => gauge.name !== name));
  const all = [...common.map((gauge) => named(gauge.name) ?? gauge), ...more];
  return all.length === 0 ? {} : { gauges: all.map(gaugeOf), ...scoringOf(gates?.kayenta) };
}

function scoringOf(written: z.infer<typeof WrittenScoring> | undefined): Pick<Policy, "scoring"> {
  if (written === undefined) return {};
  const { pass, marginal, groupWeights } = written;
  return { scoring: { pass, marginal, weights: new Map(Object.entries(groupWeights)) } };
}

function kayentaOf(
  { critical, nanStrategy, outliers, outlierFactor, groups, direction, ...sizes }: z.infer<typeof WrittenKayentaGauge>,
  worse: GaugePolicy["worse"],
): KayentaGauge {
  const settings = {
    ...DEFAULT_KAYENTA,
    ...sizes,
    direction: direction ?? (worse === "higher" ? "increase" : "decrease"),
    isCritical: critical,
    nan: nanStrategy === "replace" ? "zero" : "remove",
    ...(outliers === "remove" && { outlierFactor }),
  } as const;
  return { settings, groups };
}

function gaugeOf({ name, query, worse, regression, part, calibration, kayenta }: WrittenGauge): GaugePolicy {
  const share = regression ?? DEFAULT_REGRESSION;
  const times = worse === "higher" ? 1 + share : 1 / (1 - share);
  const judged = kayenta && { kayenta: kayentaOf(kayenta, worse) };
  return { name, query, worse, regression: times, part: part ?? 1, calibration, ...judged };
}

/** What does not go together in the settings of gauges. */
export function gaugeProblems({ file, config }: WrittenConfig): readonly Problem[] {
  return [
    ...scoringProblems(file, config.gates?.kayenta),
    ...problemsIn(file, ["gates", "gauges"], config.gates?.gauges),
    ...config.services.flatMap(({ gates }, index) =>
      problemsIn(file, ["services", index, "gates", "gauges"], gates?.gauges),
    ),
  ];
}

function scoringProblems(file: OurFile, scoring: z.infer<typeof WrittenScoring> | undefined): readonly Problem[] {
  if (scoring === undefined) return [];
  const { pass, marginal, groupWeights } = scoring;
  const sum = Object.values(groupWeights).reduce((total, weight) => total + weight, 0);
  return [
    ...(marginal > pass
      ? [problemAt(file, ["gates", "kayenta", "marginal"], `must be at most the pass of ${pass}`)]
      : []),
    ...(sum > 100
      ? [problemAt(file, ["gates", "kayenta", "groupWeights"], `must add up to 100 at most, not to ${sum}`)]
      : []),
  ];
}

function problemsIn(
  file: OurFile,
  at: readonly (string | number)[],
  gauges: readonly WrittenGauge[] = [],
): readonly Problem[] {
  return gauges.flatMap(({ name, worse, regression, calibration, part, kayenta }, index) => {
    const problem = (isWrong: boolean, key: string, message: string): readonly Problem[] =>
      isWrong ? [problemAt(file, [...at, index, key], message)] : [];
    const isTwice = gauges.findIndex((gauge) => gauge.name === name) < index;
    return [
      ...problem(isTwice, "name", `names ${name} a second time`),
      ...problem(worse === "lower" && (regression ?? 0) >= 1, "regression", "must be less than 100%: nothing is less"),
      ...problem(
        part !== undefined && calibration === undefined,
        "part",
        "is of a gauge that is calibrated: one that only advises takes nothing of alpha",
      ),
      ...problem(
        kayenta !== undefined && (calibration !== undefined || regression !== undefined),
        "kayenta",
        "goes with neither calibration nor regression: the gauge is judged as Kayenta would, or by its own past",
      ),
      ...(calibration === undefined ? [] : calibrationProblems(file, [...at, index, "calibration"], calibration)),
    ];
  });
}

function calibrationProblems(
  file: OurFile,
  at: readonly (string | number)[],
  { threshold, usual, low }: NonNullable<WrittenGauge["calibration"]>,
): readonly Problem[] {
  const above = (value: number, key: string): readonly Problem[] =>
    value > threshold ? [problemAt(file, [...at, key], `must be at most the threshold of ${threshold}`)] : [];
  return [...above(usual, "usual"), ...above(low, "low")];
}
