import { afterAll, describe, expect, it } from "vitest";
import { REPO, testGitHub } from "../../support/github.ts";

const COMMENTS = `/repos/${REPO}/issues/comments`;

const world = await testGitHub();
const { number } = await world.github.openPull({
  repo: REPO,
  user: "ben",
  branch: "b",
  files: { a: "1" },
  title: "B",
});
afterAll(() => world.close());

const say = (user: string, body: string) => world.github.comment({ repo: REPO, user, number, body });

const idsOf = ({ json }: { readonly json: unknown }) => (json as { id: number }[]).map(({ id }) => id);

describe("comments", () => {
  it("are written, read and changed by the App", async () => {
    const created = await world.ask("POST", `/repos/${REPO}/issues/${number}/comments`, { body: { body: "Hello" } });
    expect(created).toMatchObject({
      status: 201,
      json: { body: "Hello", user: { login: "tidegate[bot]", type: "Bot" } },
    });
    const { id } = created.json as { id: number };
    world.clock.at += 5000;
    const edited = await world.ask("PATCH", `${COMMENTS}/${id}`, { body: { body: "Hello again" } });
    expect(edited.json).toMatchObject({
      body: "Hello again",
      created_at: "2026-11-20T12:00:00Z",
      updated_at: "2026-11-20T12:00:05Z",
    });
    expect((await world.ask("GET", `${COMMENTS}/${id}`)).json).toEqual(edited.json);
    expect((await world.ask("DELETE", `${COMMENTS}/${id}`)).status).toBe(204);
    expect((await world.ask("GET", `${COMMENTS}/${id}`)).status).toBe(404);
  });

  it.each([
    ["empty", { body: " " }, 422],
    ["absent", {}, 422],
    ["too long", { body: "x".repeat(65_537) }, 422],
  ])("are refused when %s", async (_, body, status) => {
    expect((await world.ask("POST", `/repos/${REPO}/issues/${number}/comments`, { body })).status).toBe(status);
  });

  it("need a pull request", async () => {
    expect((await world.ask("POST", `/repos/${REPO}/issues/99/comments`, { body: { body: "x" } })).status).toBe(404);
    expect((await world.ask("GET", `/repos/${REPO}/issues/99/comments`)).status).toBe(404);
  });

  it("are listed across the repository since a second, by creation or by change", async () => {
    const at = (ms: number) => new Date(ms).toISOString();
    const start = (world.clock.at += 60_000);
    const first = say("ana", "/hold");
    world.clock.at += 1500;
    const second = say("cleo", "why?");
    world.clock.at += 1500;
    world.github.editComment({ repo: REPO, user: "ana", id: first.id, body: "/hold please" });
    const list = async (query: string) => idsOf(await world.ask("GET", `${COMMENTS}?${query}`));
    expect(await list(`since=${at(start)}`)).toEqual([first.id, second.id]);
    expect(await list(`since=${at(start)}&sort=updated&direction=asc`)).toEqual([second.id, first.id]);
    expect(await list(`since=${at(start)}&sort=created&direction=desc`)).toEqual([second.id, first.id]);
    expect(await list(`since=${at(start + 2000)}`)).toEqual([first.id]);
    expect(await list(`since=${at(start + 4000)}`)).toEqual([]);
    expect(await list(`since=${at(start)}&per_page=1&page=2`)).toEqual([second.id]);
    expect((await world.ask("GET", `${COMMENTS}?since=yesterday`)).status).toBe(422);
    expect(idsOf(await world.ask("GET", `/repos/${REPO}/issues/${number}/comments`))).toEqual([first.id, second.id]);
  });

  it("belong to who wrote them, unless one may write", () => {
    const { id } = say("ana", "mine");
    const edit = (user: string) => () => world.github.editComment({ repo: REPO, user, id, body: "changed" });
    expect(edit("cleo")).toThrow("needs the role write");
    expect(edit("ben")).not.toThrow();
    expect(world.github.comments(REPO, number).at(-1)).toMatchObject({ body: "changed", author: { login: "ana" } });
  });
});

describe("reactions", () => {
  it("count once for each kind and account", async () => {
    const { id } = say("ana", "/abort");
    const react = (content: string) => world.ask("POST", `${COMMENTS}/${id}/reactions`, { body: { content } });
    const first = await react("eyes");
    expect(first).toMatchObject({ status: 201, json: { content: "eyes", user: { login: "tidegate[bot]" } } });
    expect(await react("eyes")).toMatchObject({ status: 200, json: first.json as object });
    expect((await react("+1")).status).toBe(201);
    expect((await react("shrug")).status).toBe(422);
    world.github.react({ repo: REPO, user: "ben", id, content: "eyes" });
    expect((await world.ask("GET", `${COMMENTS}/${id}/reactions?content=eyes`)).json).toMatchObject([
      { user: { login: "tidegate[bot]" } },
      { user: { login: "ben" } },
    ]);
    expect((await world.ask("GET", `${COMMENTS}/${id}`)).json).toMatchObject({
      reactions: { total_count: 3, eyes: 2, "+1": 1 },
    });
    expect((await world.ask("GET", `${COMMENTS}/1/reactions`)).status).toBe(404);
  });
});

describe("comments as they are read", () => {
  it("of the App say so, and bear the mark of whoever edits them; a reader may not", async () => {
    const path = `/repos/${REPO}/issues/${number}/comments`;
    const { id } = (await world.ask("POST", path, { body: { body: "Asked" } })).json as { id: number };
    const app = { performed_via_github_app: { id: 4242, slug: "tidegate" }, user: { login: "tidegate[bot]" } };
    expect((await world.ask("GET", `${COMMENTS}/${id}`)).json).toMatchObject(app);
    expect(() => world.github.editComment({ repo: REPO, user: "cleo", id, body: "x" })).toThrow("needs the role");
    world.clock.at += 1000;
    world.github.editComment({ repo: REPO, user: "ben", id, body: "Forged" });
    const { json } = await world.ask("GET", `${COMMENTS}/${id}`);
    expect(json).toMatchObject({ ...app, body: "Forged" });
    const { created_at, updated_at } = json as { created_at: string; updated_at: string };
    expect(Date.parse(updated_at) - Date.parse(created_at)).toBe(1000);
    expect((await world.ask("GET", `${COMMENTS}/${say("ana", "/hold").id}`)).json).toMatchObject({
      performed_via_github_app: null,
      reactions: { total_count: 0 },
    });
  });

  it("sum up their reactions", async () => {
    const { id } = say("ana", "/status");
    world.github.react({ repo: REPO, user: "ana", id, content: "eyes" });
    world.github.react({ repo: REPO, user: "ben", id, content: "eyes" });
    await world.ask("POST", `${COMMENTS}/${id}/reactions`, { body: { content: "+1" } });
    expect((await world.ask("GET", `${COMMENTS}/${id}`)).json).toMatchObject({
      reactions: { total_count: 3, eyes: 2, "+1": 1, "-1": 0, confused: 0 },
    });
  });
});
