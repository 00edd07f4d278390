import { posix } from "node:path";
import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import { isImage, type Image } from "../src/core/image.ts";
import type { Result } from "../src/core/result.ts";
import type { ImagePlace } from "../src/core/state.ts";
import { readImages } from "../src/manifest/images/read.ts";
import { setImageAt } from "../src/manifest/images/set.ts";
import type { ImageSite } from "../src/manifest/images/site.ts";
import { selects } from "../src/manifest/layouts/arm-labels.ts";
import { readImageAt, setImageTo } from "../src/manifest/layouts/place.ts";
import { ownedValues, type OwnedValues } from "../src/manifest/layouts/values.ts";
import type { Refusal, TextFile } from "../src/yaml/refusal.ts";
import { otherVersion } from "./edit-other.ts";
import {
  at,
  changes,
  deploymentsOf,
  imageIn,
  keyOf,
  nameOf,
  selectorsOf,
  whyWithout,
  type RenderedDeployment,
} from "./render-objects.ts";
import { Different, generally, NotOptedIn, proved, reasonOf, type Outcome } from "./render-outcome.ts";
import { render, type Json, type Renderer } from "./render-tools.ts";
import type { Files, Workplace } from "./render-tree.ts";

/** One chart of a corpus with one of the values files beside it, or with its own values alone. */
export type ChartCase = {
  readonly place: Workplace;
  readonly helm: Renderer;
  readonly chart: string;
  readonly values: string | undefined;
};

// The same values files for both releases, and an owned one last.
const RELEASE = "app";
const CANARY = "app-canary";
const STABLE_VALUES = "tidegate/stable-values.yaml";
const CANARY_VALUES = "tidegate/canary-values.yaml";
const MOST_TRIALS = 6;
// Templates may draw passwords and names by lot.
const OTHERWISE = "what is rendered differs each time";

/** What became of each Deployment of one chart, or why it does not render. */
export async function proveChart(the: ChartCase): Promise<readonly Outcome[]> {
  const path = the.values ?? posix.join(the.chart, "values.yaml");
  const before = await rendering(the, RELEASE);
  if (typeof before === "string") return [{ kind: "unrendered", path, reason: before }];
  const again = await rendering(the, RELEASE);
  if (typeof again === "string" || changes(before, again).length > 0)
    return [{ kind: "unrendered", path, reason: OTHERWISE }];
  const found = deploymentsOf(before);
  if (found.length === 0) return [{ kind: "without", path, reason: whyWithout(before) }];
  const outcomes: Outcome[] = [];
  for (const deployment of found) {
    const outcome = await proved(() => steps(the, before, deployment));
    outcomes.push({ path, service: deployment.name, ...outcome });
  }
  return outcomes;
}

async function steps(the: ChartCase, before: readonly Json[], deployment: RenderedDeployment): Promise<void> {
  const bump = await findBump(the, before, deployment);
  const owned = await ownedBy(the, before, deployment, bump);
  const texts = new Map([
    [STABLE_VALUES, owned.stable.text],
    ...(owned.canary === undefined ? [] : ([[CANARY_VALUES, owned.canary.text]] as const)),
  ]);
  await the.place.withTexts(texts, async () => {
    expectNone("opting in", changes(before, await mustRender(the, RELEASE, STABLE_VALUES)));
    const canary = await mustRender(the, CANARY, canaryValues(owned));
    const arm = armOf(before, canary, deployment);
    checkApart(before, canary, arm);
    if (owned.canary !== undefined && arm.replicas !== 0) throw new Different("the canary has pods after opting in");
    await bumped(the, { before, deployment, arm, bump, owned });
  });
}

type Scene = {
  readonly before: readonly Json[];
  readonly deployment: RenderedDeployment;
  /** The canary's Deployment. */
  readonly arm: RenderedDeployment;
  readonly bump: Bump;
  readonly owned: OwnedValues;
};

async function bumped(the: ChartCase, { before, deployment, arm, bump, owned }: Scene): Promise<void> {
  const { place } = the;
  const pin: ImagePlace = { ...owned.stable.at, image: bump.place.image };
  await place.withTexts(new Map([[bump.place.path, bump.text]]), async () => {
    expectNone("the bump", changes(before, await mustRender(the, RELEASE, STABLE_VALUES)));
    const canary = await mustRender(the, CANARY, canaryValues(owned));
    if (imageIn(objectOf(canary, arm.key), arm.container) !== bump.image)
      throw new Different("the canary after the bump runs another image");
    expectImage("canary", readImageAt(fileOf(place, bump.place.path), bump.place), bump.image);
    const file = { path: STABLE_VALUES, text: owned.stable.text };
    expectImage("stable", readImageAt(file, pin), deployment.image);
    const promoted = valueOf("the promotion", setImageTo(file, pin, bump.image));
    await place.withTexts(new Map([[STABLE_VALUES, promoted]]), async () => {
      const found = changes(before, await mustRender(the, RELEASE, STABLE_VALUES));
      if (found.toSorted().join() !== bump.changes.toSorted().join())
        throw new Different(`the promotion changes ${generally(found)}`);
    });
  });
}

