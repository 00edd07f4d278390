import type { Image } from "../../core/image.ts";
import type { Name } from "../../core/names.ts";
import type { Data } from "../data.ts";
import type { WorkloadKind } from "../deployment.ts";
import type { Values } from "../kustomize/value.ts";
import { KNATIVE_GROUP } from "../knative.ts";
import type { Labels } from "./arm-labels.ts";
import { ownedText } from "./owned-text.ts";

/** A Deployment, or a Knative Service, as its overlay renders it before it is opted in. */
export type RenderedWorkload = {
  readonly kind: Exclude<WorkloadKind, "Rollout">;
  readonly name: Name;
  readonly namespace: Name | undefined;
  readonly image: Image;
  /** The containers that run that image. The only one of a Knative Service may have no name. */
  readonly containers: readonly {
    readonly list: "containers" | "initContainers";
    readonly name: string | undefined;
  }[];
};

/** How an overlay is opted in. */
export type OverlayOptIn = {
  readonly workload: RenderedWorkload;
  /** What the canary's pods are selected by, some of it with another value than stable's pods have; see `canaryLabels`. Knative labels its pods itself. */
  readonly labels: Labels;
  /** The folder of the owned files, relative to the kustomization. */
  readonly folder: string;
  /** The ports of the Service that the canary gets, as the Service's of stable; undefined where nobody calls it. */
  readonly ports: readonly Data[] | undefined;
  /** Further files of that folder that hold objects: the route. */
  readonly objects: readonly string[];
};

/** What the owned objects are called in their files, and after the overlay's prefix and suffix: the canary's workload, the pin. */
export type Named = { readonly [at in "written" | "rendered"]: { readonly canary: Name; readonly stable: Name } };

export const STABLE = "stable.yaml";
export const CANARY = "canary.yaml";
export const SERVICE = "service.yaml";
export const ARMS = "arms.yaml";
// The canary's kind until all is done: patches and selectors for every Deployment pass it by, kustomize keeps up its references to ConfigMaps, Secrets,
// claims and accounts as it does a Deployment's, and without pods it would do no harm if it stayed so.
const UNTIL = "StatefulSet";
// Objects with it are read by kustomize and left out of what it gives.
const LOCAL = { "config.kubernetes.io/local-config": "true" };

// A ConfigMap, because every reader of manifests knows it; no cluster ever gets it.
export function stableText({ written }: Named, { workload }: OverlayOptIn): string {
  return ownedText({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: written.stable, ...namespaceOf(workload), annotations: LOCAL },
    data: { image: workload.image },
  });
}

export function canaryText({ written }: Named, { workload, labels }: OverlayOptIn): string {
  if (workload.kind === "Knative")
    return ownedText({
      apiVersion: `${KNATIVE_GROUP}/v1`,
      kind: "Configuration",
      metadata: { name: written.canary, ...namespaceOf(workload) },
      spec: { template: {} },
    });
  const said = "# A Deployment in the end, see arms.yaml: patches for all Deployments would not fit what is here.\n";
  const text = ownedText({
    apiVersion: "apps/v1",
    kind: UNTIL,
    metadata: { name: written.canary, ...namespaceOf(workload) },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
  return `${said}${text}`;
}

export function serviceText({ written }: Named, { workload, labels }: OverlayOptIn, ports: readonly Data[]): string {
  return ownedText({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: written.canary, ...namespaceOf(workload) },
    spec: { selector: labels, ports },
  });
}

/** Where the pin is written. */
export function pinPlace({ written }: Named, optIn: OverlayOptIn): string {
  return `ConfigMap ${inNamespace(written.stable, optIn)} data.image`;
}

/** Where the number of the canary's pods is written; undefined where Knative says it. */
export function replicasPlace({ written }: Named, optIn: OverlayOptIn): string | undefined {
  if (optIn.workload.kind === "Knative") return undefined;
  return `${UNTIL} ${inNamespace(written.canary, optIn)} spec.replicas`;
}

function inNamespace(name: Name, { workload: { namespace } }: OverlayOptIn): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** How kustomize selects an object. */
type Selected = { readonly [key: string]: Data };

// What the canary is until all is done.
const KINDS = {
  Deployment: { group: "apps", stable: "Deployment", canary: UNTIL },
  Knative: { group: KNATIVE_GROUP, stable: "Service", canary: "Configuration" },
} as const;

export function armsText(named: Named, optIn: OverlayOptIn): string {
  const { kind, name, containers } = optIn.workload;
  const { group, ...kinds } = KINDS[kind];
  const where = namespaceOf(optIn.workload);
  const stable: Selected = { group, kind: kinds.stable, name, ...where };
  const canary: Selected = { group, kind: kinds.canary, name: named.rendered.canary, ...where };
  const template = {
    source: { ...stable, fieldPath: "spec.template" },
    targets: [{ select: canary, fieldPaths: ["spec.template"] }],
  };
  const pin = {
    source: { kind: "ConfigMap", name: named.rendered.stable, ...where, fieldPath: "data.image" },
    targets: [{ select: stable, fieldPaths: containers.map(imageField) }],
  };
  return ownedText(
    {
      apiVersion: "builtin",
      kind: "ReplacementTransformer",
      metadata: { name: `${name}-arms` },
      replacements: [template, pin],
    },
    ...(kind === "Knative" ? [] : lastWords(named, optIn, canary)),
  );
}

/** What is the canary's alone, put back last: its labels, selector and replicas, its kind, and its Service's selector. */
function lastWords(
  { rendered }: Named,
  { workload, folder, ports }: OverlayOptIn,
  canary: Selected,
): readonly Values[] {
  const where = namespaceOf(workload);
  const deployment: Selected = { group: "apps", kind: "Deployment", name: rendered.canary, ...where };
  return [
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
    ...(ports === undefined ? [] : [selectorOf(deployment, rendered.canary, where)]),
  ];
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
  return `spec.template.spec.${list}.${name === undefined ? "0" : `[name=^${name}$]`}.image`;
}
