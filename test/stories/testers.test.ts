import { expect, it } from "vitest";
import { landBump, openBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, leafOf, liveOf, livePath, mergedSteps, planOf, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const SERVICES = ["checkout", "search"] as const;
const WORLD = {
  services: SERVICES,
  kinds: { checkout: "istioTested", search: "httpRouteTested" },
  limits: { pointsPerMinute: 1_000_000, contentPerMinute: 100_000, contentPerHour: 100_000 },
  config: { waves: "[{ targets: [prod], steps: [{ testers: true }, 25], bake: 2s }]", deadline: "5m" },
} as const;
const CLIMB = ["0-warmup", "1-testers", "2-25", "3-promote", "4-drain", "5-rest"];
const TAKEN_BACK = ["0-warmup", "1-testers", "abort", "take-back"];

it.concurrent(
  "testers get the new version before everybody, then all by weights, on Istio and the Gateway API",
  UNHURRIED,
  told(WORLD, async (story) => {
    const pull = await openBump(story, { service: "checkout", version: "1.1.0" });
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("success");
    const summary = checkOn(story, pull, "tidegate/plan")?.output.summary;
    expect(summary).toContain("testers → 25%");
    expect(summary).toContain("Before the first weight testers alone are sent to the new version");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await landBump(story, { service: "search", version: "1.1.0" });
    for (const service of SERVICES) await untilRest(story, service);
    for (const service of SERVICES) {
      expect([service, mergedSteps(story, service).map(leafOf)]).toEqual([service, CLIMB]);
      // A tenth of all requests are testers'.
      expect([service, (await livePath(story, service)).shares.map(Math.round)]).toEqual([service, [0, 10, 25, 0]]);
      expect(liveOf(story, service)).toEqual({ weight: 0, canary: [], stable: [imageOf(service, "1.1.0")] });
    }
  }),
);

it.concurrent(
  "what fails testers is taken back before anybody else has met it",
  UNHURRIED,
  told(
    {
      ...WORLD,
      faults: new Map(SERVICES.map((service) => [imageOf(service, "2.0.0"), { kind: "addedErrors", rate: 0.3 }])),
    },
    async (story) => {
      for (const service of SERVICES) await landBump(story, { service, version: "2.0.0" });
      for (const service of SERVICES) await untilRest(story, service);
      for (const service of SERVICES) {
        expect(mergedSteps(story, service).map(leafOf)).toEqual(TAKEN_BACK);
        expect((await livePath(story, service)).shares.map(Math.round)).toEqual([0, 10, 0]);
        expect(liveOf(story, service)).toEqual({ weight: 0, canary: [], stable: [imageOf(service, "1.0.0")] });
        expect((await story.state(service)).blocked.map(({ by }) => by)).toEqual(["gate"]);
      }
    },
  ),
);

it.concurrent(
  "a person holds the test, and ends it by /abort",
  UNHURRIED,
  told(WORLD, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await untilStep(story, "checkout", "2-25");
    // What is said in the second of a landing may mean what landed.
    await story.pass(1_500);
    await say(story, "ben", stepOf(story, "checkout")?.number, "/hold people are trying it");
    await story.pass(20_000);
    expect(gateOf(story, "checkout")?.title).toBe("Held by ben: people are trying it");
    expect(Math.round(liveOf(story, "checkout").weight ?? 0)).toBe(10);
    await say(story, "ben", stepOf(story, "checkout")?.number, "/abort they do not like it");
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(TAKEN_BACK);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
  }),
);

it.concurrent(
  "a route without a rule for testers begins no release, and the plan says what to write",
  UNHURRIED,
  told({ ...WORLD, services: ["catalog"], kinds: { catalog: "istio" } }, async (story) => {
    const pull = await openBump(story, { service: "catalog", version: "1.1.0" });
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("action_required");
    expect(checkOn(story, pull, "tidegate/plan")?.output.summary).toContain("has no rule for them: write one");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await story.pass(20_000);
    expect(mergedSteps(story, "catalog").map(leafOf)).toEqual([]);
  }),
);
