import { expect, it } from "vitest";
import { ROUTE_KINDS } from "../../src/sandbox/fleet-routes.ts";
import { asEach, untilAllRest } from "../support/rollout-fleet-story.ts";
import { openBump, say } from "../support/story-plot.ts";
import { leafOf, liveOf, livePath, mergedSteps, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

/** Before which steps, and at which live weight, a release is taken back, and what it has come to by then; between promotion and the drain it is in the stories of all kinds at once. */
const BACK = [
  { before: "1-10", live: 0, merged: ["0-warmup"], shares: [0] },
  { before: "2-30", live: 10, merged: ["0-warmup", "1-10"], shares: [0, 10, 0] },
  { before: "3-promote", live: 30, merged: ["0-warmup", "1-10", "2-30"], shares: [0, 10, 30, 0] },
  { before: "5-rest", live: 0, merged: ["0-warmup", "1-10", "2-30", "3-promote", "4-drain"], shares: [0, 10, 30, 0] },
] as const;

/** A service of each kind for each of them. */
const ALL = ROUTE_KINDS.flatMap((kind) =>
  BACK.map((back, index) => ({ ...back, kind, name: `${kind.toLowerCase()}-${index}` })),
);

it.concurrent(
  "every kind of route is taken back by a word before its first weight, under each weight and when stable runs the version, and ends as it began",
  UNHURRIED,
  told(
    {
      services: ALL.map(({ name }) => name),
      kinds: Object.fromEntries(ALL.map(({ name, kind }) => [name, kind])),
      limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
      config: { waves: "[{ targets: [prod], steps: [10, 30], bake: 2s }]" },
    },
    async (story) => {
      const bumps = [];
      for (const { name } of ALL) bumps.push(await openBump(story, { service: name, version: "1.1.0" }));
      await story.settle();
      for (const { number } of bumps)
        await story.github.mergePull({ repo: story.repo, user: "renovate", number, method: "squash" });
      await asEach(story, ALL, {
        what: "its step is there, and the one before is live",
        isThere: ({ name, before, live }) =>
          stepOf(story, name)?.leaf === before && liveOf(story, name).weight === live,
        act: ({ name }) => say(story, "ana", stepOf(story, name)?.number, "/abort we saw something"),
      });
      await untilAllRest(story, ALL);
      for (const { name, merged, shares } of ALL) {
        expect([name, mergedSteps(story, name).map(leafOf)]).toEqual([name, [...merged, "abort", "take-back"]]);
        expect([name, (await livePath(story, name)).shares]).toEqual([name, shares]);
        expect(liveOf(story, name)).toEqual({ weight: 0, canary: [], stable: [imageOf(name, "1.0.0")] });
        const { blocked } = await story.state(name);
        expect(blocked).toMatchObject([{ image: imageOf(name, "1.1.0"), by: "person" }]);
      }
    },
  ),
);
