import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { edit, flyTo, openBump, say, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  gateOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  planOf,
  pullNow,
  saidOn,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const OLD = imageOf("checkout", "1.0.0");
const { canary, stable, route, state } = pathsOf("checkout");
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };

it.concurrent(
  "a state file that people edit is believed where it is valid and agrees with the manifests, and holds where it does not",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    await edit(story, "ana", state, (text) =>
      text.replace("holds: []", 'holds:\n  - { target: prod, by: ana, reason: "the shop is busy" }'),
    );
    await story.pass(10_000);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held by ana: the shop is busy/);
    expect(await story.weight("checkout")).toBe(5);
    await edit(story, "ana", state, (text) => text.replace(/holds:\n.*busy" }/, "holds: []"));
    expect(gateOf(story, "checkout").title).not.toMatch(/^Held/);

    const before = await story.file(state);
    await edit(story, "ana", state, (text) => text.replace("weight: 5", "weight: 25"));
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held: the weight .* 25% to 5% by ana/);
    await edit(story, "ana", state, () => before);
    expect(gateOf(story, "checkout").conclusion).toBeUndefined();
    const ours = `<<<<<<< ours\n${before}`;
    await edit(story, "ana", state, () => `${ours}=======\n${before}>>>>>>> theirs\n`);
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/\.tidegate\/services\/checkout\.yaml:\d+/);
    await story.pass(10_000);
    expect([await story.weight("checkout"), mergedSteps(story, "checkout").map(leafOf)]).toEqual([
      5,
      ["0-warmup", "1-5"],
    ]);
    await edit(story, "ana", state, () => before);
    await untilWeight(story, "checkout", 25);
  }),
);

it.concurrent(
  "a service whose state file is deleted is let go: its step is closed with a word, and nothing moves; restored it goes on",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const step = stepOf(story, "checkout");
    const text = await story.file(state);
    await story.github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: { [state]: undefined },
      message: "Let go",
    });
    const [gone] = await story.github.log(REPO, "main");
    story.byHand.add(gone?.sha ?? "");
    await story.settle();
    expect(pullNow(story, step?.number).state).toMatchObject({ kind: "closed" });
    expect(saidOn(story, step?.number ?? 0).map(({ body }) => body)).toEqual([
      expect.stringMatching(/checkout has no state file/),
    ]);
    await story.pass(15_000);
    expect([await story.weight("checkout"), openSteps(story, "checkout")]).toEqual([5, []]);
    await story.push("ana", { [state]: text }, "Bring it back");
    await untilWeight(story, "checkout", 25);
  }),
);

it.concurrent(
  "a state file that is renamed goes on under the new name, and what was open under the old one is closed",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const old = stepOf(story, "checkout");
    const renamed = pathsOf("till").state;
    const text = await story.file(state);
    const sha = await story.github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: { [state]: undefined, [renamed]: text },
      message: "Call it till",
    });
    story.byHand.add(sha);
    await story.settle();
    await story.until("the old step is closed", () => pullNow(story, old?.number).state.kind === "closed");
    await untilStep(story, "till", "2-25");
    await untilWeight(story, "checkout", 25);
    expect(mergedSteps(story, "till").map(leafOf)).toEqual(["2-25"]);
    expect((await story.state("till")).targets["prod"]).toMatchObject({ weight: 25, release: { step: 2 } });
  }),
);

it.concurrent(
  "a service whose manifests are removed in flight is refused with the file's name; restored it goes on",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const files = await Promise.all(
      [canary, stable, route].map(async (path) => [path, await story.file(path)] as const),
    );
    const gone = Object.fromEntries(files.map(([path]) => [path, undefined]));
    const sha = await story.github.push({ repo: REPO, user: "ana", branch: "main", files: gone, message: "Remove it" });
    story.byHand.add(sha);
    await story.settle();
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Cannot read checkout: apps\/checkout\/deployment\.yaml:1/);
    await story.pass(10_000);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5"]);
    await story.push("ana", Object.fromEntries(files), "Bring it back");
    await untilWeight(story, "checkout", 25);
  }),
);

it.concurrent(
  "a default branch that is renamed is followed",
  UNHURRIED,
  told({}, async (story) => {
    await flyTo(story, GOOD, "2-25");
    const { number = 0 } = stepOf(story, "checkout") ?? {};
    await story.github.renameDefaultBranch({ repo: REPO, user: "ana", to: "trunk" });
    await untilWeight(story, "checkout", 25);
    expect(pullNow(story, number)).toMatchObject({ base: { branch: "trunk" }, state: { kind: "merged" } });
    await untilRest(story, "checkout");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
    const bump = await openBump(story, { service: "checkout", version: "1.2.0" });
    await story.settle();
    expect([bump.base.branch, planOf(story, bump).conclusion]).toEqual(["trunk", "success"]);
  }),
);

it.concurrent(
  "a default branch without the bump's commit holds the release, and /abort brings the weight to 0 and stable's image back",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    const commits = await story.github.log(REPO, "main");
    const before = commits.at(-1)?.sha ?? "";
    const texts = await Promise.all(
      [canary, stable, route, state].map(async (path) => [path, await story.file(path)] as const),
    );
    const sha = await story.github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: Object.fromEntries(texts),
      message: "All in one",
      from: before,
      force: true,
    });
    story.byHand.add(sha);
    await story.settle();
    await untilStep(story, "checkout", "2-25");
    expect(gateOf(story, "checkout").conclusion).toBe("action_required");
    expect(gateOf(story, "checkout").title).toMatch(/^Held: the commit .* is not on the tracked branch any more/);
    await story.pass(5_000);
    expect(await story.weight("checkout")).toBe(5);
    await say(story, "ana", bump.number, "/abort we rewrote history");
    expect(await story.weight("checkout")).toBe(0);
    await untilRest(story, "checkout");
    expect(await story.file(canary)).toContain(OLD);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);
