import { dirname } from "node:path/posix";
import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { say } from "../support/story-plot.ts";
import { gateOf, leafOf, liveOf, livePath, mergedSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import {
  ALL_KINDS,
  asEach,
  each,
  eachImage,
  isAtStep,
  isLiveAt,
  landAll,
  ofEach,
  sayOnAll,
  SERVICES,
  SHORT,
  untilAllRest,
} from "./kinds-world.ts";
import { told, UNHURRIED } from "./told.ts";

function faulty(version: string, fault: VersionFault): Map<string, VersionFault> {
  return new Map(SERVICES.map((service) => [imageOf(service, version), fault]));
}

async function blockedOf(story: Story, service: string): Promise<readonly string[]> {
  return (await story.state(service)).blocked.map(({ image, by }) => `${image} by ${by}`);
}

it.concurrent(
  "every kind is promoted by the same course, in git and live, and stable takes the image under half the traffic",
  UNHURRIED,
  told(ALL_KINDS, async (story) => {
    await landAll(story, "1.1.0");
    await untilAllRest(story);
    const leaves = ["0-warmup", "1-5", "2-25", "3-50", "4-promote", "5-drain", "6-rest"];
    expect(await ofEach((service) => mergedSteps(story, service).map(leafOf))).toEqual(each(leaves));
    expect(await ofEach((service) => weightsInGit(story, service))).toEqual(each([0, 5, 25, 50, 0]));
    expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(each([0, 5, 25, 50, 0]));
    const promoted = await ofEach(async (service) => {
      const step = mergedSteps(story, service).find((one) => leafOf(one) === "4-promote");
      const at = step?.state.kind === "merged" ? step.state.sha : "";
      const stable = await story.file(pathsOf(service).stable, at);
      return [await story.weight(service, at), /image: (\S+)/.exec(stable)?.[1]];
    });
    const images = eachImage("1.1.0");
    expect(promoted).toEqual(await ofEach((service) => [50, imageOf(service, "1.1.0")]));
    expect(await ofEach((service) => liveOf(story, service).stable[0])).toEqual(images);
    expect(await ofEach((service) => ({ ...liveOf(story, service), stable: [] }))).toEqual(
      each({ weight: 0, canary: [], stable: [] }),
    );
  }),
);

it.concurrent(
  "every kind is taken back by its gate at the first weight",
  UNHURRIED,
  told({ ...ALL_KINDS, faults: faulty("2.0.0", { kind: "errorRatio", ratio: 10 }) }, async (story) => {
    await landAll(story, "2.0.0");
    await untilAllRest(story);
    const leaves = ["0-warmup", "1-5", "abort", "take-back"];
    expect(await ofEach((service) => mergedSteps(story, service).map(leafOf))).toEqual(each(leaves));
    expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(each([0, 5, 0]));
    expect(await ofEach((service) => liveOf(story, service))).toEqual(
      await ofEach((service) => ({ weight: 0, canary: [], stable: [imageOf(service, "1.0.0")] })),
    );
    expect(await ofEach((service) => blockedOf(story, service))).toEqual(
      await ofEach((service) => [`${imageOf(service, "2.0.0")} by gate`]),
    );
  }),
);

it.concurrent(
  "every kind is taken back by a person after its promotion: stable first, then the weight, then the image",
  UNHURRIED,
  told({ ...ALL_KINDS, config: SHORT }, async (story) => {
    const bumps = await landAll(story, "1.1.0");
    await asEach(story, "stable has the new version", isAtStep("3-drain"), async (_, index) => {
      await say(story, "ben", bumps[index]?.number, "/abort customers complain");
    });
    await untilAllRest(story);
    const leaves = ["0-warmup", "1-25", "2-promote", "abort", "lower", "take-back"];
    expect(await ofEach((service) => mergedSteps(story, service).map(leafOf))).toEqual(each(leaves));
    expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(each([0, 25, 0]));
    expect(await ofEach((service) => liveOf(story, service))).toEqual(
      await ofEach((service) => ({ weight: 0, canary: [], stable: [imageOf(service, "1.0.0")] })),
    );
    expect(await ofEach((service) => blockedOf(story, service))).toEqual(
      await ofEach((service) => [`${imageOf(service, "1.1.0")} by person`]),
    );
  }),
);

it.concurrent(
  "every kind is held by what was said while the bot was away, and goes on after /resume",
  UNHURRIED,
  async () => {
    // A release whose first weight is committed and not live stands until the others have come there.
    const unfollowed = new Set<string>();
    const policy = (folder: string) => (unfollowed.has(folder) ? ({ sync: "manual" } as const) : {});
    await told({ ...ALL_KINDS, config: { deadline: "5m" }, policy }, async (story) => {
      const bumps = await landAll(story, "1.1.0");
      await asEach(story, "the first weight is open", isAtStep("1-5"), async (service) => {
        unfollowed.add(dirname(pathsOf(service).route));
      });
      await asEach(story, "the first weight has landed", isAtStep("2-25"));
      await story.restart(async () => {
        for (const service of SERVICES)
          await say(story, "ben", stepOf(story, service)?.number, "/hold the shop is busy");
        unfollowed.clear();
        await story.pass(10_000);
      });
      await story.pass(10_000);
      expect(await ofEach((service) => gateOf(story, service))).toEqual(
        each({ conclusion: "action_required", title: "Held by ben: the shop is busy" }),
      );
      expect(await ofEach((service) => weightsInGit(story, service))).toEqual(each([0, 5]));
      await sayOnAll(story, "ana", bumps, "/resume");
      await story.restart(() => story.pass(5_000));
      await asEach(story, "25% are live", isLiveAt(25), async (service) => {
        expect((await livePath(story, service)).shares).toEqual([0, 5, 25]);
      });
    })();
  },
);
