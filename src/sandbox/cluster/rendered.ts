import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { deliveriesIn, releaseIn, valuesOf } from "./deliverers.ts";
import type { Delivering, Release } from "./deliverers.ts";
import type { Head, HeadSource } from "./head.ts";
import { edited, isList, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { ManifestError } from "./kinds/manifest.ts";
import { manifestsIn } from "./objects.ts";

/** What a program made of a folder, or what it said where it could not. */
export type Rendering =
  | { readonly kind: "rendered"; readonly objects: readonly Json[] }
  | { readonly kind: "failed"; readonly said: string };

/** Runs a program in a folder with what is given behind `kustomize build` or `helm template`. */
export type Renderer = (folder: string, given: readonly string[]) => Promise<Rendering>;

export type Renderers = { readonly kustomize: Renderer; readonly helm: Renderer };

type Texts = ReadonlyMap<string, string>;

/**
 * What the objects that deliver, of Argo CD and Flux, say that runs: each one a folder by its name, rendered by the real programs from the files of git's head.
 * What does not render is told of, and keeps running as it was. Each program runs once for the same files.
 */
export function renderedHead(source: HeadSource, renderers: Renderers): HeadSource {
  const known = new Map<string, Promise<Rendering>>();
  let last: Head | undefined;
  const once = (run: Renderer, texts: Texts, given: readonly string[]): Promise<Rendering> => {
    const key = digestOf([...texts], given);
    const done = known.get(key) ?? inFolder(texts, (folder) => run(folder, given));
    known.set(key, done);
    return done;
  };
  const desk: Desk = {
    kustomize: (texts, given) => once(renderers.kustomize, texts, given),
    helm: (texts, given) => once(renderers.helm, texts, given),
  };
  return async (revision) => {
    const head = await source(revision);
    if (last?.sha !== head.sha) last = await rendered(head, desk);
    return last;
  };
}

type OnTexts = (texts: Texts, given: readonly string[]) => Promise<Rendering>;
type Desk = { readonly kustomize: OnTexts; readonly helm: OnTexts };

async function rendered({ sha, files }: Head, desk: Desk): Promise<Head> {
  const made = await Promise.all(deliveriesIn(files).map((one) => delivered(files, one, desk)));
  return {
    sha,
    files: new Map(
      made.flatMap(({ name, objects }) => (objects === undefined ? [] : [[`${name}/rendered.yaml`, textOf(objects)]])),
    ),
    broken: new Map(made.flatMap(({ name, said }) => (said === undefined ? [] : [[name, said]]))),
  };
}

type Made = { readonly name: string; readonly objects?: readonly JsonObject[]; readonly said?: string };

async function delivered(files: Texts, one: Delivering, desk: Desk): Promise<Made> {
  try {
    return { name: one.name, objects: await objectsOf(files, one, desk) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { name: one.name, said: error.message };
  }
}

async function objectsOf(files: Texts, one: Delivering, desk: Desk): Promise<readonly JsonObject[]> {
  switch (one.kind) {
    case "broken":
      throw new ManifestError(one.said);
    case "release":
      return chartOf(files, one.release, desk);
    case "folder": {
      const objects = await folderOf(files, one.path, desk);
      const parts = objects.map((object) => expanded(files, objects, object, desk));
      return (await Promise.all(parts)).flat().map((object) => inNamespace(object, one.namespace));
    }
  }
}

/** The objects of a folder: a kustomization's, or those of its files. */
async function folderOf(files: Texts, path: string, desk: Desk): Promise<readonly JsonObject[]> {
  if (kustomizationIn(files, path) !== undefined) return must(await desk.kustomize(closureOf(files, path), [path]));
  const own = [...files].filter(([file]) => posix.dirname(file) === path && /\.ya?ml$/.test(file));
  if (own.length === 0) throw new ManifestError(`${path}: there is no such folder.`);
  return own.flatMap(([, text]) => manifestsIn(text));
}

/** A HelmRelease is what its chart gives; every other object is itself. */
async function expanded(
  files: Texts,
  beside: readonly JsonObject[],
  object: JsonObject,
  desk: Desk,
): Promise<readonly JsonObject[]> {
  const release = releaseIn(object, beside);
  return release === undefined ? [object] : chartOf(files, release, desk);
}

async function chartOf(files: Texts, release: Release, desk: Desk): Promise<readonly JsonObject[]> {
  const { name, namespace, chart } = release;
  const values = valuesOf(files, release).map((text, index) => [`values-${index}.yaml`, text] as const);
  const texts = new Map([...files].filter(([path]) => path.startsWith(`${chart}/`)));
  const given = [name, chart, "--namespace", namespace, ...values.flatMap(([path]) => ["--values", path])];
  const objects = must(await desk.helm(new Map([...texts, ...values]), given));
  return objects.map((object) => inNamespace(object, namespace));
}

function inNamespace(object: JsonObject, namespace: string | undefined): JsonObject {
  return namespace === undefined ? object : edited(object, ["metadata", "namespace"], (own) => own ?? namespace);
}

function must(done: Rendering): readonly JsonObject[] {
  if (done.kind === "failed") throw new ManifestError(done.said);
  return done.objects.filter(isObject);
}

const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const FOLDERS = ["resources", "components", "bases"];

function kustomizationIn(files: Texts, folder: string): string | undefined {
  return KUSTOMIZATIONS.map((name) => `${folder}/${name}`).find((path) => files.has(path));
}

/** The files below a folder and below all that its kustomizations take from elsewhere; kustomize itself reads no others. */
function closureOf(files: Texts, folder: string): Texts {
  const folders = new Set([folder]);
  for (const one of folders) for (const other of namedIn(files, one)) folders.add(other);
  return new Map([...files].filter(([path]) => [...folders].some((one) => path.startsWith(`${one}/`))));
}

function namedIn(files: Texts, folder: string): readonly string[] {
  const path = kustomizationIn(files, folder);
  if (path === undefined) return [];
  const [root = {}] = manifestsIn(files.get(path) ?? "");
  return FOLDERS.flatMap((key) => {
    const list = root[key];
    return isList(list) ? list.flatMap((item) => (typeof item === "string" ? [posix.join(folder, item)] : [])) : [];
  });
}

// JSON is YAML.
function textOf(objects: readonly JsonObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join("\n---\n");
}

/** A temporary folder that holds the texts as long as something is done in it. */
async function inFolder<T>(texts: Texts, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "rendered-"));
  try {
    for (const [path, text] of texts) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function digestOf(...of: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(of)).digest("hex");
}
