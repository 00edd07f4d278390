import { appVersionKey } from "../images/chart.ts";
import type { ImageInUse, RouteAt, WorkloadAt } from "./model.ts";
import { isRoute } from "./objects.ts";
import { overlaid } from "./overlay.ts";
import { isRemote, resolvePath, within } from "./paths.ts";
import { chartIn, filesBelow, type Sight } from "./sight.ts";
import { sitesOf, type SiteFact } from "./sites.ts";

/** What a chart makes with some values. */
export type ChartBuilt = {
  readonly name: string;
  readonly images: readonly ImageInUse[];
  readonly workloads: readonly WorkloadAt[];
  readonly routes: readonly RouteAt[];
  readonly reads: readonly string[];
  /** Applications of an app of apps. */
  readonly templates: readonly string[];
  readonly isDelivering: boolean;
};

const RUNNING: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", "Job"]);
const MOST_NESTED = 5;

/** The chart of a folder with values files, of which the last counts most; undefined where there is no chart. */
export function buildChart(
  sight: Sight,
  folder: string,
  values: readonly string[],
  depth = MOST_NESTED,
): ChartBuilt | undefined {
  const file = chartIn(sight, folder);
  if (file?.chart === undefined || depth === 0) return undefined;
  const { chart, path } = file;
  const templates = filesBelow(sight, within(folder, "templates"));
  const inner = subcharts(sight, folder, file.chart.dependencies).flatMap(({ name, at }) => {
    const built = buildChart(sight, at, valuesFile(sight, at), depth - 1);
    return built === undefined ? [] : [{ name, built }];
  });
  const own = appVersion(sight, folder, { path, text: file.text }, templates);
  const defaults = inner.flatMap(({ name, built }) => built.images.map((use) => ({ ...use, of: `${name}.${use.of}` })));
  const images = values.reduce((uses, one) => overlaid(uses, sight.facts(one)?.loose ?? []), overlaid(defaults, own));
  const makes = templates.flatMap((one) =>
    (sight.facts(one)?.makes ?? []).map((made) => ({ ...made, path: one, name: chart.name })),
  );
  return {
    name: chart.name,
    images,
    workloads: makes.filter(({ kind }) => RUNNING.has(kind)),
    routes: makes.filter(({ kind }) => isRoute(kind)),
    reads: [
      path,
      ...values.filter((one) => sight.facts(one) !== undefined),
      ...templates,
      ...["files", "crds"].flatMap((name) => filesBelow(sight, within(folder, name))),
      ...inner.flatMap(({ built }) => built.reads),
    ],
    templates,
    isDelivering: makes.some(({ kind }) => kind === "Application" || kind === "ApplicationSet"),
  };
}

/** The values that a chart brings itself. */
export function valuesFile(sight: Sight, folder: string): readonly string[] {
  const path = within(folder, "values.yaml");
  return sight.facts(path) === undefined ? [] : [path];
}

type Dependencies = readonly { readonly name: string; readonly repository: string }[];

/** Charts within: those of the folder `charts`, and those that a dependency names by `file://`. */
function subcharts(
  sight: Sight,
  folder: string,
  dependencies: Dependencies,
): readonly { readonly name: string; readonly at: string }[] {
  const bundled = sight
    .folders(within(folder, "charts"))
    .map((at) => ({ name: chartIn(sight, at)?.chart?.name ?? "", at }));
  const local = dependencies.flatMap(({ name, repository }) => {
    const at = repository.startsWith("file://") ? resolvePath(folder, repository.slice("file://".length)) : undefined;
    return at === undefined || isRemote(at) ? [] : [{ name, at }];
  });
  return [...bundled, ...local];
}

/** The image whose version is the chart's `appVersion`, as the chart's own templates use it. */
function appVersion(
  sight: Sight,
  folder: string,
  file: { path: string; text: string | undefined },
  templates: readonly string[],
): readonly SiteFact[] {
  const isAsked = templates.some((path) => sight.facts(path)?.text !== undefined);
  if (!isAsked || file.text === undefined) return [];
  const around = {
    read: (path: string) => sight.facts(path)?.text,
    list: (below: string) => (below === within(folder, "templates") ? templates : []),
  };
  const { sites } = sitesOf({ path: file.path, text: file.text }, around);
  // Values that say a tag say it in the place of this one.
  return sites.map((site) => ({ ...site, key: appVersionKey(file.path, around) ?? site.key }));
}
