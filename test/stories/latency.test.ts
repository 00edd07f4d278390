import { expect, it } from "vitest";
import { landBump, untilRest } from "../support/story-plot.ts";
import { checkOn, leafOf, liveOf, mergedSteps, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

it.concurrent(
  "a version that is slower and has no errors is taken back for that, and one that is as fast is promoted",
  UNHURRIED,
  told(
    {
      services: ["cart", "checkout"],
      took: { medianMs: 40, deviation: 0.8 },
      faults: new Map([[imageOf("cart", "2.0.0"), { kind: "slower", factor: 2 }]]),
    },
    async (story) => {
      await Promise.all([
        landBump(story, { service: "checkout", version: "1.1.0" }),
        landBump(story, { service: "cart", version: "2.0.0" }),
      ]);
      await untilRest(story, "cart");
      await untilRest(story, "checkout");

      expect(liveOf(story, "cart")).toEqual({ weight: 0, canary: [], stable: [imageOf("cart", "1.0.0")] });
      const { blocked } = await story.state("cart");
      expect(blocked).toMatchObject([{ by: "gate", reason: "the canary answers more slowly than stable" }]);

      expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
      expect(liveOf(story, "checkout").stable).toEqual([imageOf("checkout", "1.1.0")]);
      const step =
        mergedSteps(story, "checkout").find((one) => leafOf(one) === "2-25") ?? expect.fail("It has merged.");
      const gate = checkOn(story, step, "tidegate/gate");
      expect(gate?.output.title).toMatch(/^Passed: canary errors .*; slower than \d+ ms .* against /);
      expect(gate?.output.summary).toContain("evidence of a slow-down");
    },
  ),
);
