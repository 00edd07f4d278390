import { appsOf, type App } from "./apps.ts";
import type { Built } from "./built.ts";
import { buildChart, valuesFile } from "./chart.ts";
import { build } from "./kustomize.ts";
import type { ObjectFact } from "./object-facts.ts";
import { overlaid } from "./overlay.ts";
import { folderOf, resolvePath, within } from "./paths.ts";
import type { Facts } from "./facts.ts";
import { asWritten, useOf, type RenderedObject } from "./rendered.ts";
import { asksForVariable, filledImage } from "./variables.ts";
import { chartIn, kustomizationIn, type Sight } from "./sight.ts";

/** A place that is rendered as a whole: a folder as kustomize or Flux takes it, a chart with its values, some files as they are. */
export type Root =
  | { readonly kind: "kustomization"; readonly folder: string; readonly components: readonly string[] }
  | { readonly kind: "chart"; readonly folder: string; readonly values: readonly string[] }
  | { readonly kind: "folder"; readonly folder: string; readonly isRecursive: boolean }
  | { readonly kind: "files"; readonly folder: string; readonly files: readonly string[] };

/** What came of a root: what runs, what it delivers further, and what it read. */
export type Rendering = {
  readonly root: Root;
  readonly apps: readonly App[];
  /** Objects that deliver other folders. */
  readonly delivering: readonly ObjectFact[];
  readonly reads: readonly string[];
  /** It takes resources from other machines. */
  readonly hasRemotes: boolean;
  /** The kustomizations of which not all is read. */
  readonly cut: readonly string[];
};

/** A root's name; equal for equal roots. */
export function rootKey(root: Root): string {
  switch (root.kind) {
    case "chart":
      return `chart ${root.folder} ${root.values.join(" ")}`;
    case "files":
      return `files ${root.files.join(" ")}`;
    case "folder":
      return `folder ${root.folder} ${root.isRecursive}`;
    default:
      return `kustomization ${[root.folder, ...root.components].join(" ")}`;
  }
}

/** Renders a root. */
export function render(sight: Sight, root: Root): Rendering {
  switch (root.kind) {
    case "kustomization":
      return kustomized(sight, root);
    case "chart":
      return charted(sight, root);
    case "folder":
      return root.isRecursive ? whole(sight, root) : asFiles(sight, root, sight.files(root.folder));
    default:
      return asFiles(sight, root, root.files);
  }
}

/** The objects of a root as they stand, and whether others come with them that are not known: of charts, of other machines, of generators. */
export function objectsOf(
  sight: Sight,
  root: Root,
): { readonly objects: readonly RenderedObject[]; readonly isOpen: boolean } {
  switch (root.kind) {
    case "chart":
      return { objects: [], isOpen: true };
    case "kustomization": {
      const { objects, charts, remotes, generates } = build(sight, root.folder, root.components);
      return { objects, isOpen: charts.length + remotes.length > 0 || generates };
    }
    case "files":
      return { objects: writtenIn(sight, root, root.files), isOpen: false };
    default: {
      const { files, folders } = root.isRecursive
        ? parts(sight, root.folder)
        : { files: sight.files(root.folder), folders: [] };
      const inner = folders.map((folder) => objectsOf(sight, { kind: "kustomization", folder, components: [] }));
      return {
        objects: [...writtenIn(sight, root, files), ...inner.flatMap(({ objects }) => objects)],
        isOpen: inner.some(({ isOpen }) => isOpen),
      };
    }
  }
}

function writtenIn(sight: Sight, root: Root, files: readonly string[]): readonly RenderedObject[] {
  const ownerOf = (path: string) => (root.kind === "files" ? root.folder : folderOf(path));
  return files.flatMap((path) => (sight.facts(path)?.objects ?? []).map((fact) => asWritten(fact, ownerOf(path))));
}

// What Flux makes of a folder without a kustomization: its files and those below, where a kustomization speaks for its own folder.
function whole(sight: Sight, root: Extract<Root, { kind: "folder" }>): Rendering {
  const { files, folders } = parts(sight, root.folder);
  const renderings = [
    asFiles(sight, root, files),
    ...folders.map((folder) => kustomized(sight, { kind: "kustomization", folder, components: [] })),
  ];
  return {
    root,
    apps: renderings.flatMap(({ apps }) => apps),
    delivering: renderings.flatMap((one) => one.delivering),
    reads: renderings.flatMap(({ reads }) => reads),
    hasRemotes: renderings.some(({ hasRemotes }) => hasRemotes),
    cut: renderings.flatMap(({ cut }) => cut),
  };
}

type Parts = { readonly files: readonly string[]; readonly folders: readonly string[] };

function parts(sight: Sight, folder: string): Parts {
  const inner = sight
    .folders(folder)
    .map((one): Parts =>
      kustomizationIn(sight, one) === undefined ? parts(sight, one) : { files: [], folders: [one] },
    );
  return {
    files: [...sight.files(folder), ...inner.flatMap(({ files }) => files)],
    folders: inner.flatMap(({ folders }) => folders),
  };
}

function asFiles(sight: Sight, root: Root, files: readonly string[]): Rendering {
  const facts = files.flatMap((path) => sight.facts(path) ?? []);
  const objects = writtenIn(sight, root, files);
  const composed = facts.flatMap((file) => composeApps(sight, file));
  const own = facts.filter((file) => file.objects.length > 0 || file.compose.length > 0).map(({ path }) => path);
  const reads = [...own, ...composed.flatMap((app) => app.reads)];
  return {
    root,
    apps: [...composed, ...appsWithCharts(sight, objects)],
    delivering: delivering(objects),
    reads,
    hasRemotes: false,
    cut: [],
  };
}

