import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import type { Delivery } from "../../src/adapters/http/delivery.ts";
import { logContext } from "../../src/adapters/observe/context.ts";
import { probotFor, READS, receiverOf } from "../../src/server/app.ts";
import { repoName, sha } from "../../src/core/names.ts";
import type { Because, RepoKey } from "../../src/ports/queue.ts";
import type { Press } from "../../src/server/press.ts";
import { openFront, post, signed } from "../adapters/http/world.ts";

const APP = 4711;
const GITOPS: RepoKey = { installation: 12, repo: repoName("acme/gitops") };
const OTHER: RepoKey = { installation: 12, repo: repoName("acme/other") };

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

async function openWorld() {
  const looks: RepoKey[] = [];
  const reasons: Because[] = [];
  const noted: { readonly key: RepoKey; readonly press: Press }[] = [];
  const reviews: RepoKey[] = [];
  const logged: string[] = [];
  let isFull = false;
  let isMute = false;
  const context = logContext();
  const logger = jsonLogger("debug", (line) => void logged.push(line), { around: context.fields });
  const look = async (key: RepoKey, because: Because): Promise<void> => {
    if (isFull) throw new Error("The queue is full.");
    looks.push(key);
    reasons.push(because);
  };
  const probot = probotFor({ appId: APP, privateKey, log: logger, baseUrl: "http://127.0.0.1:9" });
  const repositories = async (installation: number) => (installation === 12 ? [GITOPS.repo, OTHER.repo] : []);
  const note = async (key: RepoKey, press: Press): Promise<void> => {
    if (isMute) throw new Error("The comment could not be written.");
    noted.push({ key, press });
  };
  const reviewed = (key: RepoKey): void => void reviews.push(key);
  const options = { queue: { look }, log: logTo(logger), appId: APP, repositories, note, reviewed };
  const receive = await receiverOf(probot, options, context.within);
  const front = await openFront(receive);
  const fill = (): void => void (isFull = true);
  const mute = (): void => void (isMute = true);
  const reset = (): void => {
    isFull = false;
    isMute = false;
    for (const list of [looks, reasons, noted, reviews, logged, front.logged]) list.length = 0;
  };
  return { probot, receive, looks, reasons, noted, reviews, logged, front, fill, mute, reset };
}

const { probot, receive, looks, reasons, noted, reviews, logged, front, fill, mute, reset } = await openWorld();

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

it("no client of Probot's asks GitHub for anything", async () => {
  const probot = probotFor({ appId: APP, privateKey, log: jsonLogger("error"), baseUrl: "http://127.0.0.1:9" });
  const octokit = await probot.auth();
  await expect(octokit.request("GET /app")).rejects.toThrow("asks GitHub for nothing");
});

