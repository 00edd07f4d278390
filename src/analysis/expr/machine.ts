import { cannot, unsupported } from "./trouble.ts";
import type { Value } from "./value.ts";

/** A list that is being gone through. */
export type Loop = {
  readonly length: number;
  readonly item: (index: number) => Value;
  index: number;
  count: bigint;
  acc: Value;
};

/** An evaluation that is under way, with what it has used so far. */
export type Machine = {
  readonly result: Value;
  readonly variables: Map<string, Value>;
  readonly loops: Loop[];
  /** What has been computed and is not yet used, the last on top. See `leave`. */
  readonly stack: Value[];
  memory: number;
  steps: number;
};

/** Argo's own bound: so many elements may be made. */
const MEMORY = 1_000_000;
/** Ours: at most about a second. */
const STEPS = 5_000_000;

export function machine(result: Value): Machine {
  return { result, variables: new Map(), loops: [], stack: [], memory: 0, steps: 0 };
}

/**
 * The values of what is computed one after another, from the stack: with findLast() and findLastIndex() Argo's machine leaves something
 * on it that is then taken for a value. `1 < findLast(…)` is an error there, so it is one here.
 */
export function gather<Item>(running: Machine, items: readonly Item[], value: (item: Item) => Value): readonly Value[] {
  for (const item of items) {
    const found = value(item);
    running.stack.push(found);
  }
  return running.stack.splice(running.stack.length - items.length);
}

/** Leaves on the stack what nothing will take off it. */
export function leave(running: Machine, value: Value): void {
  running.stack.push(value);
}

/** Counts elements that are made. */
export function grow(running: Machine, size: number): void {
  running.memory += size;
  if (running.memory >= MEMORY) cannot("it makes too many values");
}

/** Counts what is done. */
export function spend(running: Machine, steps: number): void {
  running.steps += steps;
  if (running.steps > STEPS) unsupported(`an evaluation of more than ${STEPS} steps is not supported`);
}
