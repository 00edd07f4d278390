import { describe, expect, it } from "vitest";
import type { Form } from "../../src/sandbox/rollout-fleet.ts";
import {
  landChange,
  liveShares,
  rolloutWorld,
  running,
  stepsInGit,
  TILL,
  untilTillRests,
} from "../support/rollout-story.ts";
import { leafOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");

describe.each<Form>(["owned", "claimed"])("an Argo Rollout (%s)", (form) => {
  it(
    "is promoted step by step: git's steps are followed, run out at the end and rest",
    UNHURRIED,
    told(rolloutWorld(form), async (story) => {
      expect(running(story)).toEqual({ phase: "Completed", images: [OLD] });
      await landChange(story, form, "1.1.0");
      await story.until("the first step is open", () => mergedSteps(story, TILL).length > 0);
      await untilTillRests(story);
      expect(mergedSteps(story, TILL).map(leafOf)).toEqual(["0-begin", "1-5", "2-25", "3-50", "4-promote", "5-rest"]);
      expect(await stepsInGit(story, form)).toEqual(["0 0", "0 5", "5 25", "25 50", "50 100 1s", "0 0"]);
      expect(liveShares(story)).toEqual([0, 5, 25, 50, 100, 0]);
      expect(running(story)).toEqual({ phase: "Completed", images: [NEW] });
      expect((await story.state(TILL)).targets["prod"]?.stable).toBe(NEW);
    }),
  );
});
