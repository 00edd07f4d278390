import { expect, it } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { landBump, openBump, untilRest, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, leafOf, liveOf, mergedSteps, planOf, weightsInGit } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const BUMP = { service: "checkout", version: "1.1.0" } as const;
const OLD = imageOf("checkout", "1.0.0");
const NEW = imageOf("checkout", "1.1.0");
const CLIMB = ["0-warmup", "1-5", "2-25", "3-50", "4-promote", "5-drain", "6-rest"];
const TAKEN_BACK = ["0-warmup", "1-5", "abort", "take-back"];

/** What is wrong with the new version, and what its target is judged on. */
function judged(evidence: "bake" | "health", fault?: VersionFault) {
  const config = { targets: `[{ name: prod, metrics: prod, evidence: ${evidence} }]` };
  return { services: ["checkout"], config, ...(fault && { faults: new Map([[NEW, fault]]) }) };
}

/** The titles of the gates that judged the canary, by the step that they let merge. */
function titlesOf(story: Story): readonly string[] {
  return mergedSteps(story, "checkout")
    .filter((step) => ["2-25", "3-50", "4-promote"].includes(leafOf(step)))
    .map((step) => checkOn(story, step, "tidegate/gate")?.output.title ?? "");
}

it.concurrent(
  "where nobody asks anything, bake promotes what is ready, and the checks say what that does not prove",
  UNHURRIED,
  told({ ...judged("bake"), requestsPerSecond: 0 }, async (story) => {
    const pull = await openBump(story, BUMP);
    await story.settle();
    expect(checkOn(story, pull, "tidegate/plan")?.output.summary).toContain("No requests are compared");
    expect(planOf(story, pull).conclusion).toBe("success");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await untilRest(story, "checkout");

    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(CLIMB);
    expect(titlesOf(story)).toHaveLength(3);
    for (const title of titlesOf(story)) {
      expect(title).toMatch(/^Passed: bake: (\d) of \1 canary pods of 1.1.0 ready for \d+ s, no requests compared$/);
    }
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [NEW] });
  }),
);

it.concurrent(
  "bake moves nothing to what never gets ready, and says so when the time is over",
  UNHURRIED,
  told({ ...judged("bake", { kind: "neverReady" }), requestsPerSecond: 0 }, async (story) => {
    await landBump(story, BUMP);
    await untilStep(story, "checkout", "1-5");
    await story.pass(30_000);
    expect(gateOf(story, "checkout")?.title).toMatch(/^Not seen live by .*: 0 of 1 canary pods ready on 1.1.0$/);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);
    expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [OLD] });
  }),
);

it.concurrent(
  "bake takes back what fails the requests that there are all the same",
  UNHURRIED,
  told(judged("bake", { kind: "addedErrors", rate: 0.5 }), async (story) => {
    await landBump(story, BUMP);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(TAKEN_BACK);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);

it.concurrent(
  "health promotes what is worse than stable and below the limit, and says that it does not compare",
  UNHURRIED,
  told(judged("health", { kind: "errorRatio", ratio: 4 }), async (story) => {
    await landBump(story, BUMP);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(CLIMB);
    expect(titlesOf(story)).toHaveLength(3);
    for (const title of titlesOf(story)) expect(title).toMatch(/^Passed: health: .*, not compared with stable$/);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [NEW] });
  }),
);

it.concurrent(
  "health takes back what is above the limit",
  UNHURRIED,
  told(judged("health", { kind: "addedErrors", rate: 0.2 }), async (story) => {
    await landBump(story, BUMP);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(TAKEN_BACK);
    const { blocked } = await story.state("checkout");
    expect(blocked).toEqual([
      expect.objectContaining({ image: NEW, by: "gate", reason: "the canary fails more requests than is healthy" }),
    ]);
  }),
);
