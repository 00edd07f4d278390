import { describe, expect, it } from "vitest";
import { landBump, openBump, say, untilRest, untilWeight } from "../support/story-plot.ts";
import { answersOn, liveOf, mergedSteps, openSteps, planOf, saidOn, weightsInGit } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const TARGETS = ["staging", "prod-eu", "prod-us", "prod-asia"] as const;
const PLACES = TARGETS.map((target) => `checkout/${target}`);
const GOOD = { service: "checkout", version: "1.1.0", places: PLACES } as const;
const WAVES = {
  targets: TARGETS,
  config: {
    targets: "[]",
    waves: `
  - { targets: [staging], steps: [50], bake: 2s }
  - { targets: [prod-eu], steps: [25, 50], bake: 2s }
  - { targets: ["prod-*"], steps: [5, 50], bake: 2s }`,
  },
} as const;

const [STAGING = "", EU = "", US = "", ASIA = ""] = PLACES;

/** When each place first had a weight, in the order of commits. */
async function order(story: Story): Promise<readonly string[]> {
  const commits = (await story.github.log(story.repo, "HEAD")).toReversed();
  const begun: string[] = [];
  for (const { sha } of commits)
    for (const place of PLACES) if (!begun.includes(place) && (await story.weight(place, sha)) > 0) begun.push(place);
  return begun;
}

async function stableOf(story: Story): Promise<readonly string[]> {
  const { targets } = await story.state("checkout");
  return TARGETS.map((target) => (targets[target]?.stable ?? "").split(":").at(-1) ?? "");
}

describe("one bump that reaches staging and three targets of production, in three waves", () => {
  it.concurrent(
    "is planned, released wave after wave, and told of in one comment",
    UNHURRIED,
    told(WAVES, async (story) => {
      const bump = await openBump(story, GOOD);
      await story.settle();
      const plan = planOf(story, bump);
      expect(plan.conclusion).toBe("success");
      expect(plan.title).toContain("Merging starts checkout, 1.0.0 → 1.1.0, in 4 targets: 3 waves, about ");
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: bump.number, method: "squash" });
      await story.settle();
      expect(openSteps(story, EU)).toEqual([]);
      await say(story, "ana", bump.number, "/status");
      expect(answersOn(story, bump.number).join()).toContain(
        "Queued: 1.1.0 begins here when stable runs it in staging",
      );
      await story.until(
        "stable runs it everywhere",
        async () => (await stableOf(story)).every((one) => one === "1.1.0"),
        180_000,
      );
      await untilRest(story, "checkout");
      expect((await order(story)).slice(0, 2)).toEqual([STAGING, EU]);
      expect(await weightsInGit(story, STAGING)).toEqual([0, 50, 0]);
      expect(await weightsInGit(story, EU)).toEqual([0, 25, 50, 0]);
      expect(await weightsInGit(story, ASIA)).toEqual([0, 5, 50, 0]);
      for (const place of PLACES)
        expect(liveOf(story, place)).toEqual({ weight: 0, canary: [], stable: [imageOf(place, "1.1.0")] });
      const summaries = saidOn(story, bump.number).filter(({ body }) => body.includes("tidegate:summary"));
      expect(summaries.map(({ body }) => body)).toEqual([
        expect.stringContaining("**checkout 1.1.0: released to staging, prod-eu, prod-asia and prod-us.**"),
      ]);
    }),
  );

  it.concurrent(
    "stays out of the later waves when it fails in an earlier one",
    UNHURRIED,
    told(
      { ...WAVES, faults: new Map([[imageOf("checkout", "1.1.0"), { kind: "errorRatio", ratio: 10 }]]) },
      async (story) => {
        const bump = await landBump(story, GOOD);
        await untilWeight(story, STAGING, 50);
        await untilWeight(story, STAGING, 0);
        await untilRest(story, "checkout");
        expect(await order(story)).toEqual([STAGING]);
        expect(await stableOf(story)).toEqual(["1.0.0", "1.0.0", "1.0.0", "1.0.0"]);
        expect(mergedSteps(story, US)).toEqual([]);
        const summaries = saidOn(story, bump.number).filter(({ body }) => body.includes("tidegate:summary"));
        expect(summaries.map(({ body }) => body)).toEqual([
          expect.stringContaining("taken back in staging; not started in prod-eu, prod-asia and prod-us"),
        ]);
      },
    ),
  );

  it.concurrent(
    "is taken back in a wave that has not begun, where somebody asks for it",
    UNHURRIED,
    told(WAVES, async (story) => {
      const bump = await landBump(story, GOOD);
      await untilWeight(story, STAGING, 50);
      await say(story, "ana", bump.number, "/promote");
      expect(answersOn(story, bump.number).join()).toContain("1.1.0 has not begun here: it waits for staging");
      await say(story, "ana", bump.number, "/abort");
      await untilRest(story, "checkout");
      expect(await order(story)).toEqual([STAGING]);
      expect((await story.state("checkout")).blocked).toEqual([expect.objectContaining({ by: "person" })]);
    }),
  );
});

describe("a bump that reaches production alone", () => {
  it.concurrent(
    "waits for no wave that does not have it",
    UNHURRIED,
    told(WAVES, async (story) => {
      await landBump(story, { ...GOOD, places: [US] });
      await untilWeight(story, US, 50);
      await untilRest(story, "checkout");
      expect(await stableOf(story)).toEqual(["1.0.0", "1.0.0", "1.1.0", "1.0.0"]);
    }),
  );
});
