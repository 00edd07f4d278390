import { expect, it } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { gateOf, leafOf, liveOf, livePath, mergedSteps, openSteps } from "../support/story-reads.ts";
import { landBump } from "../support/story-plot.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const WORLD = {
  kinds: { checkout: "knative" },
  requests: "byConfiguration",
  config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 2s }]" },
} as const;

const atRest = (story: Story) => async () =>
  openSteps(story, "checkout").length === 0 && (await story.state("checkout")).targets["prod"]?.release === undefined;

it.concurrent(
  "a version goes out over Knative's Route by its Configurations, whose pods are Knative's, and rests without any",
  told(WORLD, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until("it is over", async () => mergedSteps(story, "checkout").length === 7 && (await atRest(story)()));
    await story.pass(3_000);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual([
      "0-warmup",
      "1-5",
      "2-25",
      "3-50",
      "4-promote",
      "5-drain",
      "6-rest",
    ]);
    expect((await livePath(story, "checkout")).shares).toEqual([0, 5, 25, 50, 0]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] });
  }),
  UNHURRIED.timeout,
);

const FAILING: VersionFault = { kind: "errorRatio", ratio: 10 };

it.concurrent(
  "one that fails its gate is taken back",
  told({ ...WORLD, faults: new Map([[imageOf("checkout", "1.1.0"), FAILING]]) }, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until(
      "it is over",
      async () => (await story.state("checkout")).blocked.length > 0 && (await atRest(story)()),
    );
    await story.pass(3_000);
    expect(mergedSteps(story, "checkout").map(leafOf).slice(-2)).toEqual(["abort", "take-back"]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
    expect((await story.state("checkout")).blocked.map(({ by }) => by)).toEqual(["gate"]);
  }),
  UNHURRIED.timeout,
);

it.concurrent(
  "one that never gets ready gets no request, and no weight",
  told({ ...WORLD, faults: new Map([[imageOf("checkout", "1.1.0"), { kind: "neverReady" }]]) }, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until("the warm-up landed", () => Promise.resolve(mergedSteps(story, "checkout").length === 1));
    await story.pass(30_000);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);
    expect(gateOf(story, "checkout")?.title).toMatch(/0 of 1/);
    expect((await livePath(story, "checkout")).shares).toEqual([0]);
    expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [imageOf("checkout", "1.0.0")] });
  }),
  UNHURRIED.timeout,
);
