import { expect, it } from "vitest";
import { flyTo, say, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import { answersOn, checkOn, gateOf, leafOf, mergedSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Nothing passes by itself after the first weight. */
const SLOW = { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" };

it.concurrent(
  "/promote full goes to the end of the release without its gates, each step only when the one before is seen live",
  UNHURRIED,
  told({ config: SLOW }, async (story) => {
    await flyTo(story, GOOD, "2-25");
    await story.pass(2_000);
    const number = stepOf(story, "checkout")?.number;
    const full = await say(story, "ana", number, "/promote full");
    expect(await story.reactions(full)).toEqual(["+1"]);
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
    const live = story.cluster.changes().map(({ weights }) => weights["checkout-canary"] ?? 0);
    expect(live.filter((weight, index) => weight !== live[index - 1])).toEqual([0, 5, 25, 50, 0]);
    const commits = await story.github.log(REPO, "main");
    const words = mergedSteps(story, "checkout").map((step) => {
      const sha = step.state.kind === "merged" ? step.state.sha : "";
      const { message = "" } = commits.find((one) => one.sha === sha) ?? {};
      return [leafOf(step), /^Tidegate-Override: ana/m.test(message)];
    });
    expect(words).toEqual([
      ["0-warmup", false],
      ["1-5", false],
      ["2-25", true],
      ["3-50", true],
      ["4-promote", true],
      ["5-drain", true],
      ["6-rest", true],
    ]);
    expect((await story.state("checkout")).targets["prod"]?.stable).toBe(imageOf("checkout", "1.1.0"));
  }),
);

it.concurrent(
  "two people who promote at the same moment promote one step, and what was meant for a step that has landed is for no other",
  UNHURRIED,
  told({ config: SLOW }, async (story) => {
    await flyTo(story, GOOD, "2-25");
    await story.pass(2_000);
    const { number = 0 } = stepOf(story, "checkout") ?? {};
    const body = "/promote";
    story.github.comment({ repo: REPO, user: "ana", number, body });
    const second = await say(story, "ben", number, body);
    await untilStep(story, "checkout", "3-50");
    const late = await say(story, "ben", number, body);
    expect([await story.reactions(second), await story.reactions(late)]).toEqual([["confused"], ["confused"]]);
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
    expect((await story.state("checkout")).targets["prod"]?.release).toMatchObject({
      step: 2,
      override: { by: "ana" },
    });
    expect(gateOf(story, "checkout").title).toMatch(/^Baking until/);
  }),
);

it.concurrent(
  "a command whose webhook was lost is found by the sweep, once",
  UNHURRIED,
  told({ config: SLOW, sweepSeconds: 20 }, async (story) => {
    await flyTo(story, GOOD, "2-25");
    await story.pass(5_000);
    story.github.setFate(() => ({ kind: "drop" }));
    const { number = 0 } = stepOf(story, "checkout") ?? {};
    const lost = await say(story, "ana", number, "/promote");
    await untilWeight(story, "checkout", 25);
    await story.until("it is answered", async () => (await story.reactions(lost)).length > 0);
    await story.pass(50_000);
    expect(await story.reactions(lost)).toEqual(["+1"]);
    expect(answersOn(story, number)).toHaveLength(1);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
  }),
);

it.concurrent(
  "a press of the check's button is heard like a comment of whoever pressed, for the head that it was pressed on",
  UNHURRIED,
  told({ config: SLOW }, async (story) => {
    await flyTo(story, GOOD, "2-25");
    await story.pass(3_000);
    const number = stepOf(story, "checkout")?.number;
    const gate = () => checkOn(story, stepOf(story, "checkout"), "tidegate/gate")?.id ?? 0;
    const press = async (user: string, check: number, identifier: string) => {
      story.github.pressButton({ repo: REPO, user, check, identifier });
      await story.settle();
    };
    await say(story, "ben", number, "/hold");
    const held = gate();
    await press("ana", held, "resume");
    expect(gateOf(story, "checkout").title).toMatch(/^(?:Baking|Syncing)/);
    // Lifting the hold was a commit: the head that this was pressed on is gone.
    await press("ben", held, "promote");
    await story.pass(3_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);

    await say(story, "ben", number, "/hold");
    await press("ana", gate(), "promote");
    await untilWeight(story, "checkout", 25);
    expect((await story.state("checkout")).targets["prod"]?.release).toMatchObject({
      step: 2,
      override: { by: "ana" },
    });
  }),
);
