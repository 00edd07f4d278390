import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { landBump, openBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import {
  checkOn,
  leafOf,
  liveOf,
  livePath,
  mergedSteps,
  planOf,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const BUMP = { service: "checkout", version: "1.1.0" } as const;
const OLD = imageOf("checkout", "1.0.0");
const NEW = imageOf("checkout", "1.1.0");
const WORLD = {
  services: ["checkout"],
  config: { waves: "[{ targets: [prod], steps: [0, 100], bake: 2s }]", deadline: "5m" },
} as const;

it.concurrent(
  "all traffic switches to a canary of full size that was ready without any, and back to stable when it has the version",
  UNHURRIED,
  told(WORLD, async (story) => {
    const pull = await openBump(story, BUMP);
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("success");
    const summary = checkOn(story, pull, "tidegate/plan")?.output.summary;
    expect(summary).toContain("nothing is left to compare it with");
    expect(summary).toContain("0% → 100%");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await untilStep(story, "checkout", "1-100");
    // Capacity in full before the switch.
    const stableReplicas = /replicas: (\d+)/.exec(await story.file(pathsOf("checkout").stable))?.[1];
    expect(/replicas: (\d+)/.exec(await story.file(pathsOf("checkout").canary))?.[1]).toBe(stableReplicas);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-100", "2-promote", "3-drain", "4-rest"]);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 100, 0]);
    expect((await livePath(story, "checkout")).shares).toEqual([0, 100, 0]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [NEW] });
  }),
);

it.concurrent(
  "what fails with all of the traffic is switched back at once, and its image after it",
  UNHURRIED,
  told({ ...WORLD, faults: new Map([[NEW, { kind: "addedErrors", rate: 0.2 }]]) }, async (story) => {
    await landBump(story, BUMP);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-100", "abort", "take-back"]);
    expect((await livePath(story, "checkout")).shares).toEqual([0, 100, 0]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
    expect((await story.state("checkout")).blocked).toEqual([
      expect.objectContaining({ image: NEW, by: "gate", reason: "the canary fails more requests than is healthy" }),
    ]);
  }),
);

it.concurrent(
  "a person switches early by /promote, and back by /abort",
  UNHURRIED,
  told(
    { ...WORLD, config: { ...WORLD.config, waves: "[{ targets: [prod], steps: [0, 100], bake: 1m }]" } },
    async (story) => {
      await landBump(story, BUMP);
      await untilStep(story, "checkout", "1-100");
      // What is said in the second of a landing may mean what landed.
      await story.pass(3_000);
      await say(story, "ana", stepOf(story, "checkout")?.number, "/promote");
      await untilStep(story, "checkout", "2-promote");
      await story.until("all of it is live", () => liveOf(story, "checkout").weight === 100);
      await say(story, "ana", stepOf(story, "checkout")?.number, "/abort it looks wrong");
      await untilRest(story, "checkout");
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-100", "abort", "take-back"]);
      expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
    },
  ),
);

it.concurrent(
  "a canary that never gets ready is sent no request",
  UNHURRIED,
  told(
    { ...WORLD, config: { ...WORLD.config, deadline: "10s" }, faults: new Map([[NEW, { kind: "neverReady" }]]) },
    async (story) => {
      await landBump(story, BUMP);
      await untilStep(story, "checkout", "1-100");
      await story.pass(30_000);
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);
      expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [OLD] });
    },
  ),
);
