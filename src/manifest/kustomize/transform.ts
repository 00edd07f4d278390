import type { Data } from "../data.ts";
import { becoming, becomingData, groupOf, isCalled, kindOf, nameOf, type Built } from "./object.ts";
import { at, changedAt, isList, isMapping, textAt, withAt, type DataPath, type Values } from "./value.ts";

// Kinds that are in no namespace, as far as repositories of services hold them.
const CLUSTER_WIDE: ReadonlySet<string> = new Set([
  "APIService",
  "ClusterIssuer",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterSecretStore",
  "CSIDriver",
  "CustomResourceDefinition",
  "GatewayClass",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PodSecurityPolicy",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeSnapshotClass",
]);

/** The object in another namespace, where its kind is in one; a Namespace itself is called so then. */
export function inNamespace(object: Built, namespace: string): Built {
  if (kindOf(object) === "Namespace" && groupOf(object) === "")
    return becomingData(object, withAt(object.value, ["metadata", "name"], namespace));
  if (CLUSTER_WIDE.has(kindOf(object))) return object;
  return becomingData(object, withAt(object.value, ["metadata", "namespace"], namespace));
}

const NEVER_RENAMED: ReadonlySet<string> = new Set(["CustomResourceDefinition", "APIService", "Namespace"]);

/** The object with a prefix and a suffix to its name, where its kind may have them. */
export function renamed(object: Built, prefix: string, suffix: string): Built {
  if ((prefix === "" && suffix === "") || NEVER_RENAMED.has(kindOf(object))) return object;
  return becomingData(object, withAt(object.value, ["metadata", "name"], `${prefix}${nameOf(object)}${suffix}`));
}

export type Labelling = {
  readonly pairs: Values;
  readonly inSelectors: boolean;
  readonly inTemplates: boolean;
};

const TEMPLATED: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"]);
const SELECTING: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]);
const CRON_TEMPLATE: DataPath = ["spec", "jobTemplate", "spec", "template", "metadata", "labels"];
const TEMPLATE: DataPath = ["spec", "template", "metadata", "labels"];

/** The object with labels; in templates and selectors too, where that is asked for. */
export function labelled(object: Built, { pairs, inSelectors, inTemplates }: Labelling): Built {
  const kind = kindOf(object);
  const put = (value: Data, path: DataPath): Data => {
    const old = at(value, ...path);
    return withAt(value, path, { ...(isMapping(old) ? old : {}), ...pairs });
  };
  const paths: DataPath[] = [["metadata", "labels"]];
  if (inSelectors || inTemplates) {
    if (TEMPLATED.has(kind)) paths.push(TEMPLATE);
    if (kind === "CronJob") paths.push(CRON_TEMPLATE);
  }
  const selectors = inSelectors ? selectorsOf(object) : [];
  return becomingData(object, [...paths, ...selectors].reduce<Data>(put, object.value));
}

function selectorsOf(object: Built): readonly DataPath[] {
  const kind = kindOf(object);
  if (SELECTING.has(kind)) return [["spec", "selector", "matchLabels"]];
  if (kind === "Service" && groupOf(object) === "") return [["spec", "selector"]];
  // Only where they are written already.
  const path: DataPath =
    kind === "NetworkPolicy" ? ["spec", "podSelector", "matchLabels"] : ["spec", "selector", "matchLabels"];
  const isKnown = kind === "NetworkPolicy" || kind === "PodDisruptionBudget";
  return isKnown && at(object.value, ...path) !== undefined ? [path] : [];
}

/** The object with annotations, in its template as well. */
export function annotated(object: Built, pairs: Values): Built {
  const paths: DataPath[] = [["metadata", "annotations"]];
  if (TEMPLATED.has(kindOf(object))) paths.push(["spec", "template", "metadata", "annotations"]);
  const put = (value: Data, path: DataPath): Data => {
    const old = at(value, ...path);
    return withAt(value, path, { ...(isMapping(old) ? old : {}), ...pairs });
  };
  return becomingData(object, paths.reduce<Data>(put, object.value));
}

const SCALED: ReadonlySet<string> = new Set(["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]);

/** The object with the replicas that `replicas:` gives it. */
export function scaled(object: Built, { name, count }: { readonly name: string; readonly count: number }): Built {
  if (!SCALED.has(kindOf(object)) || !isCalled(object, name)) return object;
  return becomingData(object, withAt(object.value, ["spec", "replicas"], count));
}

/** An entry of `images:`. */
export type ImageEntry = {
  readonly name: string;
  readonly newName: string | undefined;
  readonly newTag: string | undefined;
  readonly digest: string | undefined;
  readonly tagSuffix: string | undefined;
};

/** The object with its containers' images as an entry of `images:` makes them, wherever it has containers. */
export function imaged(object: Built, entry: ImageEntry): Built {
  if (kindOf(object) === "CustomResourceDefinition") return object;
  return becoming(object, mappingWith(object.value, entry));
}

function mappingWith(values: Values, entry: ImageEntry): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      (key === "containers" || key === "initContainers") && isList(value)
        ? value.map((item) => changedAt(dataWith(item, entry), ["image"], (image) => imageWith(image, entry)))
        : dataWith(value, entry),
    ]),
  );
}

function dataWith(data: Data, entry: ImageEntry): Data {
  if (isList(data)) return data.map((item) => dataWith(item, entry));
  return isMapping(data) ? mappingWith(data, entry) : data;
}

function imageWith(image: Data, { name, newName, newTag, digest, tagSuffix }: ImageEntry): Data {
  if (typeof image !== "string") return image;
  const [, own = image, tag, old] = /^(.*?)(?::([^:/@]+))?(?:@(.+))?$/.exec(image) ?? [];
  if (own !== name) return image;
  const called = newName ?? own;
  if (digest !== undefined) return newTag === undefined ? `${called}@${digest}` : `${called}:${newTag}@${digest}`;
  if (newTag !== undefined) return `${called}:${newTag}`;
  const suffixed = tag === undefined ? "" : `:${tag}${tagSuffix ?? ""}`;
  return `${called}${suffixed}${old === undefined ? "" : `@${old}`}`;
}

/** The entry that a mapping of `images:` writes. */
export function imageEntry(data: Data): ImageEntry | undefined {
  const name = textAt(data, "name");
  if (name === undefined) return undefined;
  const text = (key: string) => {
    const found = textAt(data, key);
    return found === "" ? undefined : found;
  };
  return {
    name,
    newName: text("newName"),
    newTag: text("newTag"),
    digest: text("digest"),
    tagSuffix: text("tagSuffix"),
  };
}
