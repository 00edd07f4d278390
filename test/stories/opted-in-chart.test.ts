import { describe, expect, it } from "vitest";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { BEFORE, CHART, chartOptedIn } from "../support/chart-unopted.ts";
import { CAN_RENDER, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, liveOf, mergedSteps, planOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { blockedOf } from "./layouts-world.ts";
import { told, UNHURRIED } from "./told.ts";

const CONFIG = { waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]" };
const FAULT = { kind: "errorRatio", ratio: 10 } as const;

function leaves(story: Story): readonly string[] {
  return mergedSteps(story, CHART.name).map(leafOf);
}

function resting(version: string) {
  return { weight: 0, canary: [], stable: [imageOf(CHART.name, version)] };
}

async function filesOf(story: Story, like: Files): Promise<Files> {
  const texts = [...like.keys()].map(async (path) => [path, await story.file(path)] as const);
  return new Map(await Promise.all(texts));
}

async function outOf(story: Story): Promise<Files> {
  const now = await filesOf(story, chartOptedIn());
  return applied(now, valueOf(optOut(groundOf(now), { service: CHART.name, targets: undefined })).files);
}

describe.skipIf(!CAN_RENDER)("a chart that was opted in (skipped without kustomize and helm)", () => {
  it.concurrent(
    "goes to its promotion in its owned values, and opting it out then keeps the version that people bumped",
    UNHURRIED,
    told(renderedWorld(chartOptedIn(), { config: CONFIG }), async (story) => {
      await story.settle();
      expect(liveOf(story, "search/prod")).toEqual(resting("1.0.0"));
      const bumps = await landLayoutBumps(story, [CHART], "1.1.0");
      for (const bump of bumps) expect(planOf(story, bump).title).toMatch(/^Merging starts /);
      await untilLayoutsRest(story, [CHART]);
      expect(leaves(story)).toEqual(["0-warmup", "1-5", "2-50", "3-promote", "4-drain", "5-rest"]);
      expect(liveOf(story, "search/prod")).toEqual(resting("1.1.0"));
      const values = "apps/search/prod/values.yaml";
      expect(await outOf(story)).toEqual(new Map([...BEFORE, [values, await story.file(values)]]));
    }),
  );

  it.concurrent(
    "is taken back by its gate, and opting it out then gives what people had",
    UNHURRIED,
    told(
      renderedWorld(chartOptedIn(), { config: CONFIG, faults: new Map([[imageOf(CHART.name, "2.0.0"), FAULT]]) }),
      async (story) => {
        await landLayoutBumps(story, [CHART], "2.0.0");
        await story.until("a step", async () => leaves(story).length > 0);
        await untilLayoutsRest(story, [CHART]);
        expect(leaves(story)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
        expect(liveOf(story, "search/prod")).toEqual(resting("1.0.0"));
        expect(await blockedOf(story, CHART)).toEqual(["2.0.0 by gate"]);
        expect(await outOf(story)).toEqual(BEFORE);
      },
    ),
  );
});
