import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import {
  edit,
  flyTo,
  mergeByHand,
  openBump,
  say,
  setWeight,
  untilRest,
  untilStep,
  untilWeight,
} from "../support/story-plot.ts";
import {
  answersOn,
  gateOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  planOf,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const [OLD, NEW] = [imageOf("checkout", "1.0.0"), imageOf("checkout", "1.1.0")];
const { canary, stable, route } = pathsOf("checkout");
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

async function releaseIn(story: Story) {
  return (await story.state("checkout")).targets["prod"]?.release;
}

it.concurrent(
  "a weight that is lowered by hand holds; put back it goes on, and after /resume it goes on from there",
  UNHURRIED,
  told({}, async (story) => {
    const bump = await flyTo(story, GOOD, "3-50");
    await setWeight(story, "ana", "checkout", 5);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held: the weight was lowered from 25% to 5% by ana/);
    await story.pass(10_000);
    expect([await story.weight("checkout"), (await releaseIn(story))?.step]).toEqual([5, 2]);
    await setWeight(story, "ana", "checkout", 25);
    expect(gateOf(story, "checkout").title).not.toMatch(/^Held/);

    await setWeight(story, "ben", "checkout", 5);
    const resume = await say(story, "ben", bump.number, "/resume");
    expect(await story.reactions(resume)).toEqual(["+1"]);
    expect([await story.weight("checkout"), (await releaseIn(story))?.step]).toEqual([5, 1]);
    await untilStep(story, "checkout", "2-25");
    await untilWeight(story, "checkout", 25);
    await untilWeight(story, "checkout", 50);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 5, 25, 5, 25, 50]);
  }),
);

it.concurrent(
  "a weight that is lowered to none of the plan cannot be adopted: it is put back, or aborted",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    await setWeight(story, "ana", "checkout", 3);
    const adopt = await say(story, "ana", bump.number, "/adopt");
    expect(await story.reactions(adopt)).toEqual(["confused"]);
    expect(await releaseIn(story)).toMatchObject({ step: 1 });
    await say(story, "ana", bump.number, "/abort");
    await untilRest(story, "checkout");
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);

it.concurrent(
  "a weight that is raised by hand to one of the plan is an override: the state follows at once; to another one it holds",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    const raised = await setWeight(story, "ana", "checkout", 25);
    const follows = mergedSteps(story, "checkout").at(-1);
    expect(follows && leafOf(follows)).toBe("adopt");
    expect((await story.state("checkout")).targets["prod"]).toMatchObject({
      weight: 25,
      release: { image: NEW, step: 2, override: { by: "ana", commit: raised } },
    });
    expect(await story.weight("checkout")).toBe(25);
    await untilStep(story, "checkout", "3-50");
    await story.until("25% are live", () => liveOf(story, "checkout").weight === 25);
    await story.pass(5_000);
    expect(gateOf(story, "checkout").title).toMatch(/^Baking until/);

    await setWeight(story, "ben", "checkout", 40);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held: the weight was set from 25% to 40% by ben/);
    const promote = await say(story, "ben", stepOf(story, "checkout")?.number, "/promote");
    expect(await story.reactions(promote)).toEqual(["confused"]);
    await story.pass(5_000);
    expect([await story.weight("checkout"), (await releaseIn(story))?.step]).toEqual([40, 2]);
    await say(story, "ben", bump.number, "/abort that was a mistake");
    expect(await story.weight("checkout")).toBe(0);
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 40, 0]);
  }),
);

