import { gateMetrics, type GateMetric } from "../analysis/gate.ts";
import { dangersOf } from "../analysis/lint/gate-doubts.ts";
import type { Checkout } from "./checkout.ts";
import { analysesFor } from "../config/analysis.ts";
import { problemAt, type OurFile, type Problem } from "../config/document.ts";
import { coversPath, pathPattern } from "../config/path-pattern.ts";
import type { Provider, SecretName } from "../config/providers.ts";
import type { WrittenConfig } from "../config/repo-config.ts";
import { covers } from "../config/glob.ts";
import { entriesFor, type Settings } from "../config/resolve.ts";
import { closest } from "../core/closest.ts";
import type { AnalysisSettings } from "../core/gate/analysis.ts";
import { name } from "../core/names.ts";
import type { Delivered } from "./delivered.ts";
import { gateProvider } from "../reconcile/gate-provider.ts";
import type { Operator } from "../reconcile/providers.ts";

/** A problem keeps releases from going on; a warning is of what says nothing here; a note is of what only the operator's machine can tell. */
export type Remark = Problem & { readonly severity: "problem" | "warning" | "note" };

type Path = readonly (string | number)[];

function remark(severity: Remark["severity"]): (problem: Problem) => Remark {
  return (problem) => ({ ...problem, severity });
}

/** Problems as remarks. */
export const problems = (all: readonly Problem[]): readonly Remark[] => all.map(remark("problem"));
/** Warnings as remarks. */
export const warnings = (all: readonly Problem[]): readonly Remark[] => all.map(remark("warning"));
/** Notes as remarks. */
export const notes = (all: readonly Problem[]): readonly Remark[] => all.map(remark("note"));

/** Names and paths in the configuration that nothing of a checkout goes by; nothing is said where nothing is delivered. */
export function strayPatterns(
  { file, config }: WrittenConfig,
  members: readonly Delivered[],
  paths: readonly string[],
): readonly Problem[] {
  const services = new Set<string>(members.map(({ service }) => service));
  const delivered = new Set<string>(members.map(({ target }) => target));
  const targets = new Set([...delivered, ...config.targets.map((target) => target.name)]);
  if (members.length === 0) return [];
  const inList = (at: Path, globs: readonly string[] | undefined, known: ReadonlySet<string>, what: string) =>
    (globs ?? []).flatMap((glob, index) => strayName(file, [...at, index], { glob, known, what }));
  return [
    ...config.targets.flatMap((target, index) =>
      target.path === undefined
        ? strayName(file, ["targets", index, "name"], { glob: target.name, known: delivered, what: "target" })
        : strayPath(file, ["targets", index, "path"], target.path, paths),
    ),
    ...config.waves.flatMap((wave, index) => inList(["waves", index, "targets"], wave.targets, targets, "target")),
    ...config.services.flatMap((own, index) => inList(["services", index, "names"], own.names, services, "service")),
    ...config.commands.flatMap((rule, index) =>
      (rule.paths ?? []).flatMap((path, place) => strayPath(file, ["commands", index, "paths", place], path, paths)),
    ),
    ...(config.gates?.analysis ?? []).flatMap((gate, index) => [
      ...inList(["gates", "analysis", index, "targets"], gate.targets, targets, "target"),
      ...inList(["gates", "analysis", index, "services"], gate.services, services, "service"),
    ]),
  ];
}

type Named = { readonly glob: string; readonly known: ReadonlySet<string>; readonly what: string };

function strayName(file: OurFile, at: Path, { glob, known, what }: Named): readonly Problem[] {
  const names = [...known];
  if (names.some((one) => covers(glob, one))) return [];
  const near = closest(glob, names);
  const end = near === undefined ? `${what}s here are ${few(names)}` : `did you mean ${near}?`;
  return [problemAt(file, at, `names ${glob}, which is no ${what} of this checkout: ${end}`)];
}

const FEW = 8;

