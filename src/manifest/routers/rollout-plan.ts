import type { Result } from "../../core/result.ts";
import { entryAt, lookList, lookMapping, peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, lineAt, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Mapping } from "../../yaml/tree.ts";
import { findRollout, type RolloutOf } from "./rollout-steps.ts";

/** What the steps of a Rollout of people's say, before they are claimed. */
export type Planned = {
  /** The weights, in per cent, in their order. */
  readonly weights: readonly number[];
  /** The longest of the pauses that end by themselves, milliseconds; 0 without any. */
  readonly pauseMs: number;
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
const UNITS: ReadonlyMap<string, number> = new Map([
  ["", SECOND],
  ["s", SECOND],
  ["m", 60 * SECOND],
  ["h", 3600 * SECOND],
]);

/** How long a pause is; undefined where it waits for a person. A number is of seconds. */
function pauseOf(step: Mapping): number | undefined {
  const duration = peek(step, ["pause", "duration"]);
  if (duration?.kind !== "scalar" || duration.value === null) return undefined;
  const [, count, unit = ""] = /^(\d+)([smh]?)$/.exec(String(duration.value)) ?? [];
  return Number(count ?? 0) * (UNITS.get(unit) ?? SECOND);
}

const KNOWN: ReadonlySet<string> = new Set(["setWeight", "pause"]);
const WHY = "releases write weights and pauses alone, and what it does would be lost";

function otherIn(file: TextFile, { entries }: Mapping): readonly Refusal[] {
  return entries.flatMap(({ key, start }) =>
    KNOWN.has(key) ? [] : [{ path: file.path, line: lineAt(file.text, start), found: `a step ${key}`, why: WHY }],
  );
}
