import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { Destination, Destinations } from "../../core/state.ts";
import { checkAllPlain, look, lookList, lookMapping, lookText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Mapping } from "../../yaml/tree.ts";
import { resourcesOf, type Resource } from "../resource.ts";
import { destinationName, isHostOf } from "./host.ts";

/** Whose subsets: of which namespace, and what the route calls the arms. */
export type SubsetsOf = { readonly namespace: Name; readonly destinations: Destinations };

/** A subset of a Service: where it is written, and the labels of its pods. */
type Subset = { readonly at: number; readonly labels: Mapping };

const SUBSETS: YamlPath = ["spec", "subsets"];

/** Refuses a file whose DestinationRules do not define the subsets that the arms are, or define them such that a pod may be of both. Nothing is edited. */
export function checkSubsets(file: TextFile, of: SubsetsOf): Result<void, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const [canary, stable] = [subsetOf(source, of, "canary"), subsetOf(source, of, "stable")];
    if (of.destinations.canary.host === of.destinations.stable.host) checkApart(source, of, canary, stable);
  });
}

function subsetOf(source: Source, of: SubsetsOf, arm: "canary" | "stable"): Subset | undefined {
  const wanted = of.destinations[arm];
  if (wanted.subset === undefined) return undefined;
  const rules = resourcesOf(source, "networking.istio.io", "DestinationRule").filter((rule) =>
    isRuleOf(source, rule, of, wanted),
  );
  const [first, second] = rules.flatMap((rule) => subsetsIn(source, rule, wanted.subset));
  if (first === undefined) return refuseMissing(source, rules, wanted);
  if (second === undefined) return first;
  return refuse(source, second.at, `${destinationName(wanted)} twice`, "a subset is defined once");
}

function isRuleOf(source: Source, { tree }: Resource, of: SubsetsOf, { host: service }: Destination): boolean {
  const home = lookText(source, tree, ["metadata", "namespace"]) ?? of.namespace;
  return isHostOf(lookText(source, tree, ["spec", "host"]) ?? "", home, service, of.namespace);
}

function subsetsIn(source: Source, { tree }: Resource, name: Name | undefined): readonly Subset[] {
  const subsets = lookList(source, tree, SUBSETS)?.items ?? [];
  return subsets.flatMap((subset, index) => {
    const path = [...SUBSETS, index];
    if (lookText(source, tree, [...path, "name"]) !== name) return [];
    const labels = lookMapping(source, tree, [...path, "labels"]);
    if (labels === undefined || labels.entries.length === 0) {
      return refuse(
        source,
        subset,
        `the subset ${quote(name ?? "")} without labels`,
        "labels tell the arms' pods apart",
      );
    }
    checkAllPlain(source, labels);
    return [{ at: subset.start, labels }];
  });
}

function refuseMissing(source: Source, [rule]: readonly Resource[], wanted: Destination): never {
  if (rule === undefined) {
    const why = `the subset ${wanted.subset} is defined in the DestinationRule of its host`;
    return refuse(source, 0, `no DestinationRule of ${wanted.host}`, why);
  }
  const at = look(source, rule.tree, SUBSETS) ?? rule.tree;
  return refuse(
    source,
    at,
    `no subset ${wanted.subset} of ${wanted.host}`,
    "every subset that a route names is defined",
  );
}

function checkApart(source: Source, { destinations }: SubsetsOf, canary?: Subset, stable?: Subset): void {
  if (canary === undefined || stable === undefined) {
    const [whole, part] = canary === undefined ? ["canary", "stable"] : ["stable", "canary"];
    const at = canary ?? stable;
    const found = `${destinations[canary === undefined ? "canary" : "stable"].host} as ${whole}`;
    return refuse(source, at?.at ?? 0, found, `without a subset it is every pod of its Service, ${part}'s as well`);
  }
  if (areApart(canary.labels, stable.labels)) return;
  const found = `the subsets ${destinations.canary.subset} and ${destinations.stable.subset} without a label that differs`;
  refuse(source, canary.at, found, "no pod is of both: one label has another value in each");
}

// Labels exclude each other where a key has two values; a key that one of them lacks excludes nothing.
function areApart(canary: Mapping, stable: Mapping): boolean {
  return canary.entries.some(({ key, value }) => {
    const other = stable.entries.find((entry) => entry.key === key)?.value;
    return value.kind === "scalar" && other?.kind === "scalar" && value.value !== other.value;
  });
}
