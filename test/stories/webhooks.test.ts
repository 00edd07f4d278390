import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { Story } from "../support/story.ts";
import { landBump, untilRest, untilStep } from "../support/story-plot.ts";
import { leafOf, liveOf, mergedSteps, weightsInGit } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const SHORT = { config: { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" } };
const MARK = "a-word-from-the-payload";

function signed(story: Story, body: string): string {
  return `sha256=${createHmac("sha256", story.secret).update(body).digest("hex")}`;
}

async function post(story: Story, body: string, signature: string | undefined): Promise<number> {
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": "5e1f0000-0000-0000-0000-000000000000",
    "x-github-event": "push",
    ...(signature === undefined ? {} : { "x-hub-signature-256": signature }),
  };
  // An answer may come while a body that is refused is still being sent.
  const answer = await fetch(story.webhooks, { method: "POST", headers, body });
  return answer.status;
}

it.concurrent(
  "a webhook that is unsigned, wrongly signed, too large or no JSON is refused, nothing of it is logged, and nothing moves",
  UNHURRIED,
  told({}, async (story) => {
    const push = JSON.stringify({
      ref: "refs/heads/main",
      repository: { full_name: REPO },
      installation: { id: story.github.installationId(REPO) },
      note: MARK,
    });
    const calls = story.github.calls().length;
    const malformed = `{"note": "${MARK}`;
    const oversized = JSON.stringify({ note: MARK, filler: "x".repeat(30 * 2 ** 20) });
    expect(await post(story, push, undefined)).toBe(401);
    expect(await post(story, push, `sha256=${"0".repeat(64)}`)).toBe(401);
    expect(await post(story, push, "sha256=abc")).toBe(401);
    expect(await post(story, push, signed(story, `${push} `))).toBe(401);
    expect(await post(story, malformed, signed(story, malformed))).toBe(400);
    expect(await post(story, oversized, signed(story, oversized))).toBe(413);
    await story.pass(2_000);
    expect(story.log.join("")).not.toContain(MARK);
    expect(story.log.filter((line) => line.includes("Refused a request")).length).toBeGreaterThan(0);
    expect(story.github.calls()).toHaveLength(calls);

    // The same webhook, properly signed, is heard.
    expect(await post(story, push, signed(story, push))).toBe(202);
    await story.settle();
    expect(story.github.calls().length).toBeGreaterThan(calls);
  }),
);

/** What git and the cluster say in the end, without the times and ids that differ from run to run. */
async function ending(story: Story): Promise<unknown> {
  const paths = Object.values(pathsOf("checkout"));
  const files = await Promise.all(paths.map((path) => story.file(path)));
  return {
    files,
    weights: await weightsInGit(story, "checkout"),
    steps: mergedSteps(story, "checkout").map(leafOf),
    live: liveOf(story, "checkout"),
  };
}

const EXPECTED = {
  weights: [0, 25, 0],
  steps: ["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"],
  live: { weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] },
};

it.concurrent(
  "with every webhook lost the sweep alone finishes the release",
  UNHURRIED,
  told({ ...SHORT, sweepSeconds: 20 }, async (story) => {
    story.github.setFate(() => ({ kind: "drop" }));
    await landBump(story, GOOD);
    await untilStep(story, "checkout", "1-25");
    await untilRest(story, "checkout");
    expect(story.github.deliveries()).toEqual([]);
    expect(await ending(story)).toMatchObject(EXPECTED);
  }),
);

it.concurrent(
  "webhooks that come again and again, late and in another order end in the same world",
  UNHURRIED,
  told(SHORT, async (story) => {
    let events = 0;
    story.github.setFate(() => {
      events += 1;
      if (events % 3 === 0) return { kind: "repeat", times: 3 };
      return events % 3 === 1
        ? { kind: "late", until: new Promise((resolve) => setTimeout(resolve, 15)) }
        : { kind: "once" };
    });
    await landBump(story, GOOD);
    await untilRest(story, "checkout");
    expect(story.github.deliveries().length).toBeGreaterThan(events);
    expect(await ending(story)).toMatchObject(EXPECTED);
  }),
);
