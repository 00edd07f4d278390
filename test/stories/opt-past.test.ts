import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { CAN_KUSTOMIZE, openLayoutBump, renderedWorld } from "../support/layout-story.ts";
import { pastConfig, servePast, untilPlayed, type Provider } from "../support/lived.ts";
import { mergeByHand, say } from "../support/story-plot.ts";
import { pullNow, saidOn } from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { BEFORE, OVERLAY } from "../support/unopted.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const kept: { past?: Provider } = {};
beforeAll(async () => {
  kept.past = await servePast(["prod"]);
});
afterAll(() => kept.past?.close());

const HEADING = "### What the past says";

function optOf({ github }: Story): Pull {
  const pull = github
    .pulls(REPO)
    .find(({ author, head }) => author.login === BOT && head.branch === "tidegate/opt-in/checkout");
  return pull ?? expect.fail("Nothing was opened.");
}

const bodyOf = (story: Story, number: number) => pullNow(story, number).body ?? "";
const answersOn = (story: Story, number: number) => saidOn(story, number).map(({ body }) => body);

describe.skipIf(!CAN_KUSTOMIZE)("what opts a service in (skipped without kustomize and kubectl)", () => {
  it(
    "shows what the past says of how its releases would go, once, among people's words, and says it to whoever asks",
    UNHURRIED,
    async () => {
      const url = kept.past?.url ?? "";
      const operator = { hosts: [new URL(url).origin], environment: {} };
      await told(renderedWorld(BEFORE, { config: pastConfig(url), operator }), async (story) => {
        const before = await story.github.log(REPO, "HEAD");
        const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
        await say(story, "ana", bump.number, "/opt-in canary-gateway-api gateway=public");
        const { number } = optOf(story);
        const body = `Ask ben first.\r\n\r\n${bodyOf(story, number).replaceAll("\n", "\r\n")}`;
        await story.github.editPull({ repo: REPO, user: "ana", number, body });
        // Whatever it has come to by now is lost with the process.
        await story.restart(async () => undefined);
        await untilPlayed(story, () => bodyOf(story, number).includes(HEADING));
        const shown = bodyOf(story, number);
        expect(shown.startsWith("Ask ben first.\n\nMerging puts checkout on the template")).toBe(true);
        expect(shown).toMatch(/\*\*checkout · prod\*\*: [^]*The gate would have blocked \d+ of \d+ releases/);
        expect(shown).not.toContain("backtest-to-come");

        // It is not written again, by whichever process.
        await story.restart(async () => undefined);
        await story.pass(60_000);
        expect(bodyOf(story, number)).toBe(shown);

        const asked = await say(story, "ana", number, "/backtest prod");
        await untilPlayed(story, async () => (await story.reactions(asked)).length > 0);
        expect(await story.reactions(asked)).toEqual(["eyes"]);
        expect(answersOn(story, number).at(-1)).toMatch(
          /tidegate:backtest\/\d+ [^]*\*\*checkout · prod\*\*: [^]*The gate would have blocked/,
        );
        const elsewhere = await say(story, "ana", number, "/backtest eu");
        expect(await story.reactions(elsewhere)).toEqual(["confused"]);
        expect(answersOn(story, number).at(-1)).toContain("this pull request is not about eu");
        const reader = await say(story, "bo", number, "/backtest");
        expect(await story.reactions(reader)).toEqual(["-1"]);

        await say(story, "ana", bump.number, "/opt-in canary-gateway-api gateway=internal");
        expect(bodyOf(story, number)).toContain("`gateway=internal`");
        await untilPlayed(story, () => bodyOf(story, number).includes(HEADING));
        expect(await twice(story)).toEqual([]);
        expect(await story.github.log(REPO, "HEAD")).toEqual(before);
        story.byHand.add(await mergeByHand(story, "ana", number));
      })();
    },
  );
});
