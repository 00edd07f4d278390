import { expect, it } from "vitest";
import { serveDatadog } from "../support/datadog.ts";
import { landBump, untilRest, untilWeight } from "../support/story-plot.ts";
import { checkOn, livePath, mergedSteps, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

it.concurrent(
  "the error gate goes by Datadog's counts where nobody tells of pods: it waits without them, promotes what is good and takes back what is not",
  UNHURRIED,
  async ({ onTestFinished }) => {
    const datadog = await serveDatadog("dd-key", "dd-application-key");
    onTestFinished(datadog.close);
    const counts = {
      total: "sum:shop.requests{service:{arm}}.as_count()",
      failed: "sum:shop.errors{service:{arm}}.as_count()",
    };
    const secrets = { apiKey: { env: "METRICS_DD" }, applicationKey: { env: "METRICS_DD_APPLICATION" } };
    const bad = imageOf("checkout", "2.0.0");
    await told(
      {
        faults: new Map([[bad, { kind: "errorRatio", ratio: 20 }]]),
        operator: {
          hosts: [datadog.url],
          environment: { METRICS_DD: "dd-key", METRICS_DD_APPLICATION: "dd-application-key" },
        },
        config: {
          metrics: JSON.stringify({ prod: { datadog: { url: datadog.url, secrets, counts } } }),
          targets: "[{ name: prod, metrics: prod, observe: assumed, delay: 2s }]",
          waves: "[{ targets: [prod], steps: [25], bake: 2s }]",
        },
      },
      async (story) => {
        datadog.follow(story.prometheus.url);
        await landBump(story, { service: "checkout", version: "1.1.0" });
        await untilWeight(story, "checkout", 25);
        datadog.fail(503);
        await story.pass(6_000);
        expect(await story.weight("checkout")).toBe(25);
        const open = story.github.pulls(story.repo).find(({ state }) => state.kind === "open");
        expect(open && checkOn(story, open, "tidegate/gate")?.output.title).toContain("Datadog answered 503");
        datadog.fail(undefined);
        await untilRest(story, "checkout");
        expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0]);
        expect(await story.state("checkout")).toMatchObject({
          targets: { prod: { stable: imageOf("checkout", "1.1.0") } },
        });

        await landBump(story, { service: "checkout", version: "2.0.0" });
        await untilRest(story, "checkout");
        expect(await story.state("checkout")).toMatchObject({
          targets: { prod: { stable: imageOf("checkout", "1.1.0") } },
          blocked: [{ image: bad, by: "gate" }],
        });
        expect((await livePath(story, "checkout")).shares).toEqual([0, 25, 0, 25, 0]);
        expect(mergedSteps(story, "checkout").length).toBeGreaterThan(4);
        expect(story.log.join("\n")).not.toContain("dd-key");
      },
    )();
  },
);
