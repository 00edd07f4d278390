import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { edit, flyTo, landBump, mergeByHand, say, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  checkOn,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  planOf,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const [OLD, NEW] = [imageOf("checkout", "1.0.0"), imageOf("checkout", "1.1.0")];
const { canary, stable } = pathsOf("checkout");
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

it.concurrent(
  "a bump that is reverted in flight by GitHub's Revert button is aborted by that, and its version is blocked",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    const revert = await story.github.revert({ repo: REPO, user: "ben", number: bump.number });
    await story.settle();
    expect(planOf(story, revert).title).toContain("back to 1.0.0");
    await mergeByHand(story, "ben", revert.number);
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");
    await untilRest(story, "checkout");
    expect((await story.state("checkout")).blocked).toEqual([
      expect.objectContaining({ image: NEW, by: "person", reason: "the bump was reverted on the tracked branch" }),
    ]);
    expect(await story.file(canary)).toContain(OLD);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
    await story.pass(10_000);
    expect([openSteps(story, "checkout"), await weightsInGit(story, "checkout")]).toEqual([[], [0, 5, 0]]);
  }),
);

it.concurrent(
  "after promotion the Revert button gives stable back first, then the weight goes to 0",
  UNHURRIED,
  told({ config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" } }, async (story) => {
    const bump = await landBump(story, GOOD);
    await story.until("checkout is promoted", () =>
      mergedSteps(story, "checkout").some((step) => leafOf(step) === "2-promote"),
    );
    const revert = await story.github.revert({ repo: REPO, user: "ben", number: bump.number });
    await story.settle();
    expect(planOf(story, revert).title).toContain("back to 1.0.0");
    await mergeByHand(story, "ben", revert.number);
    expect(await story.file(stable)).toContain(OLD);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf).slice(2)).toEqual(["2-promote", "abort", "lower", "take-back"]);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 50, 0]);
    const { blocked, targets } = await story.state("checkout");
    expect([blocked.map(({ image }) => image), targets["prod"]?.stable]).toEqual([[NEW], OLD]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);

it.concurrent(
  "a bump that landed without a pull request is a release all the same; amended in flight it is contained, and the amended one starts",
  UNHURRIED,
  told(SLOW, async (story) => {
    const pushed = await edit(story, "ben", canary, (text) => text.replace(OLD, NEW));
    await untilStep(story, "checkout", "2-25");
    const { release } = (await story.state("checkout")).targets["prod"] ?? {};
    expect(release).toMatchObject({ image: NEW, commit: pushed });
    expect(release).not.toHaveProperty("source");

    const amended = await edit(story, "ben", canary, (text) => text.replace("cpu: 250m", "cpu: 500m"));
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");
    await untilWeight(story, "checkout", 5);
    const again = (await story.state("checkout")).targets["prod"]?.release;
    expect(again).toMatchObject({ image: NEW, commit: amended });
    expect(await story.file(canary)).toContain("cpu: 500m");
    expect((await story.state("checkout")).blocked).toEqual([]);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 0, 5]);
  }),
);

it.concurrent(
  "a bump that comes with other changes is told whole, and an abort takes back all that it did to the pods, and nothing else",
  UNHURRIED,
  told(SLOW, async (story) => {
    const before = await story.file(canary);
    const mixed = before.replace(OLD, NEW).replace("memory: 256Mi", "memory: 512Mi");
    const bump = await story.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "more-memory",
      title: "Update checkout, with more memory",
      files: { [canary]: mixed, "README.md": "# Shop with memory\n" },
    });
    await story.settle();
    expect(planOf(story, bump).conclusion).toBe("success");
    const { output } = checkOn(story, bump, "tidegate/plan") ?? {};
    expect(`${output?.title}${output?.summary}${output?.text}`).toMatch(/pod template/);
    story.byHand.add(await mergeByHand(story, "ben", bump.number));
    await untilStep(story, "checkout", "2-25");
    await say(story, "ben", stepOf(story, "checkout")?.number, "/abort too much memory");
    await untilRest(story, "checkout");
    expect(await story.file(canary)).toBe(before);
    // What gives back more than an image has just been compared byte for byte.
    const { state } = mergedSteps(story, "checkout").at(-1) ?? {};
    story.byHand.add(state?.kind === "merged" ? state.sha : "");
    expect(await story.file("README.md")).toBe("# Shop with memory\n");
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);
