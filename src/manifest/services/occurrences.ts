import { isOwnedValues } from "../layouts/values.ts";
import type { Affixes, App } from "./apps.ts";
import type { Delivery } from "./deliveries.ts";
import type { Source, TargetPattern } from "./model.ts";
import { overlaid } from "./overlay.ts";
import { baseOf, folderOf, isUnder, segmentsOf, sortedSet, stemOf } from "./paths.ts";
import { imageBase } from "./reference.ts";
import type { Rendering } from "./rendering.ts";
import { filledImage, withVariables, type Variable } from "./variables.ts";
import { holdsTargets, isStage, partsOfName } from "./words.ts";

/** Something that runs, as one root has it, and what is known of where. */
export type Occurrence = {
  readonly id: string;
  /** Empty where only its home can name it. */
  readonly name: string;
  /** The last of the spine, where that is a file, which no service is at home in. */
  readonly stem: string | undefined;
  readonly app: App;
  readonly source: Source;
  /** The folders, and the file where it is told apart by that, from the root of the repository. */
  readonly spine: readonly string[];
  readonly clusters: readonly InCluster[];
  readonly namespace: string | undefined;
  readonly files: readonly string[];
  /** The line of configuration that covers it, and what the `*` of its pattern stand for. */
  readonly given: { readonly target: string; readonly home: readonly string[] } | undefined;
};

/** What runs in one of several clusters that take the same files: each has its own delivery, which may set more. */
export type InCluster = Pick<Occurrence, "app" | "namespace" | "files"> & { readonly name: string };

/** A cluster, and what delivers there. */
export type ClusterBy = { readonly name: string; readonly by: readonly Delivery[] };

/** A rendering, with what delivers it and to which clusters. */
export type Rendered = {
  readonly rendering: Rendering;
  readonly by: readonly Delivery[];
  readonly clusters: readonly ClusterBy[];
};

/** What runs by a rendering, kept with what it was made of. */
export type Made = Rendered & { readonly occurrences: readonly Occurrence[] };

/** What runs by a rendering; the very same as before where nothing that it is made of is another. */
export function madeOf(rendered: Rendered, before: Made | undefined, patterns: readonly TargetPattern[]): Made {
  if (before !== undefined && isSame(rendered, before)) return before;
  return { ...rendered, occurrences: occurrencesOf(rendered, patterns) };
}

function isSame(a: Rendered, b: Rendered): boolean {
  return a.rendering === b.rendering && areSame(a.by, b.by) && areSameClusters(a.clusters, b.clusters);
}

function areSameClusters(a: readonly ClusterBy[], b: readonly ClusterBy[]): boolean {
  return a.length === b.length && a.every(({ name, by }, index) => name === b[index]?.name && areSame(by, b[index].by));
}

function areSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** What runs by a rendering, with all that tells it apart from the same elsewhere. */
export function occurrencesOf(
  { rendering, by, clusters }: Rendered,
  patterns: readonly TargetPattern[],
): readonly Occurrence[] {
  return rendering.apps.map((written) => {
    const whole = delivered(rendering, written, by);
    const spine = spineOf(rendering, whole.app);
    const name = nameOf(whole.app, { rendering, by, spine });
    return {
      id: `${name} ${imageBase(whole.app.images[0]?.image ?? "")}`,
      name,
      stem: isFile(rendering.root) ? spine.at(-1) : undefined,
      source: sourceOf(rendering, by, whole.app),
      spine,
      clusters: clusters.map((cluster) => ({
        name: cluster.name,
        ...(cluster.by.length === by.length ? whole : delivered(rendering, written, cluster.by)),
      })),
      ...whole,
      given: givenBy(patterns, placesOf(rendering, whole.app)),
    };
  });
}

/** An app as some deliveries bring it. */
function delivered(rendering: Rendering, written: App, by: readonly Delivery[]): Omit<InCluster, "name"> {
  const whole = completed(written, by);
  const app = { ...whole, reads: sortedSet(whole.reads) };
  const own = rendering.root.kind === "files" ? undefined : by.find(({ namespace }) => namespace !== undefined);
  return { app, namespace: own?.namespace ?? app.namespace, files: filesOf(rendering, by, app) };
}

/** An app with what only its delivery knows: the images of an Application, and the variables of a Kustomization. */
function completed(app: App, by: readonly Delivery[]): App {
  const [first] = by;
  if (first === undefined) return app;
  const { holds, path } = first.by;
  const name = app.name === undefined ? undefined : withVariables(app.name, variablesOf(first));
  if (holds.kind === "argo-application" && by.length === 1)
    return { ...app, name, images: overlaid(app.images, holds.images), reads: [...app.reads, path] };
  const reads = [...app.reads, ...by.map((one) => one.by.path)];
  if (holds.kind !== "flux-kustomization") return { ...app, name, reads };
  return {
    ...app,
    name,
    images: [...app.images, ...app.waiting.flatMap((one) => filledImage(one, variablesOf(first)))],
    reads,
  };
}

function variablesOf({ by: { holds, path } }: Delivery): readonly Variable[] {
  return holds.kind === "flux-kustomization" ? holds.substitute.map((one) => ({ ...one, path })) : [];
}

