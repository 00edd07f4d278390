import { isName } from "../../core/names.ts";
import type { Data } from "../../manifest/data.ts";
import { nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, entriesOf, isMapping, textAt, withAt, type Values } from "../../manifest/kustomize/value.ts";
import { ownedText } from "../../manifest/layouts/owned-text.ts";
import { baseOf, folderOf, resolvePath, within } from "../../manifest/services/paths.ts";
import { attempt, type TextFile } from "../../yaml/refusal.ts";
import type { Ground } from "../model.ts";
import { applicationIn, chartSource, fileFor, releaseByArgo, releaseIn } from "./application.ts";
import { berthed, berthOf, pathAt } from "./berth.ts";
import { withListed, type ListOf } from "./lists.ts";
import { canaryRelease, plainTexts, refuseAt, textFor, type Bringer, type Owned, type Release } from "./release.ts";

/** How an Application of Argo CD brings a chart of the repository. Throws Refused where a second one could not be brought beside it for certain. */
export function broughtByArgo(ground: Ground, application: Built): Bringer {
  const { read } = ground;
  const { release, inline } = releaseIn(read, application);
  refuseOverrides(ground, application, release.chart);
  const berth = berthOf(ground, application);
  const own = namesFor(ground, application);
  const second = pathAt(berth, own.canary);
  canaryRelease(application, release.name);
  return {
    object: application,
    release,
    inline,
    beside: folderOf(release.files.at(-1) ?? within(release.chart, "values.yaml")),
    namesNamespace: false,
    write: (owned) => {
      const text = withListed(
        textFor(read, application),
        valueFilesOf(application),
        writtenPath(application, release.chart, owned.stable.path),
      );
      const more = berthed(berth, read, { path: second, text: applicationsText(application, release, { owned, own }) });
      const listed = owned.objects.map((file) => file.path.slice(owned.folder.length));
      return {
        texts: new Map([[application.path, text], ...more, ...listOf(owned.folder, listed)]),
        besides: [second],
      };
    },
    stable: (after) => releaseByArgo(after, application),
    canary: (after) => releaseIn(after, applicationIn(after, second, own.canary) ?? application).release,
  };
}

/** The entry of some owned values among the values files of an Application. */
export type Entry = {
  readonly application: Built;
  readonly file: TextFile;
  readonly list: ListOf;
  readonly item: string;
};

/** The Application that has some owned values; undefined where none has. */
export function stableEntryIn({ inventory: { state }, read }: Ground, path: string): Entry | undefined {
  const facts = [...state.facts.values()].flatMap(({ objects }) => objects);
  for (const one of facts.filter(({ holds }) => holds.kind === "argo-application")) {
    const text = read(one.path);
    const application = text?.includes(baseOf(path)) === true ? applicationIn(read, one.path, one.name) : undefined;
    if (application === undefined || text === undefined) continue;
    const found = attempt(() => {
      const { source } = chartSource(application);
      const chart = resolvePath("", textAt(source, "path") ?? "") ?? "";
      const names = plainTexts(application, at(source, "helm", "valueFiles"));
      return names.find((name) => fileFor(application, chart, name) === path);
    });
    if (found.kind === "ok" && found.value !== undefined)
      return { application, file: { path: one.path, text }, list: valueFilesOf(application), item: found.value };
  }
  return undefined;
}

/** The list that the owned values of stable are the last of. */
function valueFilesOf(application: Built): ListOf {
  const { path } = chartSource(application);
  return {
    kind: "Application",
    name: nameOf(application),
    path,
    keys: ["helm", "valueFiles"],
    after: path.length === 0 ? [] : ["repoURL", "targetRevision", "path", "releaseName"],
  };
}

/** A file of values as the Application names it, in the way that it names the others. */
function writtenPath(application: Built, chart: string, path: string): string {
  const { source } = chartSource(application);
  const named = plainTexts(application, at(source, "helm", "valueFiles"));
  const ref = named.findLast((name) => name.startsWith("$"));
  if (ref !== undefined) return `${ref.slice(0, ref.indexOf("/"))}/${path}`;
  return relativePath(chart, path);
}

/** A path from a folder: `../prod/values.yaml`. */
export function relativePath(folder: string, path: string): string {
  const [from, to] = [folder.split("/").filter((part) => part !== ""), path.split("/")];
  const common = from.findIndex((part, index) => part !== to[index]);
  const shared = common === -1 ? from.length : common;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/");
}

