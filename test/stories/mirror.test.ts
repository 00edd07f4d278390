import { parseAllDocuments } from "yaml";
import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { copiesIn } from "../../src/sandbox/fleet-shares.ts";
import { edit, landBump, openBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, leafOf, liveOf, livePath, mergedSteps, planOf, stepOf } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const SERVICES = ["checkout", "search"] as const;
const WORLD = {
  services: SERVICES,
  kinds: { checkout: "istioMirrored", search: "httpRouteMirrored" },
  limits: { pointsPerMinute: 1_000_000, contentPerMinute: 100_000, contentPerHour: 100_000 },
  config: { waves: "[{ targets: [prod], steps: [{ mirror: 50 }, 25], bake: 2s }]", deadline: "5m" },
} as const;
const CLIMB = ["0-warmup", "1-mirror", "2-25", "3-promote", "4-drain", "5-rest"];
const TAKEN_BACK = ["0-warmup", "1-mirror", "abort", "take-back"];

/** The percentages of the mirror that the tracked branch has had, oldest first, each once until it changed. */
async function mirrorsOf({ github }: Story, service: string): Promise<readonly (number | undefined)[]> {
  const { route } = pathsOf(service);
  const commits = (await github.log(REPO, "HEAD")).toReversed();
  const texts = await Promise.all(commits.map(async ({ sha }) => (await github.readFile(REPO, sha, route)) ?? ""));
  const all = texts.map((text) => copiesIn(parseAllDocuments(text)[0]?.toJS(), service));
  return all.filter((one, index) => index === 0 || one !== all[index - 1]);
}

it.concurrent(
  "the new version is sent copies before anybody gets its answers, then weights, on Istio and the Gateway API",
  UNHURRIED,
  told(WORLD, async (story) => {
    const pull = await openBump(story, { service: "checkout", version: "1.1.0" });
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("success");
    const summary = checkOn(story, pull, "tidegate/plan")?.output.summary;
    expect(summary).toContain("mirror 50% → 25%");
    expect(summary).toContain("whatever such a request does besides (writes, messages, calls to others) is done twice");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await landBump(story, { service: "search", version: "1.1.0" });
    for (const service of SERVICES) await untilRest(story, service);
    for (const service of SERVICES) {
      expect([service, mergedSteps(story, service).map(leafOf)]).toEqual([service, CLIMB]);
      expect([service, (await livePath(story, service)).shares.map(Math.round)]).toEqual([service, [0, 25, 0]]);
      expect([service, await mirrorsOf(story, service)]).toEqual([service, [0, 50, 0]]);
      expect(liveOf(story, service)).toEqual({ weight: 0, canary: [], stable: [imageOf(service, "1.1.0")] });
    }
  }),
);

it.concurrent(
  "what fails copies is taken back before anybody has met it",
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
        expect((await livePath(story, service)).shares).toEqual([0]);
        expect(await mirrorsOf(story, service)).toEqual([0, 50, 0]);
        expect(liveOf(story, service)).toEqual({ weight: 0, canary: [], stable: [imageOf(service, "1.0.0")] });
        expect((await story.state(service)).blocked.map(({ by }) => by)).toEqual(["gate"]);
      }
    },
  ),
);

it.concurrent(
  "a newer version that lands under a mirror is contained, and begins anew",
  UNHURRIED,
  told(WORLD, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await untilStep(story, "checkout", "2-25");
    const second = await openBump(story, { service: "checkout", version: "1.2.0" });
    await story.settle();
    expect(planOf(story, second).conclusion).toBe("action_required");
    expect(checkOn(story, second, "tidegate/plan")?.output.summary).toContain("under a mirror of 50%");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: second.number, method: "squash" });
    await untilRest(story, "checkout");
    const leaves = mergedSteps(story, "checkout").map(leafOf);
    expect(leaves).toEqual(["0-warmup", "1-mirror", "abort", "take-back", ...CLIMB]);
    expect(await mirrorsOf(story, "checkout")).toEqual([0, 50, 0, 50, 0]);
    expect(liveOf(story, "checkout").stable).toEqual([imageOf("checkout", "1.2.0")]);
  }),
);

it.concurrent(
  "a mirror that a person has turned up holds the release, and /abort takes it to 0",
  UNHURRIED,
  told(WORLD, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await untilStep(story, "checkout", "2-25");
    await edit(story, "ana", pathsOf("checkout").route, (text) => text.replace("value: 50", "value: 100"));
    await story.pass(10_000);
    expect(gateOf(story, "checkout")?.title).toBe(
      "Held: the route mirrors 100% of the requests to the canary, the state says 50%, changed by ana; put it back, or /abort",
    );
    await say(story, "ben", stepOf(story, "checkout")?.number, "/abort nobody has asked for that");
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(TAKEN_BACK);
    expect(await mirrorsOf(story, "checkout")).toEqual([0, 50, 100, 0]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
  }),
);

it.concurrent(
  "a route without a mirror begins no release, and the plan says what to write",
  UNHURRIED,
  told({ ...WORLD, services: ["catalog"], kinds: { catalog: "istio" } }, async (story) => {
    const pull = await openBump(story, { service: "catalog", version: "1.1.0" });
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("action_required");
    expect(checkOn(story, pull, "tidegate/plan")?.output.summary).toContain("has none to the canary: write one of 0%");
    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await story.pass(20_000);
    expect(mergedSteps(story, "catalog").map(leafOf)).toEqual([]);
  }),
);
