import { expect, it } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { bumped } from "../support/story-plot.ts";
import { leafOf, liveOf, livePath, mergedSteps, openSteps } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

/** A service of each kind of route that tells testers in words of its own, called after it. */
const KINDS: readonly RouteKind[] = [
  "nginxTested",
  "ALBIngressTested",
  "SkipperIngressTested",
  "IngressRouteTested",
  "HTTPProxyTested",
  "ApisixRouteTested",
  "MeshHTTPRouteTested",
  "GlooVirtualServiceTested",
];
const SERVICES = KINDS.map((kind) => kind.toLowerCase());

const WORLD = {
  services: SERVICES,
  kinds: Object.fromEntries(KINDS.map((kind) => [kind.toLowerCase(), kind])),
  limits: { pointsPerMinute: 1_000_000, contentPerMinute: 100_000, contentPerHour: 100_000 },
  config: { waves: "[{ targets: [prod], steps: [{ testers: true }, 25], bake: 2s }]", deadline: "5m" },
} as const;

async function release(story: Story): Promise<void> {
  const files = await Promise.all(SERVICES.map((service) => bumped(story, { service, version: "1.1.0" })));
  const together = Object.fromEntries(files.flatMap((one) => Object.entries(one)));
  await story.push("renovate", together, "Update every service to 1.1.0");
  await story.until("all rest", async () => (await Promise.all(SERVICES.map(isOver(story)))).every(Boolean), 600_000);
  await story.pass(3_000);
}

function isOver(story: Story): (service: string) => Promise<boolean> {
  return async (service) => {
    if (mergedSteps(story, service).length === 0 || openSteps(story, service).length > 0) return false;
    return (await story.state(service)).targets["prod"]?.release === undefined;
  };
}

const FATES = [
  {
    title: "promoted where the version is good",
    steps: ["0-warmup", "1-testers", "2-25", "3-promote", "4-drain", "5-rest"],
    // A tenth of all requests are testers'.
    shares: [0, 10, 25, 0],
    runs: "1.1.0",
    blockers: [],
  },
  {
    title: "taken back where it fails testers, before anybody else has met it",
    fault: { kind: "addedErrors", rate: 0.3 },
    steps: ["0-warmup", "1-testers", "abort", "take-back"],
    shares: [0, 10, 0],
    runs: "1.0.0",
    blockers: ["gate"],
  },
] as const;

it.concurrent.each(FATES)(
  "testers on every kind of route: $title",
  async ({ steps, shares, runs, blockers, ...fate }) => {
    const faults = new Map<string, VersionFault>();
    if ("fault" in fate) for (const service of SERVICES) faults.set(imageOf(service, "1.1.0"), fate.fault);
    await told({ ...WORLD, faults }, async (story) => {
      const before = await Promise.all(SERVICES.map((service) => story.file(`apps/${service}/tidegate/route.yaml`)));
      await release(story);
      for (const [index, service] of SERVICES.entries()) {
        expect([service, mergedSteps(story, service).map(leafOf)]).toEqual([service, steps]);
        expect([service, (await livePath(story, service)).shares.map(Math.round)]).toEqual([service, shares]);
        const rest = { weight: 0, canary: [], stable: [imageOf(service, runs)] };
        expect([service, liveOf(story, service)]).toEqual([service, rest]);
        expect((await story.state(service)).blocked.map(({ by }) => by)).toEqual(blockers);
        expect(await story.file(`apps/${service}/tidegate/route.yaml`)).toBe(before[index]);
      }
    })();
  },
  UNHURRIED.timeout,
);
