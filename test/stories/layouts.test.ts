import { describe, expect, it } from "vitest";
import { bumpedFile, type LayoutService } from "../support/layout-files.ts";
import {
  asEach,
  CAN_RENDER,
  isAtStep,
  landLayoutBumps,
  layoutPath,
  layoutWeights,
  layoutWorld,
  untilLayoutsRest,
} from "../support/layout-story.ts";
import { say } from "../support/story-plot.ts";
import { gateOf, leafOf, liveOf, mergedSteps, planOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import {
  blockedOf,
  APART,
  BROKEN,
  each,
  expectAtRest,
  expectPeoples,
  faulty,
  FOREIGN,
  KUSTOMIZED,
  leaves,
  LONG,
  ofEach,
  sayOn,
  SERVICES,
  SHORT,
  weights,
} from "./layouts-world.ts";
import { told, UNHURRIED } from "./told.ts";

describe.skipIf(!CAN_RENDER)("a service of each layout (skipped without kustomize and helm)", () => {
  it.concurrent(
    "is promoted step by step in its places alone, and what people change in the same file meanwhile stays to the byte",
    UNHURRIED,
    told(layoutWorld(SERVICES, { config: LONG }), async (story) => {
      await expectAtRest(story, "1.0.0");
      const bumps = await landLayoutBumps(story, SERVICES, "1.1.0");
      for (const bump of bumps) expect(planOf(story, bump).title).toMatch(/^Merging starts /);
      await asEach(story, SERVICES, isAtStep(story, "2-50"), async (service) => {
        const path = bumpedFile(service, "prod");
        await story.push("ben", { [path]: FOREIGN[service.layout](await story.file(path)) }, `Change ${path}`);
        await story.settle();
      });
      await untilLayoutsRest(story, SERVICES);
      expect(await leaves(story)).toEqual(each(["0-warmup", "1-5", "2-50", "3-promote", "4-drain", "5-rest"]));
      expect(await weights(story)).toEqual(each([0, 5, 50, 0]));
      await expectAtRest(story, "1.1.0");
      await expectPeoples(story, "1.1.0", { changes: FOREIGN });
    }),
  );

  it.concurrent(
    "is taken back by its gate at the first weight, and its people's file has the bytes of before",
    UNHURRIED,
    told(layoutWorld(KUSTOMIZED, { faults: faulty("2.0.0", { kind: "errorRatio", ratio: 10 }) }), async (story) => {
      await landLayoutBumps(story, KUSTOMIZED, "2.0.0");
      await asEach(story, KUSTOMIZED, async ({ name }) => mergedSteps(story, name).length > 0);
      await untilLayoutsRest(story, KUSTOMIZED);
      expect(await leaves(story, KUSTOMIZED)).toEqual(each(["0-warmup", "1-5", "abort", "take-back"], KUSTOMIZED));
      expect(await weights(story, KUSTOMIZED)).toEqual(each([0, 5, 0], KUSTOMIZED));
      await expectAtRest(story, "1.0.0", KUSTOMIZED);
      await expectPeoples(story, "1.0.0", { services: KUSTOMIZED });
      expect(await ofEach((service) => blockedOf(story, service), KUSTOMIZED)).toEqual(
        each(["2.0.0 by gate"], KUSTOMIZED),
      );
    }),
  );

  it.concurrent(
    "is taken back by a person after its promotion: the pin first, then the weight, then what people bumped",
    UNHURRIED,
    told(layoutWorld(APART, { config: SHORT }), async (story) => {
      await landLayoutBumps(story, APART, "1.1.0");
      await asEach(story, APART, isAtStep(story, "3-drain"), sayOn(story, "ben", "/abort customers complain"));
      await untilLayoutsRest(story, APART);
      expect(await leaves(story, APART)).toEqual(
        each(["0-warmup", "1-25", "2-promote", "abort", "lower", "take-back"], APART),
      );
      expect(await weights(story, APART)).toEqual(each([0, 25, 0], APART));
      await expectAtRest(story, "1.0.0", APART);
      await expectPeoples(story, "1.0.0", { services: APART });
      expect(await ofEach((service) => blockedOf(story, service), APART)).toEqual(each(["1.1.0 by person"], APART));
    }),
  );

  it.concurrent(
    "is held by what was said while the bot was away, goes on after /resume, and gives way to a newer version",
    UNHURRIED,
    told(layoutWorld(APART, { config: SHORT }), async (story) => {
      const bumps = await landLayoutBumps(story, APART, "1.1.0");
      await asEach(story, APART, isAtStep(story, "1-25"), sayOn(story, "ana", "/hold the shop is busy"));
      await story.restart(() => story.pass(3_000));
      await story.pass(3_000);
      expect(await ofEach(({ name }) => gateOf(story, name), APART)).toEqual(
        each({ conclusion: "action_required", title: "Held by ana: the shop is busy" }, APART),
      );
      expect(await weights(story, APART)).toEqual(each([0], APART));
      for (const { number } of bumps) await say(story, "ana", number, "/resume");
      await asEach(story, APART, ({ name }) => liveOf(story, `${name}/prod`).weight === 25);
      await landLayoutBumps(story, APART, "1.2.0");
      const weightsOf = (service: LayoutService) => layoutWeights(story, service, "prod");
      const rises = each([0, 25, 0, 25], APART);
      await asEach(story, APART, async (service) => (await weightsOf(service)).length >= 4);
      expect(await ofEach(async (service) => (await weightsOf(service)).slice(0, 4), APART)).toEqual(rises);
      expect(
        await ofEach(async ({ name }) => (await story.state(name)).targets["prod"]?.release?.image, APART),
      ).toEqual(await ofEach(({ name }) => imageOf(name, "1.2.0"), APART));
      expect(await ofEach(async (service) => (await layoutPath(story, service, "prod")).strays, APART)).toEqual(
        each([], APART),
      );
      await expectPeoples(story, "1.2.0", { services: APART });
    }),
  );

  it.concurrent(
    "that does not render any more runs on as it was, rises no further, and goes on when somebody has mended it",
    UNHURRIED,
    told(layoutWorld(SERVICES, { config: { ...SHORT, deadline: "6s" } }), async (story) => {
      const mend = new Map<string, string>();
      for (const service of SERVICES) {
        const [path, breaks] = BROKEN[service.layout](service.name);
        mend.set(path, await story.file(path));
        await story.push("ben", { [path]: breaks(await story.file(path)) }, `Change ${path}`);
      }
      await landLayoutBumps(story, SERVICES, "1.1.0");
      await asEach(story, SERVICES, isAtStep(story, "1-25"));
      await story.pass(9_000);
      expect(await ofEach(({ name }) => gateOf(story, name).conclusion)).toEqual(each("action_required"));
      expect([...story.cluster.snapshot().problems.keys()].toSorted()).toEqual([
        "checkout-prod",
        "payments-prod",
        "payments-prod-canary",
        "search-prod",
      ]);
      await story.pass(3_000);
      expect(await weights(story)).toEqual(each([0]));
      expect(await ofEach(({ name }) => liveOf(story, `${name}/prod`).stable)).toEqual(
        await ofEach(({ name }) => [imageOf(name, "1.0.0")]),
      );
      await story.push("ben", Object.fromEntries(mend), "Mend what does not render");
      await story.settle();
      await asEach(story, SERVICES, ({ name }) => liveOf(story, `${name}/prod`).weight === 25);
      expect(story.cluster.snapshot().problems).toEqual(new Map());
    }),
  );
});

/** One bump of the base for all of its overlays. */
const SHARED: LayoutService = {
  name: "catalog",
  layout: "kustomize",
  targets: ["staging", "prod-eu", "prod-us"],
  bumps: "base",
};
const WAVES = `
  - { targets: [staging], steps: [50], bake: 2s }
  - { targets: ["prod-*"], steps: [25], bake: 5s }`;

describe.skipIf(!CAN_RENDER)("an image of a base that three overlays read (skipped without kustomize and helm)", () => {
  it.concurrent(
    "rests everywhere when it lands, rises wave after wave, and stays in the base where one member alone is taken back",
    UNHURRIED,
    told(layoutWorld([SHARED], { config: { waves: WAVES } }), async (story) => {
      const [bump] = await landLayoutBumps(story, [SHARED], "1.1.0");
      const base = await story.file(bumpedFile(SHARED, "staging"));
      const live = () => SHARED.targets.map((target) => liveOf(story, `catalog/${target}`));
      const versions = (weights: readonly number[], stable: readonly string[]) =>
        SHARED.targets.map((_, at) => ({ weight: weights[at], stable: [imageOf("catalog", stable[at] ?? "")] }));
      await story.pass(1_000);
      expect(live()).toMatchObject(versions([0, 0, 0], ["1.0.0", "1.0.0", "1.0.0"]));
      await story.until("half of staging is live", () => live()[0]?.weight === 50);
      expect(live()).toMatchObject(versions([50, 0, 0], ["1.0.0", "1.0.0", "1.0.0"]));
      await story.until("both of production are live", () => live()[1]?.weight === 25 && live()[2]?.weight === 25);
      expect(live()).toMatchObject(versions([0, 25, 25], ["1.1.0", "1.0.0", "1.0.0"]));
      await say(story, "ana", bump?.number, "/abort prod-us we saw something");
      await untilLayoutsRest(story, [SHARED]);
      expect(live()).toMatchObject(versions([0, 0, 0], ["1.1.0", "1.1.0", "1.0.0"]));
      expect(await story.file(bumpedFile(SHARED, "staging"))).toBe(base);
      const aborts = mergedSteps(story, "catalog").filter((pull) => leafOf(pull) === "abort");
      expect(aborts.map(({ head }) => head.branch)).toEqual([expect.stringContaining("/prod-us/")]);
      for (const target of SHARED.targets) expect((await layoutPath(story, SHARED, target)).strays).toEqual([]);
      expect((await story.state("catalog")).blocked).toMatchObject([{ by: "person", reason: "we saw something" }]);
    }),
  );
});
