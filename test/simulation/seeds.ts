import { parsedOnce } from "../../src/reconcile/parsed.ts";
import { NO_FAULTS } from "./faults.ts";
import { breachesOf, type Breach } from "./laws.ts";
import { play, type Options, type Scenario, type Story } from "./run.ts";
import { TROUBLE } from "./scenarios.ts";

const readings = parsedOnce({ hosts: ["prometheus.example.com"], environment: {} });

/** Seeds that a run of the tests plays, 2,000 in all; SIMULATION_SEEDS says how many of either kind otherwise. */
export const SEEDS = { alone: seedsOr(1200), withPeople: seedsOr(800) };

function seedsOr(usual: number): number {
  return Number(process.env["SIMULATION_SEEDS"] ?? usual);
}

/** Crashes, lost answers, lost, repeated and late webhooks, and pushes in the moment before a merge. */
export function troubled(seed: number): Options {
  return { seed, odds: TROUBLE, deaf: 0.3, races: 0.1, readings };
}

export function faultless(seed: number): Options {
  return { seed, odds: NO_FAULTS, deaf: 0, races: 0, readings };
}

/** A story that broke a law, or in which something failed that no fault explains. */
export type Failure = {
  readonly seed: number;
  readonly breaches: readonly Breach[];
  readonly failures: readonly string[];
};

/** Plays seeds from 0 and gives those that failed; `more` holds a story against further laws. */
export async function failuresOf(
  seeds: number,
  scenarioOf: (seed: number) => Scenario,
  more: (scenario: Scenario, story: Story) => Promise<readonly Breach[]>,
): Promise<readonly Failure[]> {
  const found: Failure[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const scenario = scenarioOf(seed);
    const story = await play(scenario, troubled(seed));
    const breaches = [...breachesOf(scenario, story), ...(await more(scenario, story))];
    if (breaches.length > 0 || story.failures.length > 0)
      found.push({ seed, breaches, failures: story.failures.slice(0, 3) });
  }
  return found;
}
