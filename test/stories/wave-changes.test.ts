import { expect, it } from "vitest";
import { landBump, say, untilRest } from "../support/story-plot.ts";
import { gateOf, mergedSteps, openSteps, pullNow } from "../support/story-reads.ts";
import { CONFIG } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const PLACES = ["checkout/eu", "checkout/us"] as const;
const GOOD = { service: "checkout", version: "1.1.0", places: PLACES } as const;
const STEPS = "steps: [25, 50], bake: 2s";
const TOGETHER = `[{ targets: ["*"], ${STEPS} }]`;
const APART = `[{ targets: [eu], ${STEPS} }, { targets: [us], ${STEPS} }]`;

const ONE_WAVE = {
  targets: ["eu", "us"],
  config: { targets: "[]", waves: TOGETHER, deadline: "15s" },
} as const;

it.concurrent(
  "what people have said on a wave's pull request is said on the new ones when its targets become waves of their own",
  UNHURRIED,
  told(ONE_WAVE, async (story) => {
    await landBump(story, GOOD);
    await story.until("25% has landed", () =>
      mergedSteps(story, "checkout/wave-1").some(({ head }) => head.branch.endsWith("/1-25")),
    );
    // GitHub dates by the second: what is said in that of the landing may have meant the step before.
    await story.pass(1_000);
    const [shared] = openSteps(story, "checkout");
    await say(story, "ana", shared?.number, "/skip errors us the provider is being moved");
    await say(story, "ana", shared?.number, "/hold");
    const text = await story.file(CONFIG);
    expect(text).toContain(TOGETHER);
    await story.push("ana", { [CONFIG]: text.replace(TOGETHER, APART) }, "Release eu before us");
    await story.until("each has a pull request of its own", () => openSteps(story, "checkout").length === 2);
    await story.settle();
    expect(pullNow(story, shared?.number ?? 0).state.kind).toBe("closed");
    await story.pass(5_000);
    expect(openSteps(story, "checkout").map(({ title }) => title)).toEqual([
      expect.stringContaining("25% → 50% · wave 1/2 eu"),
      expect.stringContaining("25% → 50% · wave 2/2 us"),
    ]);
    for (const place of PLACES) {
      expect(gateOf(story, place).title).toBe("Held by ana");
      expect(await story.weight(place)).toBe(25);
      await say(story, "ana", openSteps(story, place)[0]?.number, "/resume");
    }
    await untilRest(story, "checkout");
    const { targets } = await story.state("checkout");
    expect(Object.values(targets).map(({ stable }) => stable?.split(":").at(-1))).toEqual(["1.1.0", "1.1.0"]);
    const skipped = (await story.github.log(story.repo, "main")).filter(({ message }) =>
      /^Tidegate-Skip: /m.test(message),
    );
    expect(skipped.map(({ message }) => message).join()).toMatch(/Tidegate-Target: us/);
    expect(skipped.map(({ message }) => message).join()).not.toMatch(/Tidegate-Target: eu/);
  }),
);
