import { expect, it } from "vitest";
import { landBump, untilRest } from "../support/story-plot.ts";
import { checkOn, conclusionOf, leafOf, liveOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

it.concurrent(
  "where tidegate/gate is a required check, steps merge by it and the way back brings its own",
  UNHURRIED,
  told({ faults: new Map([[imageOf("checkout", "2.0.0"), { kind: "errorRatio", ratio: 10 }]]) }, async (story) => {
    await landBump(story, { service: "checkout", version: "2.0.0" });
    story.github.configure(REPO, { requiredChecks: [{ name: "tidegate/gate", appId: story.appId }] });
    await untilRest(story, "checkout");
    const steps = mergedSteps(story, "checkout");
    expect(steps.map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
    for (const step of steps) {
      const gate = checkOn(story, step, "tidegate/gate");
      expect([step.title, gate && conclusionOf(gate)]).toEqual([step.title, "success"]);
    }
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
  }),
);