/** The services of a compose file, with the variables of the file `.env` beside it. */
function composeApps(sight: Sight, { path, compose }: Facts): readonly App[] {
  if (compose.length === 0) return [];
  const env = sight.facts(within(folderOf(path), ".env"));
  return compose.map(({ name, image = "", line }) => {
    const waiting = { of: name, raw: image, set: { path, line } };
    const images = asksForVariable(image)
      ? filledImage(waiting, env?.variables ?? [])
      : [useOf(image, name, { path, line }) ?? []].flat();
    return {
      name,
      namespace: undefined,
      workloads: [{ kind: "compose", name, path, line }],
      images,
      waiting: images.length === 0 && asksForVariable(image) ? [waiting] : [],
      routes: [],
      reads: env === undefined ? [path] : [path, env.path],
    };
  });
}

function kustomized(sight: Sight, root: Extract<Root, { kind: "kustomization" }>): Rendering {
  const built = build(sight, root.folder, root.components);
  const apps = appsWithCharts(sight, built.objects);
  const more = [...inflatedApps(sight, built), ...remoteApps(built)];
  const isSole = apps.length === 0 && more.length === 1;
  const all = isSole ? more.map((app) => ({ ...app, reads: built.reads })) : [...apps, ...more];
  return {
    root,
    apps: all,
    delivering: delivering(built.objects),
    reads: built.reads,
    hasRemotes: built.remotes.length > 0,
    cut: built.cut,
  };
}

/** Charts that kustomize inflates. */
function inflatedApps(sight: Sight, { charts, objects }: Built): readonly App[] {
  return charts.map(({ path, line, release, namespace, valuesFiles }) => {
    const files = valuesFiles.flatMap((file) => resolvePath(folderOf(path), file) ?? []);
    const sites = [...files, path].flatMap((file) => sight.facts(file)?.loose ?? []);
    const routes = objects
      .filter(({ fact }) => fact.holds.kind === "route")
      .map(({ fact, name }) => ({ ...placeOf(fact), name }));
    return {
      name: release,
      namespace,
      workloads: [{ kind: "HelmChart", name: release, path, line }],
      images: overlaid([], sites),
      waiting: [],
      routes: charts.length === 1 ? routes : [],
      reads: [path, ...files],
    };
  });
}

/** Images that are set for what lies on other machines: all that is known of it here. */
function remoteApps({ elsewhere, charts, objects }: Built): readonly App[] {
  const [first] = elsewhere;
  if (first === undefined || charts.length > 0) return [];
  const routes = objects
    .filter(({ fact }) => fact.holds.kind === "route")
    .map(({ fact, name }) => ({ ...placeOf(fact), name }));
  const namespace = objects.find((object) => object.namespace !== undefined)?.namespace;
  const reads = elsewhere.map(({ set }) => set.path);
  return [{ name: undefined, namespace, workloads: [], images: elsewhere, waiting: [], routes, reads }];
}

function placeOf({ kind, path, line }: ObjectFact): {
  readonly kind: string;
  readonly path: string;
  readonly line: number;
} {
  return { kind, path, line };
}

/** What runs among objects; a HelmRelease of a chart in this repository starts from that chart's own values. */
function appsWithCharts(sight: Sight, objects: readonly RenderedObject[]): readonly App[] {
  return appsOf(objects.map((object) => withChart(sight, object)));
}

function withChart(sight: Sight, object: RenderedObject): RenderedObject {
  const { holds } = object.fact;
  if (holds.kind !== "helm-release" || holds.chart === undefined) return object;
  const built = buildChart(sight, holds.chart, valuesFile(sight, holds.chart));
  if (built === undefined) return object;
  const sites = object.uses.map(({ of, image, version, set }) => ({ key: of, image, version: version ?? "", ...set }));
  return { ...object, uses: overlaid(built.images, sites), reads: [...object.reads, ...built.reads] };
}

function charted(sight: Sight, root: Extract<Root, { kind: "chart" }>): Rendering {
  const built = buildChart(sight, root.folder, root.values);
  if (built === undefined) return { root, apps: [], delivering: [], reads: [], hasRemotes: false, cut: [] };
  const objects = built.templates.flatMap((path) =>
    (sight.facts(path)?.objects ?? []).map((fact) => asWritten(fact, folderOf(path))),
  );
  const further = delivering(objects);
  // A chart of nothing but Applications runs nothing itself.
  const own = built.workloads.length > 0 || built.images.length > 0 || !built.isDelivering;
  const chart = { kind: "Chart", name: built.name, path: chartIn(sight, root.folder)?.path ?? root.folder, line: 1 };
  const app: App = {
    name: built.name,
    namespace: undefined,
    workloads: built.workloads.length > 0 ? built.workloads : [chart],
    images: built.images,
    waiting: [],
    routes: built.routes,
    reads: built.reads,
  };
  return { root, apps: own ? [app] : [], delivering: further, reads: built.reads, hasRemotes: false, cut: [] };
}

function delivering(objects: readonly RenderedObject[]): readonly ObjectFact[] {
  return objects.map(({ fact }) => fact).filter(({ holds }) => DELIVERING.has(holds.kind));
}

const DELIVERING: ReadonlySet<string> = new Set(["flux-kustomization", "argo-application", "application-set"]);
