import nock from "nock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { githubAppCheckup, githubRepositoryCheckup } from "../../../src/adapters/github/checkup.ts";
import { repoName } from "../../../src/core/names.ts";
import { createAppKey } from "../../support/app-key.ts";
import { hastyClock } from "../../support/fake-clock.ts";
import { API, NOON, PATH, strictly } from "../../support/nocked-forge.ts";
import { memoryLog } from "../../support/remote.ts";

beforeEach(strictly.before);
afterEach(strictly.after);

const REPO = repoName("acme/gitops");
const { privateKey } = createAppKey();

const options = (fetched: typeof fetch = fetch) => ({
  app: { id: 4242, privateKey },
  baseUrl: API,
  clock: hastyClock(NOON),
  log: memoryLog(),
  fetch: fetched,
});
const asApp = (fetched?: typeof fetch) => ({ checkup: githubAppCheckup(options(fetched)), github: nock(API) });

const APP = {
  id: 4242,
  slug: "tidegate",
  owner: { login: "acme", type: "Organization" },
  html_url: "https://github.com/apps/tidegate",
  permissions: { contents: "write", metadata: "read", odd: 7 },
  events: ["push"],
};

const INSTALLATION = {
  id: 5,
  account: { login: "acme" },
  suspended_at: null,
  html_url: "https://github.com/organizations/acme/settings/installations/5",
  permissions: { contents: "write" },
  events: ["push"],
};

const FACTS = {
  id: 5,
  account: "acme",
  suspended: false,
  page: INSTALLATION.html_url,
  permissions: { contents: "write" },
  events: ["push"],
};

describe("the App", () => {
  it.each([
    [APP.owner, "https://github.com/organizations/acme/settings/apps/tidegate"],
    [{ login: "ana", type: "User" }, "https://github.com/settings/apps/tidegate"],
  ])("is read with its own key (%j)", async (owner, settings) => {
    const { checkup, github } = asApp();
    github
      .get("/app")
      .matchHeader("authorization", /^bearer eyJ/)
      .reply(200, { ...APP, owner });
    expect(await checkup.app()).toEqual({
      id: 4242,
      slug: "tidegate",
      settings,
      permissions: { contents: "write", metadata: "read" },
      events: ["push"],
    });
  });

  it("is refused in GitHub's words", async () => {
    const { checkup, github } = asApp();
    github.get("/app").times(2).reply(401, { message: "A JSON web token could not be decoded" });
    await expect(checkup.app()).rejects.toThrow("401 A JSON web token could not be decoded");
  });

  it("tells its installations, and which one covers a repository", async () => {
    const { checkup, github } = asApp();
    const enterprise = { ...INSTALLATION, account: { slug: "globex" }, suspended_at: "2026-11-01T00:00:00Z" };
    github.get("/app/installations?per_page=100&page=1").reply(200, [INSTALLATION, enterprise]);
    github.get(`${PATH}/installation`).reply(200, INSTALLATION);
    github.get(`${PATH}/installation`).reply(404, { message: "Not Found" });
    expect(await checkup.installations()).toEqual([FACTS, { ...FACTS, account: "globex", suspended: true }]);
    expect(await checkup.installationOf(REPO)).toEqual(FACTS);
    expect(await checkup.installationOf(REPO)).toBeUndefined();
  });

  it.each([
    [
      { url: "https://a.example.com", content_type: "json", secret: "********", insecure_ssl: "0" },
      { url: "https://a.example.com", contentType: "json", hasSecret: true, checksCertificates: true },
    ],
    [
      { url: "https://a.example.com", content_type: "form", insecure_ssl: 1 },
      { url: "https://a.example.com", contentType: "form", hasSecret: false, checksCertificates: false },
    ],
    [{}, { url: "", contentType: "form", hasSecret: false, checksCertificates: true }],
  ])("has a webhook: %j", async (json, facts) => {
    const { checkup, github } = asApp();
    github.get("/app/hook/config").reply(200, json);
    expect(await checkup.hook()).toEqual(facts);
  });

  it("has no webhook where GitHub knows none", async () => {
    const { checkup, github } = asApp();
    github.get("/app/hook/config").reply(404, { message: "Not Found" });
    expect(await checkup.hook()).toBeUndefined();
  });
});

