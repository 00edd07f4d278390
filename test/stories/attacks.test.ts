import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { injector } from "../../src/sandbox/github/injector.ts";
import { flyTo, landBump, say, untilStep, untilWeight } from "../support/story-plot.ts";
import {
  answersOn,
  checkOn,
  conclusionOf,
  gateOf,
  leafOf,
  openSteps,
  pullNow,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

import { words } from "./words.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" };
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [25, 50], bake: 30m }]", deadline: "1h" } };
const { canary, state } = pathsOf("checkout");
const EVIL = "registry.example.com/evil/miner:6.6.6";

/** Says something that the bot does not hear of before it is told to look. */
async function unheard(story: Story, work: () => Promise<unknown>): Promise<void> {
  story.github.setFate(() => ({ kind: "drop" }));
  await work();
  await story.settle();
  story.github.setFate(undefined);
}

/** Something happens that makes the bot look, and is nothing to it. */
async function stir(story: Story): Promise<void> {
  await story.push("ana", { "README.md": `# Shop at ${story.now()}\n` }, "Tell the time");
  await story.settle();
}

it.concurrent(
  "a pull request from a fork that bumps an image begins no release, obeys no command, and its checks tell no address of ours",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    const text = await story.file(canary);
    const fork = await story.github.openPull({
      repo: REPO,
      user: "bo",
      branch: "tidegate/checkout/prod/0123456789/1-25",
      title: "Update checkout",
      files: {
        [canary]: text.replace(/image: \S+/, `image: ${EVIL}`),
        [state]: (await story.file(state)).replace("weight: 0", "weight: 25"),
      },
      fork: "own",
    });
    await story.settle();
    for (const command of ["/promote full", "/abort", "/adopt", "/retry"])
      await say(story, "ana", fork.number, command);
    await say(story, "bo", fork.number, "/promote full");
    await story.pass(10_000);
    expect(story.github.pulls(REPO).filter(({ author }) => author.login === BOT)).toEqual([]);
    expect(await weightsInGit(story, "checkout")).toEqual([0]);
    const plan = checkOn(story, fork, "tidegate/plan");
    expect(plan && conclusionOf(plan)).toBe("failure");
    const { pages, lines } = await words(story);
    expect(`${pages}${lines}`).not.toContain(new URL(story.prometheus.url).host);
  }),
);

it.concurrent(
  "a command by a reader, an author without rights, somebody removed, a bot or nobody is refused, and says who may; a look-up that is not found fails closed",
  UNHURRIED,
  told({ ...SLOW, failures: /A look failed/ }, async (story) => {
    await flyTo(story, GOOD, "2-50");
    const number = stepOf(story, "checkout")?.number;
    const fork = await story.github.openPull({
      repo: REPO,
      user: "bo",
      branch: "mine",
      title: "Mine",
      files: { [canary]: (await story.file(canary)).replace("1.1.0", "1.2.0") },
      fork: "own",
    });
    await story.settle();
    const byAuthor = await say(story, "bo", fork.number, "/abort");
    const byReader = await say(story, "bo", number, "/abort");
    story.github.setRole(REPO, "cleo", "write");
    await unheard(story, async () => {
      story.github.comment({ repo: REPO, user: "cleo", number: number ?? 0, body: "/abort" });
      story.github.setRole(REPO, "cleo", undefined);
    });
    story.github.setRole(REPO, "dora", "write");
    await unheard(story, async () => {
      story.github.comment({ repo: REPO, user: "dora", number: number ?? 0, body: "/abort" });
      story.github.deleteUser("dora");
    });
    story.github.setRole(REPO, "helper[bot]", "write");
    const byBot = await say(story, "helper[bot]", number, "/abort");
    await stir(story);
    expect(await story.reactions(byReader)).toEqual(["-1"]);
    expect(await story.reactions(byBot)).toEqual([]);
    expect(["-1", undefined]).toContain((await story.reactions(byAuthor))[0]);
    const answer = answersOn(story, number).join("\n");
    expect(answer).toContain("write");
    expect(answer).toContain("cleo");
    expect(await story.weight("checkout")).toBe(25);

    const permission = { method: "GET", route: "/collaborators/{login}/permission" };
    story.github.setFaults(injector([{ aim: permission, kind: "each", fault: "renamed" }], () => 0).hook);
    await say(story, "ben", number, "/abort while nobody is found");
    expect(await story.weight("checkout")).toBe(25);
    story.github.setFaults(injector([{ aim: permission, kind: "each", fault: "unavailable" }], () => 0).hook);
    await say(story, "ben", number, "/abort while GitHub does not answer");
    expect(await story.weight("checkout")).toBe(25);
  }),
);

