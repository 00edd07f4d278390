import nock from "nock";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import type { NewCheck } from "../../../src/ports/forge.ts";
import {
  BOT,
  commentJson,
  HEAD,
  nockedForge,
  NOON,
  OTHER,
  PATH,
  pullJson,
  runJson,
  user,
  strictly,
} from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const thrownBy = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const OOPS = { message: "Bad gateway" };

describe("opening a pull request", () => {
  const PULL = { branch: "tidegate/checkout", base: "main", title: "checkout 5% → 25%", body: "why" };
  const LOOK = { head: "acme:tidegate/checkout", base: "main", state: "open" };

  it("is one call", async () => {
    const { forge, github } = nockedForge();
    github
      .post(`${PATH}/pulls`, { head: PULL.branch, base: "main", title: PULL.title, body: "why" })
      .reply(201, pullJson());
    expect(await forge.openPull(PULL, "step")).toBe(7);
  });

  it.each([
    [
      "GitHub says that there is one",
      422,
      {
        message: "Validation Failed",
        errors: [{ message: "A pull request already exists for acme:tidegate/checkout." }],
      },
    ],
    ["the answer got lost", 502, OOPS],
  ])("finds the open one of that branch when %s", async (_, status, body) => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).reply(status, body);
    const others = [
      pullJson({ number: 1, head: { ref: "other", sha: HEAD, repo: { id: 1 } } }),
      pullJson({ number: 2, head: { ref: PULL.branch, sha: HEAD, repo: { id: 99 } } }),
    ];
    github
      .get(`${PATH}/pulls`)
      .query(LOOK)
      .reply(200, [...others, pullJson()]);
    expect(await forge.openPull(PULL, "step")).toBe(7);
  });

  it.each([
    [
      422,
      { message: "Validation Failed", errors: [{ message: "No commits between main and tidegate/checkout" }] },
      "invalid",
    ],
    [502, OOPS, "transient"],
  ])("fails with %i where there is none", async (status, body, fault) => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/pulls`).reply(status, body);
    github.get(`${PATH}/pulls`).query(LOOK).reply(200, []);
    expect(await thrownBy(forge.openPull(PULL, "step"))).toMatchObject({ fault, status });
  });
});

it("says what the write ended in where the look after it fails otherwise", async () => {
  const { forge, github } = nockedForge();
  const throttled = { "retry-after": "600" };
  github.post(`${PATH}/pulls`).reply(502, OOPS);
  github.get(`${PATH}/pulls`).query(true).reply(403, { message: "secondary rate limit" }, throttled);
  const pull = { branch: "tidegate/checkout", base: "main", title: "t", body: "b" };
  expect(await thrownBy(forge.openPull(pull, "step"))).toMatchObject({ fault: "transient", status: 502 });
});

describe("closing a pull request", () => {
  it.each([
    ["does not mind one that is closed", 422, "closed", undefined],
    ["looks when the answer got lost", 502, "closed", undefined],
    ["fails where it is open still", 502, "open", "transient"],
  ])("%s", async (_, status, state, fault) => {
    const { forge, github } = nockedForge();
    github.patch(`${PATH}/pulls/7`, { state: "closed" }).reply(status, OOPS);
    github.get(`${PATH}/pulls/7`).reply(200, pullJson({ state }));
    const outcome = await thrownBy(forge.closePull(7));
    expect(outcome instanceof Error && "fault" in outcome ? outcome.fault : outcome).toBe(fault);
  });
});

describe("listing pull requests", () => {
  it("tells ours from others' and from forks'", async () => {
    const { forge, github } = nockedForge();
    const head = (repo: { readonly id: number } | null) => ({ ref: "b", sha: OTHER, repo });
    github
      .get(`${PATH}/pulls`)
      .query(true)
      .reply(200, [
        pullJson({ number: 1 }),
        pullJson({ number: 2, user: user("renovate[bot]"), head: head({ id: 1 }) }),
        pullJson({ number: 3, user: user("ana"), head: head({ id: 2 }) }),
        pullJson({ number: 4, user: null, head: head(null) }),
      ]);
    expect(
      (await forge.openPulls("main")).map(({ number, ours, author, fromFork }) => [number, ours, author, fromFork]),
    ).toEqual([
      [1, true, BOT, false],
      [2, false, "renovate[bot]", false],
      [3, false, "ana", true],
      [4, false, "ghost", true],
    ]);
  });

  it("gives the merged ones of a commit, the newest first", async () => {
    const { forge, github } = nockedForge();
    const merged = (number: number, at: string | null) => ({ number, merged_at: at, labels: [{ name: `l${number}` }] });
    github
      .get(`${PATH}/commits/${HEAD}/pulls`)
      .query(true)
      .reply(200, [merged(3, null), merged(1, "2026-11-20T10:00:00Z"), merged(2, "2026-11-20T11:00:00Z")]);
    expect(await forge.pullsOf(HEAD)).toEqual([
      { number: 2, labels: ["l2"] },
      { number: 1, labels: ["l1"] },
    ]);
  });
});

describe("reporting a check", () => {
  const CHECK: NewCheck = {
    name: "tidegate/gate",
    headSha: HEAD,
    externalId: "e2",
    conclusion: "failure",
    title: "Failed",
    summary: "Errors",
    text: "Table",
    actions: [],
  };
  const RUNS = `${PATH}/commits/${HEAD}/check-runs`;
  const listed = (...runs: readonly unknown[]) => ({ total_count: runs.length, check_runs: runs });
  const content = {
    name: "tidegate/gate",
    external_id: "e2",
    status: "completed",
    conclusion: "failure",
    actions: [],
    output: { title: "Failed", summary: "Errors", text: "Table", images: [] },
  };

  it("writes nothing where the external id is equal", async () => {
    const { forge, github } = nockedForge();
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ external_id: "e2" })));
    await forge.report(CHECK, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("creates where there is none of ours", async () => {
    const { forge, github } = nockedForge();
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ external_id: "e2", app: { id: 1 } })));
    github.post(`${PATH}/check-runs`, { ...content, head_sha: HEAD }).reply(201, runJson());
    await forge.report(CHECK, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("updates ours", async () => {
    const { forge, github } = nockedForge();
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ status: "in_progress", conclusion: null })));
    const told = { alt: "Failed requests", caption: "prod" };
    const address = "https://ops.example.com/charts/a.svg";
    const images = [{ ...told, image_url: address }];
    github.patch(`${PATH}/check-runs/11`, { ...content, output: { ...content.output, images } }).reply(200, runJson());
    await forge.report({ ...CHECK, images: [{ ...told, url: address }] }, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("tells of lines by a run of their own, no more than GitHub takes, and what is to be said next by another one", async () => {
    const { forge, github } = nockedForge();
    const annotations = Array.from({ length: 60 }, (_, index) => {
      return { path: "a.yaml", line: index + 1, level: "warning" as const, title: "rule", message: "What.\nWhy." };
    });
    const sent = annotations.slice(0, 50).map(({ line, level, ...one }) => {
      return { ...one, start_line: line, end_line: line, annotation_level: level };
    });
    const first = { ...content, head_sha: HEAD, output: { ...content.output, annotations: sent } };
    github.get(RUNS).query(true).reply(200, listed());
    github.post(`${PATH}/check-runs`, first).reply(201, runJson());
    await forge.report({ ...CHECK, annotations }, "step");
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ external_id: CHECK.externalId })));
    github.post(`${PATH}/check-runs`, { ...content, external_id: "e9", head_sha: HEAD }).reply(201, runJson());
    await forge.report({ ...CHECK, externalId: "e9", annotations: [] }, "step");
    expect(nock.isDone()).toBe(true);
  });

  it("makes another run rather than open a complete one again", async () => {
    const { forge, github } = nockedForge();
    github.get(RUNS).query(true).reply(200, listed(runJson()));
    github
      .post(
        `${PATH}/check-runs`,
        (body: Record<string, unknown>) => body["status"] === "in_progress" && !("conclusion" in body),
      )
      .reply(201, runJson());
    await forge.report({ ...CHECK, conclusion: undefined }, "step");
    expect(nock.isDone()).toBe(true);
  });

  it.each([
    ["is content when the lost write is there", "e2", undefined],
    ["fails when it is not", "e1", "transient"],
  ])("looks after an answer got lost: %s", async (_, externalId, fault) => {
    const { forge, github } = nockedForge();
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ status: "in_progress" })));
    github.patch(`${PATH}/check-runs/11`).reply(502, OOPS);
    github
      .get(RUNS)
      .query(true)
      .reply(200, listed(runJson({ external_id: externalId })));
    const outcome = await thrownBy(forge.report(CHECK, "step"));
    expect(outcome instanceof Error && "fault" in outcome ? outcome.fault : outcome).toBe(fault);
  });

  it("cuts to what GitHub takes", async () => {
    const { forge, github } = nockedForge();
    github.get(RUNS).query(true).reply(200, listed());
    const outputs: { readonly title: string; readonly summary: string; readonly text: string }[] = [];
    github
      .post(`${PATH}/check-runs`, (body: { readonly output: (typeof outputs)[number] }) => {
        outputs.push(body.output);
        return true;
      })
      .reply(201, runJson());
    await forge.report(
      { ...CHECK, title: "ü".repeat(300), summary: "😀".repeat(40_000), text: "x".repeat(65_535) },
      "step",
    );
    const [output] = outputs;
    expect([output?.title, output?.summary, output?.text].map((part) => Buffer.byteLength(part ?? ""))).toEqual([
      255, 65_533, 65_535,
    ]);
    expect(output?.summary.endsWith("😀\n\n_Cut here: GitHub shows no more than this._")).toBe(true);
  });
});

describe("reading comments", () => {
  const PLAIN = { reactions: 0, asked: undefined };

  it("gives who wrote what, when, and whether it was changed", async () => {
    const { forge, github } = nockedForge();
    const at = (ms: number) => new Date(NOON + ms).toISOString();
    github
      .get(`${PATH}/issues/comments`)
      .query({ since: at(0), sort: "created", direction: "asc", per_page: 100, page: 1 })
      .reply(200, [
        commentJson({ id: 5, created_at: at(3_000), updated_at: at(3_000), user: user(BOT) }),
        commentJson({ id: 1, created_at: at(-9_000), updated_at: at(4_000) }),
        commentJson({ id: 2, created_at: at(1_000), updated_at: at(2_000), body: null, user: null }),
        commentJson({ id: 3, created_at: at(1_000), updated_at: at(1_000), performed_via_github_app: { id: 1 } }),
        commentJson({ id: 4, performed_via_github_app: null }),
      ]);
    expect(await forge.comments(NOON)).toEqual([
      { id: 4, pull: 7, author: "ana", byBot: false, edited: false, at: NOON, body: "/hold", ...PLAIN },
      { id: 2, pull: 7, author: "ghost", byBot: true, edited: true, at: NOON + 1_000, body: "", ...PLAIN },
      { id: 3, pull: 7, author: "ana", byBot: true, edited: false, at: NOON + 1_000, body: "/hold", ...PLAIN },
      { id: 5, pull: 7, author: BOT, byBot: true, edited: false, at: NOON + 3_000, body: "/hold", ...PLAIN },
    ]);
  });

  it.each([
    [
      "ours",
      200,
      [
        { content: "+1", user: user("ana") },
        { content: "eyes", user: user(BOT) },
      ],
      true,
    ],
    ["another's alone", 200, [{ content: "+1", user: user("ana") }], false],
    ["a comment that is gone", 404, { message: "Not Found" }, true],
  ])("is answered by a reaction: %s", async (_, status, body, answered) => {
    const { forge, github } = nockedForge();
    github.get(`${PATH}/issues/comments/21/reactions`).query(true).reply(status, body);
    expect(await forge.answered(21)).toBe(answered);
  });
});

describe("reacting", () => {
  it.each([200, 201, 404])("is done at %i", async (status) => {
    const { forge, github } = nockedForge();
    github.post(`${PATH}/issues/comments/21/reactions`, { content: "eyes" }).reply(status, {});
    await forge.react(21, "eyes");
    expect(nock.isDone()).toBe(true);
  });
});

describe("saying", () => {
  const COMMENTS = `${PATH}/issues/7/comments`;
  const MARKER = "<!-- tidegate:summary -->";
  const ours = (body: string, id = 21) => commentJson({ id, body, user: user(BOT) });

  it("posts where nothing of ours is there: a marker in a comment of others is only text", async () => {
    const { forge, github } = nockedForge();
    github
      .get(COMMENTS)
      .query(true)
      .reply(200, [
        commentJson({ body: `${MARKER}\nForged` }),
        ours("<!-- tidegate:other -->\nHi"),
        ours(`Quoting ${MARKER}`),
      ]);
    github.post(COMMENTS, { body: `${MARKER}\nHello` }).reply(201, ours("x"));
    await forge.say(7, "summary", "Hello");
    expect(nock.isDone()).toBe(true);
  });

  it.each([`${MARKER}\nHello`, `${MARKER}\r\nHello\n`])("writes nothing where it says so already", async (body) => {
    const { forge, github } = nockedForge();
    github
      .get(COMMENTS)
      .query(true)
      .reply(200, [ours(body)]);
    await forge.say(7, "summary", "Hello");
    expect(nock.isDone()).toBe(true);
  });

  it("edits ours, and removes its doubles", async () => {
    const { forge, github } = nockedForge();
    github
      .get(COMMENTS)
      .query(true)
      .reply(200, [ours(`${MARKER}\nTwin`, 30), ours(`${MARKER}\nOld`, 21)]);
    github.patch(`${PATH}/issues/comments/21`, { body: `${MARKER}\nHello` }).reply(200, ours("x"));
    github.delete(`${PATH}/issues/comments/30`).reply(204);
    await forge.say(7, "summary", "Hello");
    expect(nock.isDone()).toBe(true);
  });

  it.each([
    ["is content when the lost comment is there", [ours(`${MARKER}\nHello`)], undefined],
    ["fails when it is not", [], "transient"],
  ])("looks after an answer got lost: %s", async (_, there, fault) => {
    const { forge, github } = nockedForge();
    github.get(COMMENTS).query(true).reply(200, []);
    github.post(COMMENTS).reply(502, OOPS);
    github.get(COMMENTS).query(true).reply(200, there);
    const outcome = await thrownBy(forge.say(7, "summary", "Hello"));
    expect(outcome instanceof Error && "fault" in outcome ? outcome.fault : outcome).toBe(fault);
  });

  it.each([
    ["gone already", 404, undefined, undefined],
    ["gone, though the answer got lost", 502, 404, undefined],
    ["there still", 502, 200, "transient"],
    ["nobody knows where", 502, 403, "transient"],
  ])("minds no double that is gone: %s", async (_, status, look, fault) => {
    const { forge, github } = nockedForge();
    github
      .get(COMMENTS)
      .query(true)
      .reply(200, [ours(`${MARKER}\nHello`), ours(`${MARKER}\nHello`, 30)]);
    github.delete(`${PATH}/issues/comments/30`).reply(status, OOPS);
    if (look !== undefined) github.get(`${PATH}/issues/comments/30`).reply(look, ours(MARKER, 30));
    const outcome = await thrownBy(forge.say(7, "summary", "Hello"));
    expect(outcome instanceof Error && "fault" in outcome ? outcome.fault : outcome).toBe(fault);
  });

  it("refuses a topic that could end the marker", async () => {
    const { forge } = nockedForge();
    await expect(forge.say(7, "x --> y", "Hello")).rejects.toThrow(RangeError);
  });
});
