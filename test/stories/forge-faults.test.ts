import { describe, expect, it } from "vitest";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import type { Aim } from "../../src/sandbox/github/injector.ts";
import { landBump, say } from "../support/story-plot.ts";
import { gateOf, leafOf, liveOf, mergedSteps, openSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import {
  failures,
  GOOD,
  inject,
  LONG,
  MERGE,
  OPEN,
  PATIENT,
  PUSH,
  REPORTS,
  rest,
  SHORT,
  STEPS,
  WORDS,
  type Kind,
} from "./faulty-forge.ts";
import { told } from "./told.ts";
import { twice } from "./twice.ts";

const READS: readonly Aim[] = [
  { method: "GET", route: "/pulls" },
  { method: "GET", route: "/pulls/{number}" },
  { method: "GET", route: "/issues/comments" },
  { method: "GET", route: "/commits/{ref}/check-runs" },
  { method: "GET", route: "/repos/{owner}/{repo}" },
];
const WRITES: readonly Aim[] = [OPEN, MERGE, PUSH, ...REPORTS, ...WORDS];

const RELEASE_MEETS: readonly Kind[] = [
  ["refusals", ["expiredToken", "forbidden", "renamed", "conflict", "unprocessable", "notMergeable", "baseModified"]],
  ["limits", ["secondaryLimit", "primaryLimit", "secondaryLimitBare", "contentLimit"]],
  ["errors before and after the effect", ["errorBefore", "timeoutBefore", "errorAfter", "timeoutAfter"]],
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