describe("webhooks that are one look", () => {
  it.each([
    ["push", { ref: "refs/heads/main" }],
    ["delete", { ref: "tidegate/checkout", ref_type: "branch" }],
    ...[
      "opened",
      "synchronize",
      "closed",
      "reopened",
      "edited",
      "ready_for_review",
      "converted_to_draft",
      "labeled",
      "unlabeled",
    ].map((action) => ["pull_request", { action }] as const),
    ["pull_request_review", { action: "submitted" }],
    ["pull_request_review", { action: "dismissed" }],
    ["merge_group", { action: "checks_requested" }],
    ["repository", { action: "edited" }],
    ["repository", { action: "renamed" }],
    [
      "issue_comment",
      { action: "created", comment: { performed_via_github_app: null, user: { login: "ana" } }, ...onPull },
    ],
    ["issue_comment", { action: "created", comment: { performed_via_github_app: { id: 1 } }, ...onPull }],
    ["check_run", { action: "rerequested" }],
    ["check_run", { action: "requested_action", check_run: { app: { id: 1 } } }],
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

  it.each([
    ["pull_request_review", "submitted", [GITOPS]],
    ["pull_request_review", "dismissed", [GITOPS]],
    ["pull_request", "edited", []],
  ] as const)("%s %s: who has it that people have reviewed", async (event, action, expected) => {
    expect(await deliver(event, { action })).toBe(202);
    expect(reviews).toEqual(expected);
  });

  const said = (body: string) => ({ action: "created", comment: { body, performed_via_github_app: null }, ...onPull });

  it.each([
    ["issue_comment", said("/abort"), "person"],
    ["issue_comment", said("It is worse than it looks.\r\n\r\n  `/Abort` errors"), "person"],
    ["issue_comment", said("\u200B/hold"), "person"],
    ["issue_comment", said("/promot"), "person"],
    ["issue_comment", said("Do not write /abort yet."), "news"],
    ["issue_comment", said("/abortive\n/retest"), "news"],
    ["issue_comment", said("\n".repeat(65_000)), "news"],
    ["check_run", { action: "requested_action", check_run: { app: { id: 1 } } }, "person"],
    ["check_run", { action: "rerequested" }, "person"],
    ["check_suite", { action: "rerequested" }, "person"],
    ["pull_request_review", { action: "submitted" }, "person"],
    ["push", { ref: "refs/heads/main" }, "news"],
    ["pull_request", { action: "synchronize" }, "news"],
  ] as const)("%s %o: because of %s", async (event, changes, because) => {
    expect(await deliver(event, changes)).toBe(202);
    expect(reasons).toEqual([because]);
  });

  it("each repository of an installation is looked at", async () => {
    const repositories = ["acme/gitops", "acme/other"].map((full_name) => ({ full_name }));
    expect(await deliver("installation", { action: "created", repositories })).toBe(202);
    expect(looks).toEqual([GITOPS, OTHER]);
  });

  it.each(["unsuspend", "new_permissions_accepted"])("so is each of one with %s, which names none", async (action) => {
    expect(await deliver("installation", { action, repository: undefined })).toBe(202);
    expect(looks).toEqual([GITOPS, OTHER]);
  });
});

/** Payloads of which some are a reason to look, each field right, wrong or missing. */
const PAYLOADS = fc.record(
  {
    action: fc.constantFrom("created", "opened", "closed", "assigned", "rerequested", "edited", "checks_requested", 7),
    ref: fc.constantFrom("refs/heads/main", "refs/tags/v1", "main"),
    ref_type: fc.constantFrom("branch", "tag"),
    issue: fc.constantFrom({ pull_request: {} }, {}),
    comment: fc.record({
      body: fc.constantFrom("/abort", "Looks good.", undefined, 7),
      performed_via_github_app: fc.constantFrom(null, { id: APP }, { id: 1 }),
    }),
    repository: fc.constantFrom({ full_name: "acme/gitops" }, { full_name: "acme/other" }, { full_name: "../.." }, 7),
    installation: fc.constantFrom({ id: 12 }, { id: "12" }),
  },
  { requiredKeys: [] },
);

it.each([
  ["push", { ref: "refs/heads/main", installation: { id: 7 } }],
  ["installation", { action: "suspend", installation: { id: 12 } }],
  ["installation", { action: "created", installation: { id: 12 }, repositories: [] }],
])("a %s says in the log which webhook it was: %j", async (name, payload) => {
  await receive({ id: "72d3162e", name, payload });
  expect(logged.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ delivery: "72d3162e", event: name }),
  ]);
});

type Event = Parameters<typeof probot.receive>[0];

// Whatever a payload is made of, Probot takes it for the event's.
function isEvent(delivery: Delivery): delivery is Delivery & Event {
  return delivery.payload !== undefined;
}

async function dispatched(delivery: Delivery): Promise<void> {
  if (isEvent(delivery)) await probot.receive(delivery);
}

it.each(Object.keys(READS))("%s comes to the same by the short way and by Probot's dispatch", async (name) => {
  const comesTo = async (take: () => Promise<unknown>) => {
    reset();
    await take();
    return { looks: [...looks], reasons: [...reasons], reviews: [...reviews], warned: logged.length };
  };
  await fc.assert(
    fc.asyncProperty(PAYLOADS, async (payload) => {
      const delivery = { id: "72d3162e", name, payload };
      const shortly = await comesTo(() => receive(delivery));
      expect(shortly).toEqual(await comesTo(() => dispatched(delivery)));
    }),
    { numRuns: 200 },
  );
});

