import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { REPO, linked, testGitHub } from "../../support/github.ts";

const PULLS = `/repos/${REPO}/pulls`;

const world = await testGitHub();
afterAll(() => world.close());

/** A pull request of Ben's that gives `app.yaml` a line of its own. */
async function opened(files?: Readonly<Record<string, string | undefined>>) {
  const at = world.github.pulls(REPO).length + 1;
  const order = { repo: REPO, user: "ben", branch: `b${at}`, title: `Bump ${at}` };
  return world.github.openPull({ ...order, files: files ?? { [`f${at}.txt`]: "x\n" } });
}

/** Asks until GitHub has worked out whether the pull request can be merged. */
async function mergeability(number: number): Promise<unknown> {
  for (;;) {
    const { json } = await world.ask("GET", `${PULLS}/${number}`);
    const { mergeable, mergeable_state } = json as { mergeable: boolean | null; mergeable_state: string };
    if (mergeable !== null) return { mergeable, mergeable_state };
    await sleep(5);
  }
}

describe("opening", () => {
  it("gives the pull request of a branch with commits of its own", async () => {
    const sha = await world.github.push({ repo: REPO, user: "ben", branch: "step", files: { a: "1" }, message: "a" });
    const body = { title: "Step", body: "Why", head: "step", base: "main" };
    const answer = await world.ask("POST", PULLS, { body });
    expect(answer).toMatchObject({
      status: 201,
      json: {
        state: "open",
        title: "Step",
        body: "Why",
        draft: false,
        merged: false,
        mergeable: null,
        commits: 1,
        changed_files: 1,
        additions: 1,
        user: { login: "tidegate[bot]", type: "Bot" },
        head: { ref: "step", sha, label: "acme:step", repo: { full_name: REPO } },
        base: { ref: "main" },
        created_at: "2026-11-20T12:00:00Z",
      },
    });
    const again = await world.ask("POST", PULLS, { body: { ...body, head: "acme:step" } });
    expect(again).toMatchObject({
      status: 422,
      json: {
        message: "Validation Failed",
        errors: [{ resource: "PullRequest", code: "custom", message: "A pull request already exists for acme:step." }],
        documentation_url: expect.any(String) as unknown,
      },
    });
  });

  it.each([
    ["an absent head", { head: "absent" }, { field: "head", code: "invalid" }],
    ["an absent base", { base: "absent" }, { field: "base", code: "invalid" }],
    ["no commits between", { head: "main" }, { code: "custom", message: "No commits between main and main" }],
  ])("is refused with %s", async (_, changes, error) => {
    const answer = await world.ask("POST", PULLS, { body: { title: "x", head: "step", base: "main", ...changes } });
    expect(answer).toMatchObject({ status: 422, json: { errors: [error] } });
  });

  it("is refused without its fields, and without JSON", async () => {
    const answer = await world.ask("POST", PULLS, { body: { title: "x" } });
    expect(answer).toMatchObject({
      status: 422,
      json: { message: 'Invalid request.\n\n"head" wasn\'t supplied.\n"base" wasn\'t supplied.' },
    });
    expect(await world.ask("POST", PULLS, { body: "{" })).toMatchObject({
      status: 400,
      json: { message: "Problems parsing JSON" },
    });
  });
});

