import { expect, it } from "vitest";
import type { Pull, Settings } from "../../src/sandbox/github/store.ts";
import { landBump, mergeByHand, openBump, say, untilRest, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  checkOn,
  conclusionOf,
  gateOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  pullNow,
  saidOn,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" };
/** Nothing passes by itself after the first weight. */
const SLOW = { waves: "[{ targets: [prod], steps: [25, 50], bake: 30m }]", deadline: "1h" };

/** The rules that a story's repository has from its second commit on. */
function protect(story: Story, settings: Partial<Settings>): void {
  story.github.configure(REPO, settings);
}

function bothChecks({ appId }: Story): Partial<Settings> {
  return { requiredChecks: ["tidegate/gate", "tidegate/plan"].map((name) => ({ name, appId })) };
}

/** What our two checks say on a commit: undefined where one is missing or in progress. */
function checksAt(story: Story, sha: string): readonly (string | undefined)[] {
  return ["tidegate/plan", "tidegate/gate"].map((name) => {
    const run = story.github.checks(REPO, sha).find((one) => one.name === name && one.app.id === story.appId);
    return run && conclusionOf(run);
  });
}

function conclusionOn(story: Story, pull: Pull, name: string): string | undefined {
  const run = checkOn(story, pull, name);
  return run && conclusionOf(run);
}

async function openUnrelated(story: Story, title: string) {
  const pull = await story.github.openPull({
    repo: REPO,
    user: "ben",
    branch: `ben/readme-${story.github.pulls(REPO).length}`,
    title,
    files: { "README.md": `# ${title}\n` },
  });
  await story.settle();
  return pull;
}

it.concurrent(
  "where all checks are required of every pull request, people's, bumps, steps and the way back all get them and merge",
  UNHURRIED,
  told({ config: { ...SHORT, deadline: "1h" } }, async (story) => {
    const policy = { name: "tidegate/policy", appId: story.appId };
    protect(story, { requiredChecks: [...(bothChecks(story).requiredChecks ?? []), policy] });
    const unrelated = await openUnrelated(story, "Shop of ours");
    expect(checksAt(story, unrelated.head.sha)).toEqual(["neutral", "neutral"]);
    expect(conclusionOn(story, unrelated, "tidegate/policy")).toBe("neutral");
    story.byHand.add(await mergeByHand(story, "ben", unrelated.number));

    const bump = await openBump(story, GOOD);
    await story.settle();
    expect(checksAt(story, bump.head.sha)).toEqual(["success", "neutral"]);
    await story.github.mergePull({ repo: REPO, user: "renovate", number: bump.number, method: "squash" });
    await untilRest(story, "checkout");

    story.faults.set(imageOf("checkout", "1.2.0"), { kind: "neverReady" });
    const bad = await landBump(story, { ...GOOD, version: "1.2.0" });
    await untilStep(story, "checkout", "1-25");
    await say(story, "ben", bad.number, "/abort it does not start");
    await untilRest(story, "checkout");
    const steps = mergedSteps(story, "checkout");
    expect(steps.map(leafOf)).toEqual([
      "0-warmup",
      "1-25",
      "2-promote",
      "3-drain",
      "4-rest",
      "0-warmup",
      "abort",
      "take-back",
    ]);
    for (const step of steps)
      expect([leafOf(step), ...checksAt(story, step.head.sha)]).toEqual([leafOf(step), "neutral", "success"]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] });
  }),
);

it.concurrent(
  "a merge queue gets both checks for its groups: people's changes, bumps, and a step that a person puts into it",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    protect(story, { ...bothChecks(story), mergeQueue: true, mergeMethods: ["squash"] });
    const enqueue = async (user: string, number: number) => {
      await story.github.enqueue({ repo: REPO, user, number });
      await story.settle();
    };
    const landing = ({ number }: Pull) => {
      const { state } = pullNow(story, number);
      return state.kind === "merged" ? state.sha : "";
    };
    const unrelated = await openUnrelated(story, "Shop of ours");
    await enqueue("ben", unrelated.number);
    story.byHand.add(landing(unrelated));
    expect(await story.file("README.md")).toBe("# Shop of ours\n");

    const bump = await openBump(story, GOOD);
    await story.settle();
    await enqueue("renovate", bump.number);
    expect(landing(bump)).not.toBe("");

    await untilStep(story, "checkout", "0-warmup");
    await story.until("the step passes", () => gateOf(story, "checkout").conclusion === "success");
    expect(gateOf(story, "checkout").title).toContain("Changes must be made through the merge queue");
    await story.pass(3_000);
    expect(openSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);
    await enqueue("ana", stepOf(story, "checkout")?.number ?? 0);
    await untilStep(story, "checkout", "1-25");
  }),
);

it.concurrent(
  "an App that may pass reviews by for pull requests merges steps, though only by its own gate, and aborts at once",
  UNHURRIED,
  told({ config: SLOW }, async (story) => {
    const bump = await landBump(story, GOOD);
    protect(story, { approvals: 1, bypass: "pullRequests" });
    await untilStep(story, "checkout", "2-50");
    await story.pass(10_000);
    expect(gateOf(story, "checkout").conclusion).toBeUndefined();
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);

    await say(story, "ben", bump.number, "/abort customers complain");
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-25", "abort"]);
  }),
);

