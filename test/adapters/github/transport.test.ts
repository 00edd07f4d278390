import type nock from "nock";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { ForgeError } from "../../../src/adapters/github/error.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import { HEAD, NOON, nockedForge, PATH, pullJson, runJson, user, strictly } from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const REPOSITORY = {
  default_branch: "main",
  allow_squash_merge: true,
  allow_merge_commit: true,
  allow_rebase_merge: true,
};
const SECONDARY = { message: "You have exceeded a secondary rate limit." };
const NEW_PULL = { branch: "tidegate/checkout", base: "main", title: "t", body: "b" };
const thrownBy = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe("a read", () => {
  it.each([
    ["500", (on: nock.Interceptor) => on.reply(500, "oops")],
    ["502", (on: nock.Interceptor) => on.reply(502, { message: "Bad gateway" })],
    ["a connection that breaks", (on: nock.Interceptor) => on.replyWithError("socket hang up")],
    [
      "an answer that breaks off",
      (on: nock.Interceptor) => on.reply(200, '{"default_branch": "ma', { "content-type": "application/json" }),
    ],
    ["an answer that is no JSON", (on: nock.Interceptor) => on.reply(200, "<html>", { "content-type": "text/html" })],
  ])("is tried three times, ever later, after %s", async (_, fail) => {
    const { forge, github, clock } = nockedForge();
    fail(github.get(PATH));
    fail(github.get(PATH));
    github.get(PATH).reply(200, REPOSITORY);
    expect(await forge.repository()).toEqual({ defaultBranch: "main", mergeMethods: ["squash", "merge", "rebase"] });
    expect(clock.sleeps).toEqual([500, 2_000]);
  });

  it.each([
    ["person", "person"],
    ["own", "step"],
    ["news", "news"],
  ] as const)("goes in the lane of its look, where that is because of %s; a write does not", async (because, lane) => {
    const lanes: string[] = [];
    const telemetry: Telemetry = {
      tell: () => undefined,
      during: (activity, work) => {
        if (activity.kind === "forgeCall") lanes.push(activity.lane);
        return work();
      },
    };
    const { forge, github } = nockedForge({ because: () => because, telemetry });
    github.get(PATH).reply(200, REPOSITORY);
    await forge.repository();
    github.post(`${PATH}/pulls`).reply(201, pullJson());
    await forge.openPull(NEW_PULL, "talk");
    expect(lanes).toEqual([lane, "talk"]);
  });

  it("names the version of the API that it was written for", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).matchHeader("x-github-api-version", "2022-11-28").reply(200, REPOSITORY);
    expect((await forge.repository()).defaultBranch).toBe("main");
  });

  it("that fails three times is transient", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).times(3).reply(503, { message: "Unavailable" });
    expect(await thrownBy(forge.repository())).toMatchObject({
      fault: "transient",
      status: 503,
      message: "GET /repos/{owner}/{repo}: 503 Unavailable",
    });
  });

  it.each([
    [404, "gone"],
    [410, "gone"],
    [403, "forbidden"],
    [451, "forbidden"],
    [409, "conflict"],
    [422, "invalid"],
    [400, "invalid"],
  ])("of a %i is %s at once", async (status, fault) => {
    const { forge, github } = nockedForge();
    github.get(PATH).reply(status, { message: "No" });
    const error = await thrownBy(forge.repository());
    expect(error).toBeInstanceOf(ForgeError);
    expect(error).toMatchObject({ fault, status });
  });

  it("is answered from memory while GitHub says that nothing changed", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).reply(200, REPOSITORY, { etag: '"1"' });
    github.get(PATH).matchHeader("if-none-match", '"1"').reply(304);
    github
      .get(PATH)
      .matchHeader("if-none-match", '"1"')
      .reply(200, { ...REPOSITORY, default_branch: "trunk" }, { etag: '"2"' });
    github.get(PATH).matchHeader("if-none-match", '"2"').reply(304);
    const seen = [
      await forge.repository(),
      await forge.repository(),
      await forge.repository(),
      await forge.repository(),
    ];
    expect(seen.map(({ defaultBranch }) => defaultBranch)).toEqual(["main", "main", "trunk", "trunk"]);
  });

  it("is answered from memory whatever numbers it holds", async () => {
    const { forge, github } = nockedForge();
    const text = JSON.stringify(REPOSITORY).replace("{", '{"id":12345678901234567890,');
    github.get(PATH).reply(200, text, { etag: '"1"', "content-type": "application/json" });
    github.get(PATH).matchHeader("if-none-match", '"1"').reply(304);
    const [first, second] = [await forge.repository(), await forge.repository()];
    expect(second).toEqual(first);
  });

  it("of a list follows its pages, from memory too", async () => {
    const { forge, github } = nockedForge();
    const page = (number: number) =>
      github.get(`${PATH}/pulls`).query((query) => query["page"] === String(number) && query["base"] === "main");
    const next = { link: `<https://api.github.test${PATH}/pulls?page=2>; rel="next"`, etag: '"1"' };
    page(1).reply(200, [pullJson({ number: 1 }), pullJson({ number: 2 })], next);
    page(2)
      .times(2)
      .reply(200, [pullJson({ number: 2 }), pullJson({ number: 3 })]);
    page(1).reply(304);
    expect((await forge.openPulls("main")).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect((await forge.openPulls("main")).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("of a list fails where one page fails, instead of giving half", async () => {
    const { forge, github } = nockedForge();
    const page = (number: number) => github.get(`${PATH}/pulls`).query((query) => query["page"] === String(number));
    page(1).reply(200, [pullJson()], { link: '<https://x>; rel="next"' });
    page(2).reply(409, { message: "Git Repository is empty." });
    expect(await thrownBy(forge.openPulls("main"))).toMatchObject({ fault: "conflict" });
  });
});

describe("a token that GitHub does not take", () => {
  it("is renewed once, for a read", async () => {
    const { forge, github, refusals } = nockedForge();
    github.get(PATH).matchHeader("authorization", "token first").reply(401, { message: "Bad credentials" });
    github.get(PATH).matchHeader("authorization", "token second").reply(200, REPOSITORY);
    await forge.repository();
    expect(refusals).toEqual([undefined, "token first"]);
  });

  it("is renewed once, for a write, which had no effect", async () => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).matchHeader("authorization", "token first").reply(401, { message: "Bad credentials" });
    github.post(`${PATH}/pulls`).matchHeader("authorization", "token second").reply(201, pullJson());
    expect(await forge.openPull(NEW_PULL, "step")).toBe(7);
  });

  it("twice is an error", async () => {
    const { forge, github } = nockedForge();
    github.get(PATH).times(2).reply(401, { message: "Bad credentials" });
    expect(await thrownBy(forge.repository())).toMatchObject({ fault: "unauthorised" });
  });
});

