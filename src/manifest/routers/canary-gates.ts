import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import { isWeight, NO_WEIGHT, WHOLE, type Weight } from "../../core/weight.ts";
import { canonical } from "../../yaml/canonical.ts";
import { look, lookCount, lookList, lookMapping, lookScalar, lookText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { List } from "../../yaml/tree.ts";
import { canonicalData, type Data } from "../data.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { replaceItems } from "../replace.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";

/**
 * Where the gates of a Canary stand; no more than one of them is ever open. `back`: Flagger's checks fail besides, so that it takes back what has begun. `begin`: its pods may start. `weight`: the canary has the last of the weights, which rise.
 * `promotion`: it may be promoted, at the last of them.
 */
export type Position =
  | { readonly kind: "rest" | "back" | "begin" }
  | { readonly kind: "weight" | "promotion"; readonly weights: readonly Weight[] };

/** Where they stand without a weight. */
export type Idle = Extract<Position["kind"], "rest" | "back" | "begin">;

/** In which namespace the file's only Canary is. */
export type CanaryOf = { readonly namespace: Name };

/** The hooks that keep a Canary where it is, and the two that have it taken back. */
type Hook = (typeof HOOKS)["back"][number];
const HOOKS = {
  rest: ["confirm-rollout", "confirm-promotion"],
  back: ["confirm-rollout", "confirm-promotion", "pre-rollout", "rollout"],
  begin: ["confirm-promotion"],
  weight: ["confirm-rollout", "confirm-promotion"],
  promotion: ["confirm-rollout"],
} as const;

/** Nothing listens on the discard port of the controller's own pod: what is asked there is refused at once. */
export const REFUSING = "http://127.0.0.1:9/";

const ANALYSIS: YamlPath = ["spec", "analysis"];
const WEIGHTS: YamlPath = [...ANALYSIS, "stepWeights"];
const WEBHOOKS: YamlPath = [...ANALYSIS, "webhooks"];
const KEYS: ReadonlySet<string> = new Set(["name", "type", "url", "muteAlert"]);
const SHAPE = `webhooks are Tidegate's own, of which each is { name: tidegate-<type>, type, url: ${REFUSING}, muteAlert: true }, and stepWeights rise to 99 at most (tidegate claim says what to write)`;

/** Whether a file has a Canary of Flagger's. */
export function hasCanary(file: TextFile): boolean {
  if (!file.text.includes("Canary")) return false;
  const found = attempt(() => resourcesOf(readSource(file), "flagger.app", "Canary").length > 0);
  return found.kind === "ok" && found.value;
}

/** The only Canary of a file; refused where there is none, or another one may be meant. */
export function findCanary(source: Source, { namespace }: CanaryOf): Resource {
  const [canary, second] = resourcesOf(source, "flagger.app", "Canary");
  if (canary === undefined) return refuse(source, 0, "no Canary", "the file of a Canary has it");
  if (second !== undefined) return refuse(source, second.tree, "a second Canary", "the file of a Canary has one");
  checkNamespace(source, canary, namespace);
  return canary;
}

/** Where the gates of the file's Canary stand; refused where the hooks and weights are none of these. */
export function readPosition(file: TextFile, of: CanaryOf): Result<Position, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    return positionIn(source, findCanary(source, of));
  });
}

/** The text with the gates standing so. */
export function setPosition(file: TextFile, of: CanaryOf, position: Position): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const canary = findCanary(source, of);
    positionIn(source, canary);
    return edited(source, stood(source, canary, position));
  });
}

/** The text with all gates closed and whatever weights there were replaced by none; refused where there are hooks of others. */
export function claimGates(file: TextFile, of: CanaryOf): Result<string, Refusal> {
  const there = attempt(() => {
    const source = readSource(file);
    const canary = findCanary(source, of);
    const hooks = lookList(source, canary.tree, WEBHOOKS);
    if (hooks !== undefined) hooksIn(source, canary, hooks);
    if (lookMapping(source, canary.tree, ANALYSIS) === undefined)
      return refuse(source, canary.tree, "no analysis", "without one Flagger promotes whatever lands");
    return edited(source, added(source, canary));
  });
  if (there.kind === "err") return there;
  return attempt(() => {
    const source = readSource({ ...file, text: there.value });
    return edited(source, stood(source, findCanary(source, of), { kind: "rest" }));
  });
}

/** The weight that the canary may have, at most: all of it where it may be promoted. */
export function weightAt(position: Position): Weight {
  switch (position.kind) {
    case "weight":
      return position.weights.at(-1) ?? NO_WEIGHT;
    case "promotion":
      return WHOLE;
    default:
      return NO_WEIGHT;
  }
}

