import { describe, expect, it } from "vitest";
import { edited, type JsonObject } from "../../src/sandbox/cluster/json.ts";
import { rolloutPathsOf, type Form } from "../../src/sandbox/rollout-fleet.ts";
import {
  blueGreenWorld,
  landChange,
  openChange,
  previews,
  running,
  served,
  switchByHand,
  switchesInGit,
  switchIn,
  TILL,
  untilTillRests,
} from "../support/rollout-story.ts";
import { edit, say, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, leafOf, mergedSteps, planOf, stepOf } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");
const FAILING = new Map([[NEW, { kind: "addedErrors", rate: 0.2 } as const]]);
/** Nothing passes by itself. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [0, 100], bake: 30m }]", deadline: "2h" } };
const AT_REST_ON_OLD = { phase: "Completed", images: [OLD] };

/** A version lands and stands before the switch, with all of its pods. */
async function untilPreviewed(story: Story, form: Form, version = "1.1.0"): Promise<void> {
  await landChange(story, form, version);
  await untilStep(story, TILL, "1-promote");
  await story.until("it has its pods", () => previews(story, version));
  // What is said in the second of a landing may mean what landed.
  await story.pass(3_000);
}

/** The same, and it is switched to by a person. */
async function untilSwitched(story: Story, form: Form): Promise<void> {
  await untilPreviewed(story, form);
  await say(story, "ana", stepOf(story, TILL)?.number, "/promote");
  await untilStep(story, TILL, "2-rest");
  await story.until("it serves", () => served(story).at(-1) === NEW);
  await story.pass(3_000);
}

const leaves = (story: Story) => mergedSteps(story, TILL).map(leafOf);
const stableIn = async (story: Story) => (await story.state(TILL)).targets["prod"]?.stable;

describe("a blue/green Rollout", () => {
  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s gets all pods of a new version and no traffic, switches at once, and rests when the version is proven",
    UNHURRIED,
    (form) =>
      told(blueGreenWorld(form), async (story) => {
        const pull = await openChange(story, form, "1.1.0");
        expect(planOf(story, pull).conclusion).toBe("success");
        const summary = checkOn(story, pull, "tidegate/plan")?.output.summary;
        expect(summary).toContain("nothing is left to compare it with");
        await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
        await untilStep(story, TILL, "2-rest");
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "2-rest"]);
        expect(await switchesInGit(story, form)).toEqual([false, true, false]);
        expect(served(story)).toEqual([OLD, NEW]);
        expect(running(story)).toEqual({ phase: "Completed", images: [NEW] });
        expect((await story.state(TILL)).targets["prod"]).toMatchObject({ stable: NEW, weight: 0 });
      })(),
  );

  it.concurrent(
    "has all pods of a version that has landed, and no request goes to it, however long nobody switches",
    UNHURRIED,
    told(blueGreenWorld("owned", SLOW), async (story) => {
      await untilPreviewed(story, "owned");
      await story.pass(60_000);
      expect(leaves(story)).toEqual(["0-begin"]);
      expect(previews(story, "1.1.0")).toBe(true);
      expect(served(story)).toEqual([OLD]);
    }),
  );

  it.concurrent(
    "never switches to a version whose pods do not get ready",
    UNHURRIED,
    told(blueGreenWorld("claimed", { faults: new Map([[NEW, { kind: "neverReady" }]]) }), async (story) => {
      await landChange(story, "claimed", "1.1.0");
      await untilStep(story, TILL, "1-promote");
      await story.pass(60_000);
      expect(leaves(story)).toEqual(["0-begin"]);
      expect(gateOf(story, TILL).title).toMatch(/0 of 4/);
      expect(served(story)).toEqual([OLD]);
    }),
  );

  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s and fails with all of the traffic is switched back by its old pod template, and then closes the switch",
    UNHURRIED,
    (form) =>
      told(blueGreenWorld(form, { faults: new Map(FAILING) }), async (story) => {
        await landChange(story, form, "1.1.0");
        await story.until("it begins", () => leaves(story).length > 0);
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
        expect(await switchesInGit(story, form)).toEqual([false, true, false]);
        expect(served(story)).toEqual([OLD, NEW, OLD]);
        expect(running(story)).toEqual(AT_REST_ON_OLD);
        expect(await stableIn(story)).toBe(OLD);
        expect((await story.state(TILL)).blocked).toMatchObject([
          { image: NEW, by: "gate", reason: "stable fails more requests on the new version than is healthy" },
        ]);
      })(),
  );

  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s is taken back by /abort before the switch",
    UNHURRIED,
    (form) =>
      told(blueGreenWorld(form, SLOW), async (story) => {
        await untilPreviewed(story, form);
        await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "abort", "take-back"]);
        expect(await switchesInGit(story, form)).toEqual([false]);
        expect(served(story)).toEqual([OLD]);
        expect(running(story)).toEqual(AT_REST_ON_OLD);
      })(),
  );

  it.concurrent.each<Form>(["owned", "claimed"])(
    "that is %s is taken back by /abort after the switch",
    UNHURRIED,
    (form) =>
      told(blueGreenWorld(form, SLOW), async (story) => {
        await untilSwitched(story, form);
        await story.pass(10_000);
        await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
        expect(await switchIn(story, form)).toBe(true);
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
        expect(served(story)).toEqual([OLD, NEW, OLD]);
        expect(running(story)).toEqual(AT_REST_ON_OLD);
        expect([await switchIn(story, form), await stableIn(story)]).toEqual([false, OLD]);
      })(),
  );

  it.concurrent(
    "is taken back by /abort between the switch in git and the one in the cluster",
    UNHURRIED,
    told(blueGreenWorld("owned", SLOW), async (story) => {
      await untilPreviewed(story, "owned");
      await say(story, "ana", stepOf(story, TILL)?.number, "/promote");
      await story.until("it is told to switch", () => switchIn(story, "owned"));
      await say(story, "ana", stepOf(story, TILL)?.number, "/abort");
      await untilTillRests(story);
      expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
      expect(served(story).at(-1)).toBe(OLD);
      expect(running(story)).toEqual(AT_REST_ON_OLD);
    }),
  );

  it.concurrent(
    "lets a further version take its place before the switch",
    UNHURRIED,
    told(blueGreenWorld("claimed", SLOW), async (story) => {
      await untilPreviewed(story, "claimed");
      const next = await openChange(story, "claimed", "1.2.0");
      expect(planOf(story, next).conclusion).toBe("success");
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: next.number, method: "squash" });
      await story.until("1.2.0 begins", () => leaves(story).length === 4);
      expect(leaves(story)).toEqual(["0-begin", "abort", "take-back", "0-begin"]);
      await story.until("it has its pods", () => previews(story, "1.2.0"));
      expect(served(story)).toEqual([OLD]);
    }),
  );

  it.concurrent(
    "would switch to a further version unjudged: the plan check fails, and one that lands all the same is taken back",
    UNHURRIED,
    told(blueGreenWorld("owned", SLOW), async (story) => {
      await untilSwitched(story, "owned");
      const late = await openChange(story, "owned", "1.2.0");
      expect(planOf(story, late)).toMatchObject({ conclusion: "failure" });
      expect(planOf(story, late).title).toMatch(
        /is being promoted, and the Rollout would run 1\.2\.0 straight to 100%/,
      );
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: late.number, method: "squash" });
      await untilTillRests(story);
      expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
      expect(served(story).at(-1)).toBe(OLD);
      expect(running(story)).toEqual(AT_REST_ON_OLD);
      expect((await story.state(TILL)).blocked).toEqual([]);
      expect(await story.file(rolloutPathsOf({ name: TILL, form: "owned" }).workload)).toContain(`image: ${OLD}`);
      // It may come again, and begins as any version does.
      await untilPreviewed(story, "owned", "1.2.0");
      expect(served(story).at(-1)).toBe(OLD);
    }),
  );
});

