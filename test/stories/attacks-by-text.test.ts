import { describe, expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import {
  edit,
  flyTo,
  landBump,
  mergeByHand,
  openBump,
  say,
  untilRest,
  untilStep,
  untilWeight,
} from "../support/story-plot.ts";
import {
  answersOn,
  checkOn,
  conclusionOf,
  leafOf,
  mergedSteps,
  pullNow,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { BOT, CONFIG, imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

import { words } from "./words.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" };
/** Nothing passes by itself after the first weight. */
const SLOW = { config: { waves: "[{ targets: [prod], steps: [25, 50], bake: 30m }]", deadline: "1h" } };
const { canary, state } = pathsOf("checkout");
const EVIL = "registry.example.com/evil/miner:6.6.6";

it.concurrent(
  "what the text of a pull request says, edited, gone, copied, forged or huge, changes nothing: state comes from git",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    await landBump(story, GOOD);
    const seen: string[] = [];
    for (const leaf of ["1-25", "2-promote", "3-drain", "4-rest"]) {
      await untilStep(story, "checkout", leaf);
      const step = stepOf(story, "checkout");
      const forged = `<!-- tidegate: ${JSON.stringify({ weight: 100, step: 5, gate: "passed" })} -->\n${"x".repeat(60_000)}`;
      const texts: Readonly<Record<string, string>> = {
        "1-25": "",
        "2-promote": seen.join("\n"),
        "3-drain": "# Another title",
      };
      seen.push(step?.body ?? "");
      const edited = { title: `Weight 100, says ${leaf}`, body: texts[leaf] ?? forged };
      await story.github.editPull({ repo: REPO, user: "ben", number: step?.number ?? 0, ...edited });
      if (leaf === "1-25") {
        const copy = await story.github.openPull({
          repo: REPO,
          user: "ben",
          branch: "tidegate/checkout/prod/copy",
          title: step?.title ?? "",
          body: seen.join("\n"),
          files: { "COPY.md": "# Copy\n" },
        });
        await story.settle();
        await say(story, "ana", copy.number, "/promote full");
      }
    }
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"]);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0]);
  }),
);

it.concurrent(
  "a bump that brings its own configuration is judged by the tracked branch's",
  UNHURRIED,
  told(SLOW, async (story) => {
    const pull = await openBump(story, GOOD);
    const lax = (await story.file(CONFIG))
      .replace("steps: [25, 50]", "steps: [40]")
      .concat("commands: [{ verbs: [promote], allow: { users: [bo] } }]\n");
    await story.github.push({
      repo: REPO,
      user: "ben",
      branch: pull.head.branch,
      files: { [CONFIG]: lax },
      message: "Relax",
    });
    await story.settle();
    const plan = checkOn(story, pullNow(story, pull.number), "tidegate/plan");
    expect(plan?.output.text).toContain("50%");
    expect(plan?.output.text).not.toContain("40%");
    // What it would mean is said beside that.
    expect(plan?.output.summary).toMatch(/25% → 50%, 30 min each.*\| 40%, /);
    const asked = await say(story, "bo", pull.number, "/promote");
    expect(await story.reactions(asked)).toEqual(["-1"]);

    // Nor does a configuration on the step's own branch speak for it.
    await flyTo(story, { ...GOOD, version: "1.2.0" }, "2-50");
    const step = stepOf(story, "checkout");
    await story.github.push({
      repo: REPO,
      user: "ben",
      branch: step?.head.branch ?? "",
      files: { [CONFIG]: lax },
      message: "Relax",
    });
    await story.settle();
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);
    expect(await story.file(CONFIG)).not.toContain("bo");
  }),
);

const NAMES = [
  "..%2f..%2fetc",
  "$(touch pwned)",
  "a;rm -rf .",
  "-evil",
  "--upload-pack=touch pwned",
  "~root",
  "two\nlines",
  "ch\u0435ckout",
  "x".repeat(240),
  "UPPER",
];

it.concurrent(
  "a service with a name that would mean something to a shell, to git or to a path is refused, and keeps no other from going on",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    const text = await story.file(state);
    const evil = NAMES.map((name): readonly [string, string] => [
      `.tidegate/services/${name}.yaml`,
      text.replaceAll("checkout", "../../etc"),
    ]);
    const paths: readonly (readonly [string, string])[] = [
      ["climber", text.replaceAll("apps/checkout", "../apps/checkout")],
      ["lister", text.replaceAll("apps/checkout", "--output=apps/checkout")],
    ];
    const files: Readonly<Record<string, string>> = Object.fromEntries<string>([
      ...evil,
      ...paths.map(([name, body]): readonly [string, string] => [`.tidegate/services/${name}.yaml`, body]),
    ]);
    await story.push("ana", files, "Add services");
    await landBump(story, GOOD);
    // A branch where the bot's own will be is nobody's word.
    const bump = (await story.github.log(REPO, "main")).find(({ message }) => message.startsWith("Update checkout"));
    const branch = `tidegate/checkout/prod/${bump?.sha.slice(0, 10)}/3-drain`;
    await story.github.push({
      repo: REPO,
      user: "ben",
      branch,
      files: { [canary]: (await story.file(canary)).replace(/image: \S+/, `image: ${EVIL}`) },
      message: "First",
    });
    await untilRest(story, "checkout");
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"]);
    const ours = story.github.pulls(REPO).filter(({ author }) => author.login === BOT);
    expect(
      ours.filter(({ head }) => !/^tidegate\/checkout\/prod\/[0-9a-f]{10}\/[a-z0-9-]+$/.test(head.branch)),
    ).toEqual([]);
    expect(await story.file(canary)).not.toContain(EVIL);
  }),
);

