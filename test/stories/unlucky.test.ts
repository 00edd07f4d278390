import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { injector } from "../../src/sandbox/github/injector.ts";
import {
  edit,
  flyTo,
  landBump,
  openBump,
  say,
  setWeight,
  untilRest,
  untilStep,
  untilWeight,
} from "../support/story-plot.ts";
import {
  checkOn,
  conclusionOf,
  gateOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  pullNow,
  stepOf,
} from "../support/story-reads.ts";
import { CONFIG, imageOf, REPO } from "../support/story-world.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const OLD = imageOf("checkout", "1.0.0");
const { route } = pathsOf("checkout");
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]", deadline: "1h" } };
const BEN = { repo: REPO, user: "ben" } as const;

it.concurrent(
  "a step that comes again after the weight was lowered is judged anew, though its branch and an old /promote are still there",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    const step = stepOf(story, "checkout");
    await story.pass(3_000);
    await say(story, "ana", step?.number, "/promote");
    await untilWeight(story, "checkout", 25);
    const { head } = pullNow(story, step?.number);
    await story.github.push({ ...BEN, branch: head.branch, files: {}, message: "", from: head.sha });
    await setWeight(story, "ana", "checkout", 5);
    await say(story, "ana", bump.number, "/resume");
    await untilStep(story, "checkout", "2-25");
    await story.pass(10_000);
    expect([await story.weight("checkout"), gateOf(story, "checkout").conclusion]).toEqual([5, undefined]);
  }),
);

it.concurrent(
  "a step that was merged by hand with a merge commit, its branch left over, can come again",
  UNHURRIED,
  told({ settings: { mergeMethods: ["merge", "squash"] } }, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    await story.github.mergePull({ ...BEN, number: stepOf(story, "checkout")?.number ?? 0, method: "merge" });
    await story.settle();
    await setWeight(story, "ana", "checkout", 5);
    await say(story, "ana", bump.number, "/resume");
    await untilStep(story, "checkout", "2-25");
    await untilRest(story, "checkout");
    const leaves = ["0-warmup", "1-5", "2-25", "adopt", "2-25", "3-50", "4-promote", "5-drain", "6-rest"];
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(leaves);
  }),
);

it.concurrent(
  "a target that configuration no longer knows stays watched while its release is under way, rises no further, and can be aborted",
  UNHURRIED,
  told({}, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    await edit(story, "ana", CONFIG, (text) => text.replaceAll("prod,", "other,").replace("[prod]", "[other]"));
    await story.pass(10_000);
    expect([await story.weight("checkout"), gateOf(story, "checkout").conclusion]).toEqual([5, "action_required"]);
    await say(story, "ana", bump.number, "/abort");
    await untilRest(story, "checkout");
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);

it.concurrent.each([
  ["/issues/comments", "forbidden"],
  ["/pulls", "forbidden"],
  ["/rules/branches/{branch*}", "expiredToken"],
] as const)("a release that fails is taken back though GitHub never answers %s", UNHURRIED, (path, fault) =>
  told(
    { faults: new Map([[imageOf("checkout", "2.0.0"), { kind: "errorRatio", ratio: 10 }]]), failures: /A look failed/ },
    async (story) => {
      await landBump(story, { service: "checkout", version: "2.0.0" });
      await untilWeight(story, "checkout", 5);
      const rule = { kind: "each", aim: { method: "GET", route: path }, fault } as const;
      story.github.setFaults(injector([rule], () => 0).hook);
      await untilWeight(story, "checkout", 0);
      await story.until("the image is back", () => liveOf(story, "checkout").canary.length === 0);
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
    },
  )(),
);

it.concurrent(
  "who has closed the offer to send one orphaned weight to 0 has said nothing of the next",
  UNHURRIED,
  told({}, async (story) => {
    await setWeight(story, "ana", "checkout", 5);
    const first = stepOf(story, "checkout");
    await story.github.editPull({ ...BEN, number: first?.number ?? 0, state: "closed" });
    await story.settle();
    expect(openSteps(story, "checkout")).toEqual([]);
    await setWeight(story, "ana", "checkout", 0);
    await story.pass(3_000);
    await setWeight(story, "ana", "checkout", 5);
    await story.pass(3_000);
    expect(openSteps(story, "checkout").map(leafOf)).toEqual(["to-zero"]);
  }),
);

it.concurrent(
  "what is said while a service cannot be read is heard when it can",
  UNHURRIED,
  told(SLOW, async (story) => {
    const bump = await flyTo(story, GOOD, "2-25");
    const before = await story.file(route);
    await edit(story, "ana", route, () => "kind: HTTPRoute\n");
    await say(story, "ana", bump.number, "/abort");
    await story.pass(12 * 60_000);
    await story.push("ben", { "README.md": "# The shop\n" }, "Rename the shop");
    await story.settle();
    await edit(story, "ana", route, () => before);
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
  }),
);

it.concurrent(
  "a step of one service that cannot be written any more keeps no other from going on",
  UNHURRIED,
  told({ services: ["checkout", "till"], failures: /A look failed/ }, async (story) => {
    await flyTo(story, GOOD, "4-promote");
    await say(story, "ana", stepOf(story, "checkout")?.number, "/hold");
    await edit(story, "ana", pathsOf("checkout").stable, (text) =>
      text.replace(/metadata:\n {6}labels: (\{.*\})\n {4}spec/, "metadata: { labels: $1 }\n    spec"),
    );
    await edit(story, "ana", pathsOf("checkout").canary, (text) =>
      text.replace(/( {4}metadata:\n)( {6}labels: \{.*\}\n {4}spec)/, '$1      annotations: { why: "because" }\n$2'),
    );
    await landBump(story, { service: "till", version: "1.1.0" });
    await untilWeight(story, "till", 5);
    expect(mergedSteps(story, "till").map(leafOf)).toEqual(["0-warmup", "1-5"]);
  }),
);

it.concurrent(
  "a bump that is a draft keeps no other in the queue",
  UNHURRIED,
  told({ config: { bumps: "queue" } }, async (story) => {
    const first = await openBump(story, GOOD);
    story.github.convertToDraft({ ...BEN, number: first.number });
    const second = await openBump(story, { service: "checkout", version: "1.2.0" });
    await story.settle();
    expect(conclusionOn(story, second)).toBe("success");
    story.github.readyForReview({ ...BEN, number: first.number });
    await story.settle();
    expect(conclusionOn(story, second)).toBeUndefined();
  }),
);

function conclusionOn(story: Story, pull: Pull): string | undefined {
  const run = checkOn(story, pull, "tidegate/plan");
  return run && conclusionOf(run);
}
