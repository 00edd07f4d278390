import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { flyTo, landBump, mergeByHand, openBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { answersOn, leafOf, liveOf, mergedSteps, openSteps, planOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const NEWER = { service: "checkout", version: "1.2.0" } as const;
const [OLD, NEW] = [imageOf("checkout", "1.0.0"), imageOf("checkout", "1.1.0")];
const { canary, stable } = pathsOf("checkout");
const SHORT = { config: { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" } };

it.concurrent(
  "/retry on the old bump's pull request gives the canary its version again, and a release of it begins",
  UNHURRIED,
  told(SHORT, async (story) => {
    const bump = await flyTo(story, GOOD, "1-25");
    await say(story, "ben", bump.number, "/abort it was the network");
    await untilRest(story, "checkout");
    expect(await story.file(canary)).toContain(OLD);
    const retry = await say(story, "ben", bump.number, "/retry");
    expect(await story.reactions(retry)).toEqual(["+1"]);
    expect(mergedSteps(story, "checkout").map(leafOf)).toContain("retry");
    expect(await story.file(canary)).toContain(NEW);
    expect((await story.state("checkout")).blocked).toEqual([]);
    await untilRest(story, "checkout");
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [NEW] });
    const twice = await say(story, "ben", bump.number, "/retry");
    expect(await story.reactions(twice)).toEqual(["confused"]);
  }),
);

it.concurrent(
  "a blocked version that a bot pushes again stays blocked, until /retry on its open pull request",
  UNHURRIED,
  told(SHORT, async (story) => {
    const bump = await flyTo(story, GOOD, "1-25");
    await say(story, "ben", bump.number, "/abort");
    await untilRest(story, "checkout");
    const again = await openBump(story, GOOD);
    await story.settle();
    expect(planOf(story, again).conclusion).toBe("action_required");
    expect(planOf(story, again).title).toMatch(/^1\.1\.0 was taken back for checkout in prod .*\/retry/);
    const retry = await say(story, "ana", again.number, "/retry");
    expect(await story.reactions(retry)).toEqual(["+1"]);
    expect(planOf(story, again).conclusion).toBe("success");
    expect(planOf(story, again).title).toMatch(/^Merging starts checkout in prod/);
    expect([await story.file(canary), (await story.state("checkout")).blocked]).toEqual([
      expect.stringContaining(OLD),
      [],
    ]);
    await mergeByHand(story, "renovate", again.number);
    await untilStep(story, "checkout", "1-25");
  }),
);

it.concurrent(
  "/rollback of a finished release gives stable and canary the version before, or the one that it names, by a commit",
  UNHURRIED,
  told(SHORT, async (story) => {
    await landBump(story, GOOD);
    await untilRest(story, "checkout");
    const second = await flyTo(story, NEWER, "1-25");
    const early = await say(story, "ana", second.number, "/rollback");
    expect(await story.reactions(early)).toEqual(["confused"]);
    await untilRest(story, "checkout");

    const unknown = await say(story, "ana", second.number, "/rollback 9.9.9");
    expect(await story.reactions(unknown)).toEqual(["confused"]);
    expect(answersOn(story, second.number).join("")).toContain("it has had 1.1.0, 1.0.0");
    const back = await say(story, "ana", second.number, "/rollback");
    expect(await story.reactions(back)).toEqual(["+1"]);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("rollback");
    await untilRest(story, "checkout");
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [NEW] });
    const { targets, blocked } = await story.state("checkout");
    expect([targets["prod"]?.stable, blocked]).toEqual([
      NEW,
      [expect.objectContaining({ image: imageOf("checkout", "1.2.0"), by: "person" })],
    ]);

    const further = await say(story, "ana", second.number, "/rollback 1.0.0");
    expect(await story.reactions(further)).toEqual(["+1"]);
    await untilRest(story, "checkout");
    expect([await story.file(stable), await story.file(canary)]).toEqual([
      expect.stringContaining(OLD),
      expect.stringContaining(OLD),
    ]);
    await story.pass(5_000);
    expect([openSteps(story, "checkout"), await weightsInGit(story, "checkout")]).toEqual([[], [0, 25, 0, 25, 0]]);
  }),
);
