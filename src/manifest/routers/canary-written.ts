import type { Result } from "../../core/result.ts";
import { canonical } from "../../yaml/canonical.ts";
import { look, lookCount, lookList, type YamlPath } from "../../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import type { Range } from "../../yaml/ranges.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { List } from "../../yaml/tree.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { columnOf, itemOf } from "../extent.ts";
import { removeKey } from "../remove.ts";
import { keyEnd } from "../replace.ts";
import { findCanary, readPosition, type CanaryOf } from "./canary-gates.ts";

const ANALYSIS: YamlPath = ["spec", "analysis"];

/** What releases write in a Canary, as claims say it. */
export const CANARY_KEYS = ["spec.analysis.stepWeights", "spec.analysis.webhooks"] as const;
type Key = (typeof CANARY_KEYS)[number];

/** What claiming a Canary replaces, as it is written; empty where it says nothing. */
export type GatesWritten = { readonly [key in Key]: string };

export function gatesWritten(file: TextFile, of: CanaryOf): Result<GatesWritten, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { tree } = findCanary(source, of);
    const said = (key: Key): string => {
      const path = key.split(".");
      const list = lookList(source, tree, path);
      if (list === undefined) return "";
      const { start, end } = extentOf(source, list);
      return source.text.slice(isEmptied(key, list) ? keyEnd(source, tree, path) : start, end);
    };
    return { "spec.analysis.stepWeights": said(CANARY_KEYS[0]), "spec.analysis.webhooks": said(CANARY_KEYS[1]) };
  });
}

/** The text with gates at rest replaced by what was written there before they were claimed; refused where they do not rest. */
export function giveBackGates(file: TextFile, of: CanaryOf, was: GatesWritten): Result<string, Refusal> {
  const now = readPosition(file, of);
  if (now.kind === "err") return now;
  return attempt(() => {
    if (now.value.kind !== "rest") {
      const source = readSource(file);
      const { tree } = findCanary(source, of);
      const why = "what stood there before goes where they are closed and the list is empty";
      return refuse(source, look(source, tree, ANALYSIS) ?? tree, "gates that do not rest", why);
    }
    // What was added last goes first.
    return CANARY_KEYS.toReversed().reduce(
      (text, key) => givenBack({ ...file, text }, of, { key, was: was[key] }),
      file.text,
    );
  });
}

function givenBack(file: TextFile, of: CanaryOf, { key, was }: { readonly key: Key; readonly was: string }): string {
  const source = readSource(file);
  const { document, tree } = findCanary(source, of);
  const path = key.split(".");
  if (was === "") return edited(source, removeKey(source, NO_EDIT, { document, path: ANALYSIS }, path.at(-1) ?? ""));
  const list = lookList(source, tree, path);
  if (list === undefined) return refuse(source, tree, `no ${key}`, "what stood there before goes in its place");
  const extent = extentOf(source, list);
  const isBehind = /^\s/.test(was);
  const start = isBehind ? keyEnd(source, tree, path) : extent.start;
  const [said] = readSource({ path: file.path, text: alone(was, columnOf(source, start)) }).documents;
  const then = isBehind && said?.kind === "map" ? said.entries[0]?.value : said;
  if (then?.kind !== "list") return refuse(source, list, "no list to give back", "the state says what there was");
  const intents = [{ kind: "value", path: [document, ...path], says: canonical(then) }] as const;
  return edited(source, { splices: [{ start, end: extent.end, text: was }], intents });
}

/** A list in lines of which nothing is left stands behind its key afterwards, and what replaces it begins there. */
function isEmptied(key: Key, { isFlow }: List): boolean {
  return key === CANARY_KEYS[0] && !isFlow;
}

/** What was written, as a text of its own: what follows the first line stands in the columns that it had. */
function alone(was: string, column: number): string {
  if (was.startsWith("[")) return was;
  return /^\s/.test(was) ? `x:${was}` : `${" ".repeat(column)}${was}`;
}

/** From the first dash to the end of the last item's lines, or from bracket to bracket. */
function extentOf(source: Source, list: List): Range {
  if (list.isFlow) return { start: list.start, end: list.end };
  return { start: itemOf(source, list, 0).dash, end: itemOf(source, list, list.items.length - 1).end };
}

const MOST = 100;

/** The weights that a Canary of people's goes through, before it is claimed, in per cent, in their order: those of its list, or by equal steps (stepWeight) up to maxWeight. */
export function readCanaryPlan(file: TextFile, of: CanaryOf): Result<readonly number[], Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { tree } = findCanary(source, of);
    const count = (...path: YamlPath) => lookCount(source, tree, [...ANALYSIS, ...path], MOST);
    const step = count("stepWeight") ?? 0;
    if (step > 0) {
      // As Flagger goes (pkg/controller/scheduler.go, runCanary): by as much again while the weight is below maxWeight.
      const most = count("maxWeight") || MOST;
      return Array.from({ length: Math.ceil(most / step) }, (_, index) => Math.min(MOST, (index + 1) * step));
    }
    const list = lookList(source, tree, [...ANALYSIS, "stepWeights"]);
    return list?.items.flatMap((_, index) => count("stepWeights", index) ?? []) ?? [];
  });
}