describe("a blue/green Rollout that people have a hand in", () => {
  it.concurrent(
    "follows a person who lets it switch in git",
    UNHURRIED,
    told(blueGreenWorld("claimed", SLOW), async (story) => {
      await untilPreviewed(story, "claimed");
      await switchByHand(story, "claimed", true);
      expect((await story.state(TILL)).targets["prod"]?.weight).toBe(100);
      await untilStep(story, TILL, "2-rest");
      await story.until("it serves", () => served(story).at(-1) === NEW);
    }),
  );

  it.concurrent(
    "is held where somebody closes the switch again, and switched back by /abort",
    UNHURRIED,
    told(blueGreenWorld("claimed", SLOW), async (story) => {
      await untilSwitched(story, "claimed");
      await story.pass(10_000);
      await switchByHand(story, "claimed", false);
      expect(gateOf(story, TILL).title).toMatch(/^Held: the weight was lowered from 100% to 0%/);
      await say(story, "ana", stepOf(story, TILL)?.number, "/abort");
      await untilTillRests(story);
      expect(served(story)).toEqual([OLD, NEW, OLD]);
      expect([await switchIn(story, "claimed"), await stableIn(story)]).toEqual([false, OLD]);
    }),
  );

  it.concurrent(
    "is not taken for untouched where somebody has promoted it in the cluster, and goes back by /abort",
    UNHURRIED,
    told(blueGreenWorld("claimed", SLOW), async (story) => {
      await untilPreviewed(story, "claimed");
      story.cluster.edit("Rollout", { namespace: "shop", name: TILL }, promotedInCluster);
      await story.until("it serves", () => served(story).at(-1) === NEW);
      await story.pass(10_000);
      expect(gateOf(story, TILL).title).toMatch(/0 of 4 .*1\.0\.0/);
      await say(story, "ana", stepOf(story, TILL)?.number, "/abort");
      await untilTillRests(story);
      expect(served(story)).toEqual([OLD, NEW, OLD]);
      expect(running(story).images).toEqual([OLD]);
    }),
  );

  it.concurrent(
    "releases a pod template of the same image, told by the number of pods",
    UNHURRIED,
    told(blueGreenWorld("owned"), async (story) => {
      const { workload } = rolloutPathsOf({ name: TILL, form: "owned" });
      await edit(story, "ana", workload, (text) => text.replace("cpu: 250m", "cpu: 500m"));
      await story.until("it begins", () => leaves(story).length > 0);
      await untilTillRests(story);
      expect(leaves(story)).toEqual(["0-begin", "1-promote", "2-rest"]);
      expect(running(story)).toEqual({ phase: "Completed", images: [OLD] });
    }),
  );

  it.concurrent(
    "is not written to by a pull request that changes the claimed switch, and proposes to close one without a release",
    UNHURRIED,
    told(blueGreenWorld("claimed"), async (story) => {
      const pull = await openChange(story, "claimed", (text) => text.replace("Enabled: false", "Enabled: true"));
      expect(planOf(story, pull)).toEqual({
        conclusion: "failure",
        title:
          "Only Tidegate writes spec.strategy.blueGreen.autoPromotionEnabled of apps/till/rollout.yaml: take that change out",
      });
      await switchByHand(story, "claimed", true);
      await story.until("its closing is proposed", () => stepOf(story, TILL)?.leaf === "to-zero");
    }),
  );
});

/** What promoting by hand in the cluster comes to. */
function promotedInCluster(rollout: JsonObject): JsonObject {
  return edited(rollout, ["spec", "strategy", "blueGreen", "autoPromotionEnabled"], () => true);
}
