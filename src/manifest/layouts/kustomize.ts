import type { Image } from "../../core/image.ts";
import { isName, type Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { ImagePlace, Place } from "../../core/state.ts";
import { entryAt, lookText } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Mapping } from "../../yaml/tree.ts";
import type { Data } from "../data.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { insertItem, insertKey } from "../insert.ts";
import type { Labels } from "./arm-labels.ts";
import { ownedText } from "./owned-text.ts";

/** A Deployment as its overlay renders it before it is opted in. */
export type RenderedWorkload = {
  readonly name: Name;
  readonly namespace: Name | undefined;
  readonly image: Image;
  /** The containers that run that image. */
  readonly containers: readonly { readonly list: "containers" | "initContainers"; readonly name: string }[];
};

/** How an overlay is opted in. */
export type OverlayOptIn = {
  readonly workload: RenderedWorkload;
  /** What the canary's pods are selected by, some of it with another value than stable's pods have; see `canaryLabels`. */
  readonly labels: Labels;
  /** The folder of the owned files, relative to the kustomization. */
  readonly folder: string;
  /** The ports of the Service that the canary gets, as the Service's of stable; undefined where nobody calls it. */
  readonly ports: readonly Data[] | undefined;
  /** Further files of that folder that hold objects: the route. */
  readonly objects: readonly string[];
};

/** What opting in makes: the texts by path, what the canary and its Service are called in the owned files and in the cluster, and where the pin and the canary's replicas are written. */
export type OptedIn = {
  readonly texts: ReadonlyMap<string, string>;
  readonly canary: { readonly written: Name; readonly rendered: Name };
  readonly stable: ImagePlace;
  readonly canaryReplicas: Place;
};

/**
 * Splits a Deployment of an overlay into two arms. The one that is there stays as it is and becomes stable: its image is pinned by an owned entry under
 * `transformers:`, which runs after the `images:` and `patches:` of the same kustomization, whatever these say. The canary is a second Deployment whose
 * pod template is copied from it right before that, so that it follows what people change; its own labels, selector and replicas are put back last.
 * The kustomization gets two lines. Refused where it cannot be edited, or says that it is no overlay.
 */
export function optInOverlay(kustomization: TextFile, optIn: OverlayOptIn): Result<OptedIn, Refusal> {
  return attempt(() => {
    const named = namesOf(kustomization, optIn);
    const base = kustomization.path.slice(0, kustomization.path.lastIndexOf("/") + 1);
    const at = (name: string) => `${base}${optIn.folder}/${name}`;
    const texts = new Map([
      [kustomization.path, withOwnedEntries(kustomization, optIn.folder)],
      [at("kustomization.yaml"), ownKustomization(optIn)],
      [at(STABLE), stableText(named, optIn)],
      [at(CANARY), canaryText(named, optIn)],
      ...(optIn.ports === undefined ? [] : ([[at(SERVICE), serviceText(named, optIn, optIn.ports)]] as const)),
      [at(ARMS), armsText(named, optIn)],
    ]);
    return {
      texts,
      canary: { written: named.written.canary, rendered: named.rendered.canary },
      stable: {
        path: at(STABLE),
        at: `ConfigMap ${inNamespace(named.written.stable, optIn)} data.image`,
        image: undefined,
      },
      canaryReplicas: { path: at(CANARY), at: `${UNTIL} ${inNamespace(named.written.canary, optIn)} spec.replicas` },
    };
  });
}

/** The kustomization with the entries of an owned folder. Throws Refused where it cannot be edited. */
export function withOwnedEntries(
  kustomization: TextFile,
  folder: string,
  keys: readonly OwnedKey[] = ["resources", "transformers"],
): string {
  return keys.reduce((file, key) => withEntry(file, key, ownedEntry(key, folder)), kustomization).text;
}

/** The lists of a kustomization that have an entry of ours: what it takes in, and what is done to that last. */
export type OwnedKey = "resources" | "transformers";

