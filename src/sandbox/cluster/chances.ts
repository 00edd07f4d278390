import { randomOf } from "./random.ts";
import type { Random } from "./random.ts";

export type Chances = (purpose: string) => Random;

/** One sequence per purpose: a pod more in one service changes nothing in another's traffic. */
export function chanceBook(seed: string): Chances {
  const sequences = new Map<string, Random>();
  return (purpose) => {
    const sequence = sequences.get(purpose) ?? randomOf(`${seed} ${purpose}`);
    sequences.set(purpose, sequence);
    return sequence;
  };
}
