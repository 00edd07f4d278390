import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import { isWeight, NO_WEIGHT, type Weight } from "../../core/weight.ts";
import {
  checkAllPlain,
  entryAt,
  look,
  lookCount,
  lookList,
  lookMapping,
  peek,
  peekText,
  type YamlPath,
} from "../../yaml/look.ts";
import { canonical } from "../../yaml/canonical.ts";
import type { Range } from "../../yaml/ranges.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { List, Mapping } from "../../yaml/tree.ts";
import { canonicalData, flowText, itemLines, type Data } from "../data.ts";
import { edited, lineBreakAt, NO_EDIT, type Draft } from "../edit.ts";
import { columnOf, itemOf } from "../extent.ts";
import { insertKey } from "../insert.ts";
import { lookOf } from "../look-of.ts";
import { removeKey } from "../remove.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";
import { set } from "../scalar.ts";

/** Which Rollout: the file's only one, or the one of that name. */
export type RolloutOf = { readonly namespace: Name; readonly name?: Name };

/** The list `[setWeight: from, setWeight: to, pause: {}]`; one that runs out pauses for a second instead, and `to` is 100. */
export type Steps = { readonly from: Weight; readonly to: Weight; readonly runsOut: boolean };

/** Weight 0, and nothing to go on to. */
export const REST: Steps = { from: NO_WEIGHT, to: NO_WEIGHT, runsOut: false };

const WHOLE = 100;
const CANARY: YamlPath = ["spec", "strategy", "canary"];
const STEPS: YamlPath = [...CANARY, "steps"];
const FROM: YamlPath = [...STEPS, 0, "setWeight"];
const TO: YamlPath = [...STEPS, 1, "setWeight"];
const PAUSE: YamlPath = [...STEPS, 2, "pause"];
const RUN_OUT = "1s";
/** The same as a list to write. */
export const REST_LIST: readonly Data[] = [{ setWeight: 0 }, { setWeight: 0 }, { pause: {} }];
const SHAPE =
  "steps are [setWeight: from, setWeight: to, pause: {}], or [setWeight: from, setWeight: 100, pause: {duration: 1s}] to run out; tidegate claim says what to write";

/** What the Rollout's steps say; refused where they are not of that shape. */
export function readSteps(file: TextFile, of: RolloutOf): Result<Steps, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    return stepsOf(source, findRollout(source, of));
  });
}

/** The text with the two weights, and the pause where that changes, set in place. Throws a RangeError for steps that run out below 100. */
export function setSteps(file: TextFile, of: RolloutOf, steps: Steps): Result<string, Refusal> {
  if (steps.runsOut && steps.to !== WHOLE) throw new RangeError(`Steps run out at 100%, not at ${steps.to}%.`);
  return attempt(() => {
    const source = readSource(file);
    const rollout = findRollout(source, of);
    const now = stepsOf(source, rollout);
    const { document } = rollout;
    const from = set(source, NO_EDIT, { document, path: FROM, value: steps.from });
    const weights = set(source, from, { document, path: TO, value: steps.to });
    return edited(source, now.runsOut === steps.runsOut ? weights : turnPause(source, weights, rollout, steps));
  });
}

/** The text with whatever steps the Rollout had, and the comments in them, replaced by those of rest; added where it had none. */
export function claimSteps(file: TextFile, of: RolloutOf): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const rollout = findRollout(source, of);
    const { document, tree } = rollout;
    const canary = lookMapping(source, tree, CANARY);
    if (canary === undefined)
      return refuse(source, tree, "no strategy canary", "the steps are those of spec.strategy.canary");
    checkTotal(source, tree);
    const list = lookList(source, tree, STEPS);
    if (list !== undefined) return edited(source, replaced(source, rollout, list));
    const added = { key: "steps", value: REST_LIST, slot: { kind: "last" } } as const;
    return edited(source, insertKey(source, NO_EDIT, { document, path: CANARY }, added));
  });
}

/** The Rollout of a file that is meant; refused where there is none, or another one may be. */
export function findRollout(source: Source, { namespace, name }: RolloutOf): Resource {
  const all = resourcesOf(source, "argoproj.io", "Rollout");
  const [rollout, second] = all.filter(({ tree }) => name === undefined || nameIn(tree) === name);
  if (rollout === undefined) {
    return refuse(source, 0, `no Rollout ${name ?? ""}`.trimEnd(), "the file of a Rollout has it");
  }
  if (second !== undefined) {
    const found = `the Rollouts ${quote(nameIn(rollout.tree) ?? "")} and ${quote(nameIn(second.tree) ?? "")}`;
    return refuse(source, second.tree, found, "there is one Rollout, or one of the name");
  }
  checkNamespace(source, rollout, namespace);
  return rollout;
}

function nameIn(tree: Resource["tree"]): string | undefined {
  return peekText(tree, ["metadata", "name"]);
}

function stepsOf(source: Source, { tree }: Resource): Steps {
  checkTotal(source, tree);
  const list = lookList(source, tree, STEPS);
  if (list === undefined) return refuse(source, peek(tree, CANARY) ?? tree, "no steps", SHAPE);
  const keys = list.items.map((_, index) => keysOf(lookMapping(source, tree, [...STEPS, index])));
  if (keys.join() !== "setWeight,setWeight,pause") return refuseShape(source, list);
  const [from, to] = [weightAt(source, tree, FROM), weightAt(source, tree, TO)];
  const runsOut = isRunOut(source, tree, list);
  return runsOut && to !== WHOLE ? refuseShape(source, list) : { from, to, runsOut };
}

// A step is one key; with several of them it is not of our shape, and two keys are never one name.
function keysOf(step: Mapping | undefined): string {
  return step?.entries.map(({ key }) => key).join(" ") ?? "";
}

