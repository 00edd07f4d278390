import nock from "nock";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import type { NewCheck } from "../../../src/ports/forge.ts";
import {
  BOT,
  commentJson,
  HEAD,
  nockedForge,
  NOON,
  PATH,
  runJson,
  strictly,
  user,
} from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const RUNS = `${PATH}/commits/${HEAD}/check-runs`;
const REACTIONS = `${PATH}/issues/comments/21/reactions`;
const CHECK: NewCheck = {
  name: "tidegate/gate",
  headSha: HEAD,
  externalId: "e1",
  conclusion: "success",
  title: "Passed",
  summary: "All is well.",
  text: undefined,
  actions: [],
};
const listed = (...runs: readonly unknown[]) => ({ total_count: runs.length, check_runs: runs });
const world = () => {
  const made = nockedForge();
  const runs = (...all: readonly unknown[]) =>
    made.github
      .get(RUNS)
      .query(true)
      .reply(200, listed(...all));
  return { ...made, runs };
};

describe("a report that this process has seen", () => {
  it.each([
    [
      "written",
      async ({ runs, github, forge }: ReturnType<typeof world>) => {
        runs();
        github.post(`${PATH}/check-runs`).reply(201, runJson());
        await forge.report(CHECK, "step");
      },
    ],
    [
      "found there",
      async ({ runs, forge }: ReturnType<typeof world>) => {
        runs(runJson());
        await forge.report(CHECK, "step");
      },
    ],
    [
      "read",
      async ({ runs, forge }: ReturnType<typeof world>) => {
        runs(runJson());
        await forge.check(HEAD, "tidegate/gate");
      },
    ],
  ])("%s asks nothing", async (_, see) => {
    const made = world();
    await see(made);
    await made.forge.report(CHECK, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("asks where the content, the name or the last reading is another", async () => {
    const { forge, runs, github } = world();
    runs(runJson());
    await forge.report(CHECK, "step");
    runs(runJson());
    github.patch(`${PATH}/check-runs/11`).reply(200, runJson());
    await forge.report({ ...CHECK, externalId: "e2" }, "step");
    runs(runJson({ external_id: "e3" }));
    await forge.check(HEAD, "tidegate/gate");
    runs(runJson({ external_id: "e2" }));
    await forge.report({ ...CHECK, externalId: "e2" }, "step");
    runs();
    github.post(`${PATH}/check-runs`).reply(201, runJson());
    await forge.report({ ...CHECK, name: "tidegate/plan" }, "step");
    runs();
    expect(await forge.check(HEAD, "tidegate/plan")).toBeUndefined();
    runs(runJson({ name: "tidegate/plan" }));
    await forge.report({ ...CHECK, name: "tidegate/plan" }, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("asks again where nobody knows what became of a write", async () => {
    const { forge, runs, github } = world();
    runs(runJson({ external_id: "e0" }));
    github.patch(`${PATH}/check-runs/11`).reply(502, {});
    runs(runJson({ external_id: "e0" }));
    await expect(forge.report(CHECK, "step")).rejects.toMatchObject({ fault: "transient" });
    runs(runJson());
    await forge.report(CHECK, "step");
    expect(nock.isDone()).toBe(true);
  });
});

describe("an answer to a comment", () => {
  const ours = [{ content: "eyes", user: user(BOT) }];

  it("is remembered once it is seen", async () => {
    const { forge, github } = nockedForge();
    github.get(REACTIONS).query(true).reply(200, []);
    expect(await forge.answered(21)).toBe(false);
    github.get(REACTIONS).query(true).reply(200, ours);
    expect([await forge.answered(21), await forge.answered(21)]).toEqual([true, true]);
  });

  it("is remembered once it is given, whatever an old list counts", async () => {
    const { forge, github } = nockedForge();
    github.post(REACTIONS).reply(201, {});
    await forge.react(21, "+1");
    expect(await forge.answered(21)).toBe(true);
    github
      .get(`${PATH}/issues/comments`)
      .query(true)
      .reply(200, [commentJson(), commentJson({ id: 22 })]);
    expect((await forge.comments(NOON)).map(({ reactions }) => reactions)).toEqual([1, 0]);
  });

  it("to one that is gone is not: a repository under its old name says the same", async () => {
    const { forge, github } = nockedForge();
    github.get(REACTIONS).query(true).reply(404, {});
    expect(await forge.answered(21)).toBe(true);
    github.post(REACTIONS).reply(404, {});
    await forge.react(21, "+1");
    github.get(REACTIONS).query(true).reply(200, []);
    expect(await forge.answered(21)).toBe(false);
  });

  it.each([
    ["is there", ours, undefined],
    ["is another's", [{ content: "eyes", user: user("ana") }], "transient"],
    ["is another", [{ content: "+1", user: user(BOT) }], "transient"],
  ])("that got lost is looked for: it %s", async (_, there, fault) => {
    const { forge, github } = nockedForge();
    github.post(REACTIONS).reply(502, {});
    github.get(REACTIONS).query(true).reply(200, there);
    const outcome = await forge.react(21, "eyes").catch((error: unknown) => error);
    expect(outcome instanceof Error && "fault" in outcome ? outcome.fault : outcome).toBe(fault);
  });

  it("may be there where GitHub does not count", async () => {
    const { forge, github } = nockedForge();
    github
      .get(`${PATH}/issues/comments`)
      .query(true)
      .reply(200, [commentJson({ reactions: undefined })]);
    expect((await forge.comments(NOON)).map(({ reactions }) => reactions)).toEqual([1]);
  });
});

it("shows three buttons at most, cut to what GitHub takes", async () => {
  const { forge, runs, github } = world();
  runs();
  const sent: unknown[] = [];
  github
    .post(`${PATH}/check-runs`, (body: { readonly actions: unknown }) => {
      sent.push(body.actions);
      return true;
    })
    .reply(201, runJson());
  const button = (label: string) => ({ label, description: "d".repeat(50), identifier: "hold" });
  await forge.report({ ...CHECK, actions: [button("l".repeat(30)), button("b"), button("c"), button("d")] }, "step");
  const description = `${"d".repeat(37)}…`;
  expect(sent).toEqual([
    [
      { label: `${"l".repeat(17)}…`, description, identifier: "hold" },
      { label: "b", description, identifier: "hold" },
      { label: "c", description, identifier: "hold" },
    ],
  ]);
});

describe("words that a press would have written twice", () => {
  const COMMENTS = `${PATH}/issues/7/comments`;
  const note = (changes: Record<string, unknown> = {}) =>
    commentJson({
      user: user(BOT),
      body: `<!-- tidegate:asked by=ana head=${HEAD} -->\r\n/hold\r\n\r\nAsked by ana.`,
      ...changes,
    });
  const press = ({ forge }: ReturnType<typeof nockedForge>) => forge.noteAsked(7, { by: "ana", headSha: HEAD }, "hold");

  it.each([
    ["that is not answered", note(), [], 0],
    ["that others reacted to", note({ reactions: { total_count: 1 } }), [{ content: "+1", user: user("ben") }], 0],
    ["that is answered", note({ reactions: { total_count: 1 } }), [{ content: "+1", user: user(BOT) }], 1],
    ["of somebody else", note({ user: user("ben") }), undefined, 1],
    ["for another head", note({ body: `<!-- tidegate:asked by=ana head=${"b".repeat(40)} -->\n/hold` }), undefined, 1],
    ["for another verb", note({ body: `<!-- tidegate:asked by=ana head=${HEAD} -->\n/abort` }), undefined, 1],
  ])("are looked for: one %s", async (_, there, reactions, posts) => {
    const made = nockedForge();
    made.github.get(COMMENTS).query(true).reply(200, [there]);
    if (reactions !== undefined && reactions.length > 0) made.github.get(REACTIONS).query(true).reply(200, reactions);
    if (posts === 1) made.github.post(COMMENTS).reply(201, note());
    await press(made);
    expect(nock.isDone()).toBe(true);
  });

  it("do not keep the next press from being written", async () => {
    const made = nockedForge();
    made.github.get(COMMENTS).query(true).reply(403, {});
    const first = press(made).catch((error: unknown) => error);
    made.github.get(COMMENTS).query(true).reply(200, []);
    made.github.post(COMMENTS).reply(201, note());
    await press(made);
    expect(await first).toMatchObject({ fault: "forbidden" });
  });
});

describe("what was said", () => {
  const COMMENTS = "/repos/acme/gitops/issues/7/comments";
  const said = (body: string) => commentJson({ body: `<!-- tidegate:summary -->\n${body}`, user: user(BOT) });

  it("is not asked for again, until something else is to be said", async () => {
    const { forge, github } = nockedForge();
    github.get(COMMENTS).query(true).reply(200, []);
    github.post(COMMENTS).reply(201, said("Hello"));
    await forge.say(7, "summary", "Hello");
    await forge.say(7, "summary", "Hello");
    github
      .get(COMMENTS)
      .query(true)
      .reply(200, [said("Hello")]);
    github.patch(/comments/).reply(200, said("Bye"));
    await forge.say(7, "summary", "Bye");
    await forge.say(7, "summary", "Bye");
    expect(nock.isDone()).toBe(true);
  });

  it("is not remembered where it is not known to be there", async () => {
    const { forge, github } = nockedForge();
    github.get(COMMENTS).query(true).twice().reply(200, []);
    github.post(COMMENTS).reply(403, {});
    await expect(forge.say(7, "summary", "Hello")).rejects.toThrow("403");
    github.post(COMMENTS).reply(201, said("Hello"));
    await forge.say(7, "summary", "Hello");
    expect(nock.isDone()).toBe(true);
  });
});
