import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { render, type Json, type Renderer } from "../../bench/render-tools.ts";
import { workplace } from "../../bench/render-tree.ts";
import type { Files } from "./opt-in-ground.ts";

const ROOT = fileURLToPath(new URL("../golden/opt-in/", import.meta.url));

/** The files of a golden of opting in, before it. */
export function chartInput(name: string): Files {
  const folder = `${ROOT}${name}/input`;
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const files = paths.filter((path) => statSync(`${folder}/${path}`).isFile()).toSorted();
  return new Map(files.map((path) => [path, readFileSync(`${folder}/${path}`, "utf8")]));
}

const Source = z.object({
  path: z.string().optional(),
  helm: z
    .object({
      releaseName: z.string().optional(),
      valueFiles: z.array(z.string()).default([]),
      values: z.string().optional(),
      valuesObject: z.record(z.string(), z.unknown()).optional(),
      parameters: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .optional(),
});
const Application = z.object({
  kind: z.literal("Application"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    source: Source.optional(),
    sources: z.array(Source).default([]),
    destination: z.object({ namespace: z.string() }),
  }),
});

/** What Argo CD would have helm make of every Application with a chart of the repository, by the Application's name. It is read apart from how the product reads it. */
export async function byArgo(helm: Renderer, files: Files): Promise<ReadonlyMap<string, readonly Json[]>> {
  const manifests = [...files].filter(([path]) => path.endsWith(".yaml") && !path.includes("/templates/"));
  const applications = manifests.flatMap(([, text]) =>
    parseAllDocuments(text).flatMap((document) => Application.safeParse(document.toJS()).data ?? []),
  );
  const place = workplace(files);
  try {
    const made = new Map<string, readonly Json[]>();
    for (const { metadata, spec } of applications) {
      const source = [spec.source, ...spec.sources].find(
        (one) => one?.path !== undefined && files.has(`${one.path}/Chart.yaml`),
      );
      if (source?.path === undefined) continue;
      const { path, helm: said } = source;
      const values = (said?.valueFiles ?? []).map((name) =>
        name.startsWith("$") ? name.slice(name.indexOf("/") + 1) : `${path}/${name}`,
      );
      const inline = said?.valuesObject === undefined ? said?.values : JSON.stringify(said.valuesObject);
      const given = [
        said?.releaseName ?? metadata.name,
        path,
        "--namespace",
        spec.destination.namespace,
        "--skip-tests",
        ...values.flatMap((file) => ["--values", file]),
        ...(inline === undefined ? [] : ["--values", "inline.yaml"]),
        ...(said?.parameters ?? []).flatMap(({ name, value }) => ["--set", `${name}=${value}`]),
      ];
      const done = await place.withTexts(new Map(inline === undefined ? [] : [["inline.yaml", inline]]), () =>
        render(helm, place.folder, given),
      );
      if (done.kind === "failed") throw new Error(done.said);
      made.set(metadata.name, done.objects);
    }
    return made;
  } finally {
    place.remove();
  }
}

const HelmRelease = z.object({
  kind: z.literal("HelmRelease"),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    releaseName: z.string().optional(),
    chart: z.object({ spec: z.object({ chart: z.string() }) }),
    valuesFrom: z.array(z.object({ name: z.string(), valuesKey: z.string().default("values.yaml") })).default([]),
    values: z.record(z.string(), z.unknown()).default({}),
  }),
});
const ConfigMap = z.object({
  kind: z.literal("ConfigMap"),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()),
});

/** What Flux would have helm make of every HelmRelease that kustomize gives of a folder, by its name. */
export async function byFlux(
  programs: { readonly kustomize: Renderer; readonly helm: Renderer },
  files: Files,
  folder: string,
): Promise<ReadonlyMap<string, readonly Json[]>> {
  const place = workplace(files);
  try {
    const built = await render(programs.kustomize, place.folder, [folder]);
    if (built.kind === "failed") throw new Error(built.said);
    const maps = built.objects.flatMap((object) => ConfigMap.safeParse(object).data ?? []);
    const made = new Map<string, readonly Json[]>();
    for (const { metadata, spec } of built.objects.flatMap((object) => HelmRelease.safeParse(object).data ?? [])) {
      const from = spec.valuesFrom.map(
        ({ name, valuesKey }) => maps.find((map) => map.metadata.name === name)?.data[valuesKey],
      );
      if (from.includes(undefined)) throw new Error(`Values of ${metadata.name} are missing.`);
      const texts = [...from, JSON.stringify(spec.values)].map(
        (text, index) => [`values-${index}.yaml`, text ?? ""] as const,
      );
      const given = [
        spec.releaseName ?? metadata.name,
        spec.chart.spec.chart,
        "--namespace",
        metadata.namespace,
        "--skip-tests",
      ];
      const values = texts.flatMap(([path]) => ["--values", path]);
      const done = await place.withTexts(new Map(texts), () =>
        render(programs.helm, place.folder, [...given, ...values]),
      );
      if (done.kind === "failed") throw new Error(done.said);
      made.set(metadata.name, done.objects);
    }
    return made;
  } finally {
    place.remove();
  }
}