const NO_COMMANDS: readonly (readonly [place: string, body: string])[] = [
  ["a fence", "```\n/abort\n```"],
  ["a fence of tildes", "~~~sh\n/abort\n~~~"],
  ["inline code", "Say `/abort` and it ends."],
  ["a quote", "> /abort"],
  ["an HTML comment", "<!--\n/abort\n-->"],
  ["a link's text", "[/abort](https://example.com)"],
  ["a heading", "# /abort"],
  ["the middle of a line", "please /abort"],
  ["an indented block", "    /abort"],
  ["bidirectional characters", "\u202e/abort"],
  ["a letter that only looks like one", "/\u0430bort"],
];

it.concurrent(
  "a command in a place where people only speak of it, edited, deleted, in a review, or on a pull request of something else, open or closed, is none",
  UNHURRIED,
  told(SLOW, async (story) => {
    const other = await story.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "ben/other",
      title: "Other",
      files: { "OTHER.md": "# Other\n" },
    });
    await flyTo(story, GOOD, "2-50");
    const number = stepOf(story, "checkout")?.number ?? 0;
    const by = { repo: REPO, user: "ana", number } as const;
    for (const [place, body] of NO_COMMANDS) {
      const comment = await say(story, "ana", number, body);
      expect([place, (await story.reactions(comment)).filter((one) => one === "+1")]).toEqual([place, []]);
    }
    await unheard(story, async () => {
      const { id } = story.github.comment({ ...by, body: "All is well." });
      await story.pass(2_000);
      story.github.editComment({ repo: REPO, user: "ana", id, body: "/abort" });
    });
    await unheard(story, async () => {
      const { id } = story.github.comment({ ...by, body: "/abort" });
      story.github.deleteComment({ repo: REPO, user: "ana", id });
    });
    await say(story, "ana", other.number, "/abort");
    await story.github.editPull({ repo: REPO, user: "ben", number: other.number, state: "closed" });
    await say(story, "ana", other.number, "/abort");
    story.github.approve({ ...by, body: "/abort" });
    await stir(story);
    expect(await story.weight("checkout")).toBe(25);
    expect(openSteps(story, "checkout").map(leafOf)).toEqual(["2-50"]);

    const two = await say(story, "ana", number, "/status\r\n\r\n\u200b/hold\r\n");
    expect(await story.reactions(two)).toEqual(["+1"]);
    expect(gateOf(story, "checkout").title).toBe("Held by ana");
    const long = await say(story, "ana", number, `${"All work and no play. ".repeat(2_970)}\n\n/abort`);
    expect(await story.reactions(long)).toEqual(["+1"]);
    expect(await story.weight("checkout")).toBe(0);
  }),
);

it.concurrent(
  "a push between a command and its execution is not what the command was given for",
  UNHURRIED,
  told(SLOW, async (story) => {
    await flyTo(story, GOOD, "2-50");
    await story.pass(3_000);
    const step = stepOf(story, "checkout");
    await unheard(story, async () => {
      story.github.comment({ repo: REPO, user: "ana", number: step?.number ?? 0, body: "/promote" });
      await story.github.push({
        repo: REPO,
        user: "ben",
        branch: step?.head.branch ?? "",
        files: { [canary]: (await story.file(canary)).replace(/image: \S+/, `image: ${EVIL}`) },
        message: "Smuggle",
      });
    });
    await stir(story);
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);
    expect(await story.file(canary)).not.toContain(EVIL);
    expect(gateOf(story, "checkout").title).toContain("ben pushed");
  }),
);

it.concurrent(
  "a push in the very moment of the merge is not merged: the merge is pinned to the head that was judged",
  UNHURRIED,
  told({ config: SHORT, failures: /A look failed/ }, async (story) => {
    await landBump(story, GOOD);
    await untilStep(story, "checkout", "1-25");
    const step = stepOf(story, "checkout");
    let pushed = false;
    story.github.setFaults(async ({ method, route }) => {
      if (pushed || method !== "PUT" || !route.endsWith("/merge")) return undefined;
      pushed = true;
      const files = { [canary]: (await story.file(canary)).replace(/image: \S+/, `image: ${EVIL}`) };
      await story.github.push({ repo: REPO, user: "ben", branch: step?.head.branch ?? "", files, message: "Smuggle" });
      return undefined;
    });
    await story.until("somebody pushed", () => pushed);
    story.github.setFaults(undefined);
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0]);
    expect(pullNow(story, step?.number).state.kind).toBe("open");
    await say(story, "ana", step?.number, "/resume");
    await untilWeight(story, "checkout", 25);
    expect(await story.file(canary)).not.toContain(EVIL);
  }),
);
