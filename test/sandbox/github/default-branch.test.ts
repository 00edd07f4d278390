import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REPO, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";

const ANA = { repo: REPO, user: "ana" };
const BEN = { repo: REPO, user: "ben" };

describe("renaming the default branch", () => {
  let world: TestGitHub;
  beforeEach(async () => {
    world = await testGitHub();
  });
  afterEach(() => world.close());

  it("takes the old name away, retargets open pull requests, and tells the App", async () => {
    const { github, ask } = world;
    const { number } = await github.openPull({ ...BEN, branch: "b", files: { a: "1" }, title: "Bump" });
    const [before] = await github.log(REPO, "main");
    await github.settled();
    const listener = await listen();
    github.setWebhookUrl(listener.url);
    await github.renameDefaultBranch({ ...ANA, to: "trunk" });
    await github.settled();
    expect((await ask("GET", `/repos/${REPO}`)).json).toMatchObject({ default_branch: "trunk" });
    expect((await ask("GET", `/repos/${REPO}/git/ref/heads/main`)).status).toBe(404);
    expect((await ask("GET", `/repos/${REPO}/git/ref/heads/trunk`)).json).toMatchObject({
      object: { sha: before?.sha },
    });
    expect(await readFile(join(github.gitDir(REPO), "HEAD"), "utf8")).toBe("ref: refs/heads/trunk\n");
    expect((await ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({
      state: "open",
      base: { ref: "trunk" },
    });
    expect(listener.heard.map(({ event, body }) => [event, JSON.parse(body) as unknown])).toMatchObject([
      ["push", { ref: "refs/heads/trunk", created: true, repository: { default_branch: "trunk" } }],
      ["push", { ref: "refs/heads/main", deleted: true }],
      ["repository", { action: "edited", changes: { default_branch: { from: "main" } } }],
      ["pull_request", { action: "edited", changes: { base: { ref: { from: "main" } } }, number }],
    ]);
    await github.mergePull({ ...ANA, number });
    expect(await github.readFile(REPO, "trunk", "a")).toBe("1");
    await listener.close();
  });

  it("moves the rules along", async () => {
    const { github, ask } = world;
    github.configure(REPO, { approvals: 1 });
    await github.renameDefaultBranch({ ...ANA, to: "trunk" });
    expect((await ask("GET", `/repos/${REPO}/rules/branches/main`)).json).toEqual([]);
    expect((await ask("GET", `/repos/${REPO}/rules/branches/trunk`)).json).toMatchObject([{ type: "pull_request" }]);
  });

  it("is an administrator's, and refused for a name that is taken or none", async () => {
    const { github } = world;
    await github.push({ ...BEN, branch: "taken", files: { a: "1" }, message: "a" });
    expect(() => github.renameDefaultBranch({ ...BEN, to: "trunk" })).toThrow("needs the role admin");
    await expect(github.renameDefaultBranch({ ...ANA, to: "taken" })).rejects.toThrow("already exists");
    await expect(github.renameDefaultBranch({ ...ANA, to: "a..b" })).rejects.toThrow("Invalid branch name");
  });
});

describe("a push by force", () => {
  let world: TestGitHub;
  beforeEach(async () => {
    world = await testGitHub();
  });
  afterEach(() => world.close());

  it("puts a branch back to an older commit first, and says so", async () => {
    const { github } = world;
    const [first] = await github.log(REPO, "main");
    const bump = await github.push({
      ...BEN,
      branch: "main",
      files: { "app.yaml": "image: shop:2\n" },
      message: "Bump",
    });
    await github.settled();
    const listener = await listen();
    github.setWebhookUrl(listener.url);
    const order = { ...ANA, branch: "main", files: { other: "1" }, message: "Without it", force: true } as const;
    const sha = await github.push({ ...order, from: first?.sha ?? "" });
    await github.settled();
    expect((await github.log(REPO, "main")).map((commit) => commit.sha)).toEqual([sha, first?.sha]);
    expect(await github.readFile(REPO, "main", "app.yaml")).toBe("image: shop:1\n");
    expect(JSON.parse(listener.heard[0]?.body ?? "{}")).toMatchObject({ before: bump, after: sha, forced: true });
    await listener.close();
  });

  it("that has no files puts a branch back and adds nothing", async () => {
    const { github } = world;
    const [first] = await github.log(REPO, "main");
    const branch = "topic";
    await github.push({ ...BEN, branch, files: { other: "1" }, message: "Mine" });
    const back = await github.push({ ...BEN, branch, files: {}, message: "", from: first?.sha ?? "", force: true });
    expect(back).toBe(first?.sha);
    expect((await github.log(REPO, branch)).map(({ sha }) => sha)).toEqual([first?.sha]);
  });
});
