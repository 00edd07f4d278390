import { expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { offersOn } from "../../src/reconcile/offers.ts";
import type { OptGround } from "../../src/reconcile/opt-ground.ts";
import type { Scene } from "../../src/reconcile/scene.ts";
import { deploymentText, serviceText } from "../support/layout-texts.ts";
import { groundOf } from "../support/opt-in-ground.ts";
import { shipped } from "../template/facts.ts";

const NAMES = Array.from({ length: 12 }, (_, index) => `shop-${index}`);
const FILES = new Map(
  NAMES.map((name) => [`apps/${name}/all.yaml`, `${deploymentText(name)}---\n${serviceText(name, `app: ${name}`)}`]),
);

it("tries a few services in one look, however many pull requests bump them, and others in the next", async () => {
  const { inventory, read } = groundOf(FILES);
  const ground: OptGround = { inventory, links: new Map(), library: shipped(), settled: async (_, work) => work(read) };
  const eyes = { memory: freshMemory() };
  const scene = { head: sha("a".repeat(40)), pulls: [], eyes } as unknown as Scene;
  const unopted = inventory.fleet.services.map((service, index) => ({
    number: index,
    headSha: sha(String(index).padStart(40, "0")),
    services: [{ service, targets: ["prod"] }],
  }));
  const untriedAfter = async () => {
    const offers = await offersOn(scene, ground, { unopted, bumps: [] });
    return offers.flatMap(({ services }) => services).filter(({ offer }) => offer.kind === "untried").length;
  };
  expect([await untriedAfter(), await untriedAfter(), await untriedAfter(), await untriedAfter()]).toEqual([
    7, 2, 0, 0,
  ]);
});
