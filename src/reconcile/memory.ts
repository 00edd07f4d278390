import type { Sha } from "../core/names.ts";
import type { Refusal } from "../core/snapshot.ts";

/** What the process remembers of one repository from look to look, to ask less. All of it may be lost at any time. */
export type Memory = {
  /** Merges that GitHub refused, by the head and the tracked branch that it was asked for. */
  readonly refusals: Map<string, Refusal>;
  /** Every command written before then has been answered; milliseconds. */
  answeredUntil: number;
};

export function freshMemory(): Memory {
  return { refusals: new Map(), answeredUntil: 0 };
}

/** What a refusal is kept by: another head, or another base, may be merged after all. */
export function refusalKey(headSha: Sha, base: Sha): string {
  return `${headSha} ${base}`;
}

/** Forgets that GitHub refused: a review has come, or its rules have changed. */
export function forgetRefusals({ refusals }: Memory): void {
  refusals.clear();
}
