import { afterEach, expect, it } from "vitest";

import { repoName, type Sha } from "../../../src/core/names.ts";
import type { ForgeReader, ForgeWriter } from "../../../src/ports/forge.ts";
import type { SandboxGitHub } from "../../../src/sandbox/github/start.ts";
import { REPO } from "../../support/github.ts";
import { PATIENT } from "../../support/patience.ts";
import { sandboxWorld, type SandboxWorld } from "../../support/sandbox-world.ts";

const open: SandboxWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

type Scene = {
  readonly forge: ForgeReader & ForgeWriter;
  readonly github: SandboxGitHub;
  readonly pull: number;
  readonly headSha: Sha;
};

async function scene(): Promise<Scene> {
  const world = await sandboxWorld();
  open.push(world);
  const { app, github, installation, push } = world;
  const headSha = await push("tidegate/checkout", { "app.yaml": "image: shop:2\n" });
  await push("tidegate/other", { "README.md": "# Other\n" });
  const forge = app.forge(installation, repoName(REPO));
  const pull = await forge.openPull({ branch: "tidegate/checkout", base: "main", title: "t", body: "b" }, "step");
  return { forge, github, pull, headSha };
}

const PULL = { branch: "tidegate/other", base: "main", title: "other", body: "b" };
const check = (headSha: Sha) =>
  ({
    name: "tidegate/gate",
    headSha,
    externalId: "e1",
    conclusion: "success",
    title: "Passed",
    summary: "s",
    text: undefined,
    actions: [],
  }) as const;

const WRITES: readonly (readonly [string, (scene: Scene) => Promise<unknown>, (scene: Scene) => unknown])[] = [
  [
    "opening",
    ({ forge }) => forge.openPull(PULL, "step"),
    ({ github }) => github.pulls(REPO).map(({ title }) => title),
  ],
  [
    "closing",
    ({ forge, pull }) => forge.closePull(pull),
    ({ github }) => github.pulls(REPO).map(({ state }) => state.kind),
  ],
  [
    "rewording",
    ({ forge, pull }) => forge.rewordPull(pull, { title: "Another", body: "Said anew." }),
    ({ github }) => github.pulls(REPO).map(({ title, body }) => [title, body]),
  ],
  [
    "merging",
    ({ forge, pull, headSha }) => forge.mergePull(pull, headSha, { title: "t", body: "b" }, "step"),
    async ({ github }) => (await github.log(REPO, "main")).length,
  ],
  [
    "reporting",
    ({ forge, headSha }) => forge.report(check(headSha), "step"),
    ({ github, headSha }) => github.checks(REPO, headSha).map(({ externalId }) => externalId),
  ],
  [
    "saying",
    ({ forge, pull }) => forge.say(pull, "status", "Held."),
    ({ github, pull }) => github.comments(REPO, pull).map(({ body }) => body),
  ],
];

it.each(WRITES)("%s takes effect once, and is known to, when the answer is lost", async (_, write, effect) => {
  const calm = await scene();
  await write(calm);
  const rough = await scene();
  let faults = 0;
  rough.github.setFaults(({ method }) => {
    if (method === "GET" || faults > 0) return undefined;
    faults += 1;
    return { kind: "drop", when: "after" };
  });
  await write(rough);
  expect(faults).toBe(1);
  expect(await effect(rough)).toEqual(await effect(calm));
});

it.each(WRITES)(
  "%s that did not take effect is not taken for done, and a repeat does it once",
  async (_, write, effect) => {
    const calm = await scene();
    await write(calm);
    const rough = await scene();
    const untouched = await effect(rough);
    rough.github.setFaults(({ method }) => (method === "GET" ? undefined : { kind: "drop", when: "before" }));
    const outcome = await write(rough).catch(() => ({ kind: "unknown" }));
    expect(outcome).toMatchObject({ kind: "unknown" });
    expect(await effect(rough)).toEqual(untouched);
    rough.github.setFaults(undefined);
    await write(rough);
    expect(await effect(rough)).toEqual(await effect(calm));
  },
);

it("goes on with new tokens when every token was revoked", async () => {
  const { forge, github, pull, headSha } = await scene();
  github.revokeTokens();
  await forge.report(check(headSha), "step");
  github.revokeTokens();
  expect(await forge.mergePull(pull, headSha, { title: "t", body: "b" }, "step")).toMatchObject({ kind: "merged" });
});

it("asks again for next to nothing: an idle look is four requests, answered from memory", async () => {
  const { forge, github, pull, headSha } = await scene();
  github.configure(REPO, { linear: true, approvals: 1 });
  const comment = github.comment({ repo: REPO, user: "ana", number: pull, body: "/hold" });
  await forge.react(comment.id, "+1");
  const since = Date.now() - 60_000;
  const look = async () => [
    await forge.repository(),
    await forge.openPulls("main"),
    await forge.rules("main"),
    await forge.comments(since),
    await forge.answered(comment.id),
    await forge.report(check(headSha), "step"),
  ];
  const statuses = async () => {
    const before = github.calls().length;
    await look();
    return github
      .calls()
      .slice(before)
      .map(({ status }) => status);
  };
  // What GitHub works out in the background after an opening changes the pull request once more.
  await expect.poll(statuses, PATIENT).toEqual([304, 304, 304, 304]);
});