/** What is written by Argo CD's own tools, and is stronger than any file. */
function refuseOverrides({ inventory: { listing } }: Ground, application: Built, chart: string): void {
  const own = [".argocd-source.yaml", `.argocd-source-${nameOf(application)}.yaml`].map((name) => within(chart, name));
  const path = own.find((one) => listing.has(one));
  if (path !== undefined) refuseAt(application, path, "what it says is stronger than every values file");
  const updater = entriesOf(at(application.value, "metadata", "annotations")).find(
    ([key]) => key === `${UPDATER}image-list`,
  );
  if (updater !== undefined)
    refuseAt(
      application,
      updater[0],
      "what Argo CD Image Updater writes into the Application is stronger than every values file",
    );
}

const UPDATER = "argocd-image-updater.argoproj.io/";

type Names = { readonly canary: string; readonly route: string };

function namesFor({ inventory: { state } }: Ground, application: Built): Names {
  const names = { canary: `${nameOf(application)}-canary`, route: `${nameOf(application)}-route` };
  const facts = [...state.facts.values()].flatMap(({ objects }) => objects);
  for (const name of Object.values(names)) {
    if (!isName(name))
      refuseAt(application, `the Application ${nameOf(application)}`, `${name} is no name for another one`);
    const taken = facts.find((fact) => fact.kind === "Application" && fact.name === name);
    if (taken !== undefined) refuseAt(application, `the Application ${name}`, `it is there already, in ${taken.path}`);
  }
  return names;
}

type Writing = { readonly owned: Owned; readonly own: Names };

/** The canary's Application, as stable's but for its names and its last values; and one for the template's objects. */
function applicationsText(application: Built, release: Release, { owned, own }: Writing): string {
  const { source, path } = chartSource(application);
  const files = [
    ...plainTexts(application, at(source, "helm", "valueFiles")),
    writtenPath(application, release.chart, owned.canary.path),
  ];
  const helm = withAt(
    withAt(at(source, "helm"), ["releaseName"], canaryRelease(application, release.name)),
    ["valueFiles"],
    files,
  );
  const canary = withAt(
    withAt(application.value, [...path, "helm"], helm),
    ["metadata"],
    metadataOf(application, own.canary),
  );
  const route = routeApplication(application, source, { name: own.route, folder: folderOf(`${owned.folder}x`) });
  return ownedText(bare(canary), ...(owned.objects.length === 0 ? [] : [route]));
}

/** The kustomization of the template's objects. */
function listOf(folder: string, resources: readonly string[]): ReadonlyMap<string, string> {
  if (resources.length === 0) return new Map();
  const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
  return new Map([[`${folder}kustomization.yaml`, ownedText(kustomization)]]);
}

function bare(data: Data): Values {
  if (!isMapping(data)) throw new RangeError("An Application is a mapping.");
  return Object.fromEntries(["apiVersion", "kind", "metadata", "spec"].map((key) => [key, data[key] ?? null]));
}

function metadataOf({ value }: Built, name: string): Values {
  const own = at(value, "metadata");
  const annotations = entriesOf(at(own, "annotations")).filter(
    ([key]) => !key.startsWith(UPDATER) && !key.startsWith("kubectl.kubernetes.io/"),
  );
  const kept = ["namespace", "labels", "finalizers"].flatMap((key) => {
    const said = at(own, key);
    return said === undefined ? [] : [[key, said] as const];
  });
  return {
    name,
    ...Object.fromEntries(kept),
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
  };
}

function routeApplication(
  application: Built,
  source: Values,
  { name, folder }: { readonly name: string; readonly folder: string },
): Values {
  const spec = at(application.value, "spec");
  const kept = (from: Data | undefined, keys: readonly string[]) =>
    Object.fromEntries(keys.flatMap((key) => (at(from, key) === undefined ? [] : [[key, at(from, key) ?? null]])));
  return {
    apiVersion: textAt(application.value, "apiVersion") ?? "",
    kind: "Application",
    metadata: metadataOf(application, name),
    spec: {
      ...kept(spec, ["project"]),
      source: { ...kept(source, ["repoURL", "targetRevision"]), path: folder },
      ...kept(spec, ["destination", "syncPolicy"]),
    },
  };
}
