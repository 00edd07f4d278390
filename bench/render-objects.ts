import { isImage, partsOf, type Image } from "../src/core/image.ts";
import { isName, type Name } from "../src/core/names.ts";
import type { Labels } from "../src/manifest/layouts/arm-labels.ts";
import type { Json } from "./render-tools.ts";

/** A Deployment as it was rendered. */
export type RenderedDeployment = {
  readonly key: string;
  readonly name: Name;
  readonly namespace: Name | undefined;
  readonly image: Image;
  readonly containers: readonly { readonly list: "containers" | "initContainers"; readonly name: string }[];
  readonly container: Name;
  readonly replicas: number;
  readonly pods: Labels;
  readonly selector: Labels;
};

const LISTS = ["containers", "initContainers"] as const;
const MORE = "/spec/selector/matchExpressions";

/** The value at keys and positions; undefined where there is none. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((here, part) => {
    if (typeof here !== "object" || here === null) return undefined;
    if (isList(here)) return typeof part === "number" ? here[part] : undefined;
    return here[part];
  }, value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What an object is called among all others. */
export function keyOf(object: Json): string {
  const words = [
    at(object, "apiVersion"),
    at(object, "kind"),
    at(object, "metadata", "namespace"),
    at(object, "metadata", "name"),
  ];
  return words.map((word) => (typeof word === "string" ? word : "")).join("/");
}

/** The Deployments that can be split: they run an image with a version, and are selected by labels alone. */
export function deploymentsOf(objects: readonly Json[]): readonly RenderedDeployment[] {
  return objects.flatMap((object) => {
    if (at(object, "kind") !== "Deployment" || at(object, "apiVersion") !== "apps/v1") return [];
    const [name, namespace] = [at(object, "metadata", "name"), at(object, "metadata", "namespace")];
    const main = itemsOf(at(object, "spec", "template", "spec", "containers")).find((item) =>
      isImage(at(item, "image")),
    );
    const [image, container] = [at(main, "image"), at(main, "name")];
    if (!isName(name) || !isImage(image) || !isName(container)) return [];
    const pods = labelsOf(at(object, "spec", "template", "metadata", "labels"));
    const selector = labelsOf(at(object, "spec", "selector", "matchLabels"));
    if (at(object, ...MORE.slice(1).split("/")) !== undefined || Object.keys(selector).length === 0) return [];
    const replicas = at(object, "spec", "replicas");
    return [
      {
        key: keyOf(object),
        name,
        namespace: isName(namespace) ? namespace : undefined,
        image,
        container,
        containers: running(object, image),
        replicas: typeof replicas === "number" ? replicas : 1,
        pods,
        selector,
      },
    ];
  });
}

// The first of them that is there says why nothing is opted in.
const INSTEAD: readonly (readonly [reason: string, kinds: readonly string[]])[] = [
  ["Deployments whose images have no version, or that select by expressions", ["Deployment"]],
  ["an Argo Rollout, which is another layout", ["Rollout"]],
  ["StatefulSets or DaemonSets", ["StatefulSet", "DaemonSet"]],
  ["jobs", ["CronJob", "Job", "WorkflowTemplate", "CronWorkflow"]],
  ["what delivers something from elsewhere", ["HelmRelease", "Application", "ApplicationSet", "Kustomization"]],
];

/** Why there is no Deployment to split among what is rendered. */
export function whyWithout(objects: readonly Json[]): string {
  if (objects.length === 0) return "nothing: the archive lacks all that it takes";
  const kinds = new Set(objects.map((object) => at(object, "kind")));
  const found = INSTEAD.find(([, some]) => some.some((kind) => kinds.has(kind)));
  return found?.[0] ?? "no workload";
}

/** The containers of a workload's pods that run an image. */
export function running(object: Json, image: Image): RenderedDeployment["containers"] {
  return LISTS.flatMap((list) =>
    itemsOf(at(object, "spec", "template", "spec", list)).flatMap((item) => {
      const name = at(item, "name");
      return at(item, "image") === image && typeof name === "string" ? [{ list, name }] : [];
    }),
  );
}

/** The image of a container. */
export function imageIn(object: Json | undefined, container: string): string | undefined {
  const found = itemsOf(at(object, "spec", "template", "spec", "containers")).find(
    (item) => at(item, "name") === container,
  );
  const image = at(found, "image");
  return typeof image === "string" ? image : undefined;
}

/** The selectors of Services, in a namespace. */
export function selectorsOf(objects: readonly Json[]): readonly Labels[] {
  return objects
    .filter((object) => at(object, "kind") === "Service")
    .map((object) => labelsOf(at(object, "spec", "selector")));
}

export function labelsOf(value: Json | undefined): Labels {
  if (typeof value !== "object" || value === null || isList(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, typeof text === "string" ? text : JSON.stringify(text)]),
  );
}

export function itemsOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

/** Where two values differ, as paths; keys in any order, lists in theirs. */
export function differences(before: Json | undefined, after: Json | undefined, path = ""): readonly string[] {
  // A key without a value is no key to Kubernetes.
  if ((before ?? null) === (after ?? null)) return [];
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) return [path];
  if (isList(before) !== isList(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const part = isList(before) ? Number(key) : key;
    return differences(at(before, part), at(after, part), `${path}/${key}`);
  });
}

/** What differs between two renderings: `key path` for what changed, `+key` and `-key` for what came and went. */
export function changes(before: readonly Json[], after: readonly Json[]): readonly string[] {
  const [old, now] = [byKey(before), byKey(after)];
  return [
    ...[...old.keys()].filter((key) => !now.has(key)).map((key) => `-${key}`),
    ...[...now].flatMap(([key, object]) => {
      const was = old.get(key);
      return was === undefined ? [`+${key}`] : differences(was, object).map((path) => `${key} ${path}`);
    }),
  ];
}

// Two objects of one key are told apart by their order.
function byKey(objects: readonly Json[]): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  for (const object of objects) {
    const key = keyOf(object);
    const times = [...found.keys()].filter((other) => other === key || other.startsWith(`${key}~`)).length;
    found.set(times === 0 ? key : `${key}~${times}`, object);
  }
  return found;
}

/** Another version of an image, with the same name. */
export function nameOf(image: Image): string {
  return partsOf(image)?.name ?? image;
}
