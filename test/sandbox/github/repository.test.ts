import { afterAll, describe, expect, it } from "vitest";
import { REPO, testGitHub } from "../../support/github.ts";

const AT = `/repos/${REPO}`;

const world = await testGitHub();
const by = { repo: REPO, user: "ben" };
const files = { "apps/shop/app.yaml": "image: shop:2\n", "apps/shop/größe.txt": "x\n" };
const second = await world.github.push({ ...by, branch: "main", files, message: "Add the shop" });
const first = (await world.github.log(REPO, "main"))[1]?.sha ?? "";
await world.github.push({ ...by, branch: "feature/one", files: { x: "1" }, message: "One", from: first });
afterAll(() => world.close());

const get = (path: string, headers = {}) => world.ask("GET", `${AT}${path}`, { headers });

describe("the repository", () => {
  it("says what it is and how it merges", async () => {
    world.github.configure(REPO, { mergeMethods: ["squash"] });
    expect((await get("")).json).toMatchObject({
      full_name: REPO,
      default_branch: "main",
      private: true,
      clone_url: world.github.gitUrl(REPO),
      allow_squash_merge: true,
      allow_merge_commit: false,
      allow_rebase_merge: false,
      owner: { login: "acme", type: "Organization" },
    });
  });

  it("answers under any spelling of its name", async () => {
    expect((await world.ask("GET", "/repos/Acme/GitOps")).json).toMatchObject({ full_name: REPO });
  });

  it.each([
    ["GET", "/repos/acme/gitops/issues"],
    ["POST", "/graphql"],
    ["PUT", "/repos/acme/gitops/contents/a"],
  ])("answers 501 to %s %s, by name", async (method, path) => {
    expect(await world.ask(method, path)).toMatchObject({
      status: 501,
      json: { message: `The sandbox does not serve ${method} ${path}` },
    });
  });
});

describe("who may do what", () => {
  it.each([
    ["ana", "admin", "admin"],
    ["ben", "write", "write"],
    ["cleo", "read", "read"],
    ["dan", "none", "none"],
  ])("%s: %s", async (login, permission, role_name) => {
    expect((await get(`/collaborators/${login}/permission`)).json).toMatchObject({
      permission,
      role_name,
      user: { login },
    });
  });

  it("maps the finer roles onto the coarse ones, as they are now", async () => {
    const permission = async () => (await get("/collaborators/dan/permission")).json;
    world.github.setRole(REPO, "dan", "maintain");
    expect(await permission()).toMatchObject({
      permission: "write",
      role_name: "maintain",
      user: { permissions: { push: true, maintain: true, admin: false } },
    });
    world.github.setRole(REPO, "dan", "triage");
    expect(await permission()).toMatchObject({ permission: "read", role_name: "triage" });
    world.github.setRole(REPO, "dan", undefined);
    expect(await permission()).toMatchObject({ permission: "none" });
  });

  it("is 404 for somebody unknown", async () => {
    expect(await get("/collaborators/eve/permission")).toMatchObject({
      status: 404,
      json: { message: "eve is not a user" },
    });
  });
});

describe("refs", () => {
  const refs = (method: string, path: string, body?: object) =>
    world.ask(method, `${AT}/git/refs${path}`, body === undefined ? {} : { body });

  it("are read, created, moved and deleted", async () => {
    expect((await get("/git/ref/heads/feature%2Fone")).json).toMatchObject({
      ref: "refs/heads/feature/one",
      object: { type: "commit" },
    });
    expect(await refs("POST", "", { ref: "refs/heads/new/branch", sha: first })).toMatchObject({
      status: 201,
      json: { ref: "refs/heads/new/branch", object: { sha: first } },
    });
    expect((await refs("PATCH", "/heads/new/branch", { sha: second })).json).toMatchObject({ object: { sha: second } });
    expect(await refs("PATCH", "/heads/new/branch", { sha: first })).toMatchObject({
      status: 422,
      json: { message: "Update is not a fast forward" },
    });
    expect((await refs("PATCH", "/heads/new/branch", { sha: first, force: true })).json).toMatchObject({
      object: { sha: first },
    });
    expect((await refs("DELETE", "/heads/new/branch")).status).toBe(204);
    expect((await get("/git/ref/heads/new/branch")).status).toBe(404);
  });

  it.each([
    ["that is there", { ref: "refs/heads/main" }, "Reference already exists"],
    ["outside heads and tags", { ref: "refs/pull/1/head" }, "Reference name is not valid"],
    ["with a bad name", { ref: "refs/heads/a..b" }, "Reference name is not valid"],
    ["to an unknown commit", { ref: "refs/heads/y", sha: "1".repeat(40) }, "Object does not exist"],
    ["to no SHA", { ref: "refs/heads/y", sha: "main" }, "Invalid request"],
  ])("refuse one %s", async (_, body, message) => {
    const answer = await refs("POST", "", { sha: first, ...body });
    expect(answer).toMatchObject({ status: 422, json: { message: expect.stringContaining(message) as unknown } });
  });

  it("cannot lose the default branch, nor move what is not there", async () => {
    expect((await refs("DELETE", "/heads/main")).status).toBe(422);
    expect(await refs("PATCH", "/heads/absent", { sha: first })).toMatchObject({
      status: 422,
      json: { message: "Reference does not exist" },
    });
    expect((await refs("DELETE", "/heads/absent")).status).toBe(422);
  });

  it("leave a protected default branch to pull requests", async () => {
    world.github.configure(REPO, { protectsDefaultBranch: true });
    const tip = (await get("/commits/feature/one")).json as { sha: string };
    expect(await refs("PATCH", "/heads/main", { sha: tip.sha, force: true })).toMatchObject({
      status: 422,
      json: { message: "Changes must be made through a pull request." },
    });
    expect((await get("/branches/main")).json).toMatchObject({ protected: true });
    world.github.configure(REPO, { protectsDefaultBranch: false });
    expect((await get("/branches/main")).json).toMatchObject({ protected: false });
  });
});

