import { expect, it } from "vitest";
import { landBump, say, untilRest, untilWeight } from "../support/story-plot.ts";
import { mergedSteps, saidOn, stepOf, weightsInGit } from "../support/story-reads.ts";
import { told, UNHURRIED } from "./told.ts";

const TARGETS = ["staging", "prod"] as const;
const placesOf = (service: string) => TARGETS.map((target) => `${service}/${target}`);
const bumpOf = (service: string) => ({ service, version: "1.1.0", places: placesOf(service) });
const WAVES = {
  targets: TARGETS,
  config: {
    targets: "[]",
    waves: "[{ targets: [staging], steps: [50], bake: 2s }, { targets: [prod], steps: [25, 50], bake: 2s }]",
  },
} as const;

it.concurrent(
  "two processes that share a Redis both get work over two waves, and either acts on an /abort, once",
  UNHURRIED,
  told({ services: ["cart", "checkout"], ...WAVES, bots: 2, queue: "redis" }, async (story) => {
    const cart = await landBump(story, bumpOf("cart"));
    const checkout = await landBump(story, bumpOf("checkout"));
    await untilWeight(story, "checkout/prod", 25);
    const asked = await say(story, "ben", stepOf(story, "checkout")?.number, "/abort");
    await untilRest(story, "checkout");
    await untilRest(story, "cart");

    expect(await weightsInGit(story, "checkout/prod")).toEqual([0, 25, 0]);
    expect(await story.reactions(asked)).toEqual(["+1"]);
    const branches = mergedSteps(story, "checkout").map(({ head }) => head.branch);
    expect(new Set(branches).size).toBe(branches.length);
    expect((await story.state("checkout")).blocked).toEqual([expect.objectContaining({ by: "person" })]);

    for (const place of placesOf("cart")) expect((await weightsInGit(story, place)).slice(-2)).toEqual([50, 0]);
    const summaries = [cart, checkout].flatMap(({ number }) =>
      saidOn(story, number).filter(({ body }) => body.includes("tidegate:summary")),
    );
    expect(summaries).toHaveLength(2);
    expect(story.looks().every((looks) => looks > 5)).toBe(true);
  }),
);
