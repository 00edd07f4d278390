import type { Sha } from "../core/names.ts";
import type { Refusal } from "../core/snapshot.ts";

/** What the process remembers of one repository from look to look, to ask less. All of it may be lost at any time. */
export type Memory = {
  /** Merges that GitHub refused, by the head and the tracked branch that it was asked for. */
  readonly refusals: Map<string, Refusal>;
  /** Since when GitHub has left open whether a head can be merged, milliseconds. */
  readonly doubts: Map<Sha, number>;
  /** Every command written before then has been answered; milliseconds. */
  answeredUntil: number;
};

export function freshMemory(): Memory {
  return { refusals: new Map(), doubts: new Map(), answeredUntil: 0 };
}

/** A head that is to be merged into the tracked branch as it is: another head, or another base, may be merged after all. */
export type Ends = { readonly headSha: Sha; readonly base: Sha };

/** GitHub's refusal to merge a head; it may be old. */
export function refusalOf({ refusals }: Memory, ends: Ends): Refusal | undefined {
  return refusals.get(keyOf(ends));
}

/** Keeps a refusal, and forgets those whose time is over. `now` is in milliseconds. */
export function keepRefusal({ refusals }: Memory, ends: Ends, refusal: Refusal, now: number): void {
  for (const [key, { until }] of refusals) if (until <= now) refusals.delete(key);
  refusals.set(keyOf(ends), refusal);
}

/** Since when GitHub has left open whether a head can be merged, milliseconds; from now on, if it has not before. */
export function doubtedSince({ doubts }: Memory, headSha: Sha, now: number): number {
  const since = doubts.get(headSha) ?? now;
  doubts.set(headSha, since);
  if (doubts.size > MOST_DOUBTS) doubts.delete([...doubts.keys()][0] ?? headSha);
  return since;
}

const MOST_DOUBTS = 1_000;

/** Forgets that GitHub refused: a review has come. */
export function forgetRefusals({ refusals }: Memory): void {
  refusals.clear();
}

function keyOf({ headSha, base }: Ends): string {
  return `${headSha} ${base}`;
}
