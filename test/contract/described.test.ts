import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ROUTES } from "../../src/sandbox/github/routes/all.ts";
import { wholePath } from "../../src/sandbox/github/routing.ts";
import type { ToldAnswer, ToldDelivery } from "../../src/sandbox/github/witness.ts";
import { APP, REPO, testGitHub, type TestGitHub } from "../support/github.ts";
import { answerFaults, deliveryFaults, isDescribed } from "./described.ts";
import { EXCEPTIONS } from "./exceptions.ts";

type World = {
  readonly test: TestGitHub;
  readonly answers: ToldAnswer[];
  readonly deliveries: ToldDelivery[];
};

async function watchedWorld(): Promise<World> {
  const [answers, deliveries]: [ToldAnswer[], ToldDelivery[]] = [[], []];
  const witness = {
    onAnswer: (told: ToldAnswer) => void answers.push(told),
    onDelivery: (told: ToldDelivery) => void deliveries.push(told),
  };
  const test = await testGitHub({ witness });
  await seen(test);
  return { test, answers, deliveries };
}

/** A little of everything that the tests below look at. */
async function seen({ github, ask, jwt }: TestGitHub): Promise<void> {
  const base = `/repos/${REPO}`;
  const sha = await github.push({ repo: REPO, user: "ben", branch: "bump", files: { a: "1" }, message: "Change" });
  await ask("POST", `${base}/pulls`, { body: { title: "Bump", head: "bump", base: "main" } });
  await github.reportDeployment({ repo: REPO, user: "ana", sha, environment: "shop", state: "success" });
  const answer = await ask("GET", `${base}/deployments`);
  const [{ id }] = answer.json as readonly [{ readonly id: number }];
  await ask("GET", `${base}/deployments/${id}/statuses?per_page=100`);
  await ask("GET", "/app/installations", { headers: { authorization: `Bearer ${jwt()}` } });
  await ask("PUT", `${base}/pulls/1/merge`, { body: { sha: "0".repeat(40) } });
  await ask("PUT", `${base}/pulls/1/merge`, { body: { sha } });
  await github.settled();
}

