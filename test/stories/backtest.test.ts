import { afterAll, beforeAll, expect, it } from "vitest";
import { pastConfig, servePast, untilPlayed, type Provider } from "../support/lived.ts";
import type { Story } from "../support/story.ts";
import { openBump, say } from "../support/story-plot.ts";
import { saidOn } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const TARGETS = ["us", "eu"] as const;

const kept: { past?: Provider } = {};
beforeAll(async () => {
  kept.past = await servePast(TARGETS);
});
afterAll(() => kept.past?.close());

async function untilAnswered(story: Story, comment: number): Promise<void> {
  await untilPlayed(story, async () => (await story.reactions(comment)).length > 0);
}

const backtestsOn = (story: Story, number: number) =>
  saidOn(story, number).filter(({ body }) => body.startsWith("<!-- tidegate:backtest/"));

it(
  "/backtest says on a bump what the past of its targets says of the gate: once, whatever dies meanwhile, and changing nothing",
  UNHURRIED,
  async () => {
    const url = kept.past?.url ?? "";
    const config = { ...pastConfig(url), targets: "[{ name: us, metrics: prod }, { name: eu, metrics: prod }]" };
    const operator = { hosts: [new URL(url).origin], environment: {} };
    await told({ targets: TARGETS, config, operator }, async (story) => {
      const before = await story.github.log(REPO, "HEAD");
      const bump = await openBump(story, { service: "checkout", version: "1.1.0", places: story.places });
      await story.settle();
      const asked = await say(story, "ana", bump.number, "/backtest");
      // Whatever it has come to by now is lost with the process.
      await story.restart(async () => undefined);
      await untilAnswered(story, asked);
      expect(await story.reactions(asked)).toEqual(["eyes"]);
      const [answer, ...others] = backtestsOn(story, bump.number);
      expect(others).toEqual([]);

      expect(answer?.body).toContain(`tidegate:backtest/${asked} `);
      for (const target of TARGETS) expect(answer?.body).toContain(`**checkout · ${target}**: `);
      expect(answer?.body).toMatch(/The gate would have blocked \d+ of \d+ releases of nothing new: /);
      expect(answer?.body).toMatch(/\| 25% \| .*\d+ min/);
      expect(answer?.body).toContain("placebo releases cannot promise");
      expect(answer?.body).toContain("`npx tidegate backtest checkout/eu --days 14`");

      await kept.past?.close();
      delete kept.past;
      const refused = await say(story, "ana", bump.number, "/status\n/backtest eu");
      await untilAnswered(story, refused);
      const second = backtestsOn(story, bump.number).at(-1)?.body ?? "";
      expect(second).toContain(`tidegate:backtest/${refused} `);
      expect(second).toContain("**checkout · eu**: its past cannot be read: Prometheus refuses connections.");
      expect(second).not.toContain("**checkout · us**: its past");
      expect(backtestsOn(story, bump.number)).toHaveLength(2);
      expect(await twice(story)).toEqual([]);
      expect(await story.github.log(REPO, "HEAD")).toEqual(before);
    })();
  },
);
