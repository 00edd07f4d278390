import { describe, expect, it } from "vitest";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { BEFORE, CHARTS, chartsOptedIn } from "../support/chart-unopted.ts";
import { CAN_RENDER, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, liveOf, mergedSteps, planOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { blockedOf } from "./layouts-world.ts";
import { told, UNHURRIED } from "./told.ts";

const CONFIG = { waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]" };
const FAULT = { kind: "errorRatio", ratio: 10 } as const;

function leaves(story: Story): readonly (readonly string[])[] {
  return CHARTS.map(({ name }) => mergedSteps(story, name).map(leafOf));
}

function live(story: Story) {
  return CHARTS.map(({ name }) => liveOf(story, `${name}/prod`));
}

function ofAll<T>(value: T): readonly T[] {
  return CHARTS.map(() => value);
}

function resting(version: string) {
  return CHARTS.map(({ name }) => ({ weight: 0, canary: [], stable: [imageOf(name, version)] }));
}

async function filesOf(story: Story, paths: Iterable<string>): Promise<Files> {
  const texts = [...paths].map(async (path) => [path, await story.file(path)] as const);
  return new Map(await Promise.all(texts));
}

/** What opting all of them out leaves of a story's files. */
async function outOf(story: Story): Promise<Files> {
  const now = await filesOf(story, chartsOptedIn().keys());
  return CHARTS.reduce(
    (files, { name: service }) =>
      applied(files, valueOf(optOut(groundOf(files), { service, targets: undefined })).files),
    now,
  );
}

describe.skipIf(!CAN_RENDER)("charts that were opted in (skipped without kustomize and helm)", () => {
  it.concurrent(
    "go to their promotion in their owned values, and opting them out then keeps the version that people bumped",
    UNHURRIED,
    told(renderedWorld(chartsOptedIn(), { config: CONFIG }), async (story) => {
      await story.settle();
      expect(live(story)).toEqual(resting("1.0.0"));
      const bumps = await landLayoutBumps(story, CHARTS, "1.1.0");
      for (const bump of bumps) expect(planOf(story, bump).title).toMatch(/^Merging starts /);
      await untilLayoutsRest(story, CHARTS);
      expect(leaves(story)).toEqual(ofAll(["0-warmup", "1-5", "2-50", "3-promote", "4-drain", "5-rest"]));
      expect(live(story)).toEqual(resting("1.1.0"));
      const bumped = await filesOf(
        story,
        CHARTS.map(({ name }) => `apps/${name}/prod/values.yaml`),
      );
      expect(await outOf(story)).toEqual(new Map([...BEFORE, ...bumped]));
    }),
  );

  it.concurrent(
    "are taken back by their gate, and opting them out then gives what people had",
    UNHURRIED,
    told(
      renderedWorld(chartsOptedIn(), {
        config: CONFIG,
        faults: new Map(CHARTS.map(({ name }) => [imageOf(name, "2.0.0"), FAULT])),
      }),
      async (story) => {
        await landLayoutBumps(story, CHARTS, "2.0.0");
        await story.until("a step of each", async () => leaves(story).every((one) => one.length > 0));
        await untilLayoutsRest(story, CHARTS);
        expect(leaves(story)).toEqual(ofAll(["0-warmup", "1-5", "abort", "take-back"]));
        expect(live(story)).toEqual(resting("1.0.0"));
        const blocked = CHARTS.map((one) => blockedOf(story, one));
        expect(await Promise.all(blocked)).toEqual(ofAll(["2.0.0 by gate"]));
        expect(await outOf(story)).toEqual(BEFORE);
      },
    ),
  );
});
