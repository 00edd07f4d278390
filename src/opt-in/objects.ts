import { selects, type Labels } from "../manifest/layouts/arm-labels.ts";
import { groupOf, isCalled, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, entriesOf, itemsOf, textAt, textsAt } from "../manifest/kustomize/value.ts";
import { KNATIVE_GROUP, USER_CONTAINER } from "../manifest/knative.ts";
import type { Data } from "../manifest/data.ts";

/** Whether an object is Knative's, such as its Service: a workload with an address of its own. */
export function isKnative(object: Built): boolean {
  return groupOf(object) === KNATIVE_GROUP;
}

/** The labels of a workload's pods. */
export function podLabels({ value }: Built): Labels {
  return textsAt(value, "spec", "template", "metadata", "labels");
}

/** What a workload, a Service or a VirtualNode of App Mesh asks of pods. */
export function selectorOf(object: Built): Labels {
  return textsAt(object.value, "spec", ...(SELECTING.get(kindOf(object)) ?? ["selector", "matchLabels"]));
}

const SELECTING: ReadonlyMap<string, readonly string[]> = new Map([
  ["Service", ["selector"]],
  ["VirtualNode", ["podSelector", "matchLabels"]],
]);

/** Whether two objects are in one namespace, as far as they say. */
export function isBeside(a: Built, b: Built): boolean {
  const [one, other] = [namespaceOf(a), namespaceOf(b)];
  return one === other || one === undefined || other === undefined;
}

const WORKLOADS: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"]);

export function isWorkload(object: Built): boolean {
  return WORKLOADS.has(kindOf(object));
}

/** The Services that send to a workload's pods; a Knative Service is its own. */
export function servicesOf(objects: readonly Built[], workload: Built): readonly Built[] {
  if (isKnative(workload)) return [workload];
  const pods = podLabels(workload);
  return objects.filter(
    (object) =>
      kindOf(object) === "Service" &&
      groupOf(object) === "" &&
      isBeside(object, workload) &&
      selects(selectorOf(object), pods),
  );
}

/** The objects that scale a workload by themselves, and the most pods that each gives. */
export function scalersOf(
  objects: readonly Built[],
  workload: Built,
): readonly { readonly object: Built; readonly most: number | undefined }[] {
  return objects.flatMap((object) => {
    const isScaler = ["HorizontalPodAutoscaler", "ScaledObject"].includes(kindOf(object));
    const ref = at(object.value, "spec", "scaleTargetRef");
    if (!isScaler || !isBeside(object, workload) || !names(ref, workload)) return [];
    const most = at(object.value, "spec", kindOf(object) === "ScaledObject" ? "maxReplicaCount" : "maxReplicas");
    return [{ object, most: typeof most === "number" ? most : undefined }];
  });
}

/** Whether a reference names a workload; one without a kind means a Deployment. */
export function names(ref: Data | undefined, workload: Built): boolean {
  const name = textAt(ref, "name");
  return name !== undefined && (textAt(ref, "kind") ?? "Deployment") === kindOf(workload) && isCalled(workload, name);
}

/** The containers of a workload's pods, as they stand in their lists. Knative gives one without a name its own. */
export function containersOf(
  workload: Built,
): readonly { readonly list: "containers" | "initContainers"; readonly name: string; readonly data: Data }[] {
  return (["containers", "initContainers"] as const).flatMap((list) =>
    itemsOf(at(workload.value, "spec", "template", "spec", list)).map((data) => ({
      list,
      name: textAt(data, "name") ?? (isKnative(workload) ? USER_CONTAINER : ""),
      data,
    })),
  );
}

/** `Deployment shop/checkout`. */
export function titleOf(object: Built): string {
  const namespace = namespaceOf(object);
  return `${kindOf(object)} ${namespace === undefined ? "" : `${namespace}/`}${nameOf(object)}`;
}

/** Every text below a value. */
export function textsBelow(data: Data | undefined): readonly string[] {
  if (typeof data === "string") return [data];
  if (Array.isArray(data)) return itemsOf(data).flatMap(textsBelow);
  return entriesOf(data).flatMap(([, value]) => textsBelow(value));
}
