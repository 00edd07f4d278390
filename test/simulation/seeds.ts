import { parsedOnce } from "../../src/reconcile/parsed.ts";
import type { Readings } from "../../src/reconcile/readings.ts";
import { faultlessEndings } from "./endings.ts";
import { breachesOf, type Breach } from "./laws.ts";
import { drawn, type Luck, type Racer } from "./luck.ts";
import { play } from "./run.ts";
import { scenarioOf, scenarioWithPeople } from "./scenarios.ts";
import type { Options, Scenario, Story } from "./story.ts";

/** Whose stories: bump bots and the forge's misfortunes alone, or people in them who speak, push, close, merge and edit. */
export type Kind = "alone" | "people";

export const KINDS: Readonly<
  Record<Kind, { readonly scenarioOf: (seed: number) => Scenario; readonly racers: readonly Racer[] }>
> = {
  alone: { scenarioOf, racers: ["bump", "unrelated"] },
  people: { scenarioOf: scenarioWithPeople, racers: ["bump", "unrelated", "push", "close"] },
};

/** Parsed texts are kept from one story to the next: thousands of them hold the same few. */
export function simulatedReadings(): Readings {
  return parsedOnce({
    hosts: ["prometheus.example.com"],
    forms: {},
    environment: {},
    mounted: () => undefined,
  });
}

/** Crashes, every fault of the forge, lost, repeated and late webhooks, and people who are quicker by a moment. */
export function luckOf(kind: Kind, seed: number): Luck {
  return drawn(seed, KINDS[kind].racers);
}

/** A story held against every law, and against how it ends without misfortunes where nobody but bots takes part. */
export type Told = { readonly scenario: Scenario; readonly story: Story; readonly breaches: readonly Breach[] };

export type Teller = (
  kind: Kind,
  scenario: Scenario,
  options: Pick<Options, "seed" | "luck"> & Partial<Options>,
) => Promise<Told>;

/** Plays stories one after the other; endings and parsed texts are shared between them. */
export function teller(readings = simulatedReadings()): Teller {
  const endings = faultlessEndings(readings);
  return async (kind, scenario, options) => {
    const story = await play(scenario, { readings, ...options });
    const more = kind === "alone" ? await endings(scenario, story) : [];
    const failed = story.failures.slice(0, 3).map((what): Breach => ({ law: "explained", what }));
    return { scenario, story, breaches: [...breachesOf(scenario, story), ...more, ...failed] };
  };
}

/** A seed whose story broke a law. */
export type Failure = { readonly seed: number; readonly breaches: readonly Breach[] };

/** Plays seeds from 0 and gives those that failed. */
export async function failuresOf(kind: Kind, seeds: number): Promise<readonly Failure[]> {
  const tell = teller();
  const found: Failure[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const { breaches } = await tell(kind, KINDS[kind].scenarioOf(seed), { seed, luck: luckOf(kind, seed) });
    if (breaches.length > 0) found.push({ seed, breaches });
  }
  return found;
}

/** How many seeds of either kind a run of the tests plays; SIMULATION_SEEDS says otherwise. */
export function seedsToTest(usual: number): number {
  return Number(process.env["SIMULATION_SEEDS"] ?? usual);
}
