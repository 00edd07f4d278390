import type { Result } from "../../core/result.ts";
import { canonical } from "../../yaml/canonical.ts";
import { lookMapping, lookScalar, peek, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { removeKey } from "../remove.ts";
import type { Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import { findRollout, type RolloutOf } from "./rollout-steps.ts";

const BLUE_GREEN: YamlPath = ["spec", "strategy", "blueGreen"];
const CANARY: YamlPath = ["spec", "strategy", "canary"];
const KEY = "autoPromotionEnabled";
const PROMOTION: YamlPath = [...BLUE_GREEN, KEY];
const SHAPE =
  "autoPromotionEnabled is false, or true to switch; without it the controller switches to whatever lands (tidegate claim says what to write)";

/** Whether what moves the traffic of a Rollout is this, and no steps. */
export function isBlueGreen(file: TextFile, of: RolloutOf): boolean {
  const found = attempt(() => findRollout(readSource(file), of));
  if (found.kind === "err") return false;
  const [blueGreen, canary] = [BLUE_GREEN, CANARY].map((path) => peek(found.value.tree, path));
  // To the cluster's API, null is as if the key were not there.
  const isThere = (node: Tree | undefined) => node !== undefined && !(node.kind === "scalar" && node.value === null);
  return isThere(blueGreen) && !isThere(canary);
}

/** Whether the controller of a blue/green Rollout switches to the new version as soon as its pods are there; refused where the Rollout does not say. */
export function readPromotion(file: TextFile, of: RolloutOf): Result<boolean, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    return promotionOf(source, findRollout(source, of));
  });
}

/** The text with that set in place. */
export function setPromotion(file: TextFile, of: RolloutOf, isOn: boolean): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const rollout = findRollout(source, of);
    promotionOf(source, rollout);
    return edited(source, set(source, NO_EDIT, { document: rollout.document, path: PROMOTION, value: isOn }));
  });
}

/** The text with the switching kept back, whatever was said of it; added where nothing was. */
export function claimPromotion(file: TextFile, of: RolloutOf): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { document, tree } = findRollout(source, of);
    if (lookMapping(source, tree, BLUE_GREEN) === undefined)
      return refuse(source, tree, "no strategy blueGreen", "what switches is its autoPromotionEnabled");
    if (lookScalar(source, tree, PROMOTION) !== undefined)
      return edited(source, set(source, NO_EDIT, { document, path: PROMOTION, value: false }));
    const added = { key: KEY, value: false, slot: { kind: "last" } } as const;
    return edited(source, insertKey(source, NO_EDIT, { document, path: BLUE_GREEN }, added));
  });
}

/** What claiming the switch replaces, as it is written; empty where the Rollout does not say it. */
export function promotionWritten(file: TextFile, of: RolloutOf): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const said = lookScalar(source, findRollout(source, of).tree, PROMOTION);
    return said === undefined ? "" : source.text.slice(said.start, said.end);
  });
}

/** The text with a switch that is kept back replaced by what was written there before it was claimed; refused where it is open. */
export function giveBackPromotion(file: TextFile, of: RolloutOf, was: string): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const rollout = findRollout(source, of);
    const { document, tree } = rollout;
    const said = lookScalar(source, tree, PROMOTION);
    if (said === undefined || promotionOf(source, rollout))
      return refuse(source, said ?? tree, "an open switch", SHAPE);
    if (was === "") return edited(source, removeKey(source, NO_EDIT, { document, path: BLUE_GREEN }, KEY));
    const [then] = readSource({ path: file.path, text: was }).documents;
    if (then?.kind !== "scalar") return refuse(source, said, "no value to give back", "the state says what it was");
    const intents = [{ kind: "value", path: [document, ...PROMOTION], says: canonical(then) }] as const;
    return edited(source, { splices: [{ start: said.start, end: said.end, text: was }], intents });
  });
}

function promotionOf(source: Source, { tree }: Resource): boolean {
  const said = lookScalar(source, tree, PROMOTION);
  if (said !== undefined && typeof said.value === "boolean") return said.value;
  const found = said === undefined ? `no ${KEY}` : `the ${KEY} ${quote(String(said.value))}`;
  return refuse(source, said ?? lookMapping(source, tree, BLUE_GREEN) ?? tree, found, SHAPE);
}
