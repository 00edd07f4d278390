import { createHmac } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createAppKey, signJwt } from "../../support/app-key.ts";
import { APP, NOON, REPO, testGitHub } from "../../support/github.ts";

const S = NOON / 1000;
const HOUR = 3_600_000;

const world = await testGitHub();
await world.github.createRepo("other/infra", { "a.txt": "a" });
await world.github.createRepo("acme/second", { "a.txt": "a" });
afterAll(() => world.close());

const app = (jwt: string) => world.ask("GET", "/app", { headers: { authorization: `Bearer ${jwt}` } });

const tokensPath = (repo = REPO) => `/app/installations/${world.github.installationId(repo)}/access_tokens`;

const askToken = (body: object) =>
  world.ask("POST", tokensPath(), { body, headers: { authorization: `Bearer ${world.jwt()}` } });

const asToken = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe("the App's own token", () => {
  it.each([
    ["by its id", { iss: APP.id }],
    ["by its id as text", { iss: String(APP.id) }],
    ["by its client id", { iss: APP.clientId }],
    ["for ten whole minutes", { iat: S, exp: S + 600 }],
  ])("is accepted %s", async (_, claims) => {
    expect(await app(world.jwt(claims))).toMatchObject({ status: 200, json: { id: APP.id, slug: "tidegate" } });
  });

  it.each([
    ["another issuer", { iss: 1 }, "Integration not found"],
    ["an hour of life", { exp: S + 3600 }, "'Expiration time' claim ('exp') is too far in the future"],
    ["an end in the past", { iat: S - 700, exp: S - 100 }, "'Expiration time' claim ('exp') must be"],
    ["an issue in the future", { iat: S + 60, exp: S + 300 }, "'Issued at' claim ('iat') must be"],
    ["a broken second", { iat: S - 30.5 }, "'Issued at' claim ('iat') must be"],
  ])("is refused with %s", async (_, claims, message) => {
    expect(await app(world.jwt(claims))).toMatchObject({
      status: 401,
      json: { message: expect.stringContaining(message) as unknown },
    });
  });

  it("is held against the App's own clock where it has one", async () => {
    const key = createAppKey();
    const clock = { now: () => NOON + 10 * HOUR };
    const apart = await testGitHub({ app: { ...APP, publicKey: key.publicKey, clock } });
    const status = async (at: number) => {
      const authorization = `Bearer ${signJwt(key, { iss: APP.id, iat: at / 1000, exp: at / 1000 + 300 })}`;
      return (await apart.ask("GET", "/app", { headers: { authorization } })).status;
    };
    expect([await status(NOON), await status(clock.now())]).toEqual([401, 200]);
    await apart.close();
  });

  it("is refused when another key signed it, or none", async () => {
    const claims = { iss: APP.id, iat: S, exp: S + 300 };
    const parts = (alg: string) =>
      [{ alg, typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const hmac = createHmac("sha256", world.key.publicKey).update(parts("HS256")).digest("base64url");
    const refused = [signJwt(createAppKey(), claims), `${parts("none")}.`, `${parts("HS256")}.${hmac}`, "nonsense", ""];
    expect(await Promise.all(refused.map(async (jwt) => (await app(jwt)).status))).toEqual(refused.map(() => 401));
  });
});

describe("an installation's token", () => {
  it("reaches the repositories of its account and no others", async () => {
    const token = await world.token();
    const reached = await world.ask("GET", "/installation/repositories", asToken(token));
    expect(reached.json).toMatchObject({
      total_count: 2,
      repositories: [{ full_name: REPO, private: true }, { full_name: "acme/second" }],
    });
    expect((await world.ask("GET", `/repos/${REPO}`, asToken(token))).status).toBe(200);
    expect((await world.ask("GET", "/repos/other/infra", asToken(token))).status).toBe(404);
    expect((await world.ask("GET", "/repos/acme/none", asToken(token))).status).toBe(404);
  });

  it("has the form of today's tokens", async () => {
    const token = await world.token();
    expect(token).toMatch(/^ghs_[A-Za-z0-9._-]{500,}$/);
    expect(token.split(".")).toHaveLength(3);
  });

  it("lives one hour by the sandbox's clock", async () => {
    const answer = await askToken({});
    expect(answer).toMatchObject({
      status: 201,
      json: { expires_at: "2026-11-20T13:00:00Z", repository_selection: "all", permissions: { contents: "write" } },
    });
    const token = await world.token();
    world.clock.at = NOON + HOUR - 1;
    expect((await world.ask("GET", `/repos/${REPO}`, asToken(token))).status).toBe(200);
    world.clock.at = NOON + HOUR;
    const late = await world.ask("GET", `/repos/${REPO}`, asToken(token));
    world.clock.at = NOON;
    expect(late).toMatchObject({ status: 401, json: { message: "Bad credentials" } });
  });

  it("can be narrowed to repositories and permissions, never widened", async () => {
    const narrow = await askToken({ repositories: ["second"], permissions: { contents: "read" } });
    expect(narrow.json).toMatchObject({
      repository_selection: "selected",
      repositories: [{ full_name: "acme/second" }],
      permissions: { contents: "read", metadata: "read" },
    });
    const { token } = narrow.json as { token: string };
    expect((await world.ask("GET", `/repos/${REPO}`, asToken(token))).status).toBe(404);
    expect((await world.ask("GET", "/repos/acme/second/contents/a.txt", asToken(token))).status).toBe(200);
    const write = await world.ask("POST", "/repos/acme/second/pulls", {
      ...asToken(token),
      body: { title: "x", head: "x", base: "main" },
    });
    expect(write).toMatchObject({ status: 403, json: { message: "Resource not accessible by integration" } });
    expect((await askToken({ permissions: { administration: "write" } })).status).toBe(422);
    expect((await askToken({ repositories: ["infra"] })).status).toBe(422);
  });

  it("dies when tokens are revoked", async () => {
    const token = await world.token("other/infra");
    expect((await world.ask("GET", "/repos/other/infra", asToken(token))).status).toBe(200);
    const elsewhere = await testGitHub();
    const foreign = await elsewhere.token();
    elsewhere.github.revokeTokens();
    expect((await elsewhere.ask("GET", `/repos/${REPO}`, asToken(foreign))).status).toBe(401);
    await elsewhere.close();
  });
});

describe("installations", () => {
  it("are one per account, found by list, by id and by repository", async () => {
    const jwt = { headers: { authorization: `Bearer ${world.jwt()}` } };
    const id = world.github.installationId(REPO);
    expect((await world.ask("GET", "/app/installations", jwt)).json).toMatchObject([
      { id, account: { login: "acme", type: "Organization" } },
      { id: world.github.installationId("other/infra"), account: { login: "other" } },
    ]);
    expect((await world.ask("GET", `/app/installations/${id}`, jwt)).json).toMatchObject({ id, app_slug: "tidegate" });
    expect((await world.ask("GET", `/repos/${REPO}/installation`, jwt)).json).toMatchObject({ id });
    expect((await world.ask("GET", "/app/installations/1", jwt)).status).toBe(404);
    expect((await world.ask("GET", "/repos/acme/none/installation", jwt)).status).toBe(404);
    expect((await world.ask("POST", "/app/installations/1/access_tokens", jwt)).status).toBe(404);
  });
});

describe("a person's token", () => {
  it("asks as the person, in one repository, with what the person may do", async () => {
    const [ben, cleo] = ["ben", "cleo"].map((user) => asToken(world.github.personalToken({ repo: REPO, user })));
    expect((await world.ask("GET", "/user", ben)).json).toMatchObject({ login: "ben", type: "User" });
    const body = { ref: "refs/heads/of-ben", sha: (await world.github.log(REPO, "main"))[0]?.sha };
    expect((await world.ask("POST", `/repos/${REPO}/git/refs`, { ...cleo, body })).status).toBe(403);
    expect((await world.ask("POST", `/repos/${REPO}/git/refs`, { ...ben, body })).status).toBe(201);
    expect((await world.ask("GET", "/repos/acme/second", ben)).status).toBe(404);
    const { number } = await world.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "talk",
      title: "Talk",
      files: { "talk.txt": "1" },
    });
    const comment = { ...cleo, body: { body: "/hold" } };
    expect((await world.ask("POST", `/repos/${REPO}/issues/${number}/comments`, comment)).json).toMatchObject({
      user: { login: "cleo", type: "User" },
      performed_via_github_app: null,
    });
  });

  it("is what an App has not: GitHub does not say who that is", async () => {
    expect((await world.ask("GET", "/user", asToken(await world.token()))).status).toBe(403);
  });
});