describe("a click on a check's button", () => {
  const HEAD = "a".repeat(40);
  const onBranch = (number: number, base: number, sha = HEAD) => ({
    number,
    head: { sha },
    base: { repo: { id: base } },
  });
  const click = (changes: object = {}, run: object = {}) => ({
    action: "requested_action",
    sender: { login: "ana", type: "User" },
    requested_action: { identifier: "hold" },
    check_run: { app: { id: APP }, head_sha: HEAD, pull_requests: [onBranch(7, 1)], ...run },
    ...changes,
  });
  const press = (changes: Partial<Press> = {}): Press => ({
    asked: { by: "ana", headSha: sha(HEAD) },
    verb: "hold",
    pull: 7,
    ...changes,
  });

  it.each([
    ["of a hold", click(), press()],
    ["of a promotion", click({ requested_action: { identifier: "promote" } }), press({ verb: "promote" })],
    ["of a resumption", click({ requested_action: { identifier: "resume" } }), press({ verb: "resume" })],
    ["of an abort", click({ requested_action: { identifier: "abort" } }), press({ verb: "abort" })],
    ["without a pull request", click({}, { pull_requests: [] }), press({ pull: undefined })],
    ["with no list of them", click({}, { pull_requests: null }), press({ pull: undefined })],
    ["with those of forks", click({}, { pull_requests: [onBranch(3, 9), onBranch(7, 1)] }), press()],
    ["with two", click({}, { pull_requests: [onBranch(6, 1), onBranch(7, 1)] }), press({ pull: undefined })],
    ["with another head", click({}, { pull_requests: [onBranch(7, 1, "b")] }), press({ pull: undefined })],
    ["with a number that is none", click({}, { pull_requests: [onBranch(-7, 1)] }), press({ pull: undefined })],
  ])("%s is written down before the look", async (_, changes, expected) => {
    expect(await deliver("check_run", changes)).toBe(202);
    expect(noted).toEqual([{ key: GITOPS, press: expected }]);
    expect(looks).toEqual([GITOPS]);
  });

  it.each([
    ["a bot's", click({ sender: { login: "renovate[bot]", type: "Bot" } })],
    ["an organisation's", click({ sender: { login: "acme", type: "Organization" } })],
    ["of another App's run", click({}, { app: { id: 1 } })],
    ["of a command without a button", click({ requested_action: { identifier: "help" } })],
    ["of no command", click({ requested_action: { identifier: "hold\n/abort" } })],
    ["of nothing", click({ requested_action: undefined })],
    ["by a login that could end a marker", click({ sender: { login: "ana --> /abort", type: "User" } })],
    ["by nobody", click({ sender: undefined })],
    ["on no commit", click({}, { head_sha: "main" })],
  ])("%s is not followed, and says so without repeating it", async (_, changes) => {
    expect(await deliver("check_run", changes)).toBe(202);
    expect(noted).toEqual([]);
    expect(logged.filter((line) => line.includes("is not followed"))).toHaveLength(1);
    expect(logged.join("")).not.toMatch(/renovate|-->|payload-marker/);
  });

  it("that cannot be written down is refused, and not looked at", async () => {
    mute();
    expect(await deliver("check_run", click())).toBeGreaterThanOrEqual(500);
    expect(looks).toEqual([]);
  });
});

describe("webhooks that are none", () => {
  it.each([
    ["push", { ref: "refs/tags/v1" }],
    ["pull_request", { action: "assigned" }],
    ["delete", { ref: "v1", ref_type: "tag" }],
    ["issue_comment", { action: "edited", comment: {}, ...onPull }],
    ["issue_comment", { action: "deleted", comment: {}, ...onPull }],
    ["issue_comment", { action: "created", comment: {}, issue: { number: 7 } }],
    ["issue_comment", { action: "created", comment: { performed_via_github_app: { id: APP } }, ...onPull }],
    ["check_run", { action: "completed" }],
    ["installation", { action: "deleted", repositories: [{ full_name: "acme/gitops" }] }],
    ["installation", { action: "suspend" }],
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
