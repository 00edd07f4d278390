import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { TargetState } from "../../core/state.ts";
import { isWeight, weight as toWeight, type Weight } from "../../core/weight.ts";
import { lookCount, lookList, lookText, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";
import { put } from "../scalar.ts";

/** Whose weights in a route: the Services of the two arms, and where they live. */
export type RouteOf = Pick<TargetState, "arms" | "namespace">;

const GROUP = "gateway.networking.k8s.io";
// The Gateway API's own bound, and what it takes a missing weight for.
const MOST = 1_000_000;
const DEFAULT_WEIGHT = 1;
const WHOLE = 100;
const NAMESPACE: YamlPath = ["metadata", "namespace"];

/** The canary's share of what the two arms get together, the same in every rule of the file's HTTPRoutes that sends to both. */
export function readWeight(file: TextFile, of: RouteOf): Result<Weight, Refusal> {
  return attempt(() => shareOf(splitsOf(readSource(file), of)));
}

/**
 * The text with the canary's share set in every rule that sends to both arms; other backends, rules and bytes stay.
 * The sum of the two weights stays where the share can be written in it; else it becomes 100, if nothing else shares the rule.
 */
export function setWeight(file: TextFile, of: RouteOf, weight: Weight): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const splits = splitsOf(source, of);
    if (shareOf(splits) === weight) return file.text;
    const draft = splits.reduce((so, split) => setSplit(source, so, split, weight), NO_EDIT);
    return edited(source, draft);
  });
}

/** The two arms in one rule. */
type Split = {
  readonly at: number;
  readonly canary: Arm;
  readonly stable: Arm;
  readonly isAlone: boolean;
  readonly share: Weight;
};

type Arm = {
  readonly document: number;
  readonly path: YamlPath;
  /** Undefined: not written, which counts as 1. */
  readonly weight: number | undefined;
};

type Backend = Arm & { readonly service: string | undefined };

function shareOf(splits: readonly [Split, ...Split[]]): Weight {
  return splits[0].share;
}

function splitsOf(source: Source, of: RouteOf): readonly [Split, ...Split[]] {
  const all = resourcesOf(source, GROUP, "HTTPRoute");
  const routes = all.filter(({ tree }) => (peekText(tree, NAMESPACE) ?? of.namespace) === of.namespace);
  const splits = routes.flatMap((route) => splitsOfRoute(source, route, of));
  const [first, ...others] = splits;
  if (first === undefined) return refuseUnsplit(source, all, of);
  const other = others.find(({ share }) => share !== first.share);
  if (other === undefined) return [first, ...others];
  const found = `${other.share}% for ${of.arms.canary} here and ${first.share}% in another rule`;
  return refuse(source, other.at, found, "every rule with both backends has the same weights");
}

function refuseUnsplit(source: Source, routes: readonly Resource[], of: RouteOf): never {
  routes.forEach((route) => checkNamespace(source, route, of.namespace));
  const { canary, stable } = of.arms;
  const found = routes.length === 0 ? "no HTTPRoute" : `no rule with both ${canary} and ${stable}`;
  return refuse(source, routes[0]?.tree ?? 0, found, "the weight stands in a rule with both backends");
}

function splitsOfRoute(source: Source, route: Resource, of: RouteOf): readonly Split[] {
  const rules = lookList(source, route.tree, ["spec", "rules"])?.items ?? [];
  const splits = rules.map((_, index) => splitOf(source, route, ["spec", "rules", index, "backendRefs"], of));
  return splits.filter((split) => split !== undefined);
}

function splitOf(source: Source, route: Resource, path: YamlPath, of: RouteOf): Split | undefined {
  const list = lookList(source, route.tree, path);
  if (list === undefined) return undefined;
  const backends = list.items.map((_, index) => backendOf(source, route, [...path, index], of));
  const canary = onlyOne(source, list.start, backends, of.arms.canary);
  const stable = onlyOne(source, list.start, backends, of.arms.stable);
  if (canary === undefined || stable === undefined) return undefined;
  const share = percent(source, list.start, weightOf(canary), weightOf(stable));
  return { at: list.start, canary, stable, isAlone: backends.length === 2, share };
}

function backendOf(source: Source, { document, tree }: Resource, path: YamlPath, of: RouteOf): Backend {
  const text = (key: string) => lookText(source, tree, [...path, key]);
  const isService = (text("kind") ?? "Service") === "Service" && (text("group") ?? "") === "";
  const isHere = (text("namespace") ?? of.namespace) === of.namespace;
  const weight = lookCount(source, tree, [...path, "weight"], MOST);
  return { document, path, weight, service: isService && isHere ? text("name") : undefined };
}

function onlyOne(source: Source, at: number, backends: readonly Backend[], service: Name): Backend | undefined {
  const [first, second] = backends.filter((backend) => backend.service === service);
  if (second !== undefined) refuse(source, at, `the backend ${service} twice`, "a rule has a backend once");
  return first;
}

function percent(source: Source, at: number, canary: number, stable: number): Weight {
  const share = (canary * WHOLE) / (canary + stable);
  if (isWeight(share)) return share;
  return refuse(source, at, `weights ${canary} and ${stable}`, "the canary's share is a whole per cent of the two");
}

function weightOf({ weight }: Arm): number {
  return weight ?? DEFAULT_WEIGHT;
}

function setSplit(source: Source, draft: Draft, split: Split, weight: Weight): Draft {
  const total = totalFor(source, split, weight);
  const canary = (total * weight) / WHOLE;
  return setArm(source, setArm(source, draft, split.canary, canary), split.stable, total - canary);
}

function totalFor(source: Source, { at, canary, stable, isAlone }: Split, weight: Weight): number {
  const sum = weightOf(canary) + weightOf(stable);
  const isWritten = canary.weight !== undefined || stable.weight !== undefined;
  if ((sum * weight) % WHOLE === 0 && (isWritten || !isAlone)) return sum;
  if (isAlone) return toWeight(WHOLE);
  const why = `${weight}% cannot be written in a sum of ${sum}, and another sum would change the other backends' share`;
  return refuse(source, at, `weights ${weightOf(canary)} and ${weightOf(stable)} beside other backends`, why);
}

function setArm(source: Source, draft: Draft, arm: Arm, weight: number): Draft {
  if (weightOf(arm) === weight) return draft;
  const setting = { document: arm.document, path: [...arm.path, "weight"], value: weight };
  return put(source, draft, setting, { kind: "after", keys: ["name", "port"] });
}