describe("commits and branches", () => {
  it("are found by branch, by SHA and by its beginning", async () => {
    for (const ref of ["main", second, second.slice(0, 10), "heads/main"]) {
      expect((await get(`/commits/${encodeURIComponent(ref)}`)).json).toMatchObject({
        sha: second,
        commit: { message: "Add the shop", author: { name: "ben", date: "2026-11-20T12:00:00Z" } },
        author: { login: "ben" },
        parents: [{ sha: first }],
        stats: { additions: 2, deletions: 0, total: 2 },
        files: [{ filename: "apps/shop/app.yaml", status: "added" }, { filename: "apps/shop/größe.txt" }],
      });
    }
  });

  it("show a first commit against nothing", async () => {
    expect((await get(`/commits/${first}`)).json).toMatchObject({
      parents: [],
      files: [{ filename: "README.md", status: "added" }, { filename: "app.yaml" }],
    });
  });

  it("are 422 and 404 when there are none", async () => {
    expect((await get("/commits/absent")).status).toBe(422);
    expect(await get("/branches/absent")).toMatchObject({ status: 404, json: { message: "Branch not found" } });
  });

  it("have a branch by a name with a slash", async () => {
    expect((await get("/branches/feature/one")).json).toMatchObject({
      name: "feature/one",
      commit: { commit: { message: "One" } },
    });
  });
});

describe("a comparison", () => {
  it.each([
    ["main...main", { status: "identical", ahead_by: 0, behind_by: 0, files: [] }],
    [
      "feature/one...main",
      { status: "diverged", ahead_by: 1, behind_by: 1, files: [{ filename: "apps/shop/app.yaml" }, {}] },
    ],
  ])("%s", async (basehead, expected) => {
    expect((await get(`/compare/${encodeURIComponent(basehead)}`)).json).toMatchObject(expected);
  });

  it("knows the way between two commits", async () => {
    expect((await get(`/compare/${first}...${second}`)).json).toMatchObject({
      status: "ahead",
      total_commits: 1,
      base_commit: { sha: first },
      merge_base_commit: { sha: first },
      commits: [{ sha: second }],
    });
    expect((await get(`/compare/${second}...${first}`)).json).toMatchObject({
      status: "behind",
      behind_by: 1,
      commits: [],
    });
    expect((await get("/compare/main...absent")).status).toBe(404);
    expect((await get("/compare/main")).status).toBe(404);
  });
});

describe("contents", () => {
  it("come as base64 or raw", async () => {
    const { json } = await get("/contents/apps%2Fshop%2Fapp.yaml");
    expect(json).toMatchObject({
      type: "file",
      name: "app.yaml",
      path: "apps/shop/app.yaml",
      size: 14,
      encoding: "base64",
    });
    expect(Buffer.from((json as { content: string }).content, "base64").toString()).toBe("image: shop:2\n");
    expect((await get("/contents/app.yaml", { accept: "application/vnd.github.raw+json" })).json).toBe(
      "image: shop:1\n",
    );
  });

  it("list a folder, at any ref", async () => {
    expect((await get("/contents/apps/shop")).json).toMatchObject([
      { name: "app.yaml", type: "file", size: 14 },
      { name: "größe.txt" },
    ]);
    expect((await get("/contents")).json).toMatchObject([
      { name: "README.md" },
      { name: "app.yaml" },
      { name: "apps", type: "dir" },
    ]);
    expect((await get(`/contents?ref=${first}`)).json).toHaveLength(2);
  });

  it.each(["/contents/absent", "/contents/app.yaml?ref=absent", `/contents/apps?ref=%0Amain`])(
    "are 404: %s",
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});

describe("a long comparison", () => {
  it("gives all its commits at once, or by pages with the files on the first", async () => {
    for (let at = 0; at < 31; at += 1) {
      await world.github.push({ ...by, branch: "long", files: { [`${at}`]: "1" }, message: `${at}` });
    }
    const of = async (query: string) => {
      const { json } = await get(`/compare/main...long${query}`);
      const { commits, files } = json as { commits: readonly unknown[]; files: readonly unknown[] };
      return [commits.length, files.length];
    };
    expect(await of("")).toEqual([31, 31]);
    expect(await of("?per_page=20")).toEqual([20, 31]);
    expect(await of("?per_page=20&page=2")).toEqual([11, 0]);
  });
});
