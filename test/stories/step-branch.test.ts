import { expect, it } from "vitest";
import { flyTo, say, untilWeight } from "../support/story-plot.ts";
import { answersOn, gateOf, mergedSteps, pullNow, stepOf } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const BEN = { repo: REPO, user: "ben" } as const;

it.concurrent(
  "somebody's commit on a step's branch is neither merged, not even by /promote, nor overwritten, until /resume drops it",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    const branch = head?.branch ?? "";
    const foreign = await story.github.push({
      ...BEN,
      branch,
      files: { "README.md": "# Mine\n" },
      message: "Say whose it is",
    });
    await story.pass(15_000);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(new RegExp(`^Held: ben pushed ${foreign.slice(0, 10)}`));
    const promote = await say(story, "ana", number, "/promote");
    expect(await story.reactions(promote)).toEqual(["confused"]);
    await story.pass(5_000);
    expect([await story.weight("checkout"), pullNow(story, number).head.sha]).toEqual([5, foreign]);

    const resume = await say(story, "ana", number, "/resume");
    expect(await story.reactions(resume)).toEqual(["+1"]);
    expect(answersOn(story, number).join("")).toContain(foreign.slice(0, 10));
    await untilWeight(story, "checkout", 25);
    expect(mergedSteps(story, "checkout").at(-1)?.number).toBe(number);
    expect(await story.file("README.md")).toBe("# Shop\n");
  }),
);

it.concurrent(
  "somebody's commit that is taken off a step's branch again leaves nothing behind; an updated branch is built anew",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0, head } = stepOf(story, "checkout") ?? {};
    const branch = head?.branch ?? "";
    await story.github.push({ ...BEN, branch, files: { "README.md": "# Mine\n" }, message: "Say whose it is" });
    await story.settle();
    expect(gateOf(story, "checkout").title).toMatch(/^Held: ben pushed/);
    // By force, to what it was.
    await story.github.push({ ...BEN, branch, files: {}, message: "", from: head?.sha ?? "", force: true });
    await story.settle();
    expect([pullNow(story, number).head.sha, gateOf(story, "checkout").conclusion]).toEqual([head?.sha, undefined]);

    await story.push("ana", { "README.md": "# The shop\n" }, "Rename the shop");
    await story.github.updateBranch({ ...BEN, number });
    const merge = pullNow(story, number).head.sha;
    await story.settle();
    expect(pullNow(story, number).head.sha).not.toBe(merge);
    await untilWeight(story, "checkout", 25);
    const landed = mergedSteps(story, "checkout").at(-1);
    expect(landed?.number).toBe(number);
    const commits = await story.github.log(REPO, "main");
    expect(commits.map(({ parents }) => parents.length)).not.toContain(2);
    expect(await story.file("README.md")).toBe("# The shop\n");
  }),
);