it.concurrent(
  "where a review is required of the App as well, a passed step says what is missing and merges as soon as a person approves it, or by a person's hand",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    protect(story, { approvals: 1 });
    const bump = await openBump(story, GOOD);
    await story.github.mergePull({ repo: REPO, user: "ana", number: bump.number, method: "squash", bypass: "rules" });
    await untilStep(story, "checkout", "0-warmup");
    await story.until("the step passes", () => gateOf(story, "checkout").conclusion === "success");
    const asked = story.github.calls().length;
    await story.pass(10_000);
    const { conclusion, title } = gateOf(story, "checkout");
    expect(conclusion).toBe("success");
    expect(title).toMatch(/^Passed; GitHub does not let it be merged \(At least 1 approving review is required/);
    const merges = story.github
      .calls()
      .slice(asked)
      .filter(({ route, method }) => method === "PUT" && route.endsWith("/merge"));
    expect(merges).toEqual([]);

    const warmUp = stepOf(story, "checkout");
    story.github.approve({ repo: REPO, user: "ana", number: warmUp?.number ?? 0 });
    await story.settle();
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);

    await untilStep(story, "checkout", "1-25");
    await story.until("the next step passes", () => gateOf(story, "checkout").conclusion === "success");
    const first = stepOf(story, "checkout");
    await story.github.mergePull({
      repo: REPO,
      user: "ana",
      number: first?.number ?? 0,
      method: "squash",
      bypass: "rules",
    });
    await untilStep(story, "checkout", "2-promote");
    expect(await story.weight("checkout")).toBe(25);
  }),
);

it.concurrent(
  "an abort that needs a review opens its pull request, calls people, fails the step's check meanwhile, and lands as soon as one approves",
  UNHURRIED,
  told({ config: { ...SLOW, page: "[ana, acme/oncall]" } }, async (story) => {
    const bump = await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-50");
    const step = stepOf(story, "checkout");
    protect(story, { approvals: 1, dismissesStale: true });
    const { id } = story.github.comment({
      repo: REPO,
      user: "ben",
      number: bump.number,
      body: "/abort customers complain",
    });
    await story.settle();
    const abort = openSteps(story, "checkout").find((pull) => leafOf(pull) === "abort");
    const [called, ...others] = saidOn(story, abort?.number ?? 0).map(({ body }) => body);
    expect(others).toEqual([]);
    expect(called).toContain("@ana @acme/oncall");
    expect(called).toContain("25% of the traffic");
    const gate = checkOn(story, step, "tidegate/gate");
    expect(gate && conclusionOf(gate)).toBe("failure");
    // What is not in git yet is not answered as if it were.
    expect(await story.reactions(id)).toEqual([]);

    // A commit to something else takes no approval away.
    await story.push("ana", { "README.md": "# The shop\n" }, "Rename the shop");
    await story.pass(90_000);
    const calls = story.github.calls().length;
    await story.pass(30_000);
    expect(story.github.calls().length - calls).toBeLessThan(40);
    expect(await story.weight("checkout")).toBe(25);
    expect(openSteps(story, "checkout").find((pull) => leafOf(pull) === "abort")?.head.sha).toBe(abort?.head.sha);

    story.github.approve({ repo: REPO, user: "ana", number: abort?.number ?? 0 });
    await story.settle();
    expect(await story.weight("checkout")).toBe(0);
    expect(await story.reactions(id)).toEqual(["+1"]);
    expect(saidOn(story, abort?.number ?? 0)).toHaveLength(1);
  }),
);

it.concurrent(
  "where signed commits are required, all that lands is verified",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    protect(story, { signatures: true, mergeMethods: ["squash"] });
    await landBump(story, GOOD);
    await untilRest(story, "checkout");
    const landed = mergedSteps(story, "checkout");
    expect(landed.map(leafOf)).toEqual(["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"]);
    for (const { state } of landed) {
      const commit = await story.read(`/commits/${state.kind === "merged" ? state.sha : ""}`);
      expect(commit).toMatchObject({ commit: { verification: { verified: true } } });
    }
  }),
);

it.concurrent(
  "a bump that lands past a red plan, and one that an administrator pushes, lose their weight first",
  UNHURRIED,
  told({ config: SLOW }, async (story) => {
    protect(story, { ...bothChecks(story), approvals: 1, bypass: "pullRequests" });
    const bump = await openBump(story, GOOD);
    await story.settle();
    await story.github.mergePull({ repo: REPO, user: "ana", number: bump.number, method: "squash", bypass: "rules" });
    await untilWeight(story, "checkout", 25);

    const second = await openBump(story, { ...GOOD, version: "1.2.0" });
    await story.settle();
    const plan = checkOn(story, second, "tidegate/plan");
    expect(plan && conclusionOf(plan)).toBe("action_required");
    await expect(
      story.github.mergePull({ repo: REPO, user: "renovate", number: second.number, method: "squash" }),
    ).rejects.toThrow(/tidegate\/plan/);
    await story.github.mergePull({ repo: REPO, user: "ana", number: second.number, method: "squash", bypass: "rules" });
    await story.settle();
    expect(await story.weight("checkout")).toBe(0);
    expect(mergedSteps(story, "checkout").map(leafOf).at(-1)).toBe("abort");

    await untilWeight(story, "checkout", 25);
    const canary = await story.file("apps/checkout/deployment.yaml");
    await story.push(
      "ana",
      { "apps/checkout/deployment.yaml": canary.replace(/image: \S+/, `image: ${imageOf("checkout", "1.3.0")}`) },
      "Use 1.3.0 at once",
    );
    await story.settle();
    expect(await story.weight("checkout")).toBe(0);
    expect(await story.file("apps/checkout/deployment.yaml")).toContain("1.3.0");
  }),
);
