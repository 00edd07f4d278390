import { expect, it } from "vitest";
import { landBump, say, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  answersOn,
  checkOn,
  conclusionOf,
  gateOf,
  leafOf,
  mergedSteps,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Nothing passes by itself in this story. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

it.concurrent(
  "/hold keeps a passed step from merging, and /resume on the bump's pull request lets it go on",
  UNHURRIED,
  told({}, async (story) => {
    const bump = await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-25");
    const step = stepOf(story, "checkout");
    const hold = await say(story, "ben", step?.number, "/hold the shop is busy");
    await story.pass(15_000);
    expect(gateOf(story, "checkout")).toEqual({
      conclusion: "action_required",
      title: "Held by ben: the shop is busy",
    });
    expect(await story.weight("checkout")).toBe(5);
    expect(stepOf(story, "checkout")?.number).toBe(step?.number);
    expect(await story.reactions(hold)).toEqual(["+1"]);

    const resume = await say(story, "ana", bump.number, "/resume");
    await untilWeight(story, "checkout", 25);
    expect(await story.reactions(resume)).toEqual(["+1"]);
    expect(answersOn(story, bump.number)).toHaveLength(1);
  }),
);

it.concurrent(
  "/promote merges a step without its gate, and the state, the commit and the check all say who did so",
  UNHURRIED,
  told(SLOW, async (story) => {
    await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-25");
    await story.pass(5_000);
    expect(gateOf(story, "checkout").conclusion).toBeUndefined();
    expect(gateOf(story, "checkout").title).toMatch(/^Baking until/);
    const step = stepOf(story, "checkout");
    const promote = await say(story, "ana", step?.number, "Looks fine to me.\n\n/promote");
    await untilWeight(story, "checkout", 25);

    const merged = mergedSteps(story, "checkout").find(({ number }) => number === step?.number);
    expect((await story.state("checkout")).targets["prod"]?.release?.override).toMatchObject({
      by: "ana",
      comment: promote,
    });
    const gate = checkOn(story, merged, "tidegate/gate");
    expect(gate?.output.title).toMatch(/^Overridden by ana/);
    const sha = merged?.state.kind === "merged" ? merged.state.sha : "";
    const commit = (await story.github.log(REPO, "main")).find((one) => one.sha === sha);
    expect(commit?.message).toMatch(/^Tidegate-Override: ana$/m);
    expect(await story.reactions(promote)).toEqual(["+1"]);
    // The override was for that step alone.
    await untilStep(story, "checkout", "3-50");
    await story.pass(15_000);
    expect(await story.weight("checkout")).toBe(25);
  }),
);

it.concurrent(
  "/abort by somebody who may write takes the release back at once",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-25");
    const step = stepOf(story, "checkout");
    const abort = await say(story, "ben", bump.number, "/abort customers complain");
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");
    expect(await story.reactions(abort)).toEqual(["+1"]);
    const gate = checkOn(story, step, "tidegate/gate");
    expect(gate && conclusionOf(gate)).toBe("failure");
    expect(gate?.output.title).toMatch(/^Aborted by ben: customers complain/);
    await untilRest(story, "checkout");
    expect((await story.state("checkout")).blocked).toEqual([
      expect.objectContaining({ image: imageOf("checkout", "1.1.0"), by: "person", reason: "customers complain" }),
    ]);
    expect(answersOn(story, bump.number)).toEqual([expect.stringContaining("ends here")]);
  }),
);

it.concurrent(
  "who may only read is refused with a reply, quoted commands are none, and all answers are one comment",
  UNHURRIED,
  told(SLOW, async (story) => {
    await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-25");
    const number = stepOf(story, "checkout")?.number;
    const refused = [
      await say(story, "bo", number, "/abort I do not like it"),
      await say(story, "bo", number, "/promote"),
    ];
    for (const comment of refused) expect(await story.reactions(comment)).toEqual(["-1"]);
    expect(answersOn(story, number)).toEqual([expect.stringContaining("write")]);

    const quoted = [
      await say(story, "ana", number, "```\n/abort\n```"),
      await say(story, "ana", number, "> /abort\n\nLet us not."),
      await say(story, "ana", number, "Somebody could say `/abort` here, or <!--\n/abort\n-->."),
      await say(story, "ana", number, "    /abort"),
    ];
    for (const comment of quoted) expect(await story.reactions(comment)).toEqual([]);

    const status = await say(story, "bo", number, "/status");
    expect(await story.reactions(status)).toEqual(["eyes"]);
    const mistake = await say(story, "ben", number, "/promot");
    expect(await story.reactions(mistake)).toEqual(["confused"]);
    const [answer, ...others] = answersOn(story, number);
    expect(others).toEqual([]);
    expect(answer).toContain("Did you mean `/promote`?");

    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);
    expect(gateOf(story, "checkout").title).toMatch(/^Baking until/);
  }),
);

it.concurrent(
  "what is said on a step that has just merged is heard all the same",
  UNHURRIED,
  told(SLOW, async (story) => {
    await landBump(story, GOOD);
    await untilWeight(story, "checkout", 5);
    const landed = mergedSteps(story, "checkout").find((step) => leafOf(step) === "1-5");
    const status = await say(story, "bo", landed?.number, "/status");
    expect(await story.reactions(status)).toEqual(["eyes"]);
    const abort = await say(story, "ben", landed?.number, "/abort too late to stop it there");
    expect(await story.reactions(abort)).toEqual(["+1"]);
    expect(await story.weight("checkout")).toBe(0);
    expect(answersOn(story, landed?.number)).toEqual([expect.stringContaining("ends here")]);
  }),
);
