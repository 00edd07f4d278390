import { UNKNOWN_DISPERSION } from "../core/gate/calibration.ts";
import { DEFAULT_GATE, type GateSettings } from "../core/gate/settings.ts";
import { problemAt, type OurFile, type Problem } from "./document.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";

type WrittenErrors = NonNullable<NonNullable<RepoConfig["gates"]>["errors"]>;

type Service = RepoConfig["services"][number];

/** How errors are judged, for all services or for those of one entry. Who writes a dispersion knows how they cluster. */
export function gateOf({ gates }: RepoConfig, own?: Service): GateSettings {
  const written = { ...gates?.errors, ...own?.gates?.errors };
  const settings = settingsOf(written);
  return written.dispersion === undefined ? { ...settings, exactDispersion: UNKNOWN_DISPERSION } : settings;
}

/** What does not go together in the settings of gates, and services that are named twice. */
export function gateProblems({ file, config }: WrittenConfig): readonly Problem[] {
  const common = config.gates?.errors;
  return [
    ...errorProblems(file, ["gates", "errors"], { ...common }),
    ...config.services.flatMap(({ gates }, index) =>
      gates?.errors === undefined
        ? []
        : errorProblems(file, ["services", index, "gates", "errors"], { ...common, ...gates.errors }),
    ),
    ...namedTwice(file, config.services),
  ];
}

/** What does not go together in one gate's settings, those of all services included. */
function errorProblems(file: OurFile, at: readonly (string | number)[], written: WrittenErrors): readonly Problem[] {
  const { tolerance, regression, slo, unhealthy, alpha } = settingsOf(written);
  const problem = (isWrong: boolean, key: string, message: string): readonly Problem[] =>
    isWrong ? [problemAt(file, [...at, key], message)] : [];
  const least = 1 / alpha;
  return [
    ...problem(regression <= tolerance, "regression", `must be more than the tolerance of ${tolerance}`),
    ...problem(slo > unhealthy, "slo", `must be at most the unhealthy rate of ${unhealthy}`),
    ...problem(
      (written.threshold ?? least) < least,
      "threshold",
      `must be at least 1/alpha, ${Math.round(least)}: a past can only make the gate more careful`,
    ),
  ];
}

/** Of two entries with one name the second would say nothing. */
function namedTwice(file: OurFile, services: readonly Service[]): readonly Problem[] {
  return services.flatMap(({ names }, index) =>
    names.flatMap((called, place) =>
      services.slice(0, index).some((earlier) => earlier.names.includes(called))
        ? [problemAt(file, ["services", index, "names", place], `names ${called} a second time`)]
        : [],
    ),
  );
}

function settingsOf(written: WrittenErrors): GateSettings {
  const { alpha, beta, tolerance, regression, slo, unhealthy, dispersion, power, threshold } = written;
  return {
    alpha: alpha ?? DEFAULT_GATE.alpha,
    beta: beta ?? DEFAULT_GATE.beta,
    tolerance: tolerance ?? DEFAULT_GATE.tolerance,
    regression: regression ?? DEFAULT_GATE.regression,
    slo: slo ?? DEFAULT_GATE.slo,
    unhealthy: unhealthy ?? DEFAULT_GATE.unhealthy,
    dispersion: dispersion ?? DEFAULT_GATE.dispersion,
    power: power ?? DEFAULT_GATE.power,
    ...(threshold !== undefined && { placeboLogE: Math.log(threshold) }),
  };
}
