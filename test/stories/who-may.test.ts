import { expect, it } from "vitest";
import { flyTo, say, untilStep, untilWeight } from "../support/story-plot.ts";
import { answersOn, gateOf, stepOf, weightsInGit } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;
const RULES = [
  '{ verbs: [promote], paths: ["apps/checkout/**"], allow: { teams: [acme/shop] } }',
  '{ verbs: [promote], paths: ["apps/other/**"], allow: { users: [ben] } }',
  "{ verbs: [skip], allow: { roles: [admin] } }",
  "{ verbs: [abort], allow: { codeowners: true } }",
];
/** Nothing passes by itself after the first weight. */
const RULED = {
  config: {
    waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 30m }]",
    deadline: "1h",
    commands: `[${RULES.join(", ")}]`,
  },
};

it.concurrent(
  "rules by path, team, role and code owners narrow who may, say who may, and are asked at every command anew",
  UNHURRIED,
  told(RULED, async (story) => {
    story.github.setTeam("acme/shop", ["cleo"]);
    story.github.setRole(REPO, "cleo", "write");
    const owners = "* @ana\n/apps/checkout/ @acme/shop\n";
    await story.push("ana", { ".github/CODEOWNERS": owners }, "Say who owns what");
    await flyTo(story, GOOD, "2-25");
    await story.pass(2_000);
    const number = stepOf(story, "checkout")?.number;

    const refused = [
      // An administrator of the repository is no member of the team, ben is meant for another path.
      await say(story, "ana", number, "/promote"),
      await say(story, "ben", number, "/promote"),
    ];
    for (const comment of refused) expect(await story.reactions(comment)).toEqual(["-1"]);
    expect(answersOn(story, number).join("")).toContain("in the team acme/shop; as far as GitHub says, ben is not");
    expect(answersOn(story, number).join("")).not.toContain("or ben");

    const skipped = await say(story, "ben", number, "/skip errors I know better");
    expect(await story.reactions(skipped)).toEqual(["-1"]);
    expect(answersOn(story, number).join("")).toContain("in the role admin");
    const aborted = await say(story, "ana", number, "/abort");
    expect(await story.reactions(aborted)).toEqual(["-1"]);
    expect(answersOn(story, number).join("")).toContain("code owners of its manifest");
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);

    // Nobody has narrowed a hold.
    const hold = await say(story, "ben", number, "/hold");
    const resume = await say(story, "ben", number, "/resume");
    expect([await story.reactions(hold), await story.reactions(resume)]).toEqual([["+1"], ["+1"]]);

    const promoted = await say(story, "cleo", number, "/promote");
    expect(await story.reactions(promoted)).toEqual(["+1"]);
    await untilWeight(story, "checkout", 25);
    story.github.setTeam("acme/shop", []);
    await story.pass(5_000);
    const late = await say(story, "cleo", number, "/abort");
    expect(await story.reactions(late)).toEqual(["-1"]);
    story.github.setTeam("acme/shop", ["ben"]);
    await story.pass(5_000);
    await say(story, "ben", number, "/abort it is ours now");
    expect(await story.weight("checkout")).toBe(0);
  }),
);

it.concurrent(
  "a promotion whose asker may no longer, before its step could merge, counts no more; nor does one whose comment is gone",
  UNHURRIED,
  told(RULED, async (story) => {
    story.github.setTeam("acme/shop", ["cleo"]);
    story.github.setRole(REPO, "cleo", "write");
    await flyTo(story, GOOD, "2-25");
    // The weight has landed, and is not live yet.
    await story.pass(1_000);
    const number = stepOf(story, "checkout")?.number;
    const promote = await say(story, "cleo", number, "/promote");
    expect(await story.reactions(promote)).toEqual(["+1"]);
    expect(gateOf(story, "checkout").title).toMatch(/^Syncing/);
    story.github.setTeam("acme/shop", []);
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);

    story.github.setTeam("acme/shop", ["cleo", "ben"]);
    const again = await say(story, "ben", number, "/promote");
    expect(await story.reactions(again)).toEqual(["+1"]);
    await untilStep(story, "checkout", "3-50");
    await story.pass(1_000);
    const next = stepOf(story, "checkout")?.number;
    const third = await say(story, "ben", next, "/promote");
    story.github.deleteComment({ repo: REPO, user: "ana", id: third });
    await story.pass(10_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25]);
  }),
);

it.concurrent(
  "whose team cannot be asked about is in none",
  UNHURRIED,
  told(RULED, async (story) => {
    story.github.setTeam("acme/shop", ["cleo"]);
    story.github.setRole(REPO, "cleo", "write");
    await flyTo(story, GOOD, "2-25");
    await story.pass(2_000);
    story.github.permit(REPO, "members", undefined);
    const unknown = await say(story, "cleo", stepOf(story, "checkout")?.number, "/promote");
    expect(await story.reactions(unknown)).toEqual(["-1"]);
    await story.pass(5_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);
  }),
);
