import { describe, expect, it } from "vitest";
import {
  flagged,
  gatesIn,
  leaves,
  OLD_SERVES,
  openChange,
  running,
  shares,
  SLOW,
  TILL,
  untilTillRests,
  untilWeight,
} from "../support/flagger-story.ts";
import { edit } from "../support/story-plot.ts";
import { planOf } from "../support/story-reads.ts";
import { UNHURRIED } from "./told.ts";

describe("a Canary that people have a hand in", () => {
  it.concurrent(
    "follows a person who lengthens the list to a weight of the plan",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await untilWeight(story, 5);
      await edit(story, "ana", "apps/till/canary.yaml", (text) => text.replace("[5]", "[5, 50]"));
      await story.until("50% are live", () => shares(story).at(-1) === 50);
      expect((await story.state(TILL)).targets["prod"]?.weight).toBe(50);
    }),
  );

  it.concurrent(
    "is taken back where the list that a person writes lacks the weight, before Flagger goes to 100% from there",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await untilWeight(story, 5);
      await edit(story, "ana", "apps/till/canary.yaml", (text) => text.replace("[5]", "[0, 50]"));
      await story.settle();
      expect(await gatesIn(story)).toBe("back");
      expect((await story.state(TILL)).blocked[0]?.reason).toContain("lacks 5%");
      await untilTillRests(story);
      expect(leaves(story).slice(-2)).toEqual(["abort", "take-back"]);
      expect(running(story)).toEqual({ phase: "Failed", ...OLD_SERVES });
    }),
  );

  it.concurrent(
    "is held where somebody opens a gate at rest, and no traffic moves",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await edit(story, "ana", "apps/till/canary.yaml", (text) => text.replace(/.*tidegate-confirm-rollout.*\n/, ""));
      const pull = await openChange(story, "1.1.0");
      expect(planOf(story, pull).title).toMatch(/the Canary's hooks are those of a beginning/);
      expect(shares(story).filter((share) => share > 0)).toEqual([]);
    }),
  );

  it.concurrent(
    "is not written to by a pull request that takes a weight out of its list",
    UNHURRIED,
    flagged(SLOW, async (story) => {
      await untilWeight(story, 50);
      const text = (await story.file("apps/till/canary.yaml")).replace("[0, 5, 50]", "[0, 50]");
      const files = { "apps/till/canary.yaml": text };
      const pull = await story.github.openPull({
        repo: story.repo,
        user: "ana",
        branch: "tidy",
        title: "Tidy",
        files,
      });
      await story.settle();
      expect(planOf(story, pull)).toMatchObject({ conclusion: "failure" });
    }),
  );

  it.concurrent(
    "is not written to by a pull request that changes its gates",
    UNHURRIED,
    flagged({}, async (story) => {
      const pull = await story.github.openPull({
        repo: story.repo,
        user: "ana",
        branch: "open-it",
        title: "Open it",
        files: {
          "apps/till/canary.yaml": (await story.file("apps/till/canary.yaml")).replace(
            /.*tidegate-confirm-rollout.*\n/,
            "",
          ),
        },
      });
      await story.settle();
      expect(planOf(story, pull)).toMatchObject({ conclusion: "failure" });
      expect(planOf(story, pull).title).toMatch(
        /^Only Tidegate writes spec\.analysis\.webhooks of apps\/till\/canary\.yaml/,
      );
    }),
  );
});
