import { expect, it } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { MESH_KINDS } from "../../src/sandbox/fleet-meshes.ts";
import { bumped } from "../support/story-plot.ts";
import { leafOf, liveOf, livePath, mergedSteps, openSteps } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { shipped } from "../template/facts.ts";
import { told, UNHURRIED } from "./told.ts";

// A release on each of these is told by templates.test.ts.
const SHIPPED = new Set([...shipped().templates.values()].map(({ drive }) => drive.router));
const KINDS = MESH_KINDS.filter((kind) => !SHIPPED.has(kind));

/** A service of every kind of route that looks like others and that no template of Tidegate's drives, called after it. */
const SERVICES = KINDS.map((kind) => kind.toLowerCase());

const WORLD = {
  services: SERVICES,
  kinds: Object.fromEntries(KINDS.map((kind) => [kind.toLowerCase(), kind])),
  limits: { pointsPerMinute: 1_000_000, contentPerMinute: 100_000, contentPerHour: 100_000 },
  config: { waves: "[{ targets: [prod], steps: [25], bake: 2s }]", deadline: "5m" },
} as const;

const FAILING: VersionFault = { kind: "errorRatio", ratio: 10 };

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
    steps: ["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"],
    runs: "1.1.0",
    blockers: [],
  },
  {
    title: "taken back where it fails its gate",
    fault: FAILING,
    steps: ["0-warmup", "1-25", "abort", "take-back"],
    runs: "1.0.0",
    blockers: ["gate"],
  },
] as const;

it.concurrent.each(FATES)(
  "a release on every kind of route without a template is $title, in git and live",
  async ({ steps, runs, blockers, ...fate }) => {
    const faults = new Map<string, VersionFault>();
    if ("fault" in fate) for (const service of SERVICES) faults.set(imageOf(service, "1.1.0"), fate.fault);
    await told({ ...WORLD, faults }, async (story) => {
      await release(story);
      for (const service of SERVICES) {
        expect([service, mergedSteps(story, service).map(leafOf)]).toEqual([service, steps]);
        expect([service, (await livePath(story, service)).shares]).toEqual([service, [0, 25, 0]]);
        const rest = { weight: 0, canary: [], stable: [imageOf(service, runs)] };
        expect([service, liveOf(story, service)]).toEqual([service, rest]);
        expect((await story.state(service)).blocked.map(({ by }) => by)).toEqual(blockers);
      }
    })();
  },
  UNHURRIED.timeout,
);