describe("what GitHub describes", () => {
  const made: { world?: World } = {};
  beforeAll(async () => {
    made.world = await watchedWorld();
  });
  afterAll(() => made.world?.test.close());
  const world = (): World => made.world ?? expect.unreachable();
  const answerOf = (route: string): ToldAnswer =>
    world().answers.find((told) => `${told.method} ${told.route} ${told.status}` === route) ??
    expect.unreachable(route);
  const deliveryOf = (event: string): ToldDelivery =>
    world().deliveries.find((told) => told.event === event) ?? expect.unreachable(event);

  it.each(ROUTES.map((route) => [`${route.method} ${wholePath(route)}`]))("is there of %s", (route) => {
    expect(isDescribed(route)).toBe(true);
  });

  it("is what the sandbox answers and delivers", () => {
    expect(world().answers.flatMap((told) => answerFaults(told))).toEqual([]);
    expect(world().deliveries.flatMap((told) => deliveryFaults(told))).toEqual([]);
  });

  it.each(EXCEPTIONS.map((exception) => [exception.name, exception.why]))("is not this: %s. %s", (name) => {
    const others = EXCEPTIONS.filter((exception) => exception.name !== name);
    const { answers, deliveries } = world();
    const found = [
      ...answers.flatMap((told) => answerFaults(told, others)),
      ...deliveries.flatMap((told) => deliveryFaults(told, others)),
    ];
    expect(found).not.toEqual([]);
  });

  const PULL = "POST /repos/{owner}/{repo}/pulls 201";
  const LIST = "GET /repos/{owner}/{repo}/deployments/{id}/statuses 200";
  const changed = (told: ToldAnswer, change: (body: Record<string, unknown>) => object): ToldAnswer => ({
    ...told,
    text: JSON.stringify(change(JSON.parse(told.text) as Record<string, unknown>)),
  });

  it.each<[string, string, (told: ToldAnswer) => ToldAnswer, RegExp]>([
    ["a field is missing", PULL, (told) => changed(told, ({ head: _, ...rest }) => rest), /required property "head"/],
    ["a field is another", PULL, (told) => changed(told, (body) => ({ ...body, number: "7" })), /^#\/number: .*type/],
    ["a field is null", PULL, (told) => changed(told, (body) => ({ ...body, user: null })), /^#\/user: .*"null"/],
    ["a field is invented", PULL, (told) => changed(told, (body) => ({ ...body, mood: 1 })), /^#\/mood: is not/],
    [
      "a deep field is",
      PULL,
      (told) => changed(told, (body) => ({ ...body, user: { ...(body["user"] as object), mood: 1 } })),
      /^#\/user\/mood/,
    ],
    [
      "a header is missing",
      PULL,
      (told) => ({ ...told, headers: { "content-type": "application/json" } }),
      /no header location/,
    ],
    [
      "it is no JSON",
      PULL,
      (told) => ({ ...told, headers: { ...told.headers, "content-type": "text/html" } }),
      /no JSON/,
    ],
    ["it has no body", PULL, (told) => ({ ...told, text: "" }), /no JSON/],
    ["a status is not listed", PULL, (told) => ({ ...told, status: 418 }), /is not listed/],
    ["a status is another's", PULL, (told) => ({ ...told, status: 304 }), /has a body/],
    [
      "a link is no link",
      LIST,
      (told) => ({ ...told, headers: { ...told.headers, link: "next" } }),
      /another header link/,
    ],
    ["a list has no pages", PULL, (told) => ({ ...told, headers: { ...told.headers, link: "" } }), /has a header link/],
    ["a parameter is unknown", LIST, (told) => ({ ...told, query: new URLSearchParams("sort=up") }), /\?sort/],
    ["a parameter is no number", LIST, (told) => ({ ...told, query: new URLSearchParams("page=two") }), /\?page=two/],
    ["a body lacks a field", PULL, (told) => ({ ...told, asked: '{"title":"a","head":"b"}' }), /asked with .*"base"/],
    [
      "a body's field is unknown",
      PULL,
      (told) => ({ ...told, asked: '{"title":"a","head":"b","base":"c","d":1}' }),
      /asked with #\/d/,
    ],
    ["there is no body", PULL, (told) => ({ ...told, asked: "" }), /without a body/],
    ["there is a body for nothing", LIST, (told) => ({ ...told, asked: '{"a":1}' }), /with a body/],
    ["the route is unknown", LIST, (told) => ({ ...told, route: "/elsewhere" }), /is not described/],
  ])("is not met where %s", (_, route, change, said) => {
    const told = answerOf(route);
    expect(answerFaults(told)).toEqual([]);
    const faults = answerFaults(change(told));
    expect(faults.map((fault) => fault.said).filter((one) => said.test(one))).not.toEqual([]);
  });

  it("is not asked of a request that is refused for what it says", () => {
    const told = answerOf(PULL);
    const refused = { ...told, asked: '{"d":1}', status: 422, text: '{"message":"No","documentation_url":"x"}' };
    expect(answerFaults({ ...refused, headers: { "content-type": "application/json" } })).toEqual([]);
  });

  it.each<[string, (told: ToldDelivery) => ToldDelivery, RegExp]>([
    ["a header is missing", (told) => ({ ...told, headers: {} }), /no header x-hub-signature-256/],
    ["the event is unknown", (told) => ({ ...told, event: "pull" }), /is not described/],
    ["a field is missing", (told) => ({ ...told, body: told.body.replace('"ref":', '"raf":') }), /property "ref"/],
  ])("is not delivered where %s", (_, change, said) => {
    const told = deliveryOf("push");
    expect(deliveryFaults(told)).toEqual([]);
    expect(deliveryFaults(change(told)).some((fault) => said.test(fault.said))).toBe(true);
  });

  it.each([
    ["its own", 201],
    ["any", 404],
  ])("is what the registrar of Apps answers to %s code", async (whose, status) => {
    const { github } = world().test;
    const manifest = JSON.stringify({
      name: "tidegate-acme",
      url: "https://example.com",
      redirect_url: "http://127.0.0.1:1/registered",
      default_permissions: { contents: "read" },
      default_events: ["push"],
    });
    const form = { method: "POST", body: new URLSearchParams({ manifest, state: "s" }), redirect: "manual" } as const;
    const confirmed = await fetch(`${github.htmlUrl}/settings/apps/manifest`, form);
    const code = new URL(confirmed.headers.get("location") ?? "").searchParams.get("code");
    const path = `/app-manifests/${whose === "any" ? "other" : code}/conversions`;
    const answer = await fetch(`${github.url}${path}`, { method: "POST" });
    expect(answer.status).toBe(status);
    const told = {
      method: "POST",
      route: "/app-manifests/{code}/conversions",
      query: new URLSearchParams(),
      asked: "",
    };
    const headers = Object.fromEntries(answer.headers);
    expect(answerFaults({ ...told, status, headers, text: await answer.text() })).toEqual([]);
  });

  it("holds of an App that writes as a bot", () => {
    expect(deliveryOf("pull_request").body).toContain(`${APP.slug}[bot]`);
  });
});
