import { describe, expect, it } from "vitest";
import {
  flagged,
  gatesIn,
  gatesInGit,
  landChange,
  leaves,
  mostOf,
  OLD_SERVES,
  openChange,
  promote,
  running,
  shares,
  SLOW,
  TILL,
  untilTillRests,
  untilWeight,
} from "../support/flagger-story.ts";
import { say, untilStep } from "../support/story-plot.ts";
import { gateOf, planOf, stepOf } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { UNHURRIED } from "./told.ts";

const NEW = imageOf(TILL, "1.1.0");

const stableIn = async (story: Story) => (await story.state(TILL)).targets["prod"]?.stable;
const abort = (story: Story) => say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");

/** A version lands and has its pods, without traffic. */
async function untilBegun(story: Story): Promise<void> {
  await landChange(story, "1.1.0");
  await story.until("it has pods", () => running(story).canary.join() === "1.1.0");
}

describe("a Canary of Flagger's", () => {
  it.concurrent.each(["istio", "gatewayapi:v1"] as const)(
    "behind %s goes by its gates alone: no pods, pods, the weights, promotion, rest",
    UNHURRIED,
    (provider) =>
      flagged({ provider }, async (story) => {
        const pull = await openChange(story, "1.1.0");
        expect(planOf(story, pull).conclusion).toBe("success");
        await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
        await story.until("it begins", () => leaves(story).length > 0);
        await untilTillRests(story);
        expect(await gatesInGit(story)).toEqual([
          "rest",
          "[] rollout",
          "[5]",
          "[0, 5, 50]",
          "[0, 5, 50] promotion",
          "rest",
        ]);
        expect(shares(story)).toEqual([0, 5, 50, 0]);
        expect(running(story)).toEqual({ phase: "Succeeded", canary: [], primary: ["1.1.0"] });
        expect((await story.state(TILL)).targets["prod"]).toMatchObject({ stable: NEW, weight: 0 });
      })(),
  );

  it.concurrent(
    "never gives a weight to a version whose pods do not get ready",
    UNHURRIED,
    flagged({ faults: new Map([[NEW, { kind: "neverReady" }]]) }, async (story) => {
      await landChange(story, "1.1.0");
      await untilStep(story, TILL, "1-5");
      await story.pass(60_000);
      expect(leaves(story)).toEqual(["0-begin"]);
      expect(gateOf(story, TILL).title).toMatch(/0 of 1/);
      expect(shares(story)).toEqual([0]);
    }),
  );

  it.concurrent(
    "that fails is taken back by its gates and its old pod template at once, and has no pods left",
    UNHURRIED,
    flagged({ faults: new Map([[NEW, { kind: "addedErrors", rate: 0.2 }]]) }, async (story) => {
      await landChange(story, "1.1.0");
      await story.until("it begins", () => leaves(story).length > 0);
      await untilTillRests(story);
      expect(leaves(story)).toEqual(["0-begin", "1-5", "abort", "take-back"]);
      expect(shares(story)).toEqual([0, 5, 0]);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
      expect(await story.file("apps/till/deployment.yaml")).toContain(":1.0.0");
      expect((await story.state(TILL)).blocked).toMatchObject([{ image: NEW, by: "gate" }]);
      // It may come again as another version.
      await landChange(story, "1.2.0");
      await story.until("it has pods", () => running(story).canary.join() === "1.2.0");
    }),
  );
});

