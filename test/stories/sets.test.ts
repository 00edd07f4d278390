import { describe, expect, it } from "vitest";
import { landBump, say, setWeight, untilRest } from "../support/story-plot.ts";
import {
  answersOn,
  checkOn,
  conclusionOf,
  mergedSteps,
  openSteps,
  saidOn,
  weightsInGit,
} from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const TARGETS = ["eu", "us"] as const;
const PLACES = TARGETS.map((target) => `checkout/${target}`);
const [EU = "", US = ""] = PLACES;
const GOOD = { service: "checkout", version: "1.1.0", places: PLACES } as const;
const BAD = { kind: "errorRatio", ratio: 10 } as const;
const WAVE = "checkout/wave-1";

const ONE_WAVE = {
  targets: TARGETS,
  config: { targets: "[]", waves: `[{ targets: ["*"], steps: [25, 50], bake: 2s }]`, deadline: "15s" },
} as const;

/** The same version from a registry of the target's own, which can fail there alone. */
function imageFor(place: string): string {
  return imageOf(place, GOOD.version).replace("registry", place.split("/")[1] ?? "");
}

/** A bump by one commit, to the registry of each target. */
async function landMirrored(story: Story): Promise<number> {
  const { number } = await landBump(story, { ...GOOD, imageFor });
  return number;
}

function untilMerged(story: Story, leaf: string): Promise<void> {
  return story.until(`the step ${leaf} of the wave has landed`, () =>
    mergedSteps(story, WAVE).some(({ head }) => head.branch.endsWith(`/${leaf}`)),
  );
}

async function stableIn(story: Story): Promise<readonly string[]> {
  const { targets } = await story.state("checkout");
  return TARGETS.map((target) => (targets[target]?.stable ?? "").split(":").at(-1) ?? "");
}

describe("the targets of one wave", () => {
  it.concurrent(
    "move in one pull request, with one check that has a row for each",
    UNHURRIED,
    told(ONE_WAVE, async (story) => {
      await landBump(story, GOOD);
      await untilMerged(story, "1-25");
      const [step, ...others] = openSteps(story, "checkout");
      expect(others).toEqual([]);
      expect(step?.title).toBe("checkout 25% → 50% · eu and us · step 3/6");
      const check = checkOn(story, step, "tidegate/gate");
      expect(check?.output.title).toMatch(/^0 of 2 passed; (eu|us): /);
      expect(check?.output.summary).toMatch(/\| eu \|.*\n\| us \|/);
      await untilRest(story, "checkout");
      expect(await stableIn(story)).toEqual(["1.1.0", "1.1.0"]);
      expect(mergedSteps(story, "checkout").map(({ head }) => head.branch.split("/").slice(2, 3).join())).toEqual(
        Array.from({ length: 6 }, () => "wave-1"),
      );
      expect(await weightsInGit(story, EU)).toEqual([0, 25, 50, 0]);
      expect(await weightsInGit(story, US)).toEqual([0, 25, 50, 0]);
    }),
  );

  it.concurrent(
    "leave the one behind that fails, which is taken back alone",
    UNHURRIED,
    told({ ...ONE_WAVE, faults: new Map([[imageFor(US), BAD]]) }, async (story) => {
      const bump = await landMirrored(story);
      await untilRest(story, "checkout");
      expect(await stableIn(story)).toEqual(["1.1.0", "1.0.0"]);
      expect(await weightsInGit(story, EU)).toEqual([0, 25, 50, 0]);
      expect((await weightsInGit(story, US)).at(-1)).toBe(0);
      const told = saidOn(story, bump).find(({ body }) => body.includes("tidegate:summary"));
      expect(told?.body).toContain("**checkout 1.1.0: released to eu; taken back in us.**");
    }),
  );

  it.concurrent(
    "are all taken back when one fails, where configuration wants that",
    UNHURRIED,
    told(
      {
        ...ONE_WAVE,
        config: { ...ONE_WAVE.config, onAbort: "all" },
        faults: new Map([[imageFor(US), BAD]]),
      },
      async (story) => {
        await landMirrored(story);
        await untilRest(story, "checkout");
        expect(await stableIn(story)).toEqual(["1.0.0", "1.0.0"]);
        const aborts = story.github.pulls(story.repo).filter(({ head }) => head.branch.endsWith("/abort"));
        expect(aborts.map(({ title }) => title)).toEqual([expect.stringMatching(/· (eu and us|us and eu) · abort of/)]);
        const steps = story.github.pulls(story.repo).filter(({ head }) => /wave-1/.test(head.branch));
        const last = checkOn(story, steps.at(-1), "tidegate/gate");
        expect(last && conclusionOf(last)).toBe("failure");
      },
    ),
  );

  it.concurrent(
    "go on without the one that somebody holds, until that is lifted",
    UNHURRIED,
    told(ONE_WAVE, async (story) => {
      await landBump(story, GOOD);
      await untilMerged(story, "1-25");
      const [step] = openSteps(story, "checkout");
      await say(story, "ana", step?.number, "/hold us we look at something");
      expect(answersOn(story, step?.number).join()).toContain("checkout in us stays where it is");
      await story.until("eu has it on stable", async () => (await stableIn(story))[0] === "1.1.0");
      expect((await weightsInGit(story, US)).at(-1)).toBe(25);
      expect((await story.state("checkout")).holds).toMatchObject([{ by: "ana" }]);
      const own = openSteps(story, "checkout").find(({ title }) => title.includes("· us ·"));
      expect(own?.title).toBe("checkout 25% → 50% · us · step 3/6");
      await say(story, "ana", own?.number, "/resume");
      await untilRest(story, "checkout");
      expect(await stableIn(story)).toEqual(["1.1.0", "1.1.0"]);
    }),
  );

  it.concurrent(
    "leave the one behind whose weight somebody has lowered, and wait for it again once that is put back",
    UNHURRIED,
    told(ONE_WAVE, async (story) => {
      await landBump(story, GOOD);
      await untilMerged(story, "1-25");
      await setWeight(story, "ana", US, 0);
      await untilMerged(story, "2-50");
      expect([(await weightsInGit(story, EU)).at(-1), (await weightsInGit(story, US)).at(-1)]).toEqual([50, 0]);
      await setWeight(story, "ana", US, 25);
      await untilRest(story, "checkout");
      expect(await stableIn(story)).toEqual(["1.1.0", "1.1.0"]);
    }),
  );

  it.concurrent(
    "are aborted by one word, or one of them by its name",
    UNHURRIED,
    told(ONE_WAVE, async (story) => {
      await landBump(story, GOOD);
      await untilMerged(story, "1-25");
      const [step] = openSteps(story, "checkout");
      await say(story, "ana", step?.number, "/abort us");
      await story.until("us has no traffic", async () => (await story.weight(US)) === 0);
      expect(await story.weight(EU)).toBe(25);
      const [next] = openSteps(story, WAVE);
      await say(story, "ana", next?.number, "/abort");
      await untilRest(story, "checkout");
      expect(await stableIn(story)).toEqual(["1.0.0", "1.0.0"]);
    }),
  );
});
