import { expect, it } from "vitest";
import { SPACING } from "../../src/adapters/queue/spacing.ts";
import { landBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const MINUTE = 60_000;
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" } as const;

/** When pull requests were merged through the API, milliseconds, oldest first. */
function mergesOf({ github }: Story): readonly number[] {
  return github
    .calls()
    .filter(({ method, path, status }) => method === "PUT" && path.endsWith("/merge") && status === 200)
    .map(({ at }) => at);
}

it.concurrent(
  "the pace of merges holds a step back, the check says so and until when, and an abort passes it by",
  UNHURRIED,
  told({ config: SHORT, advice: { merges: { most: 2, perMs: MINUTE } } }, async (story) => {
    const bump = await landBump(story, { service: "checkout", version: "1.1.0" });
    await untilStep(story, "checkout", "2-promote");
    const [first = 0, second = 0, ...more] = mergesOf(story);
    expect(more).toEqual([]);
    await story.until("the merge is held back", () => gateOf(story, "checkout").title.includes("GitHub's limits"));
    const until = new Date(Math.ceil((first + MINUTE) / 1_000) * 1_000).toISOString().slice(11, 19);
    const { conclusion, title } = gateOf(story, "checkout");
    expect(conclusion).toBeUndefined();
    expect(title).toMatch(
      /^Passed; GitHub's limits: the merge waits until \d\d:\d\d(:\d\d)? UTC, at most 2 merges in 1 min into one repository$/,
    );
    expect(until.startsWith(/until (\d\d:\d\d)/.exec(title)?.[1] ?? "none")).toBe(true);

    const before = story.now();
    await say(story, "ben", bump.number, "/abort customers complain");
    expect(await story.weight("checkout")).toBe(0);
    expect(story.now()).toBe(before);
    expect(before).toBeLessThan(first + MINUTE);
    await story.until("it is over", () => stepOf(story, "checkout") === undefined, 3 * MINUTE);
    await story.until("the image is back", async () => mergesOf(story).length === 4, 3 * MINUTE);
    await untilRest(story, "checkout");

    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-25", "abort", "take-back"]);
    const [, , abort = 0, back = 0] = mergesOf(story);
    expect(abort - first).toBeLessThan(MINUTE);
    // The abort counts: what is no abort waits until only one of those before is left in the minute.
    expect(back - second).toBeGreaterThanOrEqual(MINUTE);
    expect(await story.state("checkout")).toMatchObject({
      targets: { prod: { weight: 0, stable: imageOf("checkout", "1.0.0") } },
    });
  }),
);

it.concurrent(
  "a storm of webhooks makes a few looks, not one each, and an abort in it is acted on at once",
  UNHURRIED,
  told({ config: SHORT, limits: { pointsPerMinute: 300 }, spacing: SPACING }, async (story) => {
    const looks = () => story.looks().reduce((sum, count) => sum + count, 0);
    const bump = await landBump(story, { service: "checkout", version: "1.1.0" });
    await untilStep(story, "checkout", "2-promote");
    const [before, began] = [looks(), story.now()];
    // As many looks would use up more of GitHub's minute than there is.
    for (let note = 0; note < 100; note += 1) await say(story, "ana", bump.number, `Note ${note}.`);
    expect(looks() - before).toBeLessThanOrEqual(6);

    await say(story, "ben", bump.number, "/abort customers complain");
    expect(await story.weight("checkout")).toBe(0);
    expect(story.now()).toBe(began);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");
    await untilRest(story, "checkout");
  }),
);
