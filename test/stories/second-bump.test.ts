import { expect, it } from "vitest";
import {
  landBump,
  mergeByHand,
  openBump,
  rebaseBump,
  untilRest,
  untilStep,
  untilWeight,
} from "../support/story-plot.ts";
import { liveOf, mergedSteps, planOf, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const FIRST = { service: "checkout", version: "1.1.0" } as const;
const SECOND = { service: "checkout", version: "1.2.0" } as const;
const THIRD = { service: "checkout", version: "1.3.0" } as const;
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" };

it.concurrent(
  "supersede: a further bump waits for weight 0 by its check; landed all the same it is contained, and then starts",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    await landBump(story, FIRST);
    const second = await openBump(story, SECOND);
    await story.settle();
    // The first has no traffic yet: it can be replaced.
    expect([await story.weight("checkout"), planOf(story, second).conclusion]).toEqual([0, "success"]);
    await untilWeight(story, "checkout", 25);
    await story.settle();
    expect(planOf(story, second).conclusion).toBe("action_required");
    expect(planOf(story, second).title).toContain("1.1.0");

    await mergeByHand(story, "renovate", second.number);
    expect(await story.weight("checkout")).toBe(0);
    await story.until("1.2.0 is stable", async () => {
      return (await story.state("checkout")).targets["prod"]?.stable === imageOf("checkout", "1.2.0");
    });
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0, 25, 0]);
    expect((await story.state("checkout")).blocked).toEqual([]);
  }),
);

it.concurrent(
  "queue: further bumps wait in progress, and turn green one after the other in the order of their numbers",
  UNHURRIED,
  told({ config: { ...SHORT, bumps: "queue" } }, async (story) => {
    await landBump(story, FIRST);
    const second = await openBump(story, SECOND);
    const third = await openBump(story, THIRD);
    await untilStep(story, "checkout", "1-25");
    const conclusions = () => [planOf(story, second).conclusion, planOf(story, third).conclusion];
    expect(conclusions()).toEqual([undefined, undefined]);
    expect(planOf(story, third).title).toMatch(new RegExp(`queued behind 1\\.1\\.0 .* and .*${second.number}$`));
    await untilRest(story, "checkout");
    expect(conclusions()).toEqual(["success", undefined]);

    await mergeByHand(story, "renovate", second.number);
    const rebased = await rebaseBump(story, third, THIRD);
    expect(planOf(story, rebased).conclusion).toBeUndefined();
    await untilWeight(story, "checkout", 25);
    // Landed all the same: contained, as under supersede.
    await mergeByHand(story, "renovate", third.number);
    expect(await story.weight("checkout")).toBe(0);
    await story.until("1.3.0 is released", () => liveOf(story, "checkout").stable[0] === imageOf("checkout", "1.3.0"));
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0, 25, 0, 25, 0]);
  }),
);

it.concurrent(
  "batch: bumps that wait turn green together, and what lands within the time to gather is one release",
  UNHURRIED,
  // At a window a second GitHub's points are used up, and a plan would wait for the next minute.
  told({ config: { ...SHORT, bumps: "batch", gather: "10s" }, limits: { pointsPerMinute: 10_000 } }, async (story) => {
    await landBump(story, FIRST);
    await story.pass(5_000);
    expect(mergedSteps(story, "checkout")).toEqual([]);
    await untilStep(story, "checkout", "1-25");
    const second = await openBump(story, SECOND);
    const third = await openBump(story, THIRD);
    await story.settle();
    const conclusions = () => [planOf(story, second).conclusion, planOf(story, third).conclusion];
    expect(conclusions()).toEqual([undefined, undefined]);
    await untilRest(story, "checkout");
    expect(conclusions()).toEqual(["success", "success"]);

    await mergeByHand(story, "renovate", second.number);
    await story.pass(6_000);
    const steps = mergedSteps(story, "checkout").length;
    const joined = await rebaseBump(story, third, THIRD);
    expect(planOf(story, joined).conclusion).toBe("success");
    await mergeByHand(story, "renovate", joined.number);
    await story.pass(6_000);
    expect(mergedSteps(story, "checkout")).toHaveLength(steps);
    await untilWeight(story, "checkout", 25);
    expect((await story.state("checkout")).targets["prod"]?.release?.image).toBe(imageOf("checkout", "1.3.0"));
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0, 25, 0]);
  }),
);

it.concurrent(
  "a bump with the label of hotfixes goes by their plan, waits in no queue, and the state says so",
  UNHURRIED,
  told(
    { config: { ...SHORT, bumps: "queue", expedite: "{ label: hotfix, steps: [50], bake: 2s }" } },
    async (story) => {
      const waiting = await openBump(story, FIRST);
      const hotfix = await openBump(story, SECOND);
      await story.settle();
      expect([planOf(story, waiting).conclusion, planOf(story, hotfix).conclusion]).toEqual(["success", undefined]);
      story.github.addLabel({ repo: story.repo, user: "ben", number: hotfix.number, label: "hotfix" });
      await story.settle();
      expect(planOf(story, hotfix).conclusion).toBe("success");
      expect(planOf(story, hotfix).title).toContain("hotfix");
      await mergeByHand(story, "renovate", hotfix.number);
      await untilStep(story, "checkout", "1-50");
      expect((await story.state("checkout")).targets["prod"]?.release).toMatchObject({ plan: "expedite" });
      await untilRest(story, "checkout");
      expect(await weightsInGit(story, "checkout")).toEqual([0, 50, 0]);
      expect(liveOf(story, "checkout").stable).toEqual([imageOf("checkout", "1.2.0")]);
      expect(stepOf(story, "checkout")).toBeUndefined();
    },
  ),
);
