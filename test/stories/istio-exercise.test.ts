import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { landBump, untilRest } from "../support/story-plot.ts";
import { liveOf, livePath } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const REVIEWS = "reviews";

/** What git says of it, stable's share first, with stable's tag; commit by commit without repeats, oldest first. */
async function history(story: Story): Promise<readonly string[]> {
  const { route, stable } = pathsOf(REVIEWS);
  const commits = (await story.github.log(REPO, "HEAD")).toReversed();
  const all = await Promise.all(
    commits.map(async ({ sha }) => {
      const weights = [...(await story.file(route, sha)).matchAll(/weight: (\d+)/g)].map(([, weight]) => weight);
      const [, tag] = /image: \S+:(\S+)/.exec(await story.file(stable, sha)) ?? [];
      return `${weights.join("/")} with stable on ${tag}`;
    }),
  );
  return all.filter((one, index) => one !== all[index - 1]);
}

// One host, a subset for each version, and weights that somebody used to edit by hand.
it.concurrent(
  "the canary that everybody does first with Istio is done by commits: 100/0, 90/10, …, stable takes the image, 100/0 again",
  UNHURRIED,
  told(
    {
      services: [REVIEWS],
      kinds: { [REVIEWS]: "istioSubsets" },
      config: { waves: "[{ targets: [prod], steps: [10, 30, 50], bake: 2s }]" },
    },
    async (story) => {
      const { route } = pathsOf(REVIEWS);
      const before = await story.file(route);
      await landBump(story, { service: REVIEWS, version: "2.0.0" });
      await untilRest(story, REVIEWS);
      expect(await history(story)).toEqual([
        "100/0 with stable on 1.0.0",
        "90/10 with stable on 1.0.0",
        "70/30 with stable on 1.0.0",
        "50/50 with stable on 1.0.0",
        "50/50 with stable on 2.0.0",
        "100/0 with stable on 2.0.0",
      ]);
      expect(await story.file(route)).toBe(before);
      expect((await livePath(story, REVIEWS)).shares).toEqual([0, 10, 30, 50, 0]);
      expect(liveOf(story, REVIEWS)).toEqual({ weight: 0, canary: [], stable: [imageOf(REVIEWS, "2.0.0")] });
    },
  ),
);