it.concurrent(
  "a weight without a release is offered to go to 0 by a pull request; merging it does so, and /abort there does so at once",
  UNHURRIED,
  told({}, async (story) => {
    await setWeight(story, "ben", "checkout", 10);
    const [offer] = openSteps(story, "checkout");
    expect(offer && leafOf(offer)).toBe("to-zero");
    expect(gateOf(story, "checkout").title).toMatch(/^A weight without a release: 10%/);
    const bump = await openBump(story, GOOD);
    await story.settle();
    expect(planOf(story, bump).conclusion).toBe("action_required");
    const adopt = await say(story, "ana", offer?.number, "/adopt");
    expect(await story.reactions(adopt)).toEqual(["confused"]);
    await story.pass(10_000);
    expect([await story.weight("checkout"), stepOf(story, "checkout")?.number]).toEqual([10, offer?.number]);
    await mergeByHand(story, "ana", offer?.number);
    expect(await story.weight("checkout")).toBe(0);
    expect(planOf(story, bump).conclusion).toBe("success");

    await setWeight(story, "ben", "checkout", 20);
    const again = stepOf(story, "checkout");
    expect(again?.leaf).toBe("to-zero");
    const abort = await say(story, "ana", again?.number, "/abort");
    expect(await story.weight("checkout")).toBe(0);
    expect(await story.reactions(abort)).toEqual(["+1"]);
    await story.settle();
    expect(openSteps(story, "checkout")).toEqual([]);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 10, 0, 20, 0]);
  }),
);

it.concurrent(
  "/adopt makes a release of a weight without one where a bump waits, and it goes on from there",
  UNHURRIED,
  told({}, async (story) => {
    const bumped = (await story.file(canary)).replace(OLD, NEW);
    const weighted = (await story.file(route)).replace("weight: 100", "weight: 95").replace("weight: 0", "weight: 5");
    await story.push("ben", { [canary]: bumped, [route]: weighted }, "Bump checkout, and send it 5% at once");
    await story.settle();
    const offer = stepOf(story, "checkout");
    expect(offer?.leaf).toBe("to-zero");
    const adopt = await say(story, "ben", offer?.number, "/adopt");
    expect(await story.reactions(adopt)).toEqual(["+1"]);
    expect(await releaseIn(story)).toMatchObject({ image: NEW, step: 1 });
    await untilWeight(story, "checkout", 25);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
  }),
);

it.concurrent(
  "stable that is set by hand holds the service until /adopt; in flight until it is put back",
  UNHURRIED,
  told({}, async (story) => {
    const other = imageOf("checkout", "0.9.0");
    const files = { [stable]: (await story.file(stable)).replace(OLD, other) };
    const change = { repo: REPO, user: "ana", branch: "older-stable", title: "Run an older stable", files };
    const pull = await story.github.openPull(change);
    await story.settle();
    expect(planOf(story, pull).conclusion).toBe("failure");
    story.byHand.add(await mergeByHand(story, "ana", pull.number));
    const bump = await openBump(story, GOOD);
    await story.settle();
    expect(planOf(story, bump).conclusion).toBe("action_required");
    expect(openSteps(story, "checkout")).toEqual([]);
    const adopt = await say(story, "ana", pull.number, "/adopt");
    expect(await story.reactions(adopt)).toEqual(["+1"]);
    const { targets, blocked } = await story.state("checkout");
    expect([targets["prod"]?.stable, blocked.map(({ image }) => image)]).toEqual([other, [OLD]]);
    await story.pass(5_000);
    expect(openSteps(story, "checkout")).toEqual([]);
    expect(planOf(story, bump).conclusion).toBe("success");

    await mergeByHand(story, "renovate", bump.number);
    await untilStep(story, "checkout", "2-25");
    await edit(story, "ben", stable, (text) => text.replace(other, OLD));
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held: stable was set to 1\.0\.0 by ben/);
    const refused = await say(story, "ben", stepOf(story, "checkout")?.number, "/adopt");
    expect(await story.reactions(refused)).toEqual(["confused"]);
    expect(answersOn(story, stepOf(story, "checkout")?.number).join("")).toContain("put it back");
    await story.pass(10_000);
    expect(await story.weight("checkout")).toBe(5);
    await edit(story, "ben", stable, (text) => text.replace(OLD, other));
    await untilWeight(story, "checkout", 25);
  }),
);
