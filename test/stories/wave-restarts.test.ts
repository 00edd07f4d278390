import { expect, it } from "vitest";
import { landBump, say, untilRest } from "../support/story-plot.ts";
import { leafOf, liveOf, mergedSteps, openSteps, saidOn, weightsInGit } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const TARGETS = ["staging", "eu", "us"] as const;
const PLACES = TARGETS.map((target) => `checkout/${target}`);
const [STAGING = "", EU = "", US = ""] = PLACES;
const WAVE = "checkout/wave-2";
const WORLD = {
  targets: TARGETS,
  config: {
    targets: "[]",
    waves: `
  - { targets: [staging], steps: [50], bake: 2s }
  - { targets: ["*"], steps: [50], bake: 2s }`,
  },
} as const;

function isOpen(story: Story, branch: string, leaf: string): boolean {
  return openSteps(story, branch).some((pull) => leafOf(pull) === leaf);
}

it.concurrent(
  "waves and their sets go on where they were, whenever the bot is started anew, and hear what was said meanwhile",
  UNHURRIED,
  told(WORLD, async (story) => {
    const bump = await landBump(story, { service: "checkout", version: "1.1.0", places: PLACES });
    await story.until("staging is in the middle of its weight", () => isOpen(story, STAGING, "2-promote"));
    await story.restart(() => story.pass(3_000));
    await story.until("staging has the version on stable", () => isOpen(story, STAGING, "3-drain"));
    await story.restart(() => story.pass(3_000));

    await story.until("the set is in the middle of its weight", () => isOpen(story, WAVE, "2-promote"));
    const [set] = openSteps(story, WAVE);
    await story.restart(async () => {
      story.github.comment({ repo: story.repo, user: "ana", number: set?.number ?? 0, body: "/hold us" });
      await story.pass(5_000);
    });
    await story.until("eu has gone on alone", async () => {
      const { targets } = await story.state("checkout");
      return targets["eu"]?.stable === imageOf("checkout", "1.1.0");
    });
    await story.restart(() => story.pass(3_000));
    expect([await weightsInGit(story, US), liveOf(story, US).stable]).toEqual([[0, 50], [imageOf(US, "1.0.0")]]);
    const own = openSteps(story, WAVE).find(({ title }) => title.includes(" us "));
    await say(story, "ana", own?.number, "/resume");
    await untilRest(story, "checkout");

    for (const place of [STAGING, EU, US]) {
      expect(await weightsInGit(story, place)).toEqual([0, 50, 0]);
      expect(liveOf(story, place)).toEqual({ weight: 0, canary: [], stable: [imageOf(place, "1.1.0")] });
    }
    expect(mergedSteps(story, STAGING).map(leafOf)).toEqual(["0-warmup", "1-50", "2-promote", "3-drain", "4-rest"]);
    const pulls = story.github.pulls(story.repo).map(({ head, title }) => `${head.branch}: ${title}`);
    expect(pulls.filter((pull, at) => pulls.indexOf(pull) !== at)).toEqual([]);
    const summaries = saidOn(story, bump.number).filter(({ body }) => body.includes("tidegate:summary"));
    expect(summaries).toHaveLength(1);
  }),
);
