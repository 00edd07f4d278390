import { afterAll, describe, expect, it } from "vitest";
import { APP, REPO, testGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";

const REMARK = { path: "a", start_line: 1, end_line: 1, annotation_level: "warning", message: "m" };
const RUNS = `/repos/${REPO}/check-runs`;

const world = await testGitHub();
const opened = await world.github.openPull({
  repo: REPO,
  user: "ben",
  branch: "b",
  files: { a: "1" },
  title: "B",
});
const { sha } = opened.head;
afterAll(() => world.close());

const create = (body: object) => world.ask("POST", RUNS, { body: { name: "tidegate/gate", head_sha: sha, ...body } });

const idOf = ({ json }: { readonly json: unknown }) => (json as { id: number }).id;

describe("a check run", () => {
  it("is queued until more is known, then running, then completed", async () => {
    const created = await create({ external_id: "release 7" });
    expect(created).toMatchObject({
      status: 201,
      json: {
        status: "queued",
        conclusion: null,
        completed_at: null,
        external_id: "release 7",
        head_sha: sha,
        app: { id: APP.id, slug: "tidegate" },
        pull_requests: [{ number: 1 }],
        output: { title: null, summary: null, text: null },
      },
    });
    const path = `${RUNS}/${idOf(created)}`;
    const change = async (body: object) => (await world.ask("PATCH", path, { body })).json;
    expect(await change({ status: "in_progress", output: { title: "Baking", summary: "s" } })).toMatchObject({
      status: "in_progress",
      output: { title: "Baking" },
    });
    expect(await change({ conclusion: "success" })).toMatchObject({
      status: "completed",
      conclusion: "success",
      completed_at: "2026-11-20T12:00:00Z",
      output: { title: "Baking", summary: "s" },
    });
    expect((await world.ask("GET", path)).json).toMatchObject({ conclusion: "success", external_id: "release 7" });
    expect(await change({ status: "in_progress" })).toMatchObject({ status: "in_progress", conclusion: null });
  });

  it.each([
    ["four buttons", { actions: Array.from({ length: 4 }, () => ({ label: "a", description: "b", identifier: "c" })) }],
    ["a long label", { actions: [{ label: "x".repeat(21), description: "b", identifier: "c" }] }],
    ["a long description", { actions: [{ label: "a", description: "x".repeat(41), identifier: "c" }] }],
    ["a long identifier", { actions: [{ label: "a", description: "b", identifier: "x".repeat(21) }] }],
    ["a long summary", { output: { title: "t", summary: "x".repeat(65_536) } }],
    ["a long text", { output: { title: "t", summary: "s", text: "x".repeat(65_536) } }],
    ["an output without a title", { output: { summary: "s" } }],
    [
      "an image without words",
      { output: { title: "t", summary: "s", images: [{ image_url: "https://example.com/a" }] } },
    ],
    [
      "more remarks on lines than one request may have",
      { output: { title: "t", summary: "s", annotations: Array.from({ length: 51 }, () => REMARK) } },
    ],
    ["a conclusion of GitHub's own", { conclusion: "stale" }],
    ["completion without a conclusion", { status: "completed" }],
    ["no name", { name: undefined }],
    ["an unknown commit", { head_sha: "1".repeat(40) }],
    ["no commit at all", { head_sha: "main" }],
  ])("is refused with %s", async (_, body) => {
    expect((await create(body)).status).toBe(422);
  });

  it("keeps the remarks on lines that it was told of, and adds more", async () => {
    const output = { title: "t", summary: "s", annotations: [REMARK] };
    const created = await create({ output });
    const more = { ...output, annotations: [{ ...REMARK, start_line: 2, end_line: 2 }] };
    const { json } = await world.ask("PATCH", `${RUNS}/${idOf(created)}`, { body: { output: more } });
    expect(json).toMatchObject({ output: { annotations_count: 2 } });
  });

  it("takes the longest of everything", async () => {
    const action = { label: "x".repeat(20), description: "x".repeat(40), identifier: "x".repeat(20) };
    const output = { title: "t", summary: "x".repeat(65_535), text: "x".repeat(65_535) };
    expect((await create({ actions: [action, action, action], output })).status).toBe(201);
  });

  it("is 404 when absent, and another App's is not to be changed", async () => {
    expect((await world.ask("GET", `${RUNS}/1`)).status).toBe(404);
    const id = await world.github.reportCheck({ repo: REPO, app: "ci", sha, name: "build", conclusion: "success" });
    expect((await world.ask("PATCH", `${RUNS}/${id}`, { body: { conclusion: "failure" } })).status).toBe(403);
  });
});

describe("the runs of a commit", () => {
  const list = async (query: string, ref = sha) => {
    const { json } = await world.ask("GET", `/repos/${REPO}/commits/${ref}/check-runs${query}`);
    const { total_count: total, check_runs: runs } = json as {
      total_count: number;
      check_runs: { id: number; name: string }[];
    };
    return { total, ids: runs.map(({ id }) => id), names: runs.map(({ name }) => name) };
  };

  it("show the newest of each name, all of them when asked, by branch too", async () => {
    const first = idOf(await create({ name: "tidegate/plan" }));
    const second = idOf(await create({ name: "tidegate/plan" }));
    expect((await list("?check_name=tidegate/plan")).ids).toEqual([second]);
    expect((await list("?check_name=tidegate/plan", "b")).ids).toEqual([second]);
    expect((await list("?check_name=tidegate/plan&filter=all")).ids).toEqual([second, first]);
    expect((await list("?check_name=tidegate/plan&filter=all&per_page=1")).total).toBe(2);
  });

  it("are told apart by App", async () => {
    await world.github.reportCheck({ repo: REPO, app: "spoof", sha, name: "tidegate/plan", conclusion: "success" });
    expect((await list("?check_name=tidegate/plan")).total).toBe(2);
    expect((await list(`?check_name=tidegate/plan&app_id=${APP.id}`)).total).toBe(1);
    expect((await list("?status=completed&check_name=tidegate/plan")).total).toBe(1);
  });

  it("need a commit", async () => {
    expect((await world.ask("GET", `/repos/${REPO}/commits/absent/check-runs`)).status).toBe(422);
  });
});

describe("buttons", () => {
  it("tell the App who pressed which, on what head, and for which pull requests", async () => {
    const listener = await listen();
    world.github.setWebhookUrl(listener.url);
    const { number, head } = await world.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "pressed",
      files: { pressed: "1" },
      title: "Pressed",
    });
    const actions = [{ label: "Promote", description: "Go on", identifier: "promote" }];
    const check = idOf(await create({ head_sha: head.sha, conclusion: "success", actions }));
    world.github.pressButton({ repo: REPO, user: "ben", check, identifier: "promote" });
    await world.github.settled();
    const pressed = listener.heard.map(({ body }) => JSON.parse(body) as { action?: string });
    expect(pressed.findLast(({ action }) => action === "requested_action")).toMatchObject({
      action: "requested_action",
      requested_action: { identifier: "promote" },
      sender: { login: "ben", type: "User" },
      check_run: {
        id: check,
        head_sha: head.sha,
        app: { id: 4242, slug: "tidegate" },
        pull_requests: [{ number, head: { sha: head.sha, ref: "pressed" }, base: { ref: "main" } }],
      },
      repository: { full_name: REPO },
      installation: { id: world.github.installationId(REPO) },
    });
    world.github.setWebhookUrl(undefined);
    await listener.close();
  });

  it("are only those that the run has", async () => {
    const check = idOf(await create({ actions: [{ label: "Promote", description: "Go on", identifier: "promote" }] }));
    const press = (user: string, identifier: string) => () =>
      world.github.pressButton({ repo: REPO, user, check, identifier });
    expect(press("ben", "promote")).not.toThrow();
    expect(press("ben", "abort")).toThrow("has no button");
    expect(press("cleo", "promote")).toThrow("needs the role");
  });
});
