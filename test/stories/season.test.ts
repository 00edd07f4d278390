import { expect, it } from "vitest";
import { openShop, ORDERS_QUERY } from "../support/shop.ts";
import { landBump, openBump, untilRest, untilWeight } from "../support/story-plot.ts";
import { checkOn, leafOf, liveOf, mergedSteps, planOf, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = imageOf("checkout", "1.1.0");
const BAD = imageOf("checkout", "2.0.0");
const GATES = JSON.stringify({
  errors: { alpha: 0.05 },
  seasonal: [{ name: "orders", query: ORDERS_QUERY, worse: "lower", measure: "count", days: 3, every: "30s", part: 3 }],
});

it.concurrent(
  "a service of one pod that nobody counts requests of is held against its own past: it goes on by night as every night, over a restart, and is taken back where orders are fewer than is usual then",
  UNHURRIED,
  async ({ onTestFinished }) => {
    const shop = await openShop();
    onTestFinished(shop.close);
    await told(
      {
        replicas: 1,
        requestsPerSecond: 0,
        operator: { hosts: [shop.url], environment: {} },
        config: {
          metrics: JSON.stringify({ prod: { prometheus: { url: shop.url } } }),
          targets: "[{ name: prod, metrics: prod, evidence: bake }]",
          waves: "[{ targets: [prod], steps: [50], bake: 30s }]",
          measure: "{ window: 5s, settle: 500ms }",
          deadline: "10m",
          gates: GATES,
        },
      },
      async (story) => {
        shop.open({ prometheus: story.prometheus.url, quietest: story.now(), cluster: story.cluster });
        const pull = await openBump(story, { service: "checkout", version: "1.1.0" });
        await story.settle();
        expect(planOf(story, pull).conclusion).toBe("success");
        expect(checkOn(story, pull, "tidegate/plan")?.output.summary).toContain("in the service's orders fails a step");
        await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
        await untilWeight(story, "checkout", 50);
        await story.pass(10_000);
        const baking = checkOn(story, stepOf(story, "checkout"), "tidegate/gate")?.output.summary;
        expect(baking).toContain("the service's first orders of this step, at");
        await story.restart(() => story.pass(2_000));
        await story.until("1.1.0 is on its way to stable", async () => (await story.weight("checkout")) === 0, 300_000);
        await untilRest(story, "checkout");
        expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [GOOD] });
        const promote = mergedSteps(story, "checkout").find((step) => leafOf(step) === "2-promote");
        const { title, summary } = checkOn(story, promote, "tidegate/gate")?.output ?? {};
        expect(title).toContain("Passed: bake: 1 of 1 canary pods of 1.1.0 ready");
        expect(summary).toContain(
          "As usual at this time: orders of the service as a whole, which passes nothing by itself.",
        );
        expect(summary).toMatch(
          /\| orders \(lower is worse\) \| [\d.]+ in 30 s \| [\d.]+ in 30 s \| drift \S+; above \S+ blocks \|/,
        );

        shop.lose(story.now(), 0.6);
        await landBump(story, { service: "checkout", version: "2.0.0" });
        await story.until("2.0.0 is blocked", async () => (await story.state("checkout")).blocked.length > 0, 300_000);
        await untilRest(story, "checkout");
        expect((await story.state("checkout")).blocked).toEqual([
          expect.objectContaining({
            image: BAD,
            by: "gate",
            reason: "the service's orders went lower than is usual at this time",
          }),
        ]);
        expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [GOOD] });
        expect(await weightsInGit(story, "checkout")).toEqual([0, 50, 0, 50, 0]);
      },
    )();
  },
);
