import type nock from "nock";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import type { ForgeReader, ForgeWriter } from "../../../src/ports/forge.ts";
import {
  API,
  commentJson,
  HEAD,
  LANDED,
  nockedForge,
  NOON,
  PATH,
  pullJson,
  runJson,
  strictly,
} from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

type Forge = ForgeReader & ForgeWriter;
type Read = readonly [string, string, (forge: Forge) => Promise<unknown>];

const MESSAGE = { title: "t", body: "b" };
const NEW_PULL = { branch: "tidegate/checkout", base: "main", ...MESSAGE };
const CHECKS = `${PATH}/commits/${HEAD}/check-runs`;
const thrownBy = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

/** What would be taken for something that GitHub has not said, if it were believed. */
const READS: readonly Read[] = [
  ["the repository", PATH, (forge) => forge.repository()],
  ["open pull requests", `${PATH}/pulls`, (forge) => forge.openPulls("main")],
  ["closed pull requests", `${PATH}/pulls`, (forge) => forge.closedPulls("main", NOON)],
  ["the pull requests of a commit", `${PATH}/commits/${HEAD}/pulls`, (forge) => forge.pullsOf(HEAD)],
  ["checks", CHECKS, (forge) => forge.check(HEAD, "tidegate/gate")],
  ["comments", `${PATH}/issues/comments`, (forge) => forge.comments(NOON)],
  ["reactions", `${PATH}/issues/comments/21/reactions`, (forge) => forge.answered(21)],
  ["rules", `${PATH}/rules/branches/main`, (forge) => forge.rules("main")],
];

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const PAGE = "<!DOCTYPE html><html><title>Sign in to the proxy</title></html>";

describe.each(READS)("a reading of %s", (_, path, read) => {
  it.each<readonly [string, string, Record<string, string>]>([
    ["an object that says nothing", "{}", JSON_TYPE],
    ["an object with a message", '{"message":"Try again later"}', JSON_TYPE],
  ])("is transient where a success is %s", async (...[, body, headers]) => {
    const { forge, github } = nockedForge();
    github.get(path).query(true).reply(200, body, headers);
    expect(await thrownBy(read(forge))).toMatchObject({ name: "ForgeError", fault: "transient" });
  });

  it.each<readonly [string, string, Record<string, string>]>([
    ["a page of a proxy's", PAGE, { "content-type": "text/html" }],
    ["a page that calls itself JSON", PAGE, JSON_TYPE],
    ["JSON that calls itself a text", "[]", { "content-type": "text/plain" }],
    ["null", "null", JSON_TYPE],
    ["nothing", "", JSON_TYPE],
  ])("is asked three times and transient where a success is %s", async (...[, body, headers]) => {
    const { forge, github } = nockedForge();
    github.get(path).query(true).times(3).reply(200, body, headers);
    expect(await thrownBy(read(forge))).toMatchObject({ name: "ForgeError", fault: "transient" });
  });
});

describe("a write whose success is of another shape", () => {
  it.each<readonly [string, string, Record<string, string>]>([
    ["an object that says nothing", "{}", JSON_TYPE],
    ["a page of a proxy's", PAGE, { "content-type": "text/html" }],
  ])("is looked for, not believed and not sent again: %s", async (...[, body, headers]) => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).reply(201, body, headers);
    github.get(`${PATH}/pulls`).query(true).reply(200, [pullJson()]);
    expect(await forge.openPull(NEW_PULL, "step")).toBe(7);
    github.post(`${PATH}/pulls`).reply(201, body, headers);
    github.get(`${PATH}/pulls`).query(true).reply(200, []);
    expect(await thrownBy(forge.openPull(NEW_PULL, "step"))).toMatchObject({ fault: "transient" });
  });

  it.each<readonly [string, string, Record<string, string>]>([
    ["an object that says nothing", "{}", JSON_TYPE],
    ["a page of a proxy's", PAGE, { "content-type": "text/html" }],
  ])("is no merge until the pull request says so: %s", async (...[, body, headers]) => {
    const { forge, github } = nockedForge();
    const once = (pull: nock.Body) => {
      github.get(PATH).reply(200, { default_branch: "main" });
      github.put(`${PATH}/pulls/7/merge`).reply(200, body, headers);
      github.get(`${PATH}/pulls/7`).reply(200, pull);
      return forge.mergePull(7, HEAD, MESSAGE, "step");
    };
    expect(await once(pullJson({ merged: true, state: "closed", merge_commit_sha: LANDED }))).toEqual({
      kind: "merged",
      sha: LANDED,
    });
    expect(await once(pullJson())).toMatchObject({ kind: "unknown", reason: expect.any(String) as unknown });
    expect(await once({})).toMatchObject({ kind: "unknown", reason: expect.any(String) as unknown });
  });
});

describe("a repository that has another name", () => {
  it("is read where GitHub leads to", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).reply(301, { message: "Moved Permanently" }, { location: `${API}/repositories/7` });
    github.get("/repositories/7").reply(200, { default_branch: "trunk" });
    expect((await forge.repository()).defaultBranch).toBe("trunk");
  });

  it.each([
    ["opens", (forge: Forge) => forge.openPull(NEW_PULL, "step"), "post", `${PATH}/pulls`],
    ["closes", (forge: Forge) => forge.closePull(7), "patch", `${PATH}/pulls/7`],
    ["reacts", (forge: Forge) => forge.react(21, "+1"), "post", `${PATH}/issues/comments/21/reactions`],
  ] as const)("is not written: nobody %s there", async (...[, write, method, path]) => {
    const { forge, github } = nockedForge();
    const location = `${API}${path.replace(PATH, "/repositories/7")}`;
    github[method](path).reply(307, { message: "Temporary Redirect" }, { location });
    const thrown = await thrownBy(write(forge));
    if (method === "post" && path.includes("reactions")) expect(thrown).toBeUndefined();
    else expect(thrown).toMatchObject({ fault: "gone", status: 307 });
  });
});

describe("texts", () => {
  const ODD = "5 % → 25 % 🚢 \u202e\u0000 ünïcödé";

  it("of any script and of many megabytes are read as they are", async () => {
    const { forge, github } = nockedForge();
    const body = ODD.repeat(3_000);
    const page = Array.from({ length: 60 }, (_, index) => pullJson({ number: index + 1, title: ODD, body }));
    github.get(`${PATH}/pulls`).query(true).reply(200, page);
    expect((await forge.openPulls("main")).map(({ title }) => title)).toEqual(page.map(() => ODD));
    github
      .get(`${PATH}/issues/comments`)
      .query(true)
      .reply(200, [commentJson({ body })]);
    expect((await forge.comments(NOON)).map((comment) => comment.body)).toEqual([body]);
  });

  it("of refusals are kept, however odd", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).reply(422, { message: ODD });
    expect(await thrownBy(forge.repository())).toMatchObject({ fault: "invalid", status: 422 });
    github.get(PATH).reply(403, PAGE, { "content-type": "text/html" });
    expect(await thrownBy(forge.repository())).toMatchObject({ fault: "forbidden", status: 403 });
  });
});

it("takes a run of an odd conclusion, or without a title, for none that has ended well", async () => {
  const { forge, github } = nockedForge();
  const run = runJson({ conclusion: "something new", output: { title: null }, external_id: null });
  github
    .get(CHECKS)
    .query(true)
    .reply(200, { total_count: 1, check_runs: [run] });
  expect(await forge.check(HEAD, "tidegate/gate")).toMatchObject({ conclusion: undefined, title: "", externalId: "" });
});
