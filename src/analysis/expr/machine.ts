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
  memory: number;
  steps: number;
};

/** Argo's own bound: so many elements may be made. */
const MEMORY = 1_000_000;
/** Ours: at most about a second. */
const STEPS = 5_000_000;

export function machine(result: Value): Machine {
  return { result, variables: new Map(), loops: [], memory: 0, steps: 0 };
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
