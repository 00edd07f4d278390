import type { Readings } from "../../src/reconcile/readings.ts";
import { byPath } from "./git.ts";
import { hasEscaped, type Breach } from "./laws.ts";
import { NO_MISFORTUNE } from "./luck.ts";
import { play, trunkOf } from "./run.ts";
import { placesIn, type Scenario, type Story } from "./story.ts";

/** Holds a story's ending against that of the same bumps without misfortunes; when they come does not matter to it, so each set of bumps is played once. */
export function faultlessEndings(readings: Readings): (scenario: Scenario, story: Story) => Promise<readonly Breach[]> {
  const endings = new Map<string, Promise<string>>();
  const faultless = (scenario: Scenario): Promise<string> => {
    const bumps = scenario.events.flatMap((event) =>
      event.kind === "bump" ? [`${event.places?.join() ?? event.service} ${event.tag}`] : [],
    );
    const key = JSON.stringify([
      bumps,
      [...scenario.bad],
      scenario.targets,
      scenario.isReported,
      scenario.isSwitched,
      scenario.isTested,
      scenario.isMirrored,
    ]);
    const known = endings.get(key) ?? play(scenario, { seed: 0, luck: NO_MISFORTUNE, readings }).then(endingOf);
    endings.set(key, known);
    return known;
  };
  return async (scenario, story) =>
    // Whether those beside a place that fails alone had begun by then is a matter of time; a law of its own is about them.
    [...scenario.bad].some((one) => one.includes(" ")) ||
    placesIn(scenario).some((place) => hasEscaped(story, place)) ||
    endingOf(story) === (await faultless(scenario))
      ? []
      : [{ law: "ends", what: "not like the faultless run" }];
}

/** What a story leaves on the tracked branch, apart from what others wrote beside, and from the ids of commits, which have times in them. */
function endingOf({ git, forge }: Story): string {
  const files = [...git.filesAt(trunkOf(git, forge))].filter(([path]) => !path.startsWith("docs/"));
  return JSON.stringify(files.toSorted(byPath)).replaceAll(/commit: \\"[0-9a-f]{40}\\"/g, "commit: …");
}