describe("a Canary that is taken back by /abort", () => {
  it.concurrent(
    "at its beginning loses its pods",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await untilBegun(story);
      expect(shares(story)).toEqual([0]);
      await abort(story);
      await untilTillRests(story);
      expect(leaves(story)).toEqual(["0-begin", "abort", "take-back"]);
      expect(shares(story)).toEqual([0]);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
      expect(await gatesIn(story)).toBe("rest");
    }),
  );

  it.concurrent.each([5, 50] as const)("at a weight of %i loses it, and its version at once", UNHURRIED, (weight) =>
    flagged(SLOW, async (story) => {
      await untilWeight(story, weight);
      await abort(story);
      expect(await gatesIn(story)).toBe("back");
      expect(await story.file("apps/till/deployment.yaml")).toContain(":1.0.0");
      await untilTillRests(story);
      expect(leaves(story).slice(-2)).toEqual(["abort", "take-back"]);
      expect(shares(story).at(-1)).toBe(0);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
    })(),
  );

  it.concurrent(
    "whose pods have stopped to get ready goes back all the same",
    UNHURRIED,
    flagged({ ...SLOW, faults: new Map() }, async (story) => {
      await untilWeight(story, 5);
      story.faults.set(NEW, { kind: "neverReady" });
      await abort(story);
      await untilTillRests(story);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
    }),
  );

  it.concurrent(
    "before Flagger has read of its promotion is taken back as before",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await untilWeight(story, 50);
      await promote(story);
      await story.until("it may be promoted", async () => (await gatesIn(story)).endsWith("promotion"));
      await abort(story);
      await untilTillRests(story);
      expect(leaves(story).slice(-2)).toEqual(["abort", "take-back"]);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
      expect(await stableIn(story)).toBe(imageOf(TILL, "1.0.0"));
      expect(mostOf(story, "1.1.0")).toBe(50);
    }),
  );

  it.concurrent(
    "while Flagger promotes it is stable for now, and the version before comes as a release",
    UNHURRIED,
    flagged({ ...SLOW, restarts: "some" }, async (story) => {
      await untilWeight(story, 50);
      await promote(story);
      await story.until("it is being promoted", () => running(story).phase === "Promoting");
      await abort(story);
      await story.until(
        "the version before begins",
        async () => {
          const { release } = (await story.state(TILL)).targets["prod"] ?? {};
          return release?.image === imageOf(TILL, "1.0.0");
        },
        120_000,
      );
      expect(await stableIn(story)).toBe(NEW);
      expect((await story.state(TILL)).blocked).toMatchObject([{ image: NEW }]);
      expect(running(story).primary).toEqual(["1.1.0"]);
      await story.until("it has a weight", () => shares(story).at(-1) === 5);
      expect(running(story).canary).toEqual(["1.0.0"]);
    }),
  );
});

describe("another version under a Canary's release", () => {
  it.concurrent(
    "fails the plan check, and one that lands all the same starts over at 0, stays there and begins",
    UNHURRIED,
    flagged({ ...SLOW, restarts: "some" }, async (story) => {
      await untilWeight(story, 50);
      const late = await openChange(story, "1.2.0");
      expect(planOf(story, late)).toMatchObject({ conclusion: "failure" });
      expect(planOf(story, late).title).toMatch(/Flagger would start 1\.2\.0 over in its place, unjudged/);
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: late.number, method: "squash" });
      await story.until(
        "it begins",
        async () => {
          const { release } = (await story.state(TILL)).targets["prod"] ?? {};
          return release?.image === imageOf(TILL, "1.2.0");
        },
        120_000,
      );
      await story.until("it has a weight", () => shares(story).at(-1) === 5, 120_000);
      expect(running(story)).toMatchObject({ canary: ["1.2.0"], primary: ["1.0.0"] });
    }),
  );

  it.concurrent(
    "gets no weight by Flagger even where nobody contains it",
    UNHURRIED,
    flagged({ ...SLOW, restarts: "some" }, async (story) => {
      await untilWeight(story, 50);
      await story.restart(async () => {
        await landChange(story, "1.2.0");
        await story.pass(120_000);
        expect(shares(story).at(-1)).toBe(0);
        expect(running(story)).toEqual({ phase: "Progressing", canary: ["1.2.0"], primary: ["1.0.0"] });
      });
    }),
  );

  it.concurrent(
    "is not promoted while another one is, nor gets a weight after that",
    UNHURRIED,
    flagged({ ...SLOW, restarts: "some" }, async (story) => {
      await untilWeight(story, 50);
      await promote(story);
      await story.until("it is being promoted", () => running(story).phase === "Promoting");
      await story.restart(async () => {
        await landChange(story, "1.2.0");
        await story.pass(120_000);
        expect(shares(story).at(-1)).toBe(0);
        expect(running(story)).toEqual({ phase: "Waiting", canary: [], primary: ["1.1.0"] });
      });
      await story.until(
        "it begins",
        async () => {
          const { release } = (await story.state(TILL)).targets["prod"] ?? {};
          return release?.image === imageOf(TILL, "1.2.0");
        },
        120_000,
      );
      expect(await stableIn(story)).toBe(NEW);
    }),
  );
});