describe("a refusal for the rate", () => {
  it.each([
    ["secondary, for a short time", 403, SECONDARY, { "retry-after": "20" }, 20_000],
    ["429, for a short time", 429, SECONDARY, { "retry-after": "3" }, 3_000],
    ["secondary, without a word on how long", 403, SECONDARY, {}, 60_000],
    ["for content, in its own words", 403, { message: "Blocked from content creation." }, {}, 60_000],
    ["that is called invalid", 422, { message: "Validation Failed: was submitted too quickly" }, {}, 60_000],
    [
      "primary, shortly before the reset",
      403,
      { message: "API rate limit exceeded" },
      { "x-ratelimit-remaining": "0", "x-ratelimit-limit": "5000", "x-ratelimit-reset": String(NOON / 1_000 + 40) },
      40_000,
    ],
  ])(
    "%s, is waited for where that is seconds, and the request sent once more",
    async (...[, status, body, headers, ms]) => {
      const { forge, github, clock } = nockedForge();
      github.post(`${PATH}/pulls`).reply(status, body, headers);
      const isShort = ms <= 5_000;
      if (isShort) github.post(`${PATH}/pulls`).reply(201, pullJson());
      const opened = forge.openPull(NEW_PULL, "step");
      if (isShort) expect(await opened).toBe(7);
      else expect(await thrownBy(opened)).toMatchObject({ fault: "throttled", retryAt: NOON + ms });
      expect(clock.now() - NOON).toBe(isShort ? ms : 0);
    },
  );

  it("is waited for by a read for up to a minute", async () => {
    const { forge, github, clock } = nockedForge();
    github.get(PATH).reply(403, SECONDARY, { "retry-after": "60" });
    github.get(PATH).reply(200, REPOSITORY);
    await forge.repository();
    expect(clock.now() - NOON).toBe(60_000);
  });

  it("for a long time is thrown with its end, and nothing else is sent until then", async () => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).reply(403, SECONDARY, { "retry-after": "600" });
    const until = { fault: "throttled", retryAt: NOON + 600_000 };
    expect(await thrownBy(forge.openPull(NEW_PULL, "step"))).toMatchObject(until);
    expect(await thrownBy(forge.repository())).toMatchObject(until);
    expect(await thrownBy(forge.say(7, "summary", "text"))).toMatchObject(until);
  });

  it("for a long time is waited for by an abort, however often", async () => {
    const { forge, github, clock } = nockedForge();
    github.post(`${PATH}/pulls`).times(3).reply(403, SECONDARY, { "retry-after": "600" });
    github.post(`${PATH}/pulls`).reply(201, pullJson());
    expect(await forge.openPull(NEW_PULL, "abort")).toBe(7);
    expect(clock.now() - NOON).toBe(3 * 600_000);
  });

  it("twice is thrown, but to an abort", async () => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).times(2).reply(429, SECONDARY, { "retry-after": "1" });
    expect(await thrownBy(forge.openPull(NEW_PULL, "step"))).toMatchObject({ fault: "throttled", status: 429 });
  });

  it("by our own count leaves the reserve to aborts, reads of the abort included", async () => {
    const { forge, github } = nockedForge();
    const low = {
      "x-ratelimit-remaining": "120",
      "x-ratelimit-limit": "5000",
      "x-ratelimit-reset": String(NOON / 1_000 + 3_000),
    };
    github.get(PATH).times(2).reply(200, REPOSITORY, low);
    await forge.repository();
    expect(await thrownBy(forge.repository())).toMatchObject({ fault: "throttled", retryAt: NOON + 3_000_000 });
    expect(await thrownBy(forge.openPull(NEW_PULL, "step"))).toMatchObject({ fault: "throttled" });
    github.put(`${PATH}/pulls/7/merge`).reply(200, { merged: true, sha: HEAD, message: "ok" });
    expect(await forge.mergePull(7, HEAD, { title: "t", body: "b" }, "abort")).toEqual({ kind: "merged", sha: HEAD });
  });
});

