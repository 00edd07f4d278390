import type { GaugePolicy } from "../core/gauge-memory.ts";
import type { Policy } from "../core/plan.ts";
import { problemAt, type OurFile, type Problem } from "./document.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";

type Service = RepoConfig["services"][number];
type WrittenGauge = NonNullable<NonNullable<RepoConfig["gates"]>["gauges"]>[number];

/** What a pass must have been able to find: a quarter more, or less. */
const DEFAULT_REGRESSION = 0.25;

/** The gauges of a service: those of all, of which its own entry may say some otherwise, and its own. */
export function gaugesOf({ gates }: RepoConfig, own?: Service): Pick<Policy, "gauges"> {
  const [common, others] = [gates?.gauges ?? [], own?.gates?.gauges ?? []];
  const named = (name: string) => others.find((gauge) => gauge.name === name);
  const more = others.filter(({ name }) => common.every((gauge) => gauge.name !== name));
  const all = [...common.map((gauge) => named(gauge.name) ?? gauge), ...more];
  return all.length === 0 ? {} : { gauges: all.map(gaugeOf) };
}

function gaugeOf({ name, query, worse, regression, part, calibration }: WrittenGauge): GaugePolicy {
  const share = regression ?? DEFAULT_REGRESSION;
  const times = worse === "higher" ? 1 + share : 1 / (1 - share);
  return { name, query, worse, regression: times, part: part ?? 1, calibration };
}

/** What does not go together in the settings of gauges. */
export function gaugeProblems({ file, config }: WrittenConfig): readonly Problem[] {
  return [
    ...problemsIn(file, ["gates", "gauges"], config.gates?.gauges),
    ...config.services.flatMap(({ gates }, index) =>
      problemsIn(file, ["services", index, "gates", "gauges"], gates?.gauges),
    ),
  ];
}

function problemsIn(
  file: OurFile,
  at: readonly (string | number)[],
  gauges: readonly WrittenGauge[] = [],
): readonly Problem[] {
  return gauges.flatMap(({ name, worse, regression, calibration, part }, index) => {
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