/** What stands for an owned folder in a list. */
export function ownedEntry(key: OwnedKey, folder: string): string {
  return key === "resources" ? folder : `${folder}/${ARMS}`;
}

const STABLE = "stable.yaml";
const CANARY = "canary.yaml";
const SERVICE = "service.yaml";
const ARMS = "arms.yaml";
// The canary's kind until all is done: patches and selectors for every Deployment pass it by, kustomize keeps up its references to ConfigMaps, Secrets,
// claims and accounts as it does a Deployment's, and without pods it would do no harm if it stayed so.
const UNTIL = "StatefulSet";
// Objects with it are read by kustomize and left out of what it gives.
const LOCAL = { "config.kubernetes.io/local-config": "true" };

/** What the owned objects are called in their files, and after the overlay's prefix and suffix: the canary's Deployment, the pin. */
type Named = { readonly [at in "written" | "rendered"]: { readonly canary: Name; readonly stable: Name } };

function namesOf(file: TextFile, { workload: { name } }: OverlayOptIn): Named {
  const { source, prefix, suffix } = affixesIn(file);
  const bare = writtenName(file, name);
  const called = (arm: string) => nameIn(source, `${bare}-${arm}`);
  const rendered = (arm: string) => nameIn(source, `${prefix}${bare}-${arm}${suffix}`);
  return {
    written: { canary: called("canary"), stable: called("stable") },
    rendered: { canary: rendered("canary"), stable: rendered("stable") },
  };
}

/** What an object is called in its file, where the kustomization that lists it gives it a name; what does not begin and end so gets no other. Throws Refused where it cannot be read. */
export function writtenName(kustomization: TextFile, name: string): string {
  const { prefix, suffix } = affixesIn(kustomization);
  return name.slice(
    name.startsWith(prefix) ? prefix.length : 0,
    name.endsWith(suffix) ? name.length - suffix.length : name.length,
  );
}

function affixesIn(file: TextFile): { readonly source: Source; readonly prefix: string; readonly suffix: string } {
  const { source, root } = overlayIn(file);
  const prefix = lookText(source, root, ["namePrefix"]) ?? "";
  return { source, prefix, suffix: lookText(source, root, ["nameSuffix"]) ?? "" };
}

function nameIn(source: Source, text: string): Name {
  if (isName(text)) return text;
  return refuse(source, 0, `the name ${quote(text)}`, "a name has at most 63 lower-case letters, digits and dashes");
}

function overlayIn(file: TextFile): { readonly source: Source; readonly root: Mapping } {
  const source = readSource(file);
  const [root, second] = source.documents;
  if (root?.kind !== "map" || second !== undefined)
    return refuse(file, 0, "no kustomization", "a kustomization is one document of keys");
  const kind = lookText(source, root, ["kind"]) ?? "Kustomization";
  if (kind !== "Kustomization") refuse(file, root, `a ${kind}`, "what is opted in is a kustomization that is rendered");
  return { source, root };
}

/** The kustomization with one more entry at the end of a list, which is added where it is missing. */
function withEntry(file: TextFile, key: string, entry: string): TextFile {
  const { source, root } = overlayIn(file);
  const at = { document: 0, path: [] };
  const draft =
    entryAt(root, key) === undefined
      ? insertKey(source, NO_EDIT, at, { key, value: [entry], slot: { kind: "after", keys: NEIGHBOURS } })
      : insertItem(source, NO_EDIT, { ...at, path: [key] }, { item: entry });
  return { path: file.path, text: edited(source, draft) };
}

// A list that is missing is added behind what usually goes before it.
const NEIGHBOURS = [
  "apiVersion",
  "kind",
  "metadata",
  "namespace",
  "namePrefix",
  "nameSuffix",
  "bases",
  "resources",
  "components",
  "generators",
  "patches",
  "patchesStrategicMerge",
  "patchesJson6902",
  "images",
  "replicas",
  "replacements",
];

