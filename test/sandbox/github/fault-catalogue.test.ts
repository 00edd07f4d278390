import { afterAll, afterEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../../src/sandbox/github/fault-catalogue.ts";
import type { FaultName } from "../../../src/sandbox/github/fault-catalogue.ts";
import { injector } from "../../../src/sandbox/github/injector.ts";
import { NOON, REPO, testGitHub } from "../../support/github.ts";
import type { Reply } from "../../support/github.ts";
import { PATIENT } from "../../support/patience.ts";

const world = await testGitHub();
afterAll(() => world.close());
afterEach(() => world.github.setFaults(undefined));

// its token is fetched before anything fails
await world.ask("GET", "/rate_limit");

const PULLS = `/repos/${REPO}/pulls`;

async function opened(): Promise<number> {
  const at = world.github.pulls(REPO).length + 1;
  const files = { [`f${at}`]: "1" };
  return (await world.github.openPull({ repo: REPO, user: "ben", branch: `b${at}`, files, title: "Bump" })).number;
}

function inject(fault: FaultName) {
  const { hook, tally } = injector([{ aim: {}, kind: "each", fault }], () => 0);
  world.github.setFaults(hook);
  return tally;
}

const merge = (number: number) => world.ask("PUT", `${PULLS}/${number}/merge`, { body: { merge_method: "squash" } });
const numbers = ({ json }: Reply) => (json as { number: number }[]).map((pull) => pull.number);
const stateOf = (number: number) => world.github.pulls(REPO).find((pull) => pull.number === number)?.state.kind;

it("names every fault once, and says why", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  expect(FAULTS.every(({ why }) => why.length > 20)).toBe(true);
});

const SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

// name, status, words, headers
const REFUSALS: readonly (readonly [FaultName, number, string | RegExp, Readonly<Record<string, string>>])[] = [
  ["expiredToken", 401, "Bad credentials", {}],
  ["forbidden", 403, "Resource not accessible by integration", {}],
  [
    "primaryLimit",
    403,
    /^API rate limit exceeded/,
    { "x-ratelimit-remaining": "0", "x-ratelimit-used": "5000", "x-ratelimit-reset": String(NOON / 1000 + 60) },
  ],
  ["secondaryLimit", 403, SECONDARY, { "retry-after": "60" }],
  ["secondaryLimitBare", 403, SECONDARY, {}],
  ["tooMany", 429, SECONDARY, { "retry-after": "60" }],
  ["tooManyBare", 429, "Too Many Requests", {}],
  ["contentLimit", 403, /secondary rate limit.*blocked from content creation/, {}],
  ["renamed", 404, "Not Found", {}],
  ["notMergeable", 405, "Pull Request is not mergeable", {}],
  ["baseModified", 405, "Base branch was modified. Review and try the merge again.", {}],
  ["conflict", 409, "Head branch was modified. Review and try the merge again.", {}],
  ["unprocessable", 422, "Validation Failed", {}],
  ["errorBefore", 502, "Server Error", {}],
  ["unavailable", 503, /^No server/, {}],
  ["mergeableNull", 405, "Pull Request is not mergeable", {}],
];

it.each(REFUSALS)("%s: a merge is answered %i and has not happened", async (name, status, words, headers) => {
  const number = await opened();
  const tally = inject(name);
  const answer = await merge(number);
  expect(answer).toMatchObject({
    status,
    json: {
      message: expect.stringMatching(words) as unknown,
      status: String(status),
      documentation_url: expect.stringContaining("https://docs.github.com/rest") as unknown,
    },
  });
  for (const [header, value] of Object.entries(headers)) expect(answer.headers.get(header)).toBe(value);
  expect(answer.headers.has("retry-after")).toBe("retry-after" in headers);
  // only the primary limit says that nothing remains: that is how the limits are told apart
  if (name !== "primaryLimit") expect(answer.headers.get("x-ratelimit-remaining")).not.toBe("0");
  expect(stateOf(number)).toBe("open");
  expect(tally()).toEqual([{ call: "PUT /repos/{owner}/{repo}/pulls/{number}/merge", fault: name, times: 1 }]);
});

