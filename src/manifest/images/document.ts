import { peek, peekText } from "../../yaml/look.ts";
import type { List, Mapping, Tree } from "../../yaml/tree.ts";
import { keyMeaning, type Ground } from "./ground.ts";
import { readOffered } from "./offered.ts";
import { readSaid } from "./mapping.ts";
import type { Said } from "./said.ts";
import type { SiteKind } from "./site.ts";
import { walk } from "./walk.ts";

/** Reads the documents of a file, or of a text within one. */
export function readDocuments(ground: Ground, documents: readonly Tree[]): void {
  for (const [index, tree] of documents.entries()) {
    readDocument(ground, tree, documents.length === 1 ? "" : `#${index}`);
  }
}

/** Reads one document; `fallback` is its name where it says none. */
function readDocument(ground: Ground, tree: Tree, fallback: string): void {
  if (tree.kind === "list") readList(withObject(ground, fallback), tree);
  if (tree.kind !== "map") return;
  const [kind, version] = [peekText(tree, ["kind"]), peekText(tree, ["apiVersion"])];
  if (kind !== undefined && version !== undefined) {
    readObject(ground, tree, { kind, group: version.slice(0, Math.max(0, version.indexOf("/"))), fallback });
  } else if (ground.trust === "values" || !isPipeline(tree)) {
    readWhole(plainGround(ground, tree, fallback), tree);
  }
}

// What is copied elsewhere stands in files, not in texts within them.
function readWhole(ground: Ground, tree: Mapping): void {
  walk(ground, tree, undefined);
  if (ground.base === 0) readOffered(ground, tree, ground.copies);
}

function readObject(ground: Ground, tree: Mapping, identity: Identity): void {
  const { kind, group, fallback } = identity;
  const items = kind.endsWith("List") ? peek(tree, ["items"]) : undefined;
  if (items?.kind === "list") readItems(ground, items, fallback);
  else if (!isWithoutImages(kind, group)) readWhole(objectGround(ground, tree, identity), tree);
}

function readItems(ground: Ground, { items }: List, fallback: string): void {
  for (const [index, item] of items.entries()) readDocument(ground, item, `${fallback}#${index}`);
}

function withObject(ground: Ground, object: string): Ground {
  return { ...ground, object: `${ground.object} ${object}`.trim() };
}

function plainGround(ground: Ground, tree: Mapping, fallback: string): Ground {
  const isCompose =
    ground.kind === "custom" && tree.entries.some(({ key, value }) => key === "services" && value.kind === "map");
  const trust = ground.trust === "values" ? "values" : "plain";
  return { ...withObject(ground, fallback), trust, kind: isCompose ? "compose" : ground.kind };
}

// Continuous integration under any name: GitLab's stages with their scripts; jobs or steps with what starts them or where they run.
function isPipeline({ entries }: Mapping): boolean {
  const keys = new Set(entries.map(({ key }) => key));
  if (keys.has("stages")) return entries.some(({ value }) => peek(value, ["script"]) !== undefined);
  if (!keys.has("jobs") && !keys.has("steps")) return false;
  return STARTS.some((key) => keys.has(key));
}

const STARTS = ["on", "true", "workflows", "trigger", "pool", "substitutions"] as const;

// Definitions, sources of charts and of files: what looks like an image in them is none that runs.
function isWithoutImages(kind: string, group: string): boolean {
  if (kind === "CustomResourceDefinition") return true;
  return group === "source.toolkit.fluxcd.io" || (kind === "ImagePolicy" && group === "image.toolkit.fluxcd.io");
}

const WORKLOADS: ReadonlySet<string> = new Set([
  "apps",
  "batch",
  "extensions",
  "apps.openshift.io",
  "tekton.dev",
  "serving.knative.dev",
]);
const PODS: ReadonlySet<string> = new Set(["Pod", "PodTemplate", "ReplicationController"]);

// By the object's group and kind; what a group is used for alone needs no kind.
const KINDS: Readonly<Record<string, SiteKind>> = {
  "helm.toolkit.fluxcd.io/HelmRelease": "helm-release",
  "helm.fluxcd.io/HelmRelease": "helm-release",
  "flux.weave.works/HelmRelease": "helm-release",
  "helm.cattle.io/HelmChart": "helm-release",
  "helm.cattle.io/HelmChartConfig": "helm-release",
  "argoproj.io/Application": "argo-app",
  "argoproj.io/ApplicationSet": "argo-app",
  "argoproj.io/Rollout": "workload",
  "argoproj.io/Workflow": "workload",
  "argoproj.io/CronWorkflow": "workload",
  "argoproj.io/WorkflowTemplate": "workload",
  "argoproj.io/ClusterWorkflowTemplate": "workload",
  "kustomize.config.k8s.io/Kustomization": "kustomization",
  "kustomize.config.k8s.io/Component": "kustomization",
  "kustomize.toolkit.fluxcd.io/Kustomization": "kustomization",
};

function siteKind(ground: Ground, { kind, group }: Identity): SiteKind {
  if (ground.kind === "patch" || ground.kind === "template" || ground.kind === "embedded") {
    return KINDS[`${group}/${kind}`] === "argo-app" ? "argo-app" : ground.kind;
  }
  if (WORKLOADS.has(group) || (group === "" && PODS.has(kind))) return "workload";
  return KINDS[`${group}/${kind}`] ?? "custom";
}

type Identity = { readonly kind: string; readonly group: string; readonly fallback: string };

function objectGround(ground: Ground, tree: Mapping, { kind, group, fallback }: Identity): Ground {
  const name = peekText(tree, ["metadata", "name"]) ?? peekText(tree, ["metadata", "generateName"]) ?? fallback;
  const namespace = peekText(tree, ["metadata", "namespace"]);
  const object = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`.trim();
  const isVariables = kind === "ConfigMap" || kind === "Secret";
  return {
    ...withObject(ground, object),
    kind: isVariables ? "embedded" : siteKind(ground, { kind, group, fallback }),
    trust: "manifest",
  };
}

/** Reads a list at a document's root: the operations of a JSON patch, or whatever it holds. */
function readList(ground: Ground, list: List): void {
  const isPatch =
    list.items.length > 0 &&
    list.items.every((item) => peekText(item, ["op"]) !== undefined && peekText(item, ["path"]) !== undefined);
  const patch: Ground = isPatch ? { ...ground, kind: "patch" } : ground;
  if (isPatch) for (const [index, item] of list.items.entries()) readOperation(patch, list, index, item);
  walk(patch, list, undefined);
  if (ground.base === 0) readOffered(patch, list, ground.copies);
}

// The last word of the path says what the value is, and the one before it what that is part of.
function readOperation(ground: Ground, list: Tree, index: number, item: Tree): void {
  const value = item.kind === "map" ? item.entries.find(({ key }) => key === "value")?.value : undefined;
  const keys = (peekText(item, ["path"]) ?? "").split("/").filter((part) => !/^(?:\d+|-)$/.test(part));
  const key = keys.at(-1)?.replaceAll("~1", "/").replaceAll("~0", "~");
  if (value === undefined || value.kind !== "scalar" || key === undefined) return;
  const said: Said = {
    ...keyMeaning(ground, key),
    key,
    node: value,
    place: { up: { up: undefined, key: index, of: list }, key: "value", of: item },
  };
  readSaid(ground, [said], keys.at(-2) ?? "");
}
