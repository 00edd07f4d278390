import { describe, expect, it } from "vitest";
import type { Form } from "../../src/sandbox/rollout-fleet.ts";
import { say, untilStep } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, openSteps, planOf, saidOn, stepOf } from "../support/story-reads.ts";
import {
  landChange,
  liveShares,
  openChange,
  rolloutWorld,
  running,
  stepsIn,
  stepsInGit,
  TILL,
  untilTillRests,
} from "../support/rollout-story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");
const BAD = new Map([[NEW, { kind: "errorRatio", ratio: 10 } as const]]);
const RESTING_OLD = { phase: "Completed", images: [OLD] };
/** Nothing passes by itself after the first weight. */
const SLOW = { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" };

describe("an Argo Rollout", () => {
  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s is promoted step by step: what git says is followed, runs out at the end, and rests",
    UNHURRIED,
    (form) =>
      told(rolloutWorld(form), async (story) => {
        expect(running(story)).toEqual(RESTING_OLD);
        await landChange(story, form, "1.1.0");
        await story.until("it begins", () => mergedSteps(story, TILL).length > 0);
        await untilTillRests(story);
        const leaves = ["0-begin", "1-5", "2-25", "3-50", "4-promote", "5-rest"];
        expect(mergedSteps(story, TILL).map(leafOf)).toEqual(leaves);
        expect(await stepsInGit(story, form)).toEqual(["0 0", "0 5", "5 25", "25 50", "50 100 1s", "0 0"]);
        expect(liveShares(story)).toEqual([0, 5, 25, 50, 100, 0]);
        expect(running(story)).toEqual({ phase: "Completed", images: [NEW] });
        expect((await story.state(TILL)).targets["prod"]?.stable).toBe(NEW);
      })(),
  );

  it.concurrent(
    "gets no pods of a version that has landed, and no request goes to it, however long nobody moves its weight",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "1-5");
      await say(story, "ana", stepOf(story, TILL)?.number, "/hold");
      await story.pass(20_000);
      expect(running(story)).toEqual({ phase: "Paused", images: [OLD] });
      expect(liveShares(story)).toEqual([0]);
    }),
  );

  it.concurrent(
    "that fails its gate goes to weight 0 and back to its version, by the controller without a step",
    UNHURRIED,
    told(rolloutWorld("claimed", { faults: new Map(BAD) }), async (story) => {
      const bump = await landChange(story, "claimed", "1.1.0");
      await story.until("it begins", () => mergedSteps(story, TILL).length > 0);
      await untilTillRests(story);
      expect(mergedSteps(story, TILL).map(leafOf)).toEqual(["0-begin", "1-5", "abort", "take-back"]);
      expect(await stepsInGit(story, "claimed")).toEqual(["0 0", "0 5", "0 0"]);
      expect(liveShares(story)).toEqual([0, 5, 0]);
      expect(running(story)).toEqual(RESTING_OLD);
      expect((await story.state(TILL)).blocked).toMatchObject([{ image: NEW, by: "gate" }]);
      expect(saidOn(story, bump.number).at(-1)?.body).toContain("till 1.1.0 was taken back in prod");
    }),
  );

  it.concurrent.each([
    ["1-5", "claimed", ["0-begin"]],
    ["2-25", "owned", ["0-begin", "1-5"]],
    ["3-50", "claimed", ["0-begin", "1-5", "2-25"]],
    ["4-promote", "owned", ["0-begin", "1-5", "2-25", "3-50"]],
  ] as const)("is taken back by /abort before its step %s (%s)", UNHURRIED, (leaf, form, before) =>
    told(rolloutWorld(form), async (story) => {
      await landChange(story, form, "1.1.0");
      await untilStep(story, TILL, leaf);
      await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
      await untilTillRests(story);
      expect(mergedSteps(story, TILL).map(leafOf)).toEqual([...before, "abort", "take-back"]);
      expect(await stepsIn(story, form)).toBe("0 0");
      expect(liveShares(story).at(-1)).toBe(0);
      expect(running(story)).toEqual(RESTING_OLD);
      expect((await story.state(TILL)).targets["prod"]?.stable).toBe(OLD);
    })(),
  );

  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s goes back from promotion on by its old pod template under steps that run out",
    UNHURRIED,
    (form) =>
      told(rolloutWorld(form), async (story) => {
        await landChange(story, form, "1.1.0");
        await untilStep(story, TILL, "5-rest");
        await story.until("the controller has promoted it", () => liveShares(story).includes(100));
        await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
        expect(await stepsIn(story, form)).toBe("50 100 1s");
        await untilTillRests(story);
        expect(mergedSteps(story, TILL).map(leafOf).slice(-4)).toEqual(["4-promote", "abort", "lower", "take-back"]);
        expect(await stepsInGit(story, form)).toEqual(["0 0", "0 5", "5 25", "25 50", "50 100 1s", "0 0"]);
        expect(running(story)).toEqual(RESTING_OLD);
        expect((await story.state(TILL)).targets["prod"]?.stable).toBe(OLD);
      })(),
  );

  it.concurrent(
    "stays where it is under /hold, and goes on with /resume",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "2-25");
      await say(story, "ana", stepOf(story, TILL)?.number, "/hold");
      await story.pass(20_000);
      expect(await stepsIn(story, "owned")).toBe("0 5");
      expect(liveShares(story)).toEqual([0, 5]);
      await say(story, "ana", stepOf(story, TILL)?.number, "/resume");
      await untilStep(story, TILL, "3-50");
      expect(await stepsIn(story, "owned")).toBe("5 25");
    }),
  );

  it.concurrent(
    "would run a further version straight to its weight: the plan check fails, and one that lands all the same is contained",
    UNHURRIED,
    told(rolloutWorld("owned", { config: SLOW }), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await untilStep(story, TILL, "2-25");
      await story.pass(3_000);
      await say(story, "ana", stepOf(story, TILL)?.number, "/promote");
      await untilStep(story, TILL, "3-50");
      await story.pass(3_000);
      const next = await openChange(story, "owned", "1.2.0");
      expect(planOf(story, next)).toEqual({
        conclusion: "failure",
        title:
          "1.1.0 of till in prod is at 25%, and the Rollout would run 1.2.0 straight to 25%: wait until the weight is 0",
      });
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: next.number, method: "squash" });
      await story.settle();
      expect(await stepsIn(story, "owned")).toBe("0 0");
      await story.until("1.2.0 begins", () => mergedSteps(story, TILL).map(leafOf).includes("take-back"));
      await untilStep(story, TILL, "1-5");
      expect(Math.max(...liveShares(story))).toBeLessThanOrEqual(25);
      const { release, stable } = (await story.state(TILL)).targets["prod"] ?? {};
      expect([release?.image, stable]).toEqual([imageOf(TILL, "1.2.0"), OLD]);
    }),
  );

  it.concurrent(
    "is not followed by the cluster: after the deadline a person is told, and nothing rises",
    UNHURRIED,
    told(rolloutWorld("claimed", { config: { deadline: "8s" } }), async (story) => {
      await landChange(story, "claimed", "1.1.0");
      await untilStep(story, TILL, "1-5");
      const place = { namespace: "shop", name: TILL };
      story.cluster.edit("Rollout", place, (rollout) => ({
        ...rollout,
        spec: { ...(rollout["spec"] as object), paused: true },
      }));
      await untilStep(story, TILL, "2-25");
      await story.pass(12_000);
      expect(gateOf(story, TILL)).toMatchObject({ conclusion: "action_required" });
      expect(gateOf(story, TILL).title).toMatch(/^Not seen live by .*: 0% of .* went to the canary, 5% is committed/);
      expect(openSteps(story, TILL).map(leafOf)).toEqual(["2-25"]);
      expect(await stepsIn(story, "claimed")).toBe("0 5");
    }),
  );
});