describe("one pull request", () => {
  it("says nothing of its mergeability at first, then that it is clean", async () => {
    const { number } = await opened();
    expect((await world.ask("GET", `${PULLS}/${number}`)).json).toMatchObject({
      mergeable: null,
      mergeable_state: "unknown",
    });
    expect(await mergeability(number)).toEqual({ mergeable: true, mergeable_state: "clean" });
    const { json } = await world.ask("GET", `${PULLS}/${number}`);
    expect(json).toMatchObject({ merge_commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown });
  });

  it("is dirty when its base has gone another way", async () => {
    const { number } = await opened({ "app.yaml": "image: shop:2\n" });
    expect(await mergeability(number)).toEqual({ mergeable: true, mergeable_state: "clean" });
    await world.github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: { "app.yaml": "image: shop:9\n" },
      message: "m",
    });
    expect(await mergeability(number)).toEqual({ mergeable: false, mergeable_state: "dirty" });
  });

  it("is 404 when there is none", async () => {
    expect((await world.ask("GET", `${PULLS}/999`)).status).toBe(404);
    expect((await world.ask("GET", `${PULLS}/nine`)).status).toBe(404);
  });

  it("follows its branch, and keeps it in refs/pull", async () => {
    const { number, head } = await opened();
    const sha = await world.github.push({
      repo: REPO,
      user: "ben",
      branch: head.branch,
      files: { more: "1" },
      message: "m",
    });
    expect((await world.ask("GET", `${PULLS}/${number}`)).json).toMatchObject({ head: { sha }, commits: 2 });
    await world.github.deleteBranch({ repo: REPO, user: "ben", branch: head.branch });
    expect((await world.ask("GET", `${PULLS}/${number}`)).json).toMatchObject({ state: "closed", merged: false });
    expect((await world.ask("GET", `/repos/${REPO}/commits/pull%2F${number}%2Fhead`)).json).toMatchObject({ sha });
  });

  it("is merged when its head reaches the base by a push", async () => {
    const { number, head } = await opened();
    const moved = await world.ask("PATCH", `/repos/${REPO}/git/refs/heads/main`, { body: { sha: head.sha } });
    expect(moved.status).toBe(200);
    expect((await world.ask("GET", `${PULLS}/${number}`)).json).toMatchObject({
      state: "closed",
      merged: true,
      merge_commit_sha: head.sha,
      merged_by: { login: "tidegate[bot]" },
      commits: 1,
    });
  });

  it("lists its files with patches, and its commits", async () => {
    await world.github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: { "old.txt": "one\ntwo\nthree\n", "gone.txt": "x\n" },
      message: "m",
    });
    const { number } = await opened({
      "old.txt": undefined,
      "new.txt": "one\ntwo\nthree\n",
      "gone.txt": undefined,
      "äöü.txt": "a\nb\n",
    });
    const files = await world.ask("GET", `${PULLS}/${number}/files`);
    expect(files.json).toMatchObject([
      { filename: "gone.txt", status: "removed", additions: 0, deletions: 1, patch: "@@ -1 +0,0 @@\n-x" },
      { filename: "new.txt", status: "renamed", previous_filename: "old.txt", changes: 0 },
      { filename: "äöü.txt", status: "added", additions: 2, changes: 2, patch: "@@ -0,0 +1,2 @@\n+a\n+b" },
    ]);
    expect((await world.ask("GET", `${PULLS}/${number}/commits`)).json).toMatchObject([
      { commit: { author: { name: "ben" } }, author: { login: "ben" } },
    ]);
  });
});

describe("changing", () => {
  it("edits title and body, closes and reopens", async () => {
    const { number } = await opened();
    const change = (body: object) => world.ask("PATCH", `${PULLS}/${number}`, { body });
    expect((await change({ title: "New", body: "Text" })).json).toMatchObject({
      title: "New",
      body: "Text",
      state: "open",
    });
    expect((await change({ state: "closed" })).json).toMatchObject({
      state: "closed",
      closed_at: "2026-11-20T12:00:00Z",
    });
    expect((await change({ state: "open" })).json).toMatchObject({ state: "open", closed_at: null });
    expect((await change({ base: "absent" })).status).toBe(422);
    expect((await change({ state: "merged" })).status).toBe(422);
  });

  it("does not reopen what is merged or has lost its branch", async () => {
    const merged = await opened();
    await world.github.mergePull({ repo: REPO, user: "ana", number: merged.number });
    const lost = await opened();
    await world.github.deleteBranch({ repo: REPO, user: "ben", branch: lost.head.branch });
    for (const { number } of [merged, lost]) {
      const answer = await world.ask("PATCH", `${PULLS}/${number}`, { body: { state: "open" } });
      expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: "state" }] } });
    }
  });
});

