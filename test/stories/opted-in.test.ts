import { describe, expect, it } from "vitest";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { bumpedFile } from "../support/layout-files.ts";
import { CAN_KUSTOMIZE, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, liveOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { BEFORE, CONFIG, optedIn, SERVICES } from "../support/unopted.ts";
import { blockedOf } from "./layouts-world.ts";
import { told, UNHURRIED } from "./told.ts";

const FAULT = { kind: "errorRatio", ratio: 10 } as const;

function leaves(story: Story): readonly (readonly string[])[] {
  return SERVICES.map(({ name }) => mergedSteps(story, name).map(leafOf));
}

function live(story: Story) {
  return SERVICES.map(({ name }) => liveOf(story, `${name}/prod`));
}

function resting(version: string) {
  return SERVICES.map(({ name }) => ({ weight: 0, canary: [], stable: [imageOf(name, version)] }));
}

async function filesOf(story: Story, like: Files): Promise<Files> {
  const texts = [...like.keys()].map(async (path) => [path, await story.file(path)] as const);
  return new Map(await Promise.all(texts));
}

describe.skipIf(!CAN_KUSTOMIZE)("services that were opted in (skipped without kustomize and kubectl)", () => {
  it.concurrent(
    "go to their promotion, in their owned files, and people's route has its bytes at the end",
    UNHURRIED,
    told(renderedWorld(optedIn(), { config: CONFIG }), async (story) => {
      await story.settle();
      expect(live(story)).toEqual(resting("1.0.0"));
      await landLayoutBumps(story, SERVICES, "1.1.0");
      await untilLayoutsRest(story, SERVICES);
      const steps = ["0-warmup", "1-5", "2-50", "3-promote", "4-drain", "5-rest"];
      expect(leaves(story)).toEqual([steps, steps]);
      expect(live(story)).toEqual(resting("1.1.0"));
      expect(await story.file("apps/cart/base/route.yaml")).toBe(optedIn().get("apps/cart/base/route.yaml"));
    }),
  );

  it.concurrent(
    "are taken back by their gate, and opting them out then gives what people had",
    UNHURRIED,
    told(
      renderedWorld(optedIn(), {
        config: CONFIG,
        faults: new Map(SERVICES.map(({ name }) => [imageOf(name, "2.0.0"), FAULT])),
      }),
      async (story) => {
        await landLayoutBumps(story, SERVICES, "2.0.0");
        await story.until("a step of each", async () => leaves(story).every((one) => one.length > 0));
        await untilLayoutsRest(story, SERVICES);
        expect(leaves(story)).toEqual(SERVICES.map(() => ["0-warmup", "1-5", "abort", "take-back"]));
        expect(live(story)).toEqual(resting("1.0.0"));
        expect(await Promise.all(SERVICES.map((one) => blockedOf(story, one)))).toEqual(
          SERVICES.map(() => ["2.0.0 by gate"]),
        );
        const now = await filesOf(story, optedIn());
        const back = SERVICES.reduce(
          (files, { name }) =>
            applied(files, valueOf(optOut(groundOf(files), { service: name, targets: undefined })).files),
          now,
        );
        expect(back).toEqual(BEFORE);
      },
    ),
  );

  it("are bumped where they were before", () => {
    for (const service of SERVICES) expect(BEFORE.has(bumpedFile(service, "prod"))).toBe(true);
  });
});
