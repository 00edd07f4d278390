import type { Result } from "../../core/result.ts";
import { entryAt, lookList, lookMapping, peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, lineAt, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Mapping, Tree } from "../../yaml/tree.ts";
import { findRollout, type RolloutOf } from "./rollout-steps.ts";

/** What the steps of a Rollout of people's say, before they are claimed. */
export type Planned = {
  /** The weights, in per cent, in their order. */
  readonly weights: readonly number[];
  /** The longest of the pauses that end by themselves, milliseconds; 0 without any. */
  readonly pauseMs: number;
  /** How long its controller takes over a version at most, by all of these pauses and its progress deadline, milliseconds. */
  readonly takesMs: number;
  /** A version on its way may wait for a person: at a pause without an end, or before a switch. */
  readonly waits: boolean;
  /** The line of the first pause that waits for a person. */
  readonly waitsAt: number | undefined;
  /** Steps that are neither a weight nor a pause. */
  readonly others: readonly Refusal[];
};

const STEPS: YamlPath = ["spec", "strategy", "canary", "steps"];

/** What the steps of a file's Rollout come to; refused where they are no list of steps. */
export function readPlanned(file: TextFile, of: RolloutOf): Result<Planned, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { tree } = findRollout(source, of);
    const list = lookList(source, tree, STEPS);
    const steps = list?.items.map((_, index) => lookMapping(source, tree, [...STEPS, index])) ?? [];
    const known = steps.filter((step) => step !== undefined);
    const pauses = known.filter((step) => entryAt(step, "pause") !== undefined);
    const waiting = pauses.find((step) => pauseOf(step) === undefined);
    return {
      weights: known.flatMap((step) => weightIn(step) ?? []),
      pauseMs: Math.max(0, ...pauses.flatMap((step) => pauseOf(step) ?? [])),
      takesMs: pauses.reduce((sum, step) => sum + (pauseOf(step) ?? 0), deadlineOf(tree)),
      waits: waiting !== undefined || isSwitchedByHand(tree),
      waitsAt: waiting && lineAt(file.text, waiting.start),
      others: known.flatMap((step) => otherIn(file, step)),
    };
  });
}

function weightIn(step: Mapping): number | undefined {
  const text = peekText(step, ["setWeight"]);
  const weight = peek(step, ["setWeight"]);
  const value =
    weight?.kind === "scalar" && typeof weight.value === "number" ? weight.value : Number(text ?? Number.NaN);
  return Number.isInteger(value) ? value : undefined;
}

const SECOND = 1000;
// The controller's own (argo-rollouts 9f8d111d, utils/defaults/defaults.go).
const DEFAULT_DEADLINE = 600;

function deadlineOf(tree: Tree): number {
  const found = peek(tree, ["spec", "progressDeadlineSeconds"]);
  return (found?.kind === "scalar" && typeof found.value === "number" ? found.value : DEFAULT_DEADLINE) * SECOND;
}

function isSwitchedByHand(tree: Tree): boolean {
  const found = peek(tree, ["spec", "strategy", "blueGreen", "autoPromotionEnabled"]);
  return found?.kind === "scalar" && found.value === false;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", SECOND],
  ["ms", 1],
  ["s", SECOND],
  ["m", 60 * SECOND],
  ["h", 3600 * SECOND],
]);

/** How long a pause is; undefined where it waits for a person. A number is of seconds, a text such as `1h30m` is as Go writes durations. */
function pauseOf(step: Mapping): number | undefined {
  const duration = peek(step, ["pause", "duration"]);
  if (duration?.kind !== "scalar" || duration.value === null) return undefined;
  const parts = [...String(duration.value).matchAll(/(\d+(?:\.\d+)?)(ms|[smh]?)/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS.get(unit) ?? SECOND), 0);
}

const KNOWN: ReadonlySet<string> = new Set(["setWeight", "pause"]);
const WHY = "releases write weights and pauses alone, and what it does would be lost";

function otherIn(file: TextFile, { entries }: Mapping): readonly Refusal[] {
  return entries.flatMap(({ key, start }) =>
    KNOWN.has(key) ? [] : [{ path: file.path, line: lineAt(file.text, start), found: `a step ${key}`, why: WHY }],
  );
}