describe("listing", () => {
  it("pages, newest first, with links", async () => {
    const all = await world.ask("GET", `${PULLS}?state=all&per_page=100`);
    const numbers = (all.json as { number: number }[]).map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    const first = await world.ask("GET", `${PULLS}?state=all&per_page=2`);
    expect(first.json).toMatchObject(numbers.slice(0, 2).map((number) => ({ number })));
    const next = new URL(linked(first, "next") ?? "");
    expect(next.searchParams.get("page")).toBe("2");
    expect(linked(first, "prev")).toBeUndefined();
    const second = await world.ask("GET", `${PULLS}${next.search}`);
    expect(second.json).toMatchObject(numbers.slice(2, 4).map((number) => ({ number })));
    expect(linked(second, "prev")).toContain("page=1");
  });

  it.each([
    ["state=closed", (pull: Listed) => pull.state === "closed"],
    ["base=main&state=all", (pull: Listed) => pull.base.ref === "main"],
    ["head=acme:step", (pull: Listed) => pull.head.ref === "step"],
    ["", (pull: Listed) => pull.state === "open"],
  ])("filters by %s", async (query, matches) => {
    const all = (await world.ask("GET", `${PULLS}?state=all&per_page=100`)).json as Listed[];
    const found = (await world.ask("GET", `${PULLS}?per_page=100&${query}`)).json as Listed[];
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ number }) => number)).toEqual(all.filter(matches).map(({ number }) => number));
  });

  it("finds the pull requests of a commit", async () => {
    const { number, head } = await opened();
    const numbers = async (sha: string) =>
      ((await world.ask("GET", `/repos/${REPO}/commits/${sha}/pulls`)).json as Listed[]).map((pull) => pull.number);
    expect(await numbers(head.sha)).toEqual([number]);
    const landed = await world.github.mergePull({ repo: REPO, user: "ana", number, method: "squash" });
    expect(await numbers(landed)).toEqual([number]);
    const first = (await world.github.log(REPO, "main")).at(-1);
    expect(await numbers(first?.sha ?? "")).toEqual([]);
    expect((await world.ask("GET", `/repos/${REPO}/commits/${"0".repeat(40)}/pulls`)).status).toBe(422);
  });
});

describe("a fork", () => {
  it("shows another repository as its head", async () => {
    const { number } = await world.github.openPull({
      repo: REPO,
      user: "cleo",
      branch: "main",
      files: { x: "1" },
      title: "Fork",
      fork: "own",
    });
    const { json } = await world.ask("GET", `${PULLS}/${number}`);
    expect(json).toMatchObject({
      head: { label: "cleo:main", repo: { full_name: "cleo/gitops", fork: true } },
      base: { repo: { fork: false } },
    });
    const { head, base } = json as { head: { repo: { id: number } }; base: { repo: { id: number } } };
    expect(head.repo.id).not.toBe(base.repo.id);
  });
});

describe("people", () => {
  it.each([
    ["cleo may not push", () => world.github.push({ repo: REPO, user: "cleo", branch: "x", files: {}, message: "x" })],
    ["cleo may not merge", async () => world.github.mergePull({ repo: REPO, user: "cleo", number: 1 })],
    ["dan sees nothing", async () => world.github.comment({ repo: REPO, user: "dan", number: 1, body: "x" })],
    ["nobody is unknown", async () => world.github.comment({ repo: REPO, user: "eve", number: 1, body: "x" })],
  ])("%s", async (_, act) => {
    await expect(async () => act()).rejects.toThrow(/needs the role|no user/);
  });
});

type Listed = {
  readonly number: number;
  readonly state: string;
  readonly base: { readonly ref: string };
  readonly head: { readonly ref: string };
};
