import { afterEach, describe, expect, it } from "vitest";
import { GITHUB_LIMITS, admit, newBudget, spend } from "../../../src/sandbox/github/limits.ts";
import { NOON, REPO, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";

const GET = { method: "GET", contentCreating: false };
const WRITE = { method: "PATCH", contentCreating: false };
const CREATE = { method: "POST", contentCreating: true };

/** How many of these requests in one moment are admitted. */
function admitted(charge: typeof GET, now = NOON, budget = newBudget(NOON)): number {
  for (let count = 0; ; count += 1) {
    try {
      admit(budget, GITHUB_LIMITS, charge, now);
    } catch {
      return count;
    }
  }
}

describe("the secondary limits", () => {
  it.each([
    ["900 points a minute: reads", GET, 900],
    ["900 points a minute: writes", WRITE, 180],
    ["80 creations of content a minute", CREATE, 80],
  ])("%s", (_, charge, count) => {
    expect(admitted(charge)).toBe(count);
  });

  it("let go what is a minute old, and no more than 500 creations an hour", () => {
    const budget = newBudget(NOON);
    const counts = Array.from({ length: 8 }, (__, minute) => admitted(CREATE, NOON + minute * 60_000, budget));
    expect(counts).toEqual([80, 80, 80, 80, 80, 80, 20, 0]);
    expect(admitted(CREATE, NOON + 3_600_000, budget)).toBe(80);
  });

  it("say how long to wait", () => {
    const budget = newBudget(NOON);
    for (let at = 0; at < 80; at += 1) admit(budget, GITHUB_LIMITS, CREATE, NOON + at * 100);
    expect(() => admit(budget, GITHUB_LIMITS, CREATE, NOON + 10_000)).toThrow(
      expect.objectContaining({
        status: 403,
        details: expect.objectContaining({ headers: { "retry-after": "50" } }) as unknown,
      }) as Error,
    );
  });

  it("admit a hundred requests at once", () => {
    expect(() => admit({ ...newBudget(NOON), running: 99 }, GITHUB_LIMITS, GET, NOON)).not.toThrow();
    expect(() => admit({ ...newBudget(NOON), running: 100 }, GITHUB_LIMITS, GET, NOON)).toThrow("secondary rate limit");
  });
});

it("the primary limit ends with its hour", () => {
  const budget = newBudget(NOON);
  for (let at = 0; at < 5000; at += 1) spend(budget, GITHUB_LIMITS);
  expect(() => admit(budget, GITHUB_LIMITS, GET, NOON + 3_599_999)).toThrow("API rate limit exceeded");
  expect(() => admit(budget, GITHUB_LIMITS, GET, NOON + 3_600_000)).not.toThrow();
});

describe("over HTTP", () => {
  let world: TestGitHub;
  afterEach(() => world.close());

  it("every answer tells what is left, and 304 costs nothing", async () => {
    world = await testGitHub();
    const first = await world.ask("GET", `/repos/${REPO}`);
    const used = Number(first.headers.get("x-ratelimit-used"));
    expect(first.headers.get("x-ratelimit-limit")).toBe("5000");
    expect(first.headers.get("x-ratelimit-remaining")).toBe(String(5000 - used));
    expect(first.headers.get("x-ratelimit-reset")).toBe(String(NOON / 1000 + 3600));
    expect(first.headers.get("x-ratelimit-resource")).toBe("core");
    expect(first.headers.get("date")).toBe("Fri, 20 Nov 2026 12:00:00 GMT");
    expect(first.headers.get("x-github-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const known = { "if-none-match": first.headers.get("etag") ?? "" };
    const again = await world.ask("GET", `/repos/${REPO}`, { headers: known });
    expect(again).toMatchObject({ status: 304, json: "" });
    expect(again.headers.get("x-ratelimit-used")).toBe(String(used));
    await world.github.openPull({ repo: REPO, user: "ben", branch: "b", files: { a: "1" }, title: "B" });
    expect((await world.ask("GET", `/repos/${REPO}`, { headers: known })).status).toBe(200);
    const { json } = await world.ask("GET", "/rate_limit");
    expect(json).toMatchObject({ rate: { limit: 5000, used: used + 1, remaining: 5000 - used - 1 } });
  });

  it("every answer bears the sandbox's time, refusals and git's own too", async () => {
    world = await testGitHub();
    const { url, htmlUrl, gitUrl } = world.github;
    const served = `${gitUrl(REPO)}/info/refs?service=git-upload-pack`;
    for (const address of [`${url}/repos/${REPO}`, `${url}/nowhere`, `${htmlUrl}/nowhere`, served])
      expect((await fetch(address)).headers.get("date")).toBe("Fri, 20 Nov 2026 12:00:00 GMT");
  });

  it("refuses with the words and headers that clients wait for", async () => {
    world = await testGitHub({ limits: { contentPerMinute: 1, primaryPerHour: 4 } });
    const { number } = await world.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "b",
      files: { a: "1" },
      title: "B",
    });
    const say = () => world.ask("POST", `/repos/${REPO}/issues/${number}/comments`, { body: { body: "x" } });
    expect((await say()).status).toBe(201);
    const refused = await say();
    expect(refused).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining("secondary rate limit") as unknown },
    });
    expect(refused.headers.get("retry-after")).toBe("60");
    await world.ask("GET", `/repos/${REPO}`);
    await world.ask("GET", `/repos/${REPO}`);
    const last = await world.ask("GET", `/repos/${REPO}`);
    expect(last).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining("API rate limit exceeded") as unknown },
    });
    expect(last.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(world.github.comments(REPO, number)).toHaveLength(1);
  });

  it("logs each call with what it cost", async () => {
    world = await testGitHub();
    const { number } = await world.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "b",
      files: { a: "1" },
      title: "B",
    });
    await world.ask("PUT", `/repos/${REPO}/pulls/${number}/merge`);
    expect(world.github.calls()).toMatchObject([
      { method: "POST", route: "/app/installations/{id}/access_tokens", status: 201, contentCreating: false },
      {
        at: NOON,
        method: "PUT",
        route: "/repos/{owner}/{repo}/pulls/{number}/merge",
        path: `/repos/${REPO}/pulls/${number}/merge`,
        status: 200,
        contentCreating: true,
        installation: world.github.installationId(REPO),
      },
    ]);
  });
});
