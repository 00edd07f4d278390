import nock from "nock";
import { afterEach, beforeAll, expect, it } from "vitest";

import { githubApp } from "../../../src/adapters/github/app.ts";
import { repoName } from "../../../src/core/names.ts";
import { createAppKey } from "../../support/app-key.ts";
import { hastyClock } from "../../support/fake-clock.ts";
import { API, NOON, strictly } from "../../support/nocked-forge.ts";
import { memoryLog } from "../../support/remote.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const KEY = createAppKey();
const REPO = repoName("acme/gitops");
const TOKENS = "/app/installations/5/access_tokens";
const bench = () => ({
  app: githubApp({
    app: { id: 4242, privateKey: KEY.privateKey },
    baseUrl: `${API}/`,
    clock: hastyClock(NOON),
    log: memoryLog(),
  }),
  github: nock(API),
});
const tokenJson = (token: string) => ({
  token,
  expires_at: "2099-01-01T00:00:00Z",
  permissions: {},
  repository_selection: "selected",
});

it("asks once who it is, and again only where that failed", async () => {
  const { app, github } = bench();
  github
    .get("/app")
    .matchHeader("authorization", /^bearer eyJ/)
    .reply(404, { message: "Integration not found" });
  await expect(app.identity()).rejects.toMatchObject({ fault: "gone" });
  github.get("/app").reply(200, { id: 4242, slug: "tidegate" });
  expect(await Promise.all([app.identity(), app.identity()])).toEqual([
    { id: 4242, login: "tidegate[bot]" },
    { id: 4242, login: "tidegate[bot]" },
  ]);
});

it("asks for a token of one repository, keeps it, and gives another for one that was refused", async () => {
  const { app, github } = bench();
  github
    .post(TOKENS, { repositories: ["gitops"] })
    .matchHeader("authorization", /^bearer eyJ/)
    .reply(201, tokenJson("one"));
  expect(await app.token(5, REPO)).toBe("one");
  expect(await app.token(5, REPO)).toBe("one");
  github.post(TOKENS, { repositories: ["gitops"] }).reply(201, tokenJson("two"));
  expect(await app.token(5, REPO, "one")).toBe("two");
  expect(await app.token(5, REPO, "one")).toBe("two");
});

it.each([
  ["a key that is not the App's", 401, { message: "A JSON web token could not be decoded" }, "refused"],
  ["an App that is not there", 404, { message: "Integration not found" }, "refused"],
  ["another refusal", 403, { message: "Resource not accessible" }, "taken"],
  ["an outage", 503, { message: "No server is available" }, undefined],
])("knows after %s whether GitHub takes the App's credentials", async (_, status, body, credentials) => {
  const { app, github } = bench();
  expect(app.credentials()).toBeUndefined();
  github.get("/app").times(3).reply(status, body);
  await expect(app.identity()).rejects.toBeDefined();
  expect(app.credentials()).toBe(credentials);
  nock.cleanAll();
  github.get("/app").reply(200, { id: 4242, slug: "tidegate" });
  await app.identity();
  expect(app.credentials()).toBe("taken");
});

it("tries again for a token: another one does no harm", async () => {
  const { app, github } = bench();
  github.post(TOKENS).times(2).reply(502, { message: "Bad gateway" });
  github.post(TOKENS).reply(201, tokenJson("one"));
  expect(await app.token(5, REPO)).toBe("one");
});

it("lists installations and the repositories of one, page by page", async () => {
  const { app, github } = bench();
  const account = { login: "acme" };
  github
    .get("/app/installations")
    .query({ per_page: 100, page: 1 })
    .reply(200, [{ id: 5, account, suspended_at: null }], { link: '<x>; rel="next"' });
  github
    .get("/app/installations")
    .query({ per_page: 100, page: 2 })
    .reply(200, [{ id: 6, account: { slug: "big" }, suspended_at: "2026-11-20T10:00:00Z" }]);
  expect(await app.installations()).toEqual([
    { id: 5, account: "acme", suspended: false },
    { id: 6, account: "big", suspended: true },
  ]);
  github.post(TOKENS).reply(201, tokenJson("all"));
  const list = github.get("/installation/repositories").matchHeader("authorization", "token all").query(true);
  list.reply(200, {
    total_count: 2,
    repositories: [
      { full_name: "acme/gitops", archived: false },
      { full_name: "acme/old", archived: true },
    ],
  });
  expect(await app.repositories(5)).toEqual(["acme/gitops"]);
});

it("gives the same forge for the same repository", () => {
  const { app } = bench();
  expect(app.forge(5, REPO)).toBe(app.forge(5, REPO));
  expect(app.forge(5, REPO)).not.toBe(app.forge(6, REPO));
});
