import { expect, it } from "vitest";
import { flyTo, say, untilWeight } from "../support/story-plot.ts";
import { answersOn, stepOf, weightsInGit } from "../support/story-reads.ts";
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
  "a promotion of whose asker's right nothing is left before the step can merge counts no more",
  UNHURRIED,
  told(RULED, async (story) => {
    story.github.setTeam("acme/shop", ["cleo"]);
    story.github.setRole(REPO, "cleo", "write");
    await flyTo(story, GOOD, "2-25");
    await story.pass(2_000);
    const number = stepOf(story, "checkout")?.number;
    await say(story, "ben", number, "/hold");
    // What cannot be looked up is not there.
    story.github.permit(REPO, "members", undefined);
    const unknown = await say(story, "cleo", number, "/promote");
    expect(await story.reactions(unknown)).toEqual(["-1"]);
    await story.pass(5_000);
    expect(await weightsInGit(story, "checkout")).toEqual([0, 5]);
  }),
);
