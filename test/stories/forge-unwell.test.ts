import { describe, expect, it } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { landBump, say } from "../support/story-plot.ts";
import { answersOn, gateOf, leafOf, liveOf, mergedSteps, openSteps, stepOf } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import {
  failures,
  GOOD,
  inject,
  LONG,
  MERGE,
  MINUTE,
  OPEN,
  PATIENT,
  PUSH,
  REPORTS,
  rest,
  SHORT,
  SLOW,
  STEPS,
  WORDS,
  type Kind,
} from "./faulty-forge.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const ABORT_MEETS: readonly Kind[] = [
  ["refusals", ["expiredToken", "forbidden", "renamed"]],
  ["limits", ["secondaryLimit", "tooMany", "primaryLimit", "secondaryLimitBare", "tooManyBare", "contentLimit"]],
  ["errors before and after the effect", ["errorBefore", "unavailable", "timeoutBefore", "errorAfter", "timeoutAfter"]],
];

/** Lands a bump and waits until its first weight has landed; gives the bump's pull request. */
async function fly(story: Story): Promise<Pull> {
  const bump = await landBump(story, GOOD);
  await story.until("the second weight is open", () => stepOf(story, "checkout")?.leaf === "2-50", LONG);
  return bump;
}

describe("an abort", () => {
  it.concurrent.each(ABORT_MEETS)(
    "whose push, pull request and merge fail with %s comes about all the same, once",
    PATIENT,
    async (_, faults) =>
      told({ config: SLOW, failures }, async (story) => {
        const bump = await fly(story);
        inject(
          story,
          [PUSH, OPEN, MERGE].map((aim) => ({ aim, kind: "order", faults })),
        );
        const asked = await say(story, "ben", bump.number, "/abort customers complain");
        await story.until("the weight is 0", async () => (await story.weight("checkout")) === 0, LONG);
        await rest(story);
        expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-25", "abort", "take-back"]);
        expect(await story.reactions(asked)).toEqual(["+1"]);
        expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
        expect(await twice(story)).toEqual([]);
      })(),
  );

  it.concurrent(
    "is not delayed by anything that fails to be told",
    UNHURRIED,
    told({ config: SLOW, failures }, async (story) => {
      const bump = await fly(story);
      inject(
        story,
        [...REPORTS, ...WORDS].map((aim) => ({ aim, kind: "each", fault: "errorBefore" })),
      );
      const before = story.now();
      const asked = await say(story, "ben", bump.number, "/abort customers complain");
      expect(await story.weight("checkout")).toBe(0);
      // Reads are tried again after a moment.
      expect(story.now() - before).toBeLessThan(15_000);
      await rest(story);
      expect(await story.reactions(asked)).toEqual(["+1"]);
      expect(answersOn(story, bump.number)).toHaveLength(1);
    }),
  );
});

it.concurrent(
  "an installation that is throttled sends nothing until GitHub's time is over, then goes on",
  UNHURRIED,
  told({ config: SHORT, failures }, async (story) => {
    inject(story, [{ aim: OPEN, kind: "order", faults: ["secondaryLimit"] }]);
    await landBump(story, GOOD);
    await story.until("it goes on", () => mergedSteps(story, "checkout").length > 0, LONG);
    await rest(story);
    const calls = story.github.calls();
    const refused = calls.findIndex(({ status }) => status === 403);
    const next = calls.slice(refused + 1).find(({ installation }) => installation === calls[refused]?.installation);
    expect((next?.at ?? 0) - (calls[refused]?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(STEPS);
  }),
);

it.concurrent(
  "tokens that end before their time are renewed, for the API and for git, and no look fails",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    story.github.revokeTokens(REPO);
    await landBump(story, GOOD);
    for (const leaf of STEPS.slice(1)) {
      await story.until(`the step ${leaf} is open`, () => stepOf(story, "checkout")?.leaf === leaf, LONG);
      story.github.revokeTokens(REPO);
    }
    await rest(story);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(STEPS);
  }),
);

it.concurrent(
  "a step of which GitHub never says whether it can be merged says so and since when, and merges when it can",
  UNHURRIED,
  told({ config: SHORT, failures }, async (story) => {
    await landBump(story, GOOD);
    await story.until("the first weight is open", () => stepOf(story, "checkout")?.leaf === "1-25", LONG);
    inject(story, [{ aim: {}, kind: "each", fault: "mergeableNull" }]);
    const title =
      /^Passed; GitHub does not let it be merged \(it has not said since \d\d:\d\d(:\d\d)? UTC whether it can be merged: /;
    await story.until("the gate says so", () => title.test(gateOf(story, "checkout").title), 3 * MINUTE);
    expect(gateOf(story, "checkout").conclusion).toBe("success");
    const calls = story.github.calls().length;
    await story.pass(2 * MINUTE);
    const merges = story.github
      .calls()
      .slice(calls)
      .filter(({ method }) => method === "PUT");
    expect(merges.length).toBeLessThanOrEqual(3);
    expect(await story.weight("checkout")).toBe(0);
    story.github.setFaults(undefined);
    await story.until("it merges", async () => (await story.weight("checkout")) === 25, 2 * MINUTE);
  }),
);

it.concurrent(
  "an abort of which GitHub never says whether it can be merged calls people, and lands when it can",
  UNHURRIED,
  told({ config: { ...SLOW, page: "[ana]" }, failures }, async (story) => {
    const bump = await fly(story);
    inject(story, [{ aim: {}, kind: "each", fault: "mergeableNull" }]);
    await say(story, "ben", bump.number, "/abort customers complain");
    const abort = () => openSteps(story, "checkout").find((pull) => leafOf(pull) === "abort");
    await story.until(
      "people are called",
      () => story.github.comments(REPO, abort()?.number ?? 0).some(({ body }) => body.includes("@ana")),
      3 * MINUTE,
    );
    story.github.setFaults(undefined);
    await story.until("it lands", async () => (await story.weight("checkout")) === 0, 2 * MINUTE);
    expect(await twice(story)).toEqual([]);
  }),
);