function inNamespace(name: Name, { workload: { namespace } }: OverlayOptIn): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function ownKustomization({ ports, objects }: OverlayOptIn): string {
  return ownedText({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [STABLE, CANARY, ...(ports === undefined ? [] : [SERVICE]), ...objects],
  });
}

// A ConfigMap, because every reader of manifests knows it; no cluster ever gets it.
function stableText({ written }: Named, { workload }: OverlayOptIn): string {
  return ownedText({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: written.stable, ...namespaceOf(workload), annotations: LOCAL },
    data: { image: workload.image },
  });
}

function canaryText({ written }: Named, { workload, labels }: OverlayOptIn): string {
  const said = "# A Deployment in the end, see arms.yaml: patches for all Deployments would not fit what is here.\n";
  const text = ownedText({
    apiVersion: "apps/v1",
    kind: UNTIL,
    metadata: { name: written.canary, ...namespaceOf(workload) },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
  return `${said}${text}`;
}

function serviceText({ written }: Named, { workload, labels }: OverlayOptIn, ports: readonly Data[]): string {
  return ownedText({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: written.canary, ...namespaceOf(workload) },
    spec: { selector: labels, ports },
  });
}

/** How kustomize selects an object. */
type Selected = { readonly [key: string]: Data };

function armsText({ rendered }: Named, { workload, folder, ports }: OverlayOptIn): string {
  const { name, containers } = workload;
  const where = namespaceOf(workload);
  const selected = (kind: string, one: Name): Selected => ({ group: "apps", kind, name: one, ...where });
  const [stable, canary] = [selected("Deployment", name), selected(UNTIL, rendered.canary)];
  const template = {
    source: { ...stable, fieldPath: "spec.template" },
    targets: [{ select: canary, fieldPaths: ["spec.template"] }],
  };
  const pin = {
    source: { kind: "ConfigMap", name: rendered.stable, ...where, fieldPath: "data.image" },
    targets: [{ select: stable, fieldPaths: containers.map(imageField) }],
  };
  return ownedText(
    {
      apiVersion: "builtin",
      kind: "ReplacementTransformer",
      metadata: { name: `${name}-arms` },
      replacements: [template, pin],
    },
    {
      apiVersion: "builtin",
      kind: "PatchTransformer",
      metadata: { name: rendered.canary },
      target: canary,
      path: `${folder}/${CANARY}`,
    },
    {
      apiVersion: "builtin",
      kind: "PatchTransformer",
      metadata: { name: `${rendered.canary}-kind` },
      target: canary,
      patch: JSON.stringify([{ op: "replace", path: "/kind", value: "Deployment" }]),
      options: { allowKindChange: true },
    },
    ...(ports === undefined ? [] : [selectorOf(selected("Deployment", rendered.canary), rendered.canary, where)]),
  );
}

// Labels that the overlay gives to all selectors are given to this one as well: it is what the canary's pods are called by in the end.
function selectorOf(deployment: Selected, name: Name, inNamespace: { readonly namespace?: Name }) {
  const select = { kind: "Service", name, ...inNamespace };
  return {
    apiVersion: "builtin",
    kind: "ReplacementTransformer",
    metadata: { name: `${name}-service` },
    replacements: [
      {
        source: { ...deployment, fieldPath: "spec.selector.matchLabels" },
        targets: [{ select, fieldPaths: ["spec.selector"] }],
      },
    ],
  };
}

// Where the overlay says none, its objects say it themselves.
function namespaceOf({ namespace }: RenderedWorkload): { readonly namespace?: Name } {
  return namespace === undefined ? {} : { namespace };
}

// Kustomize takes the name for a regular expression that may match anywhere in it: without its ends it would mean `app-proxy` as well as `app`.
function imageField({ list, name }: RenderedWorkload["containers"][number]): string {
  return `spec.template.spec.${list}.[name=^${name}$].image`;
}