function few(names: readonly string[]): string {
  const rest = names.length - FEW;
  return `${names.slice(0, FEW).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function strayPath(file: OurFile, at: Path, path: string, paths: readonly string[]): readonly Problem[] {
  const pattern = pathPattern(`/${path}`);
  return pattern === undefined || paths.some((one) => coversPath(pattern, one))
    ? []
    : [problemAt(file, at, `is ${path}, where no file of this checkout is`)];
}

/** Why releases would begin nowhere in a target, each once: a problem where a state file puts something there under Tidegate, else a warning. */
export function undecided(
  { file, config }: WrittenConfig,
  { policyFor }: Settings,
  members: readonly Delivered[],
): readonly Remark[] {
  return [...Map.groupBy(members, ({ target }) => target)].flatMap(([target, there]): readonly Remark[] => {
    const said = policyFor(target, []);
    if (said.kind === "ok") return [];
    const { wave, target: entry } = entriesFor(config, target);
    const isUnturned = wave === undefined && config.waves.length > 0;
    const at: Path = isUnturned ? ["waves"] : entry === undefined ? ["metrics"] : ["targets", entry];
    const severity = there.some(({ isSteered }) => isSteered) ? "problem" : "warning";
    return [remark(severity)(problemAt(file, at, `lets no release begin in ${target}: ${said.error}`))];
  });
}

/** What templates of analysis are held against; without `asked` nothing is known of whom they may ask. */
export type Among = {
  readonly checkout: Checkout;
  readonly asked:
    | { readonly settings: Settings; readonly operator: Operator; readonly members: readonly Delivered[] }
    | undefined;
};

/** What is wrong with the templates of analysis: files that are not there, templates that are in none of them, cannot be a gate or may not ask; dangers are warnings. */
export function templateRemarks({ file, config }: WrittenConfig, among: Among): readonly Remark[] {
  const { templates = [], analysis = [] } = config.gates ?? {};
  const paths = [...among.checkout.listing.keys()];
  const missing = templates.flatMap((path, index) =>
    filesAt(path, paths).length > 0
      ? []
      : [problemAt(file, ["gates", "templates", index], `names ${path}, which holds no YAML file in this checkout`)],
  );
  const everywhere = analysis.map(({ targets: _, services: __, ...gate }) => gate);
  const gates = analysesFor(file, { templates, analysis: everywhere }, { target: ANYWHERE, service: undefined });
  const found = gates.flatMap((settings) => gateRemarks(file, settings, { ...among, paths }));
  const unique = new Map(found.map((one) => [JSON.stringify(one), one]));
  return [...problems(missing), ...unique.values()];
}

const ANYWHERE = name("any");

/** Words stand for names of one service in one target; which ones is of no matter here. */
const WORDS = {
  service: "any",
  namespace: "any",
  target: "any",
  canary: "any",
  stable: "any",
  "canary-workload": "any",
  "stable-workload": "any",
};

function gateRemarks(
  { path: config }: OurFile,
  settings: AnalysisSettings,
  { checkout, paths, asked }: Among & { readonly paths: readonly string[] },
): readonly Remark[] {
  const files = [...new Set(settings.files.flatMap((path) => filesAt(path, paths)))].flatMap((path) => {
    const text = checkout.text(path);
    return text === undefined ? [] : [{ path, text }];
  });
  const metrics = gateMetrics({ settings, config, words: WORDS }, files);
  if (metrics.kind === "err") {
    const { path, line, found, why } = metrics.error;
    return problems([{ path, line, message: `found ${found}; ${why}.` }]);
  }
  const dangers = warnings(
    dangersOf(settings, files).map(({ path, line, about, why, safe }) => {
      const instead = Object.entries(safe ?? {}).map(([key, text]) => `${key}: ${text}`);
      return {
        path,
        line,
        message: `${about}: ${why}${instead.length === 0 ? "" : `; safe is ${instead.join(" and ")}`}`,
      };
    }),
  );
  return [...problems(unaskable(metrics.value, settings, asked)), ...dangers];
}

/** Why metrics of a template can be asked of nobody in a target that it is for. Secrets count as there: absent ones are noted by themselves. */
function unaskable(
  metrics: readonly GateMetric[],
  { line: place, metrics: named }: AnalysisSettings,
  asked: Among["asked"],
): readonly Problem[] {
  if (asked === undefined) return [];
  const { settings, operator, members } = asked;
  const secrets = [...settings.metrics.values()].flatMap(secretsOf).flatMap(([, { env }]) => env ?? []);
  const environment = Object.fromEntries(secrets.map((env) => [env, ""]));
  const judged = members.filter(({ target, paths, service }) => {
    const policy = settings.policyFor(target, paths, service);
    return policy.kind === "ok" && policy.value.analyses?.some(({ line }) => line === place) === true;
  });
  const targets = [...new Set(judged.map(({ target }) => target))];
  return metrics.flatMap((metric) => {
    const { path, line } = metric;
    return targets.flatMap((target): readonly Problem[] => {
      const found = gateProvider(settings, { ...operator, environment, mounted: () => "" }, { metric, target, named });
      const whys = found.kind === "refused" ? found.problems : [];
      return whys.map((why) => ({ path, line, message: `${why.replace(`${path}:${line}: `, "")}.` }));
    });
  });
}

function filesAt(path: string, paths: readonly string[]): readonly string[] {
  if (/\.ya?ml$/.test(path)) return paths.filter((one) => one === path);
  const folder = path.endsWith("/") ? path : `${path}/`;
  return paths.filter((one) => one.startsWith(folder) && /\.ya?ml$/.test(one));
}

/** Secrets that are named and that this machine has not; their values are never looked at. */
export function absentSecrets(
  file: OurFile,
  providers: ReadonlyMap<string, Provider>,
  { environment, mounted }: Pick<Operator, "environment" | "mounted">,
): readonly Problem[] {
  return [...providers].flatMap(([called, provider]) =>
    secretsOf(provider).flatMap(([at, { env, file: from }]) => {
      const isThere = env === undefined ? mounted(from ?? "") !== undefined : environment[env] !== undefined;
      const which = env === undefined ? `the file ${from}` : `the variable ${env}`;
      const message = `names ${which}, which is not here; the operator of Tidegate must have it`;
      return isThere ? [] : [problemAt(file, ["metrics", called, ...at], message)];
    }),
  );
}

function secretsOf(provider: Provider): readonly (readonly [Path, SecretName])[] {
  if (provider.kind === "counted")
    return [...under([provider.by, "headers"], provider.headers), ...under([provider.by, "secrets"], provider.secrets)];
  const { region: _, ...keys } = provider.sigv4 ?? { region: "" };
  return [...under(["prometheus", "headers"], provider.headers), ...under(["prometheus", "sigv4"], keys)];
}

function under(
  path: Path,
  secrets: Readonly<Record<string, SecretName | undefined>>,
): readonly (readonly [Path, SecretName])[] {
  return Object.entries(secrets).flatMap(([key, secret]) => (secret === undefined ? [] : [[[...path, key], secret]]));
}