function sourceOf({ root }: Rendering, by: readonly Delivery[], { workloads }: App): Source {
  if (by[0] !== undefined) return by[0].source;
  if (workloads[0]?.kind === "compose") return "compose";
  return root.kind === "files" || root.kind === "folder" ? "manifests" : root.kind;
}

function filesOf({ root }: Rendering, by: readonly Delivery[], app: App): readonly string[] {
  if (by.length > 0) return [...new Set(by.map((one) => one.by.path))];
  if (root.kind === "chart") return [root.values.at(-1) ?? app.reads[0] ?? root.folder];
  const own = root.kind === "kustomization" ? app.reads.find((path) => folderOf(path) === root.folder) : undefined;
  return [own ?? app.workloads[0]?.path ?? root.folder];
}

function spineOf({ root }: Rendering, app: App): readonly string[] {
  if (root.kind === "files") return withStem(app.workloads[0]?.path ?? root.folder, root.folder);
  const values = lastValues(root);
  if (values === undefined || values === `${root.folder}/values.yaml`) return segmentsOf(root.folder);
  return withStem(values);
}

function isFile(root: Rendering["root"]): boolean {
  return root.kind === "files" || (lastValues(root) ?? `${root.folder}/values.yaml`) !== `${root.folder}/values.yaml`;
}

/** What tells the releases of a chart apart: the last of its values files that people write. Two that owned values make of one are in one target. */
function lastValues(root: Rendering["root"]): string | undefined {
  return root.kind === "chart" ? root.values.findLast((path) => !isOwnedValues(path)) : undefined;
}

function withStem(path: string, folder = folderOf(path)): readonly string[] {
  return [...segmentsOf(folder), stemOf(path)];
}

type Named = { readonly rendering: Rendering; readonly by: readonly Delivery[]; readonly spine: readonly string[] };

function nameOf(app: App, { rendering: { root }, by, spine }: Named): string {
  if (root.kind === "chart") return chartName(app.name ?? "", root.folder, by);
  return app.name === undefined ? "" : withoutStage(withoutPlace(app.name, app.affixes, root.folder), spine);
}

/**
 * A name without what a kustomization puts around it to say where it runs: stages, or parts of its own folder's name. What lies elsewhere than beside that
 * folder, and gets any other name, is an instance of its own.
 */
function withoutPlace(name: string, affixes: Affixes | undefined, folder: string): string {
  const parents = segmentsOf(folderOf(folder));
  const shared = holdsTargets(parents.at(-1) ?? "") ? parents.slice(0, -1) : parents;
  if (affixes === undefined || !isUnder(affixes.path, shared.join("/"))) return name;
  const own = new Set([baseOf(folder), ...partsOfName(baseOf(folder))]);
  const isPlace = (affix: string) => {
    const parts = affix.split(/[-_.]/).filter((part) => part !== "");
    return parts.length > 0 && parts.every((part) => own.has(part) || isStage(part));
  };
  const { before, after } = affixes;
  const start = isPlace(before) && name.startsWith(before) ? before.length : 0;
  const end = isPlace(after) && name.endsWith(after) ? name.length - after.length : name.length;
  return name.slice(start, end);
}

// A chart that several Applications share is called by each of them; one of its own, by its folder's name.
function chartName(name: string, folder: string, by: readonly Delivery[]): string {
  const own = name === "" ? baseOf(folder) : name;
  const said = by.map((one) => one.name).filter((text) => text !== "");
  const isOwn = said.every((text) => text === own || text.includes(own) || text.includes(baseOf(folder)));
  return isOwn || said[0] === undefined ? own : (said.find((text) => !isStage(text)) ?? own);
}

/** A name without the environment that some people write into every name. */
function withoutStage(name: string, spine: readonly string[]): string {
  const stages = spine.filter((segment) => isStage(segment));
  const ending = stages.find((stage) => name.endsWith(`-${stage}`));
  if (ending !== undefined) return name.slice(0, -ending.length - 1);
  const start = stages.find((stage) => name.startsWith(`${stage}-`));
  return start === undefined ? name : name.slice(start.length + 1);
}

function placesOf({ root }: Rendering, app: App): readonly string[] {
  if (root.kind === "files") return app.workloads.map(({ path }) => path);
  if (root.kind === "chart")
    return [...root.values.filter((path) => !isOwnedValues(path)).toReversed(), `${root.folder}/Chart.yaml`];
  return [`${root.folder}/kustomization.yaml`];
}

/** The first line of configuration that covers a place. */
export function givenBy(patterns: readonly TargetPattern[], places: readonly string[]): Occurrence["given"] {
  for (const path of places) {
    const found = patterns.find(({ covers }) => covers(path));
    if (found !== undefined) return { target: found.name, home: starsOf(found.pattern, path) };
  }
  return undefined;
}

/** The names of a path that stand where a pattern has a wildcard, as far as neither has another depth. */
function starsOf(pattern: string, path: string): readonly string[] {
  const names = segmentsOf(path);
  const wanted = segmentsOf(pattern.replace(/^\/|\/$/g, ""));
  const deep = wanted.indexOf("**");
  return wanted
    .slice(0, deep === -1 ? undefined : deep)
    .flatMap((segment, index) => (segment.includes("*") ? [stemOf(names[index] ?? "")] : []));
}
