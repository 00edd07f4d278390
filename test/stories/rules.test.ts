import { expect } from "vitest";
import {
  checkOn,
  conclusionOf,
  imageOf,
  landBump,
  leafOf,
  liveOf,
  mergedSteps,
  REPO,
  untilRest,
} from "../support/story.ts";
import { tell } from "./tell.ts";

tell(
  "where tidegate/gate is a required check, steps merge by it and the way back brings its own",
  { faults: new Map([[imageOf("checkout", "2.0.0"), { kind: "errorRatio", ratio: 10 }]]) },
  async (story) => {
    await landBump(story, { service: "checkout", version: "2.0.0" });
    story.github.configure(REPO, { requiredChecks: [{ name: "tidegate/gate", appId: story.appId }] });
    await untilRest(story, "checkout");
    const steps = mergedSteps(story, "checkout");
    expect(steps.map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
    for (const step of steps) {
      const gate = checkOn(story, step, "tidegate/gate");
      expect(gate && conclusionOf(gate), step.title).toBe("success");
    }
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
  },
);
