import { describe, expect, it } from "vitest";
import { parsedOnce } from "../../src/reconcile/parsed.ts";
import { breachesOf, type Breach } from "./laws.ts";
import { byPath } from "./git.ts";
import { mainOf, play, type Options, type Scenario, type Story } from "./run.ts";
import { NO_FAULTS } from "./faults.ts";
import { scenarioOf, scenarioWithPeople, TROUBLE } from "./scenarios.ts";

const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 1000);
const readings = parsedOnce({ hosts: ["prometheus.example.com"], environment: {} });

function troubled(seed: number): Options {
  return { seed, odds: TROUBLE, deaf: 0.3, races: 0.1, readings };
}

function faultless(seed: number): Options {
  return { seed, odds: NO_FAULTS, deaf: 0, races: 0, readings };
}

/** What a story leaves behind on the tracked branch, apart from what others wrote beside. */
function ending({ git }: Story): string {
  return JSON.stringify([...git.filesAt(mainOf(git))].filter(([path]) => !path.startsWith("docs/")).toSorted(byPath));
}

type Failure = { readonly seed: number; readonly breaches: readonly Breach[]; readonly failures: readonly string[] };

async function failuresOf(
  seeds: readonly number[],
  scenario: (seed: number) => Scenario,
  more: (story: Story, seed: number) => Promise<readonly Breach[]>,
): Promise<readonly Failure[]> {
  const found: Failure[] = [];
  for (const seed of seeds) {
    const told = scenario(seed);
    const story = await play(told, troubled(seed));
    const breaches = [...breachesOf(told, story), ...(await more(story, seed))];
    if (breaches.length > 0 || story.failures.length > 0)
      found.push({ seed, breaches, failures: story.failures.slice(0, 3) });
  }
  return found;
}

const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

describe(`${SEEDS} seeds of crashes, lost answers, lost and late webhooks, races and outages`, () => {
  it("keep every law, and end like the faultless run", async () => {
    const failures = await failuresOf(seeds, scenarioOf, async (story, seed) => {
      const calm = await play(scenarioOf(seed), faultless(seed));
      return ending(story) === ending(calm) ? [] : [{ law: "ends", what: "not like the faultless run" }];
    });
    expect(failures.slice(0, 5)).toEqual([]);
  }, 120_000);
});

describe(`${SEEDS} seeds of the same with people who speak`, () => {
  it("keep every law", async () => {
    expect((await failuresOf(seeds, scenarioWithPeople, async () => [])).slice(0, 5)).toEqual([]);
  }, 120_000);
});