/** The bump of a bot: where, the file's text then, the image then, and what it changes where nothing is opted in. */
type Bump = {
  readonly place: ImagePlace;
  readonly site: ImageSite;
  readonly file: TextFile;
  readonly text: string;
  readonly image: Image;
  readonly changes: readonly string[];
};

async function findBump(the: ChartCase, before: readonly Json[], deployment: RenderedDeployment): Promise<Bump> {
  const version = deployment.image.slice(nameOf(deployment.image).length + 1);
  for (const path of valuesOf(the)) {
    const file = fileOf(the.place, path);
    const { sites } = readImages(file, { read: the.place.read, list: () => [] });
    for (const site of sites.filter((each) => each.version === version).slice(0, MOST_TRIALS)) {
      const bump = await tried(the, before, deployment, { file, site });
      if (bump !== undefined) return bump;
    }
  }
  throw new NotOptedIn("no values file says the version that is rendered");
}

async function tried(
  the: ChartCase,
  before: readonly Json[],
  deployment: RenderedDeployment,
  { file, site }: { readonly file: TextFile; readonly site: ImageSite },
): Promise<Bump | undefined> {
  const next = setImageAt(file, site, otherVersion(site.version));
  if (next.kind === "err") return undefined;
  const landed = await the.place.withTexts(new Map([[file.path, next.value]]), () => rendering(the, RELEASE));
  if (typeof landed === "string") return undefined;
  const image = imageIn(objectOf(landed, deployment.key), deployment.container);
  if (image === deployment.image || !isImage(image)) return undefined;
  const name = nameOf(image);
  const place = { path: file.path, at: site.where, image: site.image === name ? undefined : name };
  return { place, site, file, text: next.value, image, changes: changes(before, landed) };
}

// The values file of the target comes after the chart's own.
function valuesOf({ place, chart, values }: ChartCase): readonly string[] {
  const own = posix.join(chart, "values.yaml");
  return [values, own].filter((path) => path !== undefined && place.read(path) !== undefined) as readonly string[];
}

/** The owned values, with the key to the number of pods that this chart takes, if it takes any. */
async function ownedBy(
  the: ChartCase,
  before: readonly Json[],
  deployment: RenderedDeployment,
  { file, site }: Bump,
): Promise<OwnedValues> {
  const paths = { stable: STABLE_VALUES, canary: CANARY_VALUES };
  for (const replicas of replicaKeys(the)) {
    const owned = mustPin(ownedValues(file, site, { ...paths, replicas }));
    const texts = new Map([[CANARY_VALUES, owned.canary?.text ?? ""]]);
    const canary = await the.place.withTexts(texts, () => rendering(the, CANARY, CANARY_VALUES));
    if (typeof canary !== "string" && armIn(before, canary, deployment)?.replicas === 0) return owned;
  }
  return mustPin(ownedValues(file, site, { ...paths, replicas: undefined }));
}

function mustPin(owned: Result<OwnedValues, Refusal>): OwnedValues {
  if (owned.kind === "ok") return owned.value;
  throw new NotOptedIn(reasonOf(owned.error));
}

/** Keys of numbers of pods in the values, joined by dots. */
function replicaKeys(the: ChartCase): readonly string[] {
  const found = valuesOf(the).flatMap((path) => {
    const root = parseDocument(the.place.read(path) ?? "", { logLevel: "silent" }).contents;
    return isMap(root) ? countsIn(root, []) : [];
  });
  return [...new Set(found)].slice(0, MOST_TRIALS);
}

function countsIn({ items }: YAMLMap, path: readonly string[]): readonly string[] {
  return items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    if (name === "" || name.includes(".")) return [];
    if (isMap(value)) return countsIn(value, [...path, name]);
    const isCount = /^replica(?:s|Count)$/i.test(name) && isScalar(value) && typeof value.value === "number";
    return isCount ? [[...path, name].join(".")] : [];
  });
}

function canaryValues({ canary }: OwnedValues): string | undefined {
  return canary === undefined ? undefined : CANARY_VALUES;
}

/** The same Deployment of the other release. */
function armIn(
  before: readonly Json[],
  canary: readonly Json[],
  { key }: RenderedDeployment,
): RenderedDeployment | undefined {
  return deploymentsOf(canary)[deploymentsOf(before).findIndex((other) => other.key === key)];
}

function armOf(before: readonly Json[], canary: readonly Json[], deployment: RenderedDeployment): RenderedDeployment {
  const arm = armIn(before, canary, deployment);
  if (arm === undefined) throw new Different("the canary's release has no such Deployment");
  return arm;
}

