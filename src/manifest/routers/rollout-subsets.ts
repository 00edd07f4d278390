import type { Name } from "../../core/names.ts";
import { peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, lineAt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { resourcesOf } from "../resource.ts";
import type { SubsetFault } from "./destination-rule.ts";

/** The DestinationRule by whose subsets the controller of an Argo Rollout tells the arms apart, and where the Rollout says so. */
export type RolloutRule = {
  readonly name: string;
  readonly subsets: readonly string[];
  readonly path: string;
  readonly line: number;
};

const RULE: YamlPath = ["spec", "strategy", "canary", "trafficRouting", "istio", "destinationRule"];

/** That of a file's only Rollout; undefined where it has none, or the file cannot be read. */
export function rolloutRule(file: TextFile): RolloutRule | undefined {
  const [rollout] = treesIn(file, "argoproj.io", "Rollout");
  const rule = peek(rollout, RULE);
  const name = rule && peekText(rule, ["name"]);
  if (rule === undefined || name === undefined) return undefined;
  const subsets = ["canarySubsetName", "stableSubsetName"].flatMap((key) => peekText(rule, [key]) ?? []);
  return { name, subsets, path: file.path, line: lineAt(file.text, rule.start) };
}

/** What keeps the controller from telling the arms apart, by the DestinationRules of some files: their subsets must be there, their labels are the controller's. */
export function rolloutRuleFaults(
  files: readonly TextFile[],
  { name, subsets, path, line }: RolloutRule,
  namespace: Name,
): readonly SubsetFault[] {
  const rules = files.flatMap((file) =>
    treesIn(file, "networking.istio.io", "DestinationRule").map((tree) => ({ file, tree })),
  );
  const own = rules.find(({ tree }) => isOf(tree, name, namespace));
  if (own === undefined) {
    const what = `its controller writes into the DestinationRule ${name}, which is not seen in this repository: without it no weight is moved`;
    return [{ kind: "unsure", path, line, what }];
  }
  const there = new Set(namesOf(own.tree));
  // What Flux or a template writes there is not known.
  const kind = [...there].some((subset) => /\$\{|\{\{/.test(subset)) ? "unsure" : "wrong";
  const at = peek(own.tree, ["spec", "subsets"]) ?? own.tree;
  return subsets
    .filter((subset) => !there.has(subset))
    .map((subset) => ({
      kind,
      path: own.file.path,
      line: lineAt(own.file.text, at.start),
      what: `no subset ${subset} of the DestinationRule ${name}: the Rollout's controller writes into those that there are, and Istio answers 503 to what is sent there; define it`,
    }));
}

function isOf(tree: Tree, name: string, namespace: Name): boolean {
  const home = peekText(tree, ["metadata", "namespace"]) ?? namespace;
  return peekText(tree, ["metadata", "name"]) === name && home === namespace;
}

function namesOf(tree: Tree): readonly string[] {
  const list = peek(tree, ["spec", "subsets"]);
  return list?.kind === "list" ? list.items.flatMap((item) => peekText(item, ["name"]) ?? []) : [];
}

function treesIn(file: TextFile, group: string, kind: string): readonly Tree[] {
  const source = attempt(() => readSource(file));
  return source.kind === "err" ? [] : resourcesOf(source.value, group, kind).map(({ tree }) => tree);
}