function weightAt(source: Source, tree: Resource["tree"], path: YamlPath): Weight {
  const value = lookCount(source, tree, path, WHOLE);
  return isWeight(value) ? value : refuse(source, tree, "nothing", SHAPE);
}

function isRunOut(source: Source, tree: Resource["tree"], list: List): boolean {
  const pause = look(source, tree, PAUSE);
  if (pause?.kind !== "map") return refuseShape(source, list);
  const [first, ...others] = pause.entries;
  if (first === undefined) return false;
  if (others.length > 0 || peekText(pause, ["duration"]) !== RUN_OUT) return refuseShape(source, list);
  return look(source, tree, [...PAUSE, "duration"]) !== undefined;
}

function refuseShape(source: Source, { start, end }: List): never {
  return refuse(source, start, quote(source.text.slice(start, end).replaceAll(/\s+/g, " ")), SHAPE);
}

/** Throws Refused where the controller takes weights as parts of something else than a hundred: a per cent would be another share. */
export function checkTotal(source: Source, tree: Resource["tree"]): void {
  const path = [...CANARY, "trafficRouting", "maxTrafficWeight"];
  const total = look(source, tree, path);
  if (total === undefined || lookCount(source, tree, path, Number.MAX_SAFE_INTEGER) === WHOLE) return;
  const found = `a maxTrafficWeight of ${quote(source.text.slice(total.start, total.end))}`;
  refuse(source, total, found, "the weights of steps are per cents");
}

function turnPause(source: Source, draft: Draft, { document, tree }: Resource, { runsOut }: Steps): Draft {
  const at = { document, path: PAUSE };
  if (runsOut) return insertKey(source, draft, at, { key: "duration", value: RUN_OUT, slot: { kind: "last" } });
  const pause = lookMapping(source, tree, PAUSE);
  if (pause?.isFlow === true) return removeKey(source, draft, at, "duration");
  const step = lookMapping(source, tree, PAUSE.slice(0, -1));
  const entry = step === undefined ? undefined : entryAt(step, "pause");
  if (pause === undefined || entry === undefined) return refuse(source, tree, "nothing", SHAPE);
  return emptied(source, draft, { document, key: entry.start, pause });
}

// A pause of its own lines becomes empty braces behind its key; a comment between the two stays where it is.
function emptied(
  source: Source,
  { splices, intents }: Draft,
  { document, key, pause }: { readonly document: number; readonly key: number; readonly pause: Mapping },
): Draft {
  const between = /^(?<name>["']?pause["']?[ \t]*:)\s*$/.exec(source.text.slice(key, pause.start));
  const start = between === null ? pause.start : key + (between.groups?.["name"] ?? "").length;
  const text = between === null ? "{}" : " {}";
  const intent = { kind: "value", path: [document, ...PAUSE], says: canonicalData({}) } as const;
  return { splices: [...splices, { start, end: pause.end, text }], intents: [...intents, intent] };
}

function replaced(source: Source, { document, tree }: Resource, list: List): Draft {
  const steps = attempt(() => stepsOf(source, { document, tree }));
  if (steps.kind === "ok" && steps.value.to === NO_WEIGHT && steps.value.from === NO_WEIGHT) return NO_EDIT;
  // An anchor in them may be what another place repeats.
  checkAllPlain(source, list);
  const look = lookOf(source, list, tree);
  const intents = [{ kind: "value", path: [document, ...STEPS], says: canonicalData(REST_LIST) }] as const;
  if (list.isFlow) return { splices: [{ start: list.start, end: list.end, text: flowText(REST_LIST, look) }], intents };
  const { start, end } = extentOf(source, list);
  const gap = `${lineBreakAt(source.text, start)}${" ".repeat(columnOf(source, start))}`;
  const text = REST_LIST.flatMap((item) => itemLines(item, look)).join(gap);
  return { splices: [{ start, end, text }], intents };
}

/** From the first dash to the end of the last item's lines, or from bracket to bracket. */
function extentOf(source: Source, list: List): Range {
  if (list.isFlow) return { start: list.start, end: list.end };
  return { start: itemOf(source, list, 0).dash, end: itemOf(source, list, list.items.length - 1).end };
}

/** What claiming the steps replaces, as it is written; empty where the Rollout has none. */
export function stepsWritten(file: TextFile, of: RolloutOf): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const list = lookList(source, findRollout(source, of).tree, STEPS);
    if (list === undefined) return "";
    const { start, end } = extentOf(source, list);
    return source.text.slice(start, end);
  });
}

/** The text with steps at rest replaced by what was written there before they were claimed; refused where they do not rest. */
export function giveBackSteps(file: TextFile, of: RolloutOf, was: string): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const rollout = findRollout(source, of);
    const { document, tree } = rollout;
    const { to } = stepsOf(source, rollout);
    const list = lookList(source, tree, STEPS);
    if (list === undefined || to !== NO_WEIGHT) return refuse(source, list ?? tree, "steps that do not rest", SHAPE);
    if (was === "") return edited(source, removeKey(source, NO_EDIT, { document, path: CANARY }, "steps"));
    const { start, end } = extentOf(source, list);
    // What follows the first line stands in the columns that it had.
    const text = `${" ".repeat(columnOf(source, start))}${was}`;
    const [said] = readSource({ path: file.path, text: list.isFlow ? was : text }).documents;
    if (said?.kind !== "list")
      return refuse(source, list, "no list to give back", "the state says which steps there were");
    const intents = [{ kind: "value", path: [document, ...STEPS], says: canonical(said) }] as const;
    return edited(source, { splices: [{ start, end, text: was }], intents });
  });
}
