import { describe, expect, it } from "vitest";
import { rolloutPathsOf } from "../../src/sandbox/rollout-fleet.ts";
import { edit, say, untilStep } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, planOf, stepOf } from "../support/story-reads.ts";
import {
  landChange,
  liveShares,
  openChange,
  rolloutWorld,
  running,
  setStepsByHand,
  stepsIn,
  TILL,
  untilTillRests,
} from "../support/rollout-story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");
const NEXT = imageOf(TILL, "1.2.0");

describe("an Argo Rollout that people have a hand in", () => {
  it.concurrent(
    "holds a weight that somebody lowers, and goes on from there when asked",
    UNHURRIED,
    told(rolloutWorld("claimed"), async (story) => {
      await landChange(story, "claimed", "1.1.0");
      await untilStep(story, TILL, "3-50");
      await setStepsByHand(story, "claimed", 5, 5);
      expect(gateOf(story, TILL).title).toMatch(/^Held: the weight was lowered from 25% to 5%/);
      await story.pass(10_000);
      expect(liveShares(story).at(-1)).toBe(5);
      await say(story, "ana", stepOf(story, TILL)?.number, "/resume");
      await untilTillRests(story);
      expect(running(story).images).toEqual([NEW]);
    }),
  );

  it.concurrent(
    "follows a weight that somebody raises to one of the plan",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "2-25");
      await setStepsByHand(story, "owned", 5, 50);
      expect((await story.state(TILL)).targets["prod"]?.weight).toBe(50);
      await untilTillRests(story);
      expect(running(story).images).toEqual([NEW]);
    }),
  );

  it.concurrent(
    "loses its weight when its pod template is changed in flight, and that change starts at 0",
    UNHURRIED,
    told(rolloutWorld("claimed"), async (story) => {
      await landChange(story, "claimed", "1.1.0");
      await untilStep(story, TILL, "3-50");
      const { workload } = rolloutPathsOf({ name: TILL, form: "claimed" });
      await edit(story, "ana", workload, (text) => text.replace("cpu: 250m", "cpu: 500m"));
      expect(await stepsIn(story, "claimed")).toBe("0 0");
      await untilStep(story, TILL, "1-5");
      expect(mergedSteps(story, TILL).map(leafOf).slice(-3)).toEqual(["abort", "take-back", "0-begin"]);
      expect(Math.max(...liveShares(story))).toBeLessThanOrEqual(25);
      // The canary Service keeps the pods that it selects until the next version has some; they get no request.
      expect([liveShares(story).at(-1), running(story).images]).toEqual([0, [OLD, NEW]]);
    }),
  );

  it.concurrent(
    "is taken back by a revert of its bump",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "3-50");
      await landChange(story, "owned", "1.0.0");
      await untilTillRests(story);
      expect(await stepsIn(story, "owned")).toBe("0 0");
      expect(running(story)).toEqual({ phase: "Completed", images: [OLD] });
      expect((await story.state(TILL)).blocked).toMatchObject([{ image: NEW, by: "person" }]);
    }),
  );

  it.concurrent(
    "keeps a true record of what stable runs where a version lands while another is being promoted",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "5-rest");
      const late = await openChange(story, "owned", "1.2.0");
      const { conclusion, title } = planOf(story, late);
      expect([conclusion, title]).toEqual([
        "failure",
        expect.stringMatching(/is being promoted, and the Rollout would run 1\.2\.0 straight to 100%/),
      ]);
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: late.number, method: "squash" });
      await story.settle();
      expect(await stepsIn(story, "owned")).toBe("0 0");
      await story.until("the containment has ended", () => mergedSteps(story, TILL).map(leafOf).includes("take-back"));
      await story.pass(3_000);
      const { stable } = (await story.state(TILL)).targets["prod"] ?? {};
      const { images } = running(story);
      expect(images).toContain(stable);
      await untilTillRests(story);
      expect(running(story).images).toEqual([NEXT]);
      expect((await story.state(TILL)).targets["prod"]?.stable).toBe(NEXT);
    }),
  );

  it.concurrent(
    "is not written to by a pull request that changes the claimed steps",
    UNHURRIED,
    told(rolloutWorld("claimed"), async (story) => {
      const pull = await openChange(story, "claimed", (text) => text.replace(/setWeight: 0/g, "setWeight: 50"));
      expect(planOf(story, pull)).toEqual({
        conclusion: "failure",
        title: "Only Tidegate writes spec.strategy.canary.steps of apps/till/rollout.yaml: take that change out",
      });
    }),
  );
});
