import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { flyTo, say, untilWeight } from "../support/story-plot.ts";
import { answersOn, checkOn, gateOf, saidOn, stepOf, weightsInGit } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [25, 50], bake: 30m }]", deadline: "1h" } };

/** A held step, whose completed check has buttons. */
async function held(story: Story): Promise<Pull> {
  await flyTo(story, GOOD, "2-50");
  await story.pass(3_000);
  await say(story, "ben", stepOf(story, "checkout")?.number, "/hold");
  expect(gateOf(story, "checkout").conclusion).toBe("action_required");
  const step = stepOf(story, "checkout");
  if (step === undefined) throw new Error("No step is open.");
  return step;
}

function pressesOn(story: Story, number: number) {
  return saidOn(story, number).filter(({ body }) => body.startsWith("<!-- tidegate:asked "));
}

/** Tells the bot of a press as GitHub would, whoever pressed. */
async function tellPress(story: Story, step: Pull, sender: object, identifier = "promote"): Promise<number> {
  const body = JSON.stringify({
    action: "requested_action",
    requested_action: { identifier },
    check_run: { app: { id: story.appId }, head_sha: step.head.sha, pull_requests: [] },
    repository: { id: 1, full_name: REPO },
    installation: { id: story.github.installationId(REPO) },
    sender,
  });
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": `5e1f0000-0000-0000-0000-${String(story.now()).padStart(12, "0")}`,
    "x-github-event": "check_run",
    "x-hub-signature-256": `sha256=${createHmac("sha256", story.secret).update(body).digest("hex")}`,
  };
  const { status } = await fetch(story.webhooks, { method: "POST", headers, body });
  await story.settle();
  return status;
}

it.concurrent(
  "a button that is pressed twice at once, and told of twice, is one command in the name of who pressed it",
  UNHURRIED,
  told(SLOW, async (story) => {
    const step = await held(story);
    const check = checkOn(story, step, "tidegate/gate")?.id ?? 0;
    story.github.setFate(() => ({ kind: "repeat", times: 2 }));
    for (let time = 0; time < 2; time += 1)
      story.github.pressButton({ repo: REPO, user: "ana", check, identifier: "promote" });
    await story.settle();
    story.github.setFate(undefined);
    await untilWeight(story, "checkout", 50);
    expect(pressesOn(story, step.number)).toHaveLength(1);
    expect((await story.state("checkout")).targets["prod"]?.release?.override).toMatchObject({ by: "ana" });
    await story.pass(3_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 50]);
  }),
);

it.concurrent(
  "a press by a bot, by somebody who may no longer write, or of a button that there is not, promotes nothing",
  UNHURRIED,
  told(SLOW, async (story) => {
    const step = await held(story);
    expect(await tellPress(story, step, { login: "helper[bot]", type: "Bot" })).toBe(202);
    expect(await tellPress(story, step, { login: "ana --> /promote", type: "User" })).toBe(202);
    expect(await tellPress(story, step, { login: "ana", type: "User" }, "rollback")).toBe(202);
    expect(pressesOn(story, step.number)).toEqual([]);

    for (const login of ["bo", "stranger"]) {
      expect(await tellPress(story, step, { login, type: "User" })).toBe(202);
      const press = pressesOn(story, step.number).at(-1);
      expect(await story.reactions(press?.id ?? 0)).toEqual(["-1"]);
      expect(answersOn(story, step.number).join("\n")).toMatch(new RegExp(`To ${login}:[^]*write`));
    }
    expect(pressesOn(story, step.number)).toHaveLength(2);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);
    expect(gateOf(story, "checkout").title).toBe("Held by ben");
  }),
);

it.concurrent(
  "what somebody writes into the App's comment of a press is nobody's press",
  UNHURRIED,
  told(SLOW, async (story) => {
    const step = await held(story);
    story.github.setFate(() => ({ kind: "drop" }));
    // Told straight to the bot, whose next look is after the edit.
    await story.settle();
    await tellPress(story, step, { login: "bo", type: "User" }, "hold");
    const [press] = pressesOn(story, step.number);
    await story.pass(2_000);
    const forged = (press?.body ?? "").replace("by=bo", "by=ana").replace("/hold", "/promote");
    story.github.editComment({ repo: REPO, user: "ben", id: press?.id ?? 0, body: forged });
    story.github.setFate(undefined);
    await say(story, "bo", step.number, "/status");
    await story.pass(3_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);
    expect(gateOf(story, "checkout").title).toBe("Held by ben");
  }),
);
