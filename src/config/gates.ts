import { UNKNOWN_DISPERSION } from "../core/gate/calibration.ts";
import { DEFAULT_SLOWDOWNS, type Slowdowns } from "../core/gate/latency.ts";
import type { Policy } from "../core/plan.ts";
import { DEFAULT_GATE, DEFAULT_PARTS, type GateSettings, type Parts } from "../core/gate/settings.ts";
import { placeOf, problemAt, type OurFile, type Problem } from "./document.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";

type WrittenErrors = NonNullable<NonNullable<RepoConfig["gates"]>["errors"]>;

type Service = RepoConfig["services"][number];

/** How errors are judged, for all services or for those of one entry. Who writes a dispersion knows how they cluster. */
export function gateOf({ gates }: RepoConfig, own?: Service): GateSettings {
  const written = { ...gates?.errors, ...own?.gates?.errors };
  const settings = settingsOf(written);
  return written.dispersion === undefined ? { ...settings, exactDispersion: UNKNOWN_DISPERSION } : settings;
}

/** Which slow-downs are judged; undefined where latency is left out. */
export function latencyOf({ gates }: RepoConfig, own?: Service): Policy["latency"] {
  const written = own?.gates?.latency ?? gates?.latency;
  if (written === "off") return undefined;
  return {
    tolerated: written?.tolerated ?? DEFAULT_SLOWDOWNS.tolerated,
    regression: written?.regression ?? DEFAULT_SLOWDOWNS.regression,
    ...(written && { isAskedFor: true }),
  };
}

/** How the alpha of a release is divided, as far as its gates have a say. */
export function partsOf({ gates }: RepoConfig, own?: Service): Parts {
  const written = { ...gates?.errors, ...own?.gates?.errors };
  const latency = own?.gates?.latency ?? gates?.latency ?? {};
  const { part = DEFAULT_PARTS.latency } = latency === "off" ? {} : latency;
  return { errors: written.part ?? DEFAULT_PARTS.errors, latency: part };
}

/** How long after a step is live its windows are compared by no gate, milliseconds. */
export function warmUpOf({ gates }: RepoConfig, own?: Service): number {
  return own?.gates?.warmUp ?? gates?.warmUp ?? 0;
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
    ...latencyProblems(file, ["gates", "latency"], latencyOf(config)),
    ...config.services.flatMap((own, index) =>
      own.gates?.latency === undefined
        ? []
        : latencyProblems(file, ["services", index, "gates", "latency"], latencyOf(config, own)),
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

function latencyProblems(
  file: OurFile,
  at: readonly (string | number)[],
  slowdowns: Slowdowns | undefined,
): readonly Problem[] {
  if (slowdowns === undefined || slowdowns.regression > slowdowns.tolerated) return [];
  const message = `must be more than the tolerated ${Number((slowdowns.tolerated * 100).toPrecision(6))}%`;
  return [problemAt(file, [...at, "regression"], message)];
}

/** Of two entries of a file with one name the second would say nothing; one in the file above is there for those files that have none. */
function namedTwice(file: OurFile, services: readonly Service[]): readonly Problem[] {
  const from = services.map((_, index) => placeOf(file, ["services", index]).path);
  return services.flatMap(({ names }, index) =>
    names.flatMap((called, place) =>
      services.slice(0, index).some((earlier, at) => from[at] === from[index] && earlier.names.includes(called))
        ? [problemAt(file, ["services", index, "names", place], `names ${called} a second time`)]
        : [],
    ),
  );
}

function settingsOf(written: WrittenErrors): GateSettings {
  const { alpha, beta, tolerance, regression, slo, unhealthy, dispersion, power, threshold, minimum, noData } = written;
  return {
    alpha: alpha ?? DEFAULT_GATE.alpha,
    beta: beta ?? DEFAULT_GATE.beta,
    tolerance: tolerance ?? DEFAULT_GATE.tolerance,
    regression: regression ?? DEFAULT_GATE.regression,
    slo: slo ?? DEFAULT_GATE.slo,
    unhealthy: unhealthy ?? DEFAULT_GATE.unhealthy,
    dispersion: dispersion ?? DEFAULT_GATE.dispersion,
    power: power ?? DEFAULT_GATE.power,
    ...(minimum !== undefined && { minimum }),
    ...(noData !== undefined && { noData }),
    ...(threshold !== undefined && { placeboLogE: Math.log(threshold) }),
  };
}
