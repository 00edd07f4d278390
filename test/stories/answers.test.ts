import { expect, it } from "vitest";
import { flyTo, openBump, say, untilWeight } from "../support/story-plot.ts";
import { answersOn, gateOf, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

it.concurrent(
  "/why, /plan and /help answer anybody who may read; several commands of a comment are answered together, in order",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    await story.pass(3_000);
    const number = stepOf(story, "checkout")?.number;
    const asked = await say(story, "bo", number, "/why\n\n/plan\n/help");
    expect(await story.reactions(asked)).toEqual(["eyes"]);
    const [answer = "", ...others] = answersOn(story, number);
    expect(others).toEqual([]);
    expect(answer).toMatch(/bake time, until/);
    expect(answer).toMatch(/\| → 3\. weight \| 25% \|/);
    expect(answer).toContain("`/rollback [to] [target]`");

    const several = await say(story, "ben", number, "Careful:\n\n/hold while ana looks\n\n/status\n");
    expect(await story.reactions(several)).toEqual(["+1"]);
    expect(gateOf(story, "checkout").title).toBe("Held by ben: while ana looks");
    const contrary = await say(story, "ana", number, "`/RESUME`\n\n/Promote STEP\n");
    expect(await story.reactions(contrary)).toEqual(["+1"]);
    await untilWeight(story, "checkout", 25);
    const nothing = await say(story, "ana", bump.number, "/resume");
    expect(await story.reactions(nothing)).toEqual(["confused"]);
    expect(answersOn(story, bump.number).join("")).toContain("nothing holds it");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
  }),
);

it.concurrent(
  "on a bump that has not landed commands tell its plan, and touch no release",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await openBump(story, GOOD);
    await story.settle();
    const plan = await say(story, "bo", bump.number, "/plan");
    const abort = await say(story, "ben", bump.number, "/abort");
    const retry = await say(story, "ben", bump.number, "/retry");
    expect(await story.reactions(plan)).toEqual(["eyes"]);
    expect([await story.reactions(abort), await story.reactions(retry)]).toEqual([["confused"], ["confused"]]);
    expect(answersOn(story, bump.number).join("")).toContain("nothing is blocked");
    expect((await story.state("checkout")).blocked).toEqual([]);
  }),
);

it.concurrent(
  "/skip errors lets a canary that fails go on, says why, and is written into git to the end of the release",
  UNHURRIED,
  told({ faults: new Map([[imageOf("checkout", "1.1.0"), { kind: "errorRatio", ratio: 3 }]]) }, async (story) => {
    await flyTo(story, GOOD, "1-5");
    // What is said in the second of a landing may have meant the step that landed.
    await story.pass(1_000);
    const number = stepOf(story, "checkout")?.number;
    const mistakes = [
      await say(story, "ana", number, "/skip errors"),
      await say(story, "ana", number, "/skip speed it is slow"),
    ];
    for (const mistake of mistakes) expect(await story.reactions(mistake)).toEqual(["confused"]);
    const skip = await say(story, "ana", number, "/skip errors the old version hid these");
    expect(await story.reactions(skip)).toEqual(["+1"]);
    await untilWeight(story, "checkout", 25);
    expect((await story.state("checkout")).targets["prod"]?.release).toMatchObject({
      step: 2,
      skip: { gate: "errors", by: "ana", comment: skip, reason: "the old version hid these" },
    });
    const [newest] = await story.github.log(story.repo, "main");
    expect(newest?.message).toMatch(/^Tidegate-Skip: errors by ana: the old version hid these$/m);
    await untilWeight(story, "checkout", 50);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50]);
  }),
);
