import type { Name } from "../../core/names.ts";
import type { Destination, Destinations } from "../../core/state.ts";
import type { Arm } from "../../core/window.ts";
import { peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, lineAt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { resourcesOf } from "../resource.ts";
import { destinationName, isHostOf } from "./host.ts";

/** What is to be said of subsets that a route sends to, as a clause, at a line (from 1): `wrong` drops traffic or gives it to the other arm, `unsure` may. */
export type SubsetFault = {
  readonly kind: "wrong" | "unsure";
  readonly path: string;
  readonly line: number;
  readonly what: string;
};

/** Labels of an arm's pods as a file says them; `open` where what renders the file may add others. */
export type PodLabels = { readonly labels: Labels; readonly extent: "whole" | "open" };

export type Labels = ReadonlyMap<string, string>;

/** Whose subsets: of which namespace, what the route calls the arms and where it does, and the arms' pods where a file says their labels. */
export type SubsetsOf = {
  readonly namespace: Name;
  readonly destinations: Destinations;
  readonly route: { readonly path: string; readonly line: number };
  readonly pods: { readonly [arm in Arm]: PodLabels | undefined };
};

const ARMS: readonly Arm[] = ["canary", "stable"];

/** What keeps the subsets that the arms are from taking their pods, and no others, by the DestinationRules of some files; the wrong ones first. Nothing is edited. */
export function subsetFaults(files: readonly TextFile[], of: SubsetsOf): readonly SubsetFault[] {
  const rules = files.flatMap(rulesIn);
  const found = ARMS.map((arm) => subsetOf(rules, of, arm));
  const [canary, stable] = found.map(({ subset }) => subset);
  const { destinations } = of;
  const isOneHost = destinations.canary.host === destinations.stable.host;
  const all = [
    ...found.flatMap(({ faults }) => faults),
    ...(isOneHost ? [...wholeFaults(of, canary ?? stable), ...mixed(of, canary, stable)] : []),
    ...[canary, stable].flatMap((subset) => (subset === undefined ? [] : emptyFaults(of, subset, stable))),
  ];
  const once = [...new Map(all.map((fault) => [`${fault.path}:${fault.line} ${fault.what}`, fault])).values()];
  return [...once.filter(({ kind }) => kind === "wrong"), ...once.filter(({ kind }) => kind === "unsure")];
}

/** A DestinationRule in its file; `home` is the namespace that it says. */
type Rule = { readonly file: TextFile; readonly tree: Tree; readonly home: string | undefined };

/** A subset that an arm is: where it is written, and the labels of its pods. */
type Subset = { readonly arm: Arm; readonly rule: Rule; readonly at: number; readonly labels: Labels };

type Found = { readonly subset: Subset | undefined; readonly faults: readonly SubsetFault[] };

const SUBSETS: YamlPath = ["spec", "subsets"];

// What cannot be read is as if it were not in the repository.
function rulesIn(file: TextFile): readonly Rule[] {
  const source = attempt(() => readSource(file));
  if (source.kind === "err") return [];
  return resourcesOf(source.value, "networking.istio.io", "DestinationRule").map(({ tree }) => ({
    file,
    tree,
    home: peekText(tree, ["metadata", "namespace"]),
  }));
}

function subsetOf(rules: readonly Rule[], of: SubsetsOf, arm: Arm): Found {
  const wanted = of.destinations[arm];
  if (wanted.subset === undefined) return { subset: undefined, faults: [] };
  const all = rules.filter(({ tree, home = of.namespace }) =>
    isHostOf(peekText(tree, ["spec", "host"]) ?? "", home, wanted.host, of.namespace),
  );
  const own = all.filter(({ home = of.namespace }) => home === of.namespace);
  const counting = own.length > 0 ? own : all;
  const [rule] = counting;
  if (rule === undefined) return { subset: undefined, faults: [unseen(of, wanted)] };
  const far = [...(own.length > 0 ? [] : [elsewhere(rule, of)]), ...counting.flatMap((one) => hidden(one, of))];
  const { subset, faults } = definitionOf(counting, rule, { arm, wanted });
  return { subset, faults: [...far, ...faults] };
}

type Wanted = { readonly arm: Arm; readonly wanted: Destination };

function definitionOf(rules: readonly Rule[], first: Rule, { arm, wanted }: Wanted): Found {
  const named = rules.flatMap((rule) => itemsOf(rule, wanted.subset).map((item) => ({ rule, item })));
  const [one, second] = named;
  if (one === undefined) {
    const what = `no subset ${wanted.subset} of ${wanted.host}: Istio answers 503 to what is sent there; define it, with labels of ${arm}'s pods alone`;
    const kind = rules.some(isFilledIn) ? "unsure" : "wrong";
    return { subset: undefined, faults: [fault(kind, first, peek(first.tree, SUBSETS) ?? first.tree, what)] };
  }
  const twice =
    second === undefined
      ? []
      : [fault("wrong", second.rule, second.item, `${destinationName(wanted)} again: a subset is defined once`)];
  const labels = labelsOf(peek(one.item, ["labels"]));
  if (labels === undefined) {
    const what = `labels of the subset ${wanted.subset} that are not read: write them out`;
    return { subset: undefined, faults: [...twice, fault("unsure", one.rule, one.item, what)] };
  }
  if (labels.size > 0) return { subset: { arm, rule: one.rule, at: one.item.start, labels }, faults: twice };
  const what = `the subset ${wanted.subset} without labels takes every pod of ${wanted.host}: give it a label of ${arm}'s pods alone`;
  return { subset: undefined, faults: [...twice, fault("wrong", one.rule, one.item, what)] };
}

// What Flux or a template writes there is not known.
const FILLED_IN = /\$\{|\{\{/;

function isFilledIn({ tree }: Rule): boolean {
  const list = peek(tree, SUBSETS);
  return list?.kind !== "list"
    ? list !== undefined
    : list.items.some((item) => FILLED_IN.test(peekText(item, ["name"]) ?? "${"));
}

function itemsOf({ tree }: Rule, name: Name | undefined): readonly Tree[] {
  const list = peek(tree, SUBSETS);
  return list?.kind === "list" ? list.items.filter((item) => peekText(item, ["name"]) === name) : [];
}

/** Labels as they are written out; none where there are none, undefined where something else stands there. */
function labelsOf(node: Tree | undefined): Labels | undefined {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return new Map();
  if (node.kind !== "map") return undefined;
  const all = node.entries.map(({ key, value }) => [key, value.kind === "scalar" ? value.value : undefined] as const);
  const texts = all.flatMap(([key, value]) =>
    typeof value === "string" && key !== "<<" && !FILLED_IN.test(value) ? [[key, value] as const] : [],
  );
  return texts.length === all.length ? new Map(texts) : undefined;
}

/** The labels of the pod template of a file's Deployment, or of what is to become one, of a name. */
export function podLabelsIn(
  file: TextFile,
  workload: Name,
  kind: "Deployment" | "StatefulSet" = "Deployment",
): Labels | undefined {
  const source = attempt(() => readSource(file));
  if (source.kind === "err") return undefined;
  const found = resourcesOf(source.value, "apps", kind).find(
    ({ tree }) => peekText(tree, ["metadata", "name"]) === workload,
  );
  return found && labelsOf(peek(found.tree, ["spec", "template", "metadata", "labels"]));
}

function unseen({ route: { path, line } }: SubsetsOf, { host, subset }: Destination): SubsetFault {
  const what = `it sends to the subset ${subset} of ${host}, and no DestinationRule of ${host} is seen in this repository: without one that defines it Istio answers 503`;
  return { kind: "unsure", path, line, what };
}

// Istio looks for a rule in the caller's namespace, in the Service's, and in its own.
function elsewhere(rule: Rule, { namespace }: SubsetsOf): SubsetFault {
  const what = `the DestinationRule is in the namespace ${rule.home}, where only callers of that namespace find it (or all, if Istio itself lives there), whatever it exports: write it in ${namespace}`;
  return fault("unsure", rule, rule.tree, what);
}

function hidden(rule: Rule, { namespace }: SubsetsOf): readonly SubsetFault[] {
  const list = peek(rule.tree, ["spec", "exportTo"]);
  const names = list?.kind === "list" ? list.items.flatMap((item) => peekText(item, []) ?? []) : [];
  if (list === undefined || names.length === 0 || names.includes("*")) return [];
  const others = names.map((name) => (name === "." ? (rule.home ?? namespace) : name)).join(", ");
  const what = `the DestinationRule is exported to ${others} alone: callers of other namespaces, a gateway perhaps, get 503 for its subsets`;
  return [fault("unsure", rule, list, what)];
}

/** An arm that is every pod of the Service of which the other one is a part. */
function wholeFaults({ destinations, route }: SubsetsOf, other: Subset | undefined): readonly SubsetFault[] {
  const arm = ARMS.find((one) => destinations[one].subset === undefined);
  if (arm === undefined) return [];
  const what = `${destinationName(destinations[arm])} as ${arm}; without a subset it is every pod of its Service, those of the other arm as well`;
  return [other === undefined ? { kind: "wrong", ...route, what } : fault("wrong", other.rule, other.at, what)];
}

/**
 * Subsets of one Service that take the other arm's pods too. Where one's labels are a part of the other's, whatever pods are called: what is in the narrower one is in both,
 * and what serves has pods.
 */
function mixed(of: SubsetsOf, canary: Subset | undefined, stable: Subset | undefined): readonly SubsetFault[] {
  if (canary === undefined || stable === undefined || areApart(canary.labels, stable.labels)) return [];
  const found = takenFaults(of, canary, stable);
  if (found?.some(({ kind }) => kind === "wrong")) return found;
  const isPart = isIn(canary.labels, stable.labels) || isIn(stable.labels, canary.labels);
  if (found !== undefined && !isPart) return found;
  const what = "the subsets of canary and stable have no label that differs: a pod may be of both";
  return [fault(isPart ? "wrong" : "unsure", canary.rule, canary.at, what)];
}

/** By the arms' pods; undefined where files do not say their labels. */
function takenFaults(of: SubsetsOf, canary: Subset, stable: Subset): readonly SubsetFault[] | undefined {
  const { pods } = of;
  if (pods.canary === undefined || pods.stable === undefined) return undefined;
  return [
    ...taken(of, canary, pods.stable, "stable gets a part of what is meant for the canary"),
    ...taken(of, stable, pods.canary, "the canary gets a part of what is meant for stable, at weight 0 as well"),
  ];
}

function taken(of: SubsetsOf, subset: Subset, { labels, extent }: PodLabels, so: string): readonly SubsetFault[] {
  if (!isIn(subset.labels, labels) && extent === "whole") return [];
  const other = subset.arm === "canary" ? "stable" : "canary";
  const [kind, takes] = isIn(subset.labels, labels) ? (["wrong", "takes"] as const) : (["unsure", "may take"] as const);
  const what = `the subset ${of.destinations[subset.arm].subset} ${takes} ${other}'s pods as well (${text(subset.labels)}): ${so}`;
  return [fault(kind, subset.rule, subset.at, what)];
}

/** A subset that takes no pod of its arm. Where stable, which serves, would have none either, its pods have labels that no file says. */
function emptyFaults(
  of: SubsetsOf,
  { arm, rule, at, labels }: Subset,
  stable: Subset | undefined,
): readonly SubsetFault[] {
  const pods = of.pods[arm];
  if (pods === undefined || isIn(labels, pods.labels)) return [];
  const lacking = new Map([...labels].filter(([key, value]) => pods.labels.get(key) !== value));
  const has = [...lacking.keys()].map((key) => `${key}: ${pods.labels.get(key) ?? "nothing"}`).join(", ");
  const what = `the subset ${of.destinations[arm].subset} takes pods with ${text(lacking)}, and ${arm}'s have ${has}: with no pod in it Istio answers 503; let the labels agree`;
  const isTold = stable !== undefined && of.pods.stable !== undefined && isIn(stable.labels, of.pods.stable.labels);
  return [fault(isTold && pods.extent === "whole" ? "wrong" : "unsure", rule, at, what)];
}

function text(labels: Labels): string {
  return [...labels].map(([key, value]) => `${key}: ${value}`).join(", ");
}

function isIn(part: Labels, whole: Labels): boolean {
  return [...part].every(([key, value]) => whole.get(key) === value);
}

// Labels exclude each other where a key has two values; a key that one of them lacks excludes nothing.
function areApart(canary: Labels, stable: Labels): boolean {
  return [...canary].some(([key, value]) => stable.has(key) && stable.get(key) !== value);
}

function fault(
  kind: SubsetFault["kind"],
  { file }: Rule,
  at: number | { readonly start: number },
  what: string,
): SubsetFault {
  return { kind, path: file.path, line: lineAt(file.text, typeof at === "number" ? at : at.start), what };
}
