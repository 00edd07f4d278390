import { expect, it } from "vitest";
import { flyTo, mergeByHand, say, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  checkOn,
  conclusionOf,
  gateOf,
  leafOf,
  mergedSteps,
  openSteps,
  pullNow,
  saidOn,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const BUSY = { repo: REPO, user: "ben" } as const;
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

it.concurrent(
  "a step that is merged by hand is an override by whoever did it: the release goes on from there, and the next step says who",
  UNHURRIED,
  told(SLOW, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const step = stepOf(story, "checkout");
    await mergeByHand(story, "ben", step?.number);
    expect(await story.weight("checkout")).toBe(25);
    await untilStep(story, "checkout", "3-50");
    expect((await story.state("checkout")).targets["prod"]?.release?.step).toBe(2);
    const { output } = checkOn(story, stepOf(story, "checkout"), "tidegate/gate") ?? {};
    expect(output?.summary).toContain("merged by hand by ben");
    // What he merged was that step alone.
    await story.pass(15_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
  }),
);

it.concurrent(
  "a step that is closed holds the release until it is re-opened, or until /resume opens another",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const first = stepOf(story, "checkout");
    const number = first?.number ?? 0;
    await story.github.editPull({ ...BUSY, number, state: "closed" });
    await story.settle();
    expect(saidOn(story, number).map(({ body }) => body)).toEqual([expect.stringMatching(/ben.* holds the release/s)]);
    const branch = first?.head.branch ?? "";
    expect((await story.state("checkout", branch)).holds).toEqual([
      expect.objectContaining({ target: "prod", by: "ben", closed: number }),
    ]);
    await story.pass(15_000);
    expect([await story.weight("checkout"), openSteps(story, "checkout")]).toEqual([5, []]);

    // The world goes on meanwhile.
    await story.push("ana", { "README.md": "# The shop\n" }, "Rename the shop");
    await story.pass(5_000);
    await story.github.editPull({ ...BUSY, number, user: "ana", state: "open" });
    await untilWeight(story, "checkout", 25);
    expect(pullNow(story, number).state.kind).toBe("merged");
    expect((await story.state("checkout")).holds).toEqual([]);

    await untilStep(story, "checkout", "3-50");
    const second = stepOf(story, "checkout")?.number ?? 0;
    await story.github.editPull({ ...BUSY, number: second, state: "closed" });
    await story.pass(10_000);
    expect(await story.weight("checkout")).toBe(25);
    const resume = await say(story, "ana", second, "/resume");
    expect(await story.reactions(resume)).toEqual(["+1"]);
    await untilWeight(story, "checkout", 50);
    const landed = mergedSteps(story, "checkout").find((step) => leafOf(step) === "3-50");
    expect(landed?.number).toBeGreaterThan(second);
    expect(pullNow(story, second).state.kind).toBe("closed");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50]);
  }),
);

it.concurrent(
  "re-opening a closed step lifts what closing it was, and no hold that somebody else had said",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    await say(story, "ana", number, "/hold I am looking");
    await story.github.editPull({ ...BUSY, number, state: "closed" });
    await story.settle();
    const { holds } = await story.state("checkout", head?.branch);
    expect(holds.map(({ by }) => by)).toEqual(["ben", "ana"]);
    await story.github.editPull({ ...BUSY, number, state: "open" });
    await story.pass(10_000);
    expect(gateOf(story, "checkout").title).toBe("Held by ana: I am looking");
    expect(await story.weight("checkout")).toBe(5);
    await say(story, "ana", number, "/resume");
    await untilWeight(story, "checkout", 25);
  }),
);

it.concurrent(
  "a step whose branch is deleted is closed by that, which holds the release; the branch comes back with the hold in it",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    await story.github.deleteBranch({ ...BUSY, branch: head?.branch ?? "" });
    await story.settle();
    expect(pullNow(story, number).state.kind).toBe("closed");
    expect((await story.state("checkout", head?.branch)).holds).toEqual([
      expect.objectContaining({ by: "ben", closed: number }),
    ]);
    await story.pass(10_000);
    expect([await story.weight("checkout"), openSteps(story, "checkout")]).toEqual([5, []]);
    await say(story, "ben", number, "/resume");
    await untilWeight(story, "checkout", 25);
  }),
);

it.concurrent(
  "a draft holds for as long as it is one; title, text and labels are views, and change nothing",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    story.github.convertToDraft({ ...BUSY, number });
    await story.pass(15_000);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held while .* draft/);
    expect(await story.weight("checkout")).toBe(5);
    expect((await story.state("checkout", head?.branch)).holds).toEqual([]);

    await story.github.editPull({ ...BUSY, number, title: "Do not merge", body: "```yaml\nweight: 100\n```" });
    story.github.addLabel({ ...BUSY, number, label: "hotfix" });
    await story.settle();
    story.github.readyForReview({ ...BUSY, number });
    await untilWeight(story, "checkout", 25);
    expect(pullNow(story, number).state.kind).toBe("merged");
    expect(stepOf(story, "checkout")?.number).not.toBe(number);
  }),
);

it.concurrent(
  "a step whose base was changed is none any more: another one is opened, and nothing lands on the other branch",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    const other = await story.github.push({
      ...BUSY,
      branch: "elsewhere",
      files: { "README.md": "# Elsewhere\n" },
      message: "Go elsewhere",
    });
    await story.github.editPull({ ...BUSY, number, base: "elsewhere" });
    await untilWeight(story, "checkout", 25);
    const landed = mergedSteps(story, "checkout").at(-1);
    expect([landed?.base.branch, landed?.head.branch]).toEqual(["main", head?.branch]);
    expect(landed?.number).toBeGreaterThan(number);
    const gate = checkOn(story, landed, "tidegate/gate");
    expect(gate && conclusionOf(gate)).toBe("success");
    const [tip] = await story.github.log(REPO, "elsewhere");
    expect(tip?.sha).toBe(other);
    expect(pullNow(story, number).author.login).toBe(BOT);
  }),
);
