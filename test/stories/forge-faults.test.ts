import { describe, expect, it } from "vitest";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { injector, type Aim, type Rule } from "../../src/sandbox/github/injector.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { landBump, say } from "../support/story-plot.ts";
import {
  answersOn,
  gateOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Long windows: where GitHub makes the bot wait for minutes, few looks are needed to get through them. */
const MEASURE = { measure: "{ window: 15s, settle: 500ms }", deadline: "3h" };
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 30s }]", ...MEASURE };
const SLOW = { waves: "[{ targets: [prod], steps: [25, 50], bake: 2h }]", ...MEASURE };
const STEPS = ["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"];
const MINUTE = 60_000;
const LONG = 60 * MINUTE;
/** Minutes go by while GitHub is unwell. */
const PATIENT = { timeout: 2 * UNHURRIED.timeout } as const;
/** Looks may fail in these stories; how they end is what is asked. */
const failures = /A look failed/;

const OPEN: Aim = { method: "POST", route: "/pulls" };
const MERGE: Aim = { method: "PUT", route: "/pulls/{number}/merge" };
const PUSH: Aim = { method: "POST", route: "/git-receive-pack" };
const REPORTS: readonly Aim[] = [
  { method: "POST", route: "/check-runs" },
  { method: "PATCH", route: "/check-runs/{id}" },
];
const WORDS: readonly Aim[] = [
  { method: "POST", route: "/issues/{number}/comments" },
  { method: "PATCH", route: "/issues/comments/{id}" },
  { method: "POST", route: "/issues/comments/{id}/reactions" },
];
const READS: readonly Aim[] = [
  { method: "GET", route: "/pulls" },
  { method: "GET", route: "/pulls/{number}" },
  { method: "GET", route: "/issues/comments" },
  { method: "GET", route: "/commits/{ref}/check-runs" },
  { method: "GET", route: "/repos/{owner}/{repo}" },
];
const WRITES: readonly Aim[] = [OPEN, MERGE, PUSH, ...REPORTS, ...WORDS];

type Kind = readonly [name: string, faults: readonly FaultName[]];

const RELEASE_MEETS: readonly Kind[] = [
  ["refusals", ["expiredToken", "forbidden", "renamed", "conflict", "unprocessable", "notMergeable", "baseModified"]],
  ["limits", ["secondaryLimit", "primaryLimit", "secondaryLimitBare", "contentLimit"]],
  ["errors before and after the effect", ["errorBefore", "timeoutBefore", "errorAfter", "timeoutAfter"]],
];

const ABORT_MEETS: readonly Kind[] = [
  ["refusals", ["expiredToken", "forbidden", "renamed"]],
  ["limits", ["secondaryLimit", "tooMany", "primaryLimit", "secondaryLimitBare", "tooManyBare", "contentLimit"]],
  ["errors before and after the effect", ["errorBefore", "unavailable", "timeoutBefore", "errorAfter", "timeoutAfter"]],
];

// A person whom GitHub does not find is no collaborator: that is an answer.
const STANDING = "/collaborators/{login}/permission";

const LISTS: readonly Kind[] = [
  ["truncated or stale", ["truncatedList", "staleRead"]],
  ["not found or not answered", ["renamed", "unavailable", "timeoutBefore"]],
];

/** Each fault once, with a call that goes well after it; then all of them in a row. */
function onceAndInARow(faults: readonly FaultName[]): readonly (FaultName | "none")[] {
  return [...faults.flatMap((fault) => [fault, "none" as const]), ...faults];
}

function inject(story: Story, rules: readonly Rule[]): () => number {
  const { hook, tally } = injector(rules, () => 0);
  story.github.setFaults(hook);
  return () => tally().reduce((sum, { times }) => sum + times, 0);
}

/** Lands a bump and waits until its first weight has landed; gives the bump's pull request. */
async function fly(story: Story): Promise<Pull> {
  const bump = await landBump(story, GOOD);
  await story.until("the second weight is open", () => stepOf(story, "checkout")?.leaf === "2-50", LONG);
  return bump;
}

/** A release in which people say this and that, to its end. */
async function release(story: Story): Promise<void> {
  const bump = await landBump(story, GOOD);
  await story.until("the first weight is open", () => stepOf(story, "checkout")?.leaf === "1-25", LONG);
  await say(story, "ben", bump.number, "/hold the shop is busy");
  await story.until("it is held", () => gateOf(story, "checkout").title.startsWith("Held by ben"), LONG);
  await say(story, "ana", stepOf(story, "checkout")?.number, "/resume");
  await story.until(
    "the release is over",
    async () => (await story.state("checkout")).targets["prod"]?.stable === imageOf("checkout", "1.1.0"),
    LONG,
  );
  await story.until("nothing is left", () => openSteps(story, "checkout").length === 0, LONG);
  await rest(story);
}

/** Lets GitHub be well, and everything come to its end: what has not been told yet is. */
async function rest(story: Story): Promise<void> {
  story.github.setFaults(undefined);
  await story.until(
    "the cluster is at git's head",
    async () => {
      const { targets } = await story.state("checkout");
      const isOver = Object.values(targets).every(({ release: one }) => one === undefined);
      const [head] = await story.github.log(REPO, "main");
      return isOver && openSteps(story, "checkout").length === 0 && story.cluster.snapshot().revision === head?.sha;
    },
    LONG,
  );
  await story.pass(MINUTE);
}

async function expectReleased(story: Story): Promise<void> {
  expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(STEPS);
  expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0]);
  expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] });
  expect(await twice(story)).toEqual([]);
}

describe("a release ends as ever, and nothing is there twice,", () => {
  it.concurrent.each(RELEASE_MEETS)("though all that it writes meets %s", PATIENT, async (_, faults) =>
    told({ config: SHORT, failures }, async (story) => {
      const order = onceAndInARow(faults);
      const met = inject(
        story,
        WRITES.map((aim) => ({ aim, kind: "order", faults: order })),
      );
      await release(story);
      expect(met()).toBeGreaterThan(faults.length);
      await expectReleased(story);
    })(),
  );

  it.concurrent.each(LISTS)("though its lists and look-ups are %s now and again", PATIENT, async (_, faults) =>
    told({ config: SHORT, failures }, async (story) => {
      const order = Array.from({ length: 4 }, (_one, index) => [
        ...faults,
        ...Array.from({ length: 3 + index }, () => "none" as const),
      ]).flat();
      const reads = faults.includes("renamed") ? READS : [...READS, { method: "GET", route: STANDING }];
      const met = inject(
        story,
        reads.map((aim) => ({ aim, kind: "order", faults: order })),
      );
      await release(story);
      expect(met()).toBeGreaterThan(READS.length);
      await expectReleased(story);
    })(),
  );
});

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
