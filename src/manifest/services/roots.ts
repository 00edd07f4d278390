import type { Delivery } from "./deliveries.ts";
import { isRunning, runs, type Facts } from "./facts.ts";
import { baseOf, folderOf, resolvePath, segmentsOf, within } from "./paths.ts";
import type { Root } from "./rendering.ts";
import { chartIn, filesBelow, kustomizationIn, type Sight } from "./sight.ts";
import { valuesFile } from "./chart.ts";

/** The root that a delivery names. */
export function rootOf(sight: Sight, { folder, components, values, isRecursive }: Delivery): Root {
  if (kustomizationIn(sight, folder) !== undefined) return { kind: "kustomization", folder, components };
  if (chartIn(sight, folder) !== undefined)
    return { kind: "chart", folder, values: values ?? valuesFile(sight, folder) };
  return { kind: "folder", folder, isRecursive };
}

/** Kustomizations that no other one includes and that nothing else has read. */
export function loneKustomizations(all: readonly Facts[], isRead: (path: string) => boolean): readonly Root[] {
  const included = new Set(all.flatMap(({ kustomization }) => kustomization?.includes ?? []));
  return all.flatMap(({ path, kustomization }) => {
    const folder = folderOf(path);
    const isLone = kustomization !== undefined && !kustomization.isComponent && !included.has(folder) && !isRead(path);
    return isLone ? [{ kind: "kustomization", folder, components: [] } as const] : [];
  });
}

/** Charts that nothing delivers, releases, depends on or contains, each with every values file for one target that lies with it. */
export function loneCharts(sight: Sight, all: readonly Facts[], isRead: (path: string) => boolean): readonly Root[] {
  const charts = all.flatMap(({ chart }) => chart ?? []);
  const released = all.flatMap(({ objects }) =>
    objects.flatMap(({ holds }) => (holds.kind === "helm-release" ? (holds.chart ?? []) : [])),
  );
  const needed = new Set([
    ...charts.flatMap(({ folder, dependencies }) =>
      dependencies.flatMap(({ repository }) => fileAt(folder, repository)),
    ),
    ...released,
  ]);
  const folders = new Set(charts.map(({ folder }) => folder));
  const lone = charts.filter(({ folder, isLibrary }) => {
    const isBundled = baseOf(folderOf(folder)) === "charts" && folders.has(folderOf(folderOf(folder)));
    return !isLibrary && !isBundled && !needed.has(folder) && !isRead(within(folder, "Chart.yaml"));
  });
  return lone.flatMap(({ folder }) => {
    const own = valuesFile(sight, folder);
    const more = valuesFilesOf(sight, folder);
    return (more.length === 0 ? [own] : more.map((path) => [...own, path])).map(
      (values) => ({ kind: "chart", folder, values }) as const,
    );
  });
}

function fileAt(folder: string, repository: string): readonly string[] {
  if (!repository.startsWith("file://")) return [];
  return [resolvePath(folder, repository.slice("file://".length)) ?? []].flat();
}

const FOR_A_TARGET = /^(?:values[-_.].+|.+[-_.]values)\.ya?ml$/i;
// Files that tools of charts bring along.
const NO_TARGET = /(?:^|\/)(?:ci|tests?|examples?)\/|(?:^|[-_.])(?:schema|test|example)s?\.ya?ml$/i;

/** The values files of a chart's folder that are for one target each: `values-<target>.yaml`, `values/<target>.yaml`, `<target>/values.yaml`. */
function valuesFilesOf(sight: Sight, folder: string): readonly string[] {
  const inside = sight
    .folders(folder)
    .filter(
      (one) => !["templates", "charts", "crds", "files"].includes(baseOf(one)) && chartIn(sight, one) === undefined,
    );
  const below = inside.flatMap((one) => filesBelow(sight, one));
  const named = [...sight.files(folder), ...below].filter((path) => FOR_A_TARGET.test(baseOf(path)));
  const perFolder = below.filter(
    (path) =>
      /^values\.ya?ml$/.test(baseOf(path)) ||
      segmentsOf(folderOf(path)).some((segment) => /^(?:values|env(?:ironment)?s?)$/.test(segment)),
  );
  const unique = new Set([...named, ...perFolder]);
  return [...unique].filter(
    (path) =>
      /\.ya?ml$/i.test(path) && sight.facts(path)?.objects.length === 0 && !NO_TARGET.test(path.slice(folder.length)),
  );
}

/** Files that hold what runs and that nothing has read, by their folders; files that say the same of one object are told apart. */
export function loneFiles(sight: Sight, all: readonly Facts[], isRead: (path: string) => boolean): readonly Root[] {
  const charts = new Set(all.flatMap(({ chart }) => chart?.folder ?? []));
  const unread = all.filter((file) => runs(file) && !isRead(file.path) && !isInChart(charts, file.path));
  const besides = unread.filter(({ path }) => kustomizationIn(sight, folderOf(path)) === undefined);
  const folders = new Set(besides.map(({ path }) => folderOf(path)));
  return [...Map.groupBy(besides, ({ path }) => homeIn(folders, path))].flatMap(([folder, files]) =>
    apart(sight, folder, files),
  );
}

// What Tidegate owns of a service lies in a folder `tidegate` of the service's.
function homeIn(folders: ReadonlySet<string>, path: string): string {
  const folder = folderOf(path);
  return baseOf(folder) === "tidegate" && folders.has(folderOf(folder)) ? folderOf(folder) : folder;
}

/** Whether a file lies in the folder of a chart. */
export function isInChart(charts: ReadonlySet<string>, path: string): boolean {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (charts.has(folder)) return true;
    if (folder === "") return false;
  }
}

/** Whether a file is one that charts have of their own: their default values, tests, examples. */
export function isOwnToChart(charts: ReadonlySet<string>, path: string): boolean {
  return isInChart(charts, path) && (/^values\.ya?ml$/i.test(baseOf(path)) || NO_TARGET.test(path));
}

function apart(sight: Sight, folder: string, files: readonly Facts[]): readonly Root[] {
  const times = new Map<string, number>();
  for (const key of files.flatMap(keysOf)) times.set(key, (times.get(key) ?? 0) + 1);
  const rivals = files.filter((file) => keysOf(file).some((key) => (times.get(key) ?? 0) > 1));
  const others = files.filter((file) => !rivals.includes(file)).map(({ path }) => path);
  const companions = [...sight.files(folder), ...sight.files(within(folder, "tidegate"))].filter((path) => {
    const file = sight.facts(path);
    return file !== undefined && file.objects.length > 0 && !runs(file);
  });
  const single = rivals.map(({ path }) => ({ kind: "files", folder, files: [path] }) as const);
  return others.length === 0
    ? single
    : [...single, { kind: "files", folder, files: [...others, ...companions].toSorted() }];
}

function keysOf({ objects, compose }: Facts): readonly string[] {
  const own = new Set([
    ...objects.filter(isRunning).map(({ kind, namespace = "", name }) => `${kind} ${namespace}/${name}`),
    ...compose.map(({ name }) => `compose ${name}`),
  ]);
  return [...own];
}
