import { posix } from "node:path";
import { z } from "zod";
import type { JsonObject } from "./json.ts";
import { ManifestError, valid } from "./kinds/manifest.ts";
import type { Place } from "./kinds/manifest.ts";
import { manifestsIn } from "./objects.ts";

type Texts = ReadonlyMap<string, string>;

/** Something that delivers, by its name. */
export type Delivering = { readonly name: string } & (
  | { readonly kind: "folder"; readonly path: string; readonly namespace: string | undefined }
  | { readonly kind: "release"; readonly release: Release }
  | { readonly kind: "broken"; readonly said: string }
);

/** A chart of the repository as one release; of its values the last is the strongest. */
export type Release = {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly values: readonly Values[];
};

/** A file of the repository, or the text itself. */
type Values = { readonly path: string } | { readonly text: string };

const Called = z.object({ name: z.string() });

/** Keys that are not here are not imitated, and refused. */
const Application = z.object({
  metadata: Called,
  spec: z.object({
    source: z.strictObject({
      repoURL: z.string(),
      targetRevision: z.literal("HEAD").optional(),
      path: z.string(),
      helm: z
        .strictObject({ releaseName: z.string().optional(), valueFiles: z.array(z.string()).default([]) })
        .optional(),
    }),
    destination: z.object({ namespace: z.string() }),
  }),
});

const FluxKustomization = z.object({
  metadata: Called,
  spec: z.strictObject({
    path: z.string(),
    interval: z.string(),
    prune: z.literal(true),
    sourceRef: z.object({ kind: z.literal("GitRepository") }),
  }),
});

const HelmRelease = z.object({
  metadata: Called.extend({ namespace: z.string() }),
  spec: z.strictObject({
    interval: z.string(),
    releaseName: z.string().optional(),
    chart: z.object({
      spec: z.strictObject({
        chart: z.string(),
        reconcileStrategy: z.literal("Revision"),
        sourceRef: z.object({ kind: z.literal("GitRepository") }),
      }),
    }),
    valuesFrom: z
      .array(
        z.strictObject({
          kind: z.literal("ConfigMap"),
          name: z.string(),
          valuesKey: z.string().default("values.yaml"),
        }),
      )
      .default([]),
    values: z.record(z.string(), z.unknown()).optional(),
  }),
});

const ConfigMap = z.object({
  kind: z.literal("ConfigMap"),
  metadata: Called.extend({ namespace: z.string().optional() }),
  data: z.record(z.string(), z.string()),
});

/** Every Application of Argo CD's and every Kustomization of Flux' in the files. */
export function deliveriesIn(files: Texts): readonly Delivering[] {
  return [...files]
    .filter(([path, text]) => /\.ya?ml$/.test(path) && DELIVERS.test(text))
    .flatMap(([, text]) => manifestsIn(text))
    .flatMap((manifest) => deliveryOf(files, manifest));
}

// Templates of charts are no YAML; what delivers says so at the beginning of a line.
const DELIVERS = /^apiVersion: (?:argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\//m;

function deliveryOf(files: Texts, manifest: JsonObject): readonly Delivering[] {
  const read = readerOf(manifest);
  if (read === undefined) return [];
  const { name } = valid(z.object({ metadata: Called }), manifest).metadata;
  try {
    return [read(files, manifest)];
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return [{ name, kind: "broken", said: error.message }];
  }
}

function readerOf({ apiVersion, kind }: JsonObject): ((files: Texts, manifest: JsonObject) => Delivering) | undefined {
  const group = typeof apiVersion === "string" ? apiVersion.split("/")[0] : undefined;
  if (group === "argoproj.io" && kind === "Application") return applicationOf;
  if (group === "kustomize.toolkit.fluxcd.io" && kind === "Kustomization") return (_, manifest) => fluxOf(manifest);
  return undefined;
}

function applicationOf(files: Texts, manifest: JsonObject): Delivering {
  const { metadata, spec } = valid(Application, manifest);
  const { path, helm } = spec.source;
  const { namespace } = spec.destination;
  if (!files.has(`${path}/Chart.yaml`)) return { name: metadata.name, kind: "folder", path, namespace };
  const values = (helm?.valueFiles ?? []).map((file) => ({
    path: posix.join(file.startsWith("/") ? "" : path, file).replace(/^\//, ""),
  }));
  const release = { name: helm?.releaseName ?? metadata.name, namespace, chart: path, values };
  return { name: metadata.name, kind: "release", release };
}

function fluxOf(manifest: JsonObject): Delivering {
  const { metadata, spec } = valid(FluxKustomization, manifest);
  return { name: metadata.name, kind: "folder", path: posix.normalize(spec.path), namespace: undefined };
}

/** The release that a HelmRelease asks for, with the values of the ConfigMaps beside it; undefined of every other object. Throws a ManifestError. */
export function releaseIn(object: JsonObject, beside: readonly JsonObject[]): Release | undefined {
  const { apiVersion, kind } = object;
  if (kind !== "HelmRelease" || typeof apiVersion !== "string" || !apiVersion.startsWith("helm.toolkit.fluxcd.io/"))
    return undefined;
  const { metadata, spec } = valid(HelmRelease, object);
  const named = spec.valuesFrom.map(({ name, valuesKey }) => ({
    text: dataOf(beside, { name, namespace: metadata.namespace }, valuesKey),
  }));
  const inline = spec.values === undefined ? [] : [{ text: JSON.stringify(spec.values) }];
  return {
    name: spec.releaseName ?? metadata.name,
    namespace: metadata.namespace,
    chart: posix.normalize(spec.chart.spec.chart),
    values: [...named, ...inline],
  };
}

/** The texts of a release's values, the strongest last. Throws a ManifestError where there is no such file. */
export function valuesOf(files: Texts, { values }: Release): readonly string[] {
  return values.map((one) => ("text" in one ? one.text : textAt(files, one.path)));
}

function textAt(files: Texts, path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new ManifestError(`${path}: there is no such file of values.`);
  return text;
}

function dataOf(beside: readonly JsonObject[], { name, namespace }: Place, key: string): string {
  const maps = beside.filter(({ kind }) => kind === "ConfigMap").map((one) => valid(ConfigMap, one));
  const found = maps.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)?.data[key];
  if (found === undefined) throw new ManifestError(`ConfigMap ${namespace}/${name}: there is no ${key}.`);
  return found;
}