/** Where the gates go for a weight: the list keeps every weight that may be live, because Flagger jumps to 100% from one that it lacks. At none it is as `idle` says. */
export function positionFor(now: Position, weight: Weight, idle: Idle): Position {
  if (weight === NO_WEIGHT) return { kind: idle };
  const weights = "weights" in now ? now.weights : [];
  if (weight === WHOLE) return { kind: "promotion", weights };
  return { kind: "weight", weights: [...weights.filter((one) => one < weight), weight] };
}

/**
 * The list of weights. Above the first one, and under promotion, it begins with 0: from there Flagger goes on by the first of the list, so that what comes in between,
 * which starts over at weight 0, stays there. At rest and at the beginning nothing rises either, because there is no weight to rise to.
 */
function listAt(position: Position): readonly Weight[] {
  if (!("weights" in position)) return [];
  const isFirst = position.kind === "weight" && position.weights.length === 1;
  return isFirst ? position.weights : [NO_WEIGHT, ...position.weights];
}

function positionIn(source: Source, canary: Resource): Position {
  const { tree } = canary;
  const [hooks, weights] = [lookList(source, tree, WEBHOOKS), lookList(source, tree, WEIGHTS)];
  if (hooks === undefined || weights === undefined) {
    const missing = hooks === undefined ? "no webhooks" : "no stepWeights";
    return refuse(source, look(source, tree, ANALYSIS) ?? tree, missing, SHAPE);
  }
  const said = weightsIn(source, canary, weights);
  const found = hooksIn(source, canary, hooks).join();
  const could = said.length === 0 ? (["rest", "back", "begin"] as const) : (["weight", "promotion"] as const);
  const kind = could.find((one) => HOOKS[one].join() === found);
  if (kind === undefined) return refuseText(source, hooks);
  return kind === "weight" || kind === "promotion" ? { kind, weights: said } : { kind };
}

/** Those above 0. */
function weightsIn(source: Source, { tree }: Resource, list: List): readonly Weight[] {
  const weights = list.items.map((_, index) => lookCount(source, tree, [...WEIGHTS, index], WHOLE));
  const isRising = weights.every((one, index) => one !== undefined && one > (weights[index - 1] ?? -1));
  const above = weights.filter(isWeight).filter((one) => one > NO_WEIGHT);
  const isPlain = above.length > 0 || weights.length === 0;
  return isRising && isPlain && weights.at(-1) !== WHOLE ? above : refuseText(source, list);
}

/** The types of the hooks, all of which are ours. */
function hooksIn(source: Source, { tree }: Resource, list: List): readonly string[] {
  return list.items.map((item, index) => {
    const at = (key: string): YamlPath => [...WEBHOOKS, index, key];
    const hook = lookMapping(source, tree, [...WEBHOOKS, index]);
    const type = lookText(source, tree, at("type")) ?? "";
    const isOurs =
      hook?.entries.every(({ key }) => KEYS.has(key)) === true &&
      lookText(source, tree, at("name")) === `tidegate-${type}` &&
      lookText(source, tree, at("url")) === REFUSING &&
      lookScalar(source, tree, at("muteAlert"))?.value === true;
    return isOurs
      ? type
      : refuse(source, item, quote(source.text.slice(item.start, item.end).replaceAll(/\s+/g, " ")), SHAPE);
  });
}

function refuseText(source: Source, { start, end }: List): never {
  return refuse(source, start, quote(source.text.slice(start, end).replaceAll(/\s+/g, " ")), SHAPE);
}

function stood(source: Source, canary: Resource, position: Position): Draft {
  const hooks = HOOKS[position.kind].map(hookOf);
  return [
    { path: WEIGHTS, items: listAt(position) },
    { path: WEBHOOKS, items: hooks },
  ].reduce((draft: Draft, { path, items }) => {
    const list = lookList(source, canary.tree, path);
    if (list === undefined || canonical(list) === canonicalData(items)) return draft;
    return replaceItems(source, draft, canary, { path, list, items });
  }, NO_EDIT);
}

function hookOf(type: Hook): Data {
  return { name: `tidegate-${type}`, type, url: REFUSING, muteAlert: true };
}

/** What is missing, in lines that are then written as all of ours are. */
function added(source: Source, { document, tree }: Resource): Draft {
  const missing = [WEIGHTS, WEBHOOKS].filter((path) => lookList(source, tree, path) === undefined);
  return missing.reduce((draft: Draft, path) => {
    const value: readonly Data[] = path === WEBHOOKS ? [hookOf("confirm-rollout")] : [];
    return insertKey(
      source,
      draft,
      { document, path: ANALYSIS },
      { key: String(path.at(-1)), value, slot: { kind: "last" } },
    );
  }, NO_EDIT);
}
