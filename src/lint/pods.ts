import { entriesAt, itemsAt, textAt, textOf } from "../manifest/services/node.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Placed } from "./objects.ts";
import { isWritten } from "./world.ts";

/** Labels as they are written out; a value that something fills in is undefined. */
export type Labels = ReadonlyMap<string, string | undefined>;

/** What makes pods: their labels, and the names of their containers' ports. */
export type Pods = { readonly object: Placed; readonly labels: Labels; readonly ports: ReadonlySet<string> };

/** Some pods, and those of them that a selector takes or may take. */
export type PodsBy = {
  readonly all: readonly Pods[];
  readonly takenBy: (selector: Labels, by: Placed) => readonly Pods[];
};

export function labelsAt(tree: Tree | undefined, path: readonly (string | number)[]): Labels {
  return new Map(
    entriesAt(tree, path).map(({ key, value }) => {
      const text = textOf(value);
      return [key, text !== undefined && isWritten(text) ? text : undefined];
    }),
  );
}

const TEMPLATE = ["spec", "template"];
const METADATA = ["canaryMetadata", "stableMetadata"].map((key) => ["spec", "strategy", "canary", key, "labels"]);

/** Whatever its kind is: who has a pod template, has pods. */
export function podsOf(object: Placed): readonly Pods[] {
  const { tree, kind, group } = object;
  const at = kind === "Pod" && group === "" ? [] : kind === "CronJob" ? ["spec", "jobTemplate", ...TEMPLATE] : TEMPLATE;
  const labels = labelsAt(tree, [...at, "metadata", "labels"]);
  if (labels.size === 0) return [];
  const own = kind === "Rollout" ? METADATA.flatMap((path) => [...labelsAt(tree, path)]) : [];
  const containers = ["containers", "initContainers"].flatMap((key) => itemsAt(tree, [...at, "spec", key]));
  const ports = containers.flatMap((one) => itemsAt(one, ["ports"])).flatMap((port) => textAt(port, ["name"]) ?? []);
  // What a controller gives a part of the pods may be either.
  return [
    { object, labels: new Map([...labels, ...own.map(([key]) => [key, undefined] as const)]), ports: new Set(ports) },
  ];
}

/** Whether a Service, or a subset of one, takes some pods: unknown where what renders them may say otherwise. */
export function takes(selector: Labels, by: Placed, { object, labels }: Pods): "yes" | "no" | "unknown" {
  if (by.changes.mayTouch(LABELS) || object.changes.mayTouch(LABELS)) return "unknown";
  const keys = [...selector].filter(([key]) => !object.changes.labels.has(key) && !by.changes.labels.has(key));
  const differs = ([key, value]: readonly [string, string | undefined]) =>
    !labels.has(key) || (value !== undefined && labels.get(key) !== undefined && labels.get(key) !== value);
  return keys.some((one) => !GIVEN.test(one[0]) && differs(one)) ? "no" : "yes";
}

const LABELS = /labels|selector|subsets/i;
// What controllers and schedulers give to pods, whatever their template says.
const GIVEN =
  /^(?:pod-template-hash|rollouts-pod-template-hash|controller-revision-hash|pod-template-generation|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/|job-name$|controller-uid$|topology\.|security\.istio\.io\/|service\.istio\.io\/)/;

/** Some pods, to be asked by many selectors: only those that have a label in common with one are looked at, and those of which that is not known. */
export function podsBy(all: readonly Pods[]): PodsBy {
  const byKey = new Map<string, PodsOfKey>();
  const unknown: number[] = [];
  for (const [index, pods] of all.entries()) {
    if (pods.object.changes.mayTouch(LABELS)) unknown.push(index);
    else addTo(byKey, pods, index);
  }
  const near = (selector: Labels, by: Placed): readonly Pods[] => {
    if (by.changes.mayTouch(LABELS)) return all;
    const asked = [...selector].filter(([key]) => !GIVEN.test(key) && !by.changes.labels.has(key));
    const parts = asked.map(([key, value]) => havingKey(byKey.get(key), value));
    const [fewest] = parts.toSorted((a, b) => a.length - b.length);
    if (fewest === undefined) return all;
    return [...fewest, ...unknown].toSorted((a, b) => a - b).flatMap((index) => all[index] ?? []);
  };
  return { all, takenBy: (selector, by) => near(selector, by).filter((pods) => takes(selector, by, pods) !== "no") };
}

function addTo(byKey: Map<string, PodsOfKey>, { object, labels }: Pods, index: number): void {
  for (const key of new Set([...labels.keys(), ...object.changes.labels])) {
    const of = byKey.get(key) ?? { all: [], any: [], byValue: new Map<string, number[]>() };
    const value = object.changes.labels.has(key) ? undefined : labels.get(key);
    const same = value === undefined ? of.any : (of.byValue.get(value) ?? []);
    of.all.push(index);
    // In place: a copy for each of the pods that have one label would cost the square of them.
    same.push(index);
    if (value !== undefined) of.byValue.set(value, same);
    byKey.set(key, of);
  }
}

/** Positions of pods that have a label, of any value or of one that is not known, and by value. */
type PodsOfKey = { readonly all: number[]; readonly any: number[]; readonly byValue: Map<string, number[]> };

function havingKey(of: PodsOfKey | undefined, value: string | undefined): readonly number[] {
  if (of === undefined) return [];
  return value === undefined ? of.all : [...(of.byValue.get(value) ?? []), ...of.any];
}