// A chart whose objects are called alike in every release cannot run twice side by side; that is its own to change.
function checkApart(before: readonly Json[], canary: readonly Json[], arm: RenderedDeployment): void {
  const known = new Set(before.map(keyOf));
  if (known.has(arm.key)) throw new NotOptedIn("the chart calls the Deployments of two releases the same");
  if (selectorsOf(before).some((selector) => selects(selector, arm.pods)))
    throw new NotOptedIn("the chart's Services select the pods of both releases");
  if (canary.some((object) => at(object, "kind") === "Service" && known.has(keyOf(object))))
    throw new NotOptedIn("the chart calls the Services of two releases the same");
}

function expectNone(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new Different(`${what} changes ${generally(found)}`);
}

function expectImage(what: string, read: Result<Image, Refusal>, image: Image): void {
  if (valueOf("reading", read) !== image) throw new Different(`what is read of ${what} is not what is rendered`);
}

function valueOf<T>(what: string, result: Result<T, Refusal>): T {
  if (result.kind === "ok") return result.value;
  throw new Different(`${what} is refused: ${reasonOf(result.error)}`);
}

function fileOf({ read }: Workplace, path: string): TextFile {
  return { path, text: read(path) ?? "" };
}

function objectOf(objects: readonly Json[], key: string): Json | undefined {
  return objects.find((object) => keyOf(object) === key);
}

async function rendering(the: ChartCase, release: string, last?: string): Promise<readonly Json[] | string> {
  const files = [the.values, last].flatMap((path) => (path === undefined ? [] : ["--values", path]));
  const done = await render(the.helm, the.place.folder, [
    release,
    the.chart,
    "--namespace",
    "default",
    "--skip-tests",
    ...files,
  ]);
  return done.kind === "rendered" ? done.objects : done.said;
}

async function mustRender(the: ChartCase, release: string, last: string | undefined): Promise<readonly Json[]> {
  const objects = await rendering(the, release, last);
  if (typeof objects !== "string") return objects;
  throw new Different(`it does not render after opting in: ${generally([objects.slice(-200)])}`);
}

/** The charts of a corpus, each with every values file beside it; `stubs` are what a chart without its own files needs to be one. */
export function chartsIn(files: Files): readonly { readonly chart: string; readonly values: string | undefined }[] {
  const folders = [...files.keys()].flatMap((path) => /^(.+)\/Chart\.yaml$/.exec(path)?.[1] ?? []);
  return folders
    .filter((folder) => [...files.keys()].some((path) => path.startsWith(`${folder}/templates/`)))
    .toSorted()
    .flatMap((chart) => [
      { chart, values: undefined },
      ...[...files.keys()]
        .filter((path) => posix.dirname(path) === chart && /^values[-._].+\.ya?ml$/.test(posix.basename(path)))
        .toSorted()
        .map((values) => ({ chart, values })),
    ]);
}

/** What an archive of manifests alone leaves out of its charts: who they are, and the names and labels that their templates take from each other. */
export function chartStubs(files: Files): Files {
  const paths = [...files.keys()];
  const folders = new Set(paths.flatMap((path) => /^(.+?)\/templates\//.exec(path)?.[1] ?? []));
  const bare = [...folders].filter(
    (folder) => !files.has(`${folder}/Chart.yaml`) && files.has(`${folder}/values.yaml`),
  );
  return new Map(
    bare.flatMap((folder) => {
      const templates = paths
        .filter((path) => path.startsWith(`${folder}/templates/`))
        .map((path) => files.get(path) ?? "");
      const name = posix
        .basename(folder)
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, "-");
      return [
        [`${folder}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 0.1.0\nappVersion: "1.0.0"\n`],
        [`${folder}/templates/_stubs.tpl`, stubsFor(templates, name)],
      ] as const;
    }),
  );
}

function stubsFor(templates: readonly string[], chart: string): string {
  const text = templates.join("\n");
  const called = new Set([...text.matchAll(/(?:include|template)\s+"([^"]+)"/g)].map((match) => match[1] ?? ""));
  const defined = new Set([...text.matchAll(/define\s+"([^"]+)"/g)].map((match) => match[1] ?? ""));
  return [...called]
    .filter((name) => !defined.has(name))
    .map((name) => `{{- define "${name}" -}}\n${stubOf(name, chart)}\n{{- end -}}\n`)
    .join("");
}

// Some are given the root, some a dictionary that has it under a key of the chart's own, some a part of the values, which has no release.
const ROOT = `{{- $release := "app" -}}
{{- if kindIs "map" . -}}
{{- if hasKey . "Release" -}}{{- $release = .Release.Name -}}{{- else -}}
{{- range . -}}{{- if or (typeIs "map[string]interface {}" .) (hasSuffix ".Values" (typeOf .)) -}}
{{- if hasKey . "Release" -}}{{- $release = .Release.Name -}}{{- end -}}
{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
`;

function stubOf(name: string, chart: string): string {
  if (/labels|selector/i.test(name))
    return `${ROOT}app.kubernetes.io/name: ${chart}\napp.kubernetes.io/instance: {{ $release }}`;
  return `${ROOT}{{ $release }}-${chart}`;
}