it("errorAfter: a merge is answered 502 and has happened", async () => {
  const number = await opened();
  inject("errorAfter");
  expect((await merge(number)).status).toBe(502);
  expect(stateOf(number)).toBe("merged");
});

it.each([
  ["timeoutBefore", "open"],
  ["timeoutAfter", "merged"],
] as const)("%s: a merge is never answered and leaves the pull request %s", async (name, state) => {
  const number = await opened();
  inject(name);
  await expect(merge(number)).rejects.toThrow("fetch failed");
  expect(stateOf(number)).toBe(state);
});

describe("a read", () => {
  it("truncatedList: breaks off in its body, which announced more", async () => {
    await opened();
    inject("truncatedList");
    const authorization = `Bearer ${await world.token()}`;
    const answer = await fetch(`${world.github.url}${PULLS}`, { headers: { authorization } });
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(1000);
    await expect(answer.text()).rejects.toThrow("terminated");
  });

  it("may lose the last items of its page, the links saying what they said", async () => {
    for (let at = 0; at < 3; at += 1) await opened();
    const whole = await world.ask("GET", `${PULLS}?per_page=3&state=all`);
    world.github.setFaults(() => ({ kind: "loseItems", count: 2 }));
    const short = await world.ask("GET", `${PULLS}?per_page=3&state=all`);
    expect(short).toMatchObject({ status: 200, json: [{ number: (whole.json as { number: number }[])[0]?.number }] });
    expect(short.json).toHaveLength(1);
    expect(short.headers.get("link")).toBe(whole.headers.get("link"));
  });

  it("may lose check runs under a total that counts them", async () => {
    const sha = await world.github.push({ repo: REPO, user: "ben", branch: "c", files: { c: "1" }, message: "c" });
    await world.github.reportCheck({ repo: REPO, app: "ci", sha, name: "build", conclusion: "success" });
    world.github.setFaults(() => ({ kind: "loseItems", count: 5 }));
    const { json } = await world.ask("GET", `/repos/${REPO}/commits/${sha}/check-runs`);
    expect(json).toEqual({ total_count: 1, check_runs: [] });
  });

  it("staleRead: answers as it did at the last reading of the same address, headers included", async () => {
    const read = (path = PULLS) => world.ask("GET", path);
    const aim = { method: "GET", route: "/pulls" };
    const stale = injector([{ aim, kind: "order", faults: ["none", "staleRead", "staleRead", "none"] }], () => 0);
    world.github.setFaults(stale.hook);
    const before = await read();
    const number = await opened();
    const after = await read();
    expect(after.json).toEqual(before.json);
    expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
    // another address has nothing to be stale with, so the fault waits for one that has
    expect(numbers(await read(`${PULLS}?state=open`))[0]).toBe(number);
    expect((await read()).json).toEqual(before.json);
    expect(numbers(await read())).toEqual([number, ...numbers(before)]);
    expect(stale.tally()).toMatchObject([{ fault: "staleRead", times: 2 }]);
  });

  it("mergeableNull: knows nothing of mergeability as long as it lasts", async () => {
    const number = await opened();
    await expect
      .poll(async () => (await world.ask("GET", `${PULLS}/${number}`)).json, PATIENT)
      .toMatchObject({ mergeable: true });
    inject("mergeableNull");
    for (let at = 0; at < 3; at += 1)
      expect((await world.ask("GET", `${PULLS}/${number}`)).json).toMatchObject({
        mergeable: null,
        mergeable_state: "unknown",
      });
    expect((await merge(number)).status).toBe(405);
    world.github.setFaults(undefined);
    expect((await merge(number)).status).toBe(200);
  });
});

it("graphqlErrors can happen to no request", () => {
  const { hook, tally } = injector([{ aim: {}, kind: "each", fault: "graphqlErrors" }], () => 0);
  const asked = { method: "POST", route: "/graphql", path: "/graphql" };
  const request = { ...asked, host: "127.0.0.1:80", body: undefined, isRemembered: true };
  expect(hook(request)).toBeUndefined();
  expect(tally()).toEqual([]);
});
