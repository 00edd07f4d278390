import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { Story } from "../support/story.ts";
import { landBump, openBump, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import { checkOn, conclusionOf, leafOf, liveOf, mergedSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const FIRST = { service: "checkout", version: "1.1.0" } as const;
const SECOND = { service: "checkout", version: "1.2.0" } as const;

it.concurrent(
  "a newer bump that lands in flight is contained by the abort lane at the next look, then starts from 0",
  UNHURRIED,
  told({ config: { waves: "[{ targets: [prod], steps: [5, 25], bake: 2s }]" } }, async (story) => {
    await landBump(story, FIRST);
    await untilWeight(story, "checkout", 25);
    const newer = await openBump(story, SECOND);
    await story.settle();
    const plan = checkOn(story, newer, "tidegate/plan");
    expect(plan && conclusionOf(plan)).not.toBe("success");

    await story.github.mergePull({ repo: REPO, user: "renovate", number: newer.number, method: "squash" });
    await story.settle();
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");
    expect(await story.file(pathsOf("checkout").canary)).toContain(imageOf("checkout", "1.2.0"));

    await story.until("the newer version is released", async () => {
      const { prod } = (await story.state("checkout")).targets;
      return prod?.release === undefined && prod?.stable === imageOf("checkout", "1.2.0");
    });
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 0, 5, 25, 0]);
    expect((await story.state("checkout")).blocked).toEqual([]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.2.0")] });
  }),
);

/** Pushes to the tracked branch in the moment before a step merges, once. */
function beforeTheMerge(story: Story, leaf: string, push: () => Promise<unknown>): void {
  let pushed = false;
  story.github.setFaults(async ({ route, method }) => {
    if (pushed || method !== "PUT" || !route.endsWith("/merge") || stepOf(story, "checkout")?.leaf !== leaf)
      return undefined;
    pushed = true;
    await push();
    return undefined;
  });
}

it.concurrent(
  "a commit to something else between look and merge changes nothing",
  UNHURRIED,
  told({}, async (story) => {
    await landBump(story, FIRST);
    await untilStep(story, "checkout", "2-25");
    beforeTheMerge(story, "2-25", () => story.push("ana", { "README.md": "# The shop\n" }, "Rename the shop"));
    await untilWeight(story, "checkout", 50);
    expect(await story.file("README.md")).toBe("# The shop\n");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50]);
  }),
);

it.concurrent(
  "a commit to the service itself between look and merge is contained at the next look",
  UNHURRIED,
  told({}, async (story) => {
    await landBump(story, FIRST);
    await untilStep(story, "checkout", "2-25");
    const { canary } = pathsOf("checkout");
    beforeTheMerge(story, "2-25", async () => {
      const text = await story.file(canary);
      await story.push(
        "ana",
        { [canary]: text.replace(/image: \S+/, `image: ${imageOf("checkout", "1.2.0")}`) },
        "Use 1.2.0 at once",
      );
    });
    await story.until("25% were committed on what nobody had judged", async () =>
      (await weightsInGit(story, "checkout")).includes(25),
    );
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 0]);
    expect(story.cluster.changes().every(({ weights }) => (weights["checkout-canary"] ?? 0) <= 5)).toBe(true);
    await story.until("what is left of the release is cleared away", () =>
      mergedSteps(story, "checkout").some((step) => leafOf(step) === "take-back"),
    );
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5", "2-25", "abort", "take-back"]);
    expect(await story.file(canary)).toContain(imageOf("checkout", "1.2.0"));
  }),
);