describe("deliveries", () => {
  const delivered = (minutesAgo: number, changes: Record<string, unknown> = {}) => ({
    id: 1,
    delivered_at: new Date(NOON - minutesAgo * 60_000).toISOString(),
    event: "push",
    status_code: 202,
    ...changes,
  });
  const fact = (minutesAgo: number) => ({
    at: NOON - minutesAgo * 60_000,
    event: "push",
    status: 202,
    throttled: false,
  });
  const HOUR_AGO = NOON - 3_600_000;
  const next = (cursor: string) => ({ link: `<${API}/app/hook/deliveries?per_page=100&cursor=${cursor}>; rel="next"` });

  it("are read page by page until they are too old", async () => {
    const { checkup, github } = asApp();
    const throttled = delivered(2, { throttled_at: "2026-11-20T11:58:00Z", status_code: 0 });
    github.get("/app/hook/deliveries?per_page=100").reply(200, [delivered(1), throttled], next("v1_2"));
    github
      .get("/app/hook/deliveries?per_page=100&cursor=v1_2")
      .reply(200, [delivered(30), delivered(90)], next("v1_4"));
    expect(await checkup.deliveries(HOUR_AGO)).toEqual([fact(1), { ...fact(2), status: 0, throttled: true }, fact(30)]);
  });

  it("are at most ten pages", async () => {
    const { checkup, github } = asApp();
    github.get("/app/hook/deliveries?per_page=100").reply(200, [delivered(1)], next("more"));
    github
      .get("/app/hook/deliveries?per_page=100&cursor=more")
      .times(9)
      .reply(200, [delivered(1)], next("more"));
    expect(await checkup.deliveries(HOUR_AGO)).toHaveLength(10);
  });
});

describe("the clock", () => {
  const dated = (date: string | undefined) => async () =>
    new Response(undefined, { status: 401, ...(date !== undefined && { headers: { date } }) });

  it.each([
    ["Fri, 20 Nov 2026 12:00:00 GMT", -500],
    ["Fri, 20 Nov 2026 11:59:20 GMT", 39_500],
  ])("is compared with any answer's date: %s", async (date, ahead) => {
    expect(await asApp(dated(date)).checkup.skew()).toBe(ahead);
  });

  it("is not compared without one", async () => {
    await expect(asApp(dated(undefined)).checkup.skew()).rejects.toThrow("has no date");
  });
});

describe("a repository", () => {
  const asRepository = () => ({
    checkup: githubRepositoryCheckup(options(), { token: async () => "secret" }, { installation: 5, repo: REPO }),
    github: nock(API, { reqheaders: { authorization: "token secret" } }),
  });

  it("has settings", async () => {
    const { checkup, github } = asRepository();
    github.get(PATH).reply(200, {
      html_url: "https://github.com/acme/gitops",
      default_branch: "main",
      archived: false,
      allow_squash_merge: true,
      allow_merge_commit: false,
      delete_branch_on_merge: true,
    });
    expect(await checkup.settings()).toEqual({
      page: "https://github.com/acme/gitops",
      branch: "main",
      archived: false,
      methods: { squash: true, merge: false, rebase: undefined },
      deletesBranches: true,
    });
  });

  it("has rules for a branch, each with its ruleset and how the App passes it by", async () => {
    const { checkup, github } = asRepository();
    const rule = (type: string, id?: number) => ({ type, ...(id !== undefined && { ruleset_id: id }) });
    const listed = [rule("creation", 1), rule("update", 1), rule("deletion", 2), rule("update", 3), rule("creation")];
    github.get(`${PATH}/rules/branches/tidegate%2Fx?per_page=100&page=1`).reply(200, listed);
    const links = { html: { href: "https://github.com/acme/gitops/rules/1" } };
    github.get(`${PATH}/rulesets/1`).reply(200, { name: "all", current_user_can_bypass: "never", _links: links });
    github.get(`${PATH}/rulesets/2`).reply(200, { name: "org", current_user_can_bypass: "exempt" });
    github.get(`${PATH}/rulesets/3`).reply(404, { message: "Not Found" });
    const all = { ruleset: "all", page: links.html.href, bypass: "never" };
    expect(await checkup.restrictions("tidegate/x")).toEqual([
      { rule: "creation", ...all },
      { rule: "update", ...all },
      { rule: "deletion", ruleset: "org", page: undefined, bypass: "always" },
      { rule: "update", ruleset: "3", page: undefined, bypass: "unknown" },
      { rule: "creation", ruleset: "that holds for it", page: undefined, bypass: "unknown" },
    ]);
  });

  it.each([
    ["always", "always"],
    ["pull_requests_only", "pullRequests"],
    ["something new", "unknown"],
    [undefined, "unknown"],
  ])("whose ruleset says %s of a bypass", async (said, bypass) => {
    const { checkup, github } = asRepository();
    github.get(/rules\/branches/).reply(200, [{ type: "update", ruleset_id: 1 }]);
    github.get(`${PATH}/rulesets/1`).reply(200, { name: "all", current_user_can_bypass: said });
    expect(await checkup.restrictions("x")).toMatchObject([{ bypass }]);
  });

  it.each([
    [{ protected: true, protection: { enabled: true } }, true],
    [{ protected: true, protection: { enabled: false } }, false],
    [{ protected: true }, false],
  ])("whose default branch is %j", async (json, isProtected) => {
    const { checkup, github } = asRepository();
    github.get(`${PATH}/branches/main`).reply(200, json);
    expect(await checkup.isClassicallyProtected("main")).toBe(isProtected);
  });
});
