import { expect, it } from "vitest";
import { byPath } from "./git.ts";
import { mainOf, play, type Scenario, type Story } from "./run.ts";
import { scenarioOf } from "./scenarios.ts";
import { failuresOf, faultless, SEEDS } from "./seeds.ts";

/** What a story leaves on the tracked branch, apart from what others wrote beside. */
function ending({ git }: Story): string {
  return JSON.stringify([...git.filesAt(mainOf(git))].filter(([path]) => !path.startsWith("docs/")).toSorted(byPath));
}

/** How the same bumps end without faults. When they come does not matter to that, so each set of bumps is played once. */
const endings = new Map<string, Promise<string>>();

function faultlessEnding(scenario: Scenario): Promise<string> {
  const bumps = scenario.events.map((event) => (event.kind === "bump" ? `${event.service} ${event.tag}` : ""));
  const key = JSON.stringify([bumps.filter((bump) => bump !== ""), [...scenario.bad]]);
  const known = endings.get(key) ?? play(scenario, faultless(0)).then(ending);
  endings.set(key, known);
  return known;
}

it(`${SEEDS.alone} seeds of crashes, lost answers, lost and late webhooks, races and outages keep every law and end like the faultless run`, async () => {
  const failures = await failuresOf(SEEDS.alone, scenarioOf, async (scenario, story) =>
    ending(story) === (await faultlessEnding(scenario)) ? [] : [{ law: "ends", what: "not like the faultless run" }],
  );
  expect(failures.slice(0, 5)).toEqual([]);
}, 300_000);