it.concurrent(
  "words that people give call nobody, load no picture, and end none of our marks where the bot repeats them",
  UNHURRIED,
  told(SLOW, async (story) => {
    await flyTo(story, GOOD, "2-50");
    const number = stepOf(story, "checkout")?.number;
    const nasty =
      "@acme/everyone ![beacon](https://evil.example/x.png) <img src=x> --> <!-- tidegate:replies --> | a | b | [x](javascript:alert(1)) #1";
    await say(story, "ben", number, `/hold ${nasty}`);
    await say(story, "ben", number, "/promot@acme ![x](https://evil.example)");
    await say(story, "ben", number, `/skip errors ${nasty}`);
    await say(story, "ben", number, `/abort ${nasty}`);
    await untilRest(story, "checkout");
    const { pages: whole, lines } = await words(story);
    // In a fenced block nothing is more than its letters.
    const pages = whole.replace(/^(`{3,})\w*\n[^]*?^\1$/gm, "");
    expect(pages).toContain("everyone");
    expect(`${whole}\n${lines}`).not.toMatch(/@acme/);
    expect(pages).not.toMatch(/!\[/);
    expect(pages).not.toMatch(/<img/);
    expect(pages).not.toMatch(/\w\]\(javascript/);
    const marks = pages.split("\n").filter((line) => line.includes("<!--"));
    expect(marks.filter((line) => !/^<!-- tidegate:[a-z]+(?:\/[-a-z0-9]+)?(?: [a-z]+=\S+)* -->$/.test(line))).toEqual(
      [],
    );
  }),
);

describe("whoever asks the App to do what they may not", () => {
  it.concurrent(
    "is refused by one rule, whether by comment, by button or by a comment that pretends to be one",
    UNHURRIED,
    told({ config: { ...SLOW.config, commands: "[{ verbs: [promote], allow: { users: [ana] } }]" } }, async (story) => {
      await flyTo(story, GOOD, "2-50");
      await story.pass(3_000);
      const step = () => stepOf(story, "checkout");
      await say(story, "ben", step()?.number, "/hold");
      const check = () => checkOn(story, step(), "tidegate/gate")?.id ?? 0;
      story.github.pressButton({ repo: REPO, user: "ben", check: check(), identifier: "promote" });
      await story.settle();
      const byComment = await say(story, "ben", step()?.number, "/promote");
      const pretended = await say(
        story,
        "ben",
        step()?.number,
        `<!-- tidegate:asked by=ana head=${step()?.head.sha} -->\n/promote`,
      );
      await story.pass(5_000);
      expect(await weightsInGit(story, "checkout")).toEqual([0, 25]);
      expect([await story.reactions(byComment), await story.reactions(pretended)]).toEqual([["-1"], ["-1"]]);
      const pressed = story.github
        .comments(REPO, step()?.number ?? 0)
        .filter(({ author, body }) => author.login === BOT && body.includes("tidegate:asked"));
      expect(pressed).toHaveLength(1);
      expect(await story.reactions(pressed[0]?.id ?? 0)).toEqual(["-1"]);
      expect(answersOn(story, step()?.number).join("\n")).toContain("ana");
    }),
  );
});

it.concurrent(
  "a configuration that nobody can read keeps no pull request waiting for our required checks: the one that mends it can merge, and one that does not is told so",
  UNHURRIED,
  told({ config: SHORT }, async (story) => {
    const checks = ["tidegate/gate", "tidegate/plan"].map((name) => ({ name, appId: story.appId }));
    story.github.configure(REPO, { requiredChecks: checks });
    const good = await story.file(CONFIG);
    await edit(story, "ana", CONFIG, () => "version: [\n");
    const pull = await story.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "ben/mend",
      title: "Mend",
      files: { [CONFIG]: good },
    });
    const worse = await story.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "ben/worse",
      title: "Worse",
      files: { [CONFIG]: good.replace("deadline:", "deadlin:").concat("pace: 5\n") },
    });
    await story.settle();
    const planOf = (number: number) => checkOn(story, pullNow(story, number), "tidegate/plan");
    const [mending, worsening] = [pull, worse].map(({ number }) => planOf(number));
    expect(mending && conclusionOf(mending)).toBe("success");
    expect(mending?.output.title).toContain("This configuration can be used");
    expect(worsening && conclusionOf(worsening)).toBe("failure");
    expect(worsening?.output.title).toMatch(/^This configuration cannot be used: \.github\/tidegate\.yml:\d+/);
    story.byHand.add(await mergeByHand(story, "ben", pull.number));
    expect(await story.file(CONFIG)).toBe(good);
    await landBump(story, GOOD);
    await untilWeight(story, "checkout", 25);
    expect(await story.file(canary)).toContain(imageOf("checkout", "1.1.0"));
  }),
);
