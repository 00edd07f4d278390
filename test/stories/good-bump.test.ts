import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { landBump, openBump, untilRest } from "../support/story-plot.ts";
import {
  checkOn,
  conclusionOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  saidOn,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const IMAGE = imageOf(GOOD.service, GOOD.version);
const OLD = imageOf(GOOD.service, "1.0.0");

it.concurrent(
  "a good bump is promoted step by step, each merge with a green gate on the head that merged",
  UNHURRIED,
  told({ services: ["cart", "checkout"] }, async (story) => {
    const pull = await openBump(story, GOOD);
    await story.settle();
    const plan = checkOn(story, pull, "tidegate/plan");
    expect(plan && conclusionOf(plan)).toBe("success");

    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await untilRest(story, "checkout");

    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
    const steps = mergedSteps(story, "checkout");
    expect(steps.map(leafOf)).toEqual(["0-warmup", "1-5", "2-25", "3-50", "4-promote", "5-drain", "6-rest"]);
    for (const step of steps) {
      const gate = checkOn(story, step, "tidegate/gate");
      expect([step.title, gate && conclusionOf(gate)]).toEqual([step.title, "success"]);
      expect(gate?.output.title).toMatch(/^Passed/);
    }
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [IMAGE] });
    const { targets, blocked, holds } = await story.state("checkout");
    expect(targets["prod"]).toMatchObject({ weight: 0, stable: IMAGE });
    expect(targets["prod"]).not.toHaveProperty("release");
    expect([blocked, holds]).toEqual([[], []]);
    expect(saidOn(story, pull.number).map(({ body }) => body)).toEqual([
      expect.stringContaining("checkout 1.1.0 is released to prod"),
    ]);
  }),
);

it.concurrent(
  "a merged bump moves nothing by itself: the canary exists at weight 0 and without pods",
  UNHURRIED,
  told({}, async (story) => {
    story.github.setWebhookUrl(undefined);
    await landBump(story, GOOD);
    await story.pass(30_000);
    expect(await story.file(pathsOf("checkout").canary)).toContain(IMAGE);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
    expect(story.cluster.changes().every(({ weights }) => weights["checkout-canary"] === 0)).toBe(true);
    expect(openSteps(story, "checkout")).toEqual([]);
  }),
);