describe("a write", () => {
  it.each([
    ["502", 2, "transient", (on: nock.Interceptor) => on.reply(502, "oops")],
    ["a connection that breaks", 2, "transient", (on: nock.Interceptor) => on.replyWithError("socket hang up")],
    ["an answer that breaks off", 2, "transient", (on: nock.Interceptor) => on.reply(201, '{"id": 1')],
    ...[301, 302, 307, 308].map(
      (status) =>
        [
          `a redirect by ${status}, which it does not follow`,
          1,
          "gone",
          (on: nock.Interceptor) =>
            on.reply(status, { message: "Moved" }, { location: `https://api.github.test/repositories/1/check-runs` }),
        ] as const,
    ),
  ] as const)("is never sent a second time after %s", async (_, looks, fault, fail) => {
    const { forge, github } = nockedForge();
    const sent: string[] = [];
    github.on("request", (request: { readonly method: string }) => sent.push(request.method));
    github
      .get(`${PATH}/commits/${HEAD}/check-runs`)
      .query(true)
      .times(looks)
      .reply(200, { total_count: 0, check_runs: [] });
    fail(github.post(`${PATH}/check-runs`));
    const check = {
      name: "tidegate/gate",
      headSha: HEAD,
      externalId: "e1",
      conclusion: undefined,
      title: "t",
      summary: "s",
      text: undefined,
      actions: [],
    } as const;
    expect(await thrownBy(forge.report(check, "step"))).toMatchObject({ fault });
    expect(sent.filter((method) => method === "POST")).toHaveLength(1);
  });
});

it("tells no token in an error or a log", async () => {
  const token = `ghs_${"a".repeat(40)}`;
  const { forge, github, log } = nockedForge();
  github.get(`${PATH}/collaborators/ana/permission`).reply(403, { message: `failed for ${token}` });
  expect(await forge.standing("ana")).toEqual({ permission: "none", role: "none" });
  github.get(PATH).reply(404, { message: `no ${token}` });
  const error = await thrownBy(forge.repository());
  expect(error instanceof Error ? error.message : "").toBe("GET /repos/{owner}/{repo}: 404 no [redacted]");
  expect(JSON.stringify([error, log.lines])).not.toContain(token);
});

describe("a look-up of a permission", () => {
  it.each([
    ["admin", "admin", { permission: "admin", role: "admin" }],
    ["write", "maintain", { permission: "write", role: "maintain" }],
    ["write", "deployers", { permission: "write", role: "deployers" }],
    ["read", undefined, { permission: "read", role: "read" }],
    ["none", "none", { permission: "none", role: "none" }],
    ["owner-of-everything", "admin", { permission: "none", role: "none" }],
  ])("gives %s as %s: %j", async (permission, role_name, standing) => {
    const { forge, github } = nockedForge();
    github.get(`${PATH}/collaborators/ana/permission`).reply(200, { permission, role_name, user: user("ana") });
    expect(await forge.standing("ana")).toEqual(standing);
  });

  it("gives none for a stranger, in silence, and none for a failure, aloud", async () => {
    const { forge, github, log } = nockedForge();
    github.get(`${PATH}/collaborators/ana/permission`).reply(404, { message: "ana is not a user" });
    expect(await forge.standing("ana")).toEqual({ permission: "none", role: "none" });
    expect(log.lines).toEqual([]);
    github.get(`${PATH}/collaborators/ana/permission`).reply(403, { message: "Resource not accessible" });
    expect(await forge.standing("ana")).toEqual({ permission: "none", role: "none" });
    expect(log.lines).toMatchObject([{ level: "warn", fields: { login: "ana" } }]);
  });
});

it("reads only our own runs, the newest first", async () => {
  const { forge, github } = nockedForge();
  const runs = [
    runJson({ id: 3, external_id: "old" }),
    runJson({ id: 9, app: { id: 1 } }),
    runJson({ id: 5, status: "in_progress", conclusion: null }),
    runJson({ id: 8, app: null }),
  ];
  github
    .get(`${PATH}/commits/${HEAD}/check-runs`)
    .query({ check_name: "tidegate/gate", app_id: 4242, filter: "latest", per_page: 100, page: 1 })
    .reply(200, { total_count: 4, check_runs: runs });
  expect(await forge.check(HEAD, "tidegate/gate")).toEqual({
    id: 5,
    name: "tidegate/gate",
    headSha: HEAD,
    externalId: "e1",
    conclusion: undefined,
    title: "Passed",
  });
});
