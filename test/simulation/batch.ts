import type { Breach } from "./laws.ts";
import { MUTANTS } from "./mutants.ts";
import { KINDS, luckOf, teller, type Kind, type Teller } from "./seeds.ts";

/** Whose stories a run tells: of four seeds, `all` gives one to bots alone. */
export type Kinds = Kind | "all";

export type Batch = {
  readonly kinds: Kinds;
  readonly from: number;
  readonly seeds: number;
  /** Index of the mutant that plays; undefined: the bot as it is. */
  readonly mutant: number | undefined;
};

export type FailedSeed = { readonly seed: number; readonly kind: Kind; readonly breaches: readonly Breach[] };

/** What a batch of seeds came to; plain data, which goes between threads. */
export type Tally = {
  readonly seeds: number;
  /** Per seed, in order. */
  readonly decisions: readonly number[];
  readonly looks: number;
  readonly cpuMs: number;
  readonly hits: readonly (readonly [pair: string, times: number])[];
  readonly failed: readonly FailedSeed[];
};

export const NOTHING: Tally = { seeds: 0, decisions: [], looks: 0, cpuMs: 0, hits: [], failed: [] };

export function kindOf(kinds: Kinds, seed: number): Kind {
  if (kinds !== "all") return kinds;
  return seed % 4 === 0 ? "alone" : "people";
}

/** Plays the seeds of a batch one after the other. `cpu` is the thread's time so far, milliseconds. */
export async function played(batch: Batch, cpu: () => number, tell: Teller = teller()): Promise<Tally> {
  const mutant = batch.mutant === undefined ? undefined : MUTANTS[batch.mutant];
  const begun = cpu();
  const decisions: number[] = [];
  const hits = new Map<string, number>();
  const failed: FailedSeed[] = [];
  let looks = 0;
  for (let seed = batch.from; seed < batch.from + batch.seeds; seed += 1) {
    const kind = mutant?.kind ?? kindOf(batch.kinds, seed);
    const { story, breaches } = await tell(kind, KINDS[kind].scenarioOf(seed), {
      seed,
      luck: luckOf(kind, seed),
      ...mutant?.how,
    });
    decisions.push(story.decisions);
    looks += story.looks;
    for (const [pair, times] of story.hits) hits.set(pair, (hits.get(pair) ?? 0) + times);
    if (breaches.length > 0) failed.push({ seed, kind, breaches });
  }
  return { seeds: batch.seeds, decisions, looks, cpuMs: cpu() - begun, hits: [...hits], failed };
}

/** Two tallies as one; the order of seeds is that of the arguments. */
export function together(one: Tally, two: Tally): Tally {
  const hits = new Map(one.hits);
  for (const [pair, times] of two.hits) hits.set(pair, (hits.get(pair) ?? 0) + times);
  return {
    seeds: one.seeds + two.seeds,
    decisions: [...one.decisions, ...two.decisions],
    looks: one.looks + two.looks,
    cpuMs: one.cpuMs + two.cpuMs,
    hits: [...hits],
    failed: [...one.failed, ...two.failed],
  };
}
