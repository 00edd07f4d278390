import { describe, expect, it } from "vitest";
import { LAWS, type Law } from "./laws.ts";
import { MUTANTS } from "./mutants.ts";
import { KINDS, luckOf, teller } from "./seeds.ts";

const MOST_SEEDS = 300;
/** What breaks a law only after people have said and done a thing or two takes many stories. */
const UNHURRIED = { timeout: 900_000 } as const;

describe("a law notices a bot that breaks it", () => {
  const tell = teller();

  it.each(MUTANTS)("$what ($law)", UNHURRIED, async ({ law, kind, how }) => {
    const found = new Set<Law>();
    for (let seed = 0; seed < MOST_SEEDS && !found.has(law); seed += 1) {
      const scenario = KINDS[kind].scenarioOf(seed);
      const { breaches } = await tell(kind, scenario, { seed, luck: luckOf(kind, seed), ...how });
      for (const breach of breaches) found.add(breach.law);
    }
    expect([...found]).toContain(law);
  });

  it("has a bot for every law", () => {
    expect(new Set(MUTANTS.map(({ law }) => law))).toEqual(new Set(Object.keys(LAWS)));
  });
});
