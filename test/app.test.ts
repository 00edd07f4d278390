import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { jsonLogger, logTo } from "../src/adapters/log.ts";
import { probotFor, receiverOf, tidegateApp } from "../src/app.ts";
import { repoName } from "../src/core/names.ts";
import type { RepoKey } from "../src/ports/queue.ts";
import { openFront, post, signed } from "./adapters/http/world.ts";

const APP = 4711;
const GITOPS: RepoKey = { installation: 12, repo: repoName("acme/gitops") };

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

async function openWorld() {
  const looks: RepoKey[] = [];
  const logged: string[] = [];
  let isFull = false;
  const logger = jsonLogger("debug", (line) => void logged.push(line));
  const look = async (key: RepoKey): Promise<void> => {
    if (isFull) throw new Error("The queue is full.");
    looks.push(key);
  };
  const probot = probotFor({ appId: APP, privateKey, log: logger, baseUrl: "http://127.0.0.1:9" });
  await probot.load(tidegateApp({ queue: { look }, log: logTo(logger), appId: APP }));
  const front = await openFront(receiverOf(probot));
  const fill = (): void => void (isFull = true);
  const reset = (): void => {
    isFull = false;
    for (const list of [looks, logged, front.logged]) list.length = 0;
  };
  return { looks, logged, front, fill, reset };
}

const { looks, logged, front, fill, reset } = await openWorld();

afterEach(reset);

afterAll(() => front.close());

function payload(changes: object): string {
  const repository = { full_name: "acme/gitops", id: 1, note: "payload-marker" };
  return JSON.stringify({ repository, installation: { id: 12 }, sender: { login: "ana" }, ...changes });
}

async function deliver(event: string, changes: object): Promise<number> {
  const body = payload(changes);
  return (await post(front.url, body, { ...signed(body), "x-github-event": event })).status;
}

const onPull = { issue: { number: 7, pull_request: {} } };

describe("webhooks that are one look", () => {
  it.each([
    ["push", { ref: "refs/heads/main" }],
    ...["opened", "synchronize", "closed", "reopened", "edited", "ready_for_review"].map(
      (action) => ["pull_request", { action }] as const,
    ),
    [
      "issue_comment",
      { action: "created", comment: { performed_via_github_app: null, user: { login: "ana" } }, ...onPull },
    ],
    ["issue_comment", { action: "created", comment: { performed_via_github_app: { id: 1 } }, ...onPull }],
    ["check_run", { action: "rerequested" }],
    ["check_run", { action: "requested_action" }],
    ["check_suite", { action: "rerequested" }],
    ["installation", { action: "created", repository: undefined, repositories: [{ full_name: "acme/gitops" }] }],
    [
      "installation_repositories",
      { action: "added", repository: undefined, repositories_added: [{ full_name: "acme/gitops" }] },
    ],
  ] as const)("%s %j", async (event, changes) => {
    expect(await deliver(event, changes)).toBe(202);
    expect(looks).toEqual([GITOPS]);
    expect([...logged, ...front.logged].join("")).not.toMatch(/payload-marker|refs\/heads|"sender"/);
  });

  it("each repository of an installation is looked at", async () => {
    const repositories = ["acme/gitops", "acme/other"].map((full_name) => ({ full_name }));
    expect(await deliver("installation", { action: "created", repositories })).toBe(202);
    expect(looks).toEqual([GITOPS, { installation: 12, repo: "acme/other" }]);
  });
});

describe("webhooks that are none", () => {
  it.each([
    ["push", { ref: "refs/tags/v1" }],
    ["pull_request", { action: "labeled" }],
    ["issue_comment", { action: "edited", comment: {}, ...onPull }],
    ["issue_comment", { action: "deleted", comment: {}, ...onPull }],
    ["issue_comment", { action: "created", comment: {}, issue: { number: 7 } }],
    ["issue_comment", { action: "created", comment: { performed_via_github_app: { id: APP } }, ...onPull }],
    ["check_run", { action: "completed" }],
    ["installation", { action: "deleted", repositories: [{ full_name: "acme/gitops" }] }],
    ["star", { action: "created" }],
    ["unheard_of", {}],
    ["ping", { zen: "Calm." }],
  ])("%s %j", async (event, changes) => {
    expect(await deliver(event, changes)).toBe(202);
    expect(looks).toEqual([]);
  });

  it.each([
    ["no repository", { repository: undefined }],
    ["a repository that is no name", { repository: { full_name: "../../payload-marker" } }],
    ["a name with a line end", { repository: { full_name: "acme/payload-marker\n" } }],
    ["a repository that is text", { repository: "acme/payload-marker" }],
    ["no installation", { installation: undefined }],
    ["an installation that is no number", { installation: { id: "12" } }],
    ["a negative installation", { installation: { id: -1 } }],
  ])("%s is dropped with a line that repeats nothing", async (_, changes) => {
    expect(await deliver("push", { ref: "refs/heads/main", ...changes })).toBe(202);
    expect(looks).toEqual([]);
    expect(logged.filter((line) => line.includes("names no repository"))).toHaveLength(1);
    expect(logged.join("")).not.toContain("payload-marker");
  });
});

describe("refusals", () => {
  it("a full queue is told to GitHub, and no payload to the log", async () => {
    fill();
    expect(await deliver("push", { ref: "refs/heads/main" })).toBe(503);
    expect(looks).toEqual([]);
    expect([...logged, ...front.logged].join("")).toContain("The queue is full.");
    expect([...logged, ...front.logged].join("")).not.toMatch(/payload-marker|refs\/heads|"sender"/);
  });

  it.each([
    ["unsigned", payload({ ref: "refs/heads/main" }), { "x-hub-signature-256": "" }, 401],
    ["signed with Probot's well-known default", payload({}), signed(payload({}), "development"), 401],
    ["malformed", "{", {}, 400],
    ["oversized", "x".repeat(30 * 2 ** 20), {}, 413],
  ])("%s", async (_, body, headers, status) => {
    expect((await post(front.url, body, { ...signed(body), ...headers })).status).toBe(status);
    expect(looks).toEqual([]);
    expect([...logged, ...front.logged].join("")).not.toMatch(/payload-marker|refs\/heads/);
  });
});
