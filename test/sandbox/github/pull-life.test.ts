import { afterAll, describe, expect, it } from "vitest";
import { REPO, linked, testGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";

const world = await testGitHub();
const listener = await listen();
world.github.setWebhookUrl(listener.url);
afterAll(async () => {
  await world.close();
  await listener.close();
});

const PULLS = `/repos/${REPO}/pulls`;
const BEN = { repo: REPO, user: "ben" };
const ANA = { repo: REPO, user: "ana" };

async function opened(files?: Readonly<Record<string, string>>) {
  const at = world.github.pulls(REPO).length + 1;
  return world.github.openPull({
    ...BEN,
    branch: `b${at}`,
    title: `Bump ${at}`,
    files: files ?? { [`f${at}`]: "x\n" },
  });
}

const read = async (path: string) => (await world.ask("GET", path)).json;
const push = (branch: string, files: Readonly<Record<string, string>>, message = "Change") =>
  world.github.push({ ...BEN, branch, files, message });
const file = (path: string, ref = "main") => world.github.readFile(REPO, ref, path);

/** The webhooks that were sent about pull requests while something was done. */
async function heardDuring(work: () => unknown) {
  await world.github.settled();
  const before = listener.heard.length;
  await work();
  await world.github.settled();
  return listener.heard
    .slice(before)
    .filter(({ event }) => event === "pull_request")
    .map(({ body }): unknown => JSON.parse(body));
}

describe("a draft", () => {
  it("is made and unmade by people, with webhooks, and cannot be merged meanwhile", async () => {
    const { number } = await opened();
    const heard = await heardDuring(() => world.github.convertToDraft({ ...ANA, number }));
    expect(heard).toMatchObject([
      { action: "converted_to_draft", number, pull_request: { draft: true }, sender: { login: "ana" } },
    ]);
    expect(await read(`${PULLS}/${number}`)).toMatchObject({ draft: true });
    await expect(world.github.mergePull({ ...ANA, number })).rejects.toThrow("still a draft");
    const again = await heardDuring(() => {
      world.github.convertToDraft({ ...ANA, number });
      world.github.readyForReview({ ...BEN, number });
    });
    expect(again).toMatchObject([{ action: "ready_for_review", sender: { login: "ben" } }]);
    await world.github.mergePull({ ...ANA, number });
    expect(() => world.github.convertToDraft({ ...ANA, number })).toThrow("Validation Failed");
  });
});

describe("labels", () => {
  it("are put on and taken off, once each, by whatever case, and tell the App", async () => {
    const { number } = await opened();
    const heard = await heardDuring(() => {
      world.github.addLabel({ ...BEN, number, label: "Expedite" });
      world.github.addLabel({ ...BEN, number, label: "expedite" });
      world.github.addLabel({ ...BEN, number, label: "urgent" });
      world.github.removeLabel({ ...ANA, number, label: "URGENT" });
      world.github.removeLabel({ ...ANA, number, label: "absent" });
    });
    expect(heard).toMatchObject([
      { action: "labeled", label: { name: "Expedite" }, pull_request: { labels: [{ name: "Expedite" }] } },
      { action: "labeled", label: { name: "urgent" } },
      { action: "unlabeled", label: { name: "urgent" }, sender: { login: "ana" } },
    ]);
    expect(await read(`${PULLS}?per_page=1`)).toMatchObject([{ number, labels: [{ name: "Expedite" }] }]);
    expect(await read(`/repos/${REPO}/issues/${number}`)).toMatchObject({ labels: [{ name: "Expedite" }] });
    expect(() => world.github.addLabel({ repo: REPO, user: "cleo", number, label: "x" })).toThrow("needs the role");
  });

  it("can be there from the opening, and stand with the pull requests of a commit", async () => {
    const { number, labels } = await world.github.openPull({
      ...BEN,
      branch: "hot",
      files: { hot: "1" },
      title: "Hot",
      labels: ["hotfix"],
    });
    expect(labels).toEqual(["hotfix"]);
    world.clock.at += 60_000;
    const sha = await world.github.mergePull({ ...ANA, number });
    expect(await read(`/repos/${REPO}/commits/${sha}/pulls`)).toMatchObject([
      { number, labels: [{ name: "hotfix" }], merged_at: "2026-11-20T12:01:00Z" },
    ]);
  });
});

describe("who closed it", () => {
  it.each([
    ["by closing", (number: number) => world.github.editPull({ ...ANA, number, state: "closed" })],
    ["by deleting its branch", (number: number) => world.github.deleteBranch({ ...ANA, branch: `b${number}` })],
    ["by merging", (number: number) => world.github.mergePull({ ...ANA, number })],
  ])("is told by its issue: %s", async (_, close) => {
    const { number } = await opened();
    expect(await read(`/repos/${REPO}/issues/${number}`)).toMatchObject({ number, state: "open", closed_by: null });
    await close(number);
    expect(await read(`/repos/${REPO}/issues/${number}`)).toMatchObject({
      state: "closed",
      closed_by: { login: "ana", type: "User" },
    });
  });

  it("names the App, and nobody once it is open again; 404 where there is no issue", async () => {
    const { number } = await opened();
    await world.ask("PATCH", `${PULLS}/${number}`, { body: { state: "closed" } });
    expect(await read(`/repos/${REPO}/issues/${number}`)).toMatchObject({ closed_by: { login: "tidegate[bot]" } });
    await world.github.editPull({ ...ANA, number, state: "open" });
    expect(await read(`/repos/${REPO}/issues/${number}`)).toMatchObject({ closed_by: null });
    expect((await world.ask("GET", `/repos/${REPO}/issues/9999`)).status).toBe(404);
  });
});

describe("opening again", () => {
  const reopen = (number: number) => world.github.editPull({ ...BEN, number, state: "open" });
  const close = (number: number) => world.github.editPull({ ...BEN, number, state: "closed" });

  it("brings what was pushed on top meanwhile", async () => {
    const { number, head } = await opened();
    await close(number);
    const sha = await push(head.branch, { more: "1" });
    expect(world.github.pulls(REPO).at(-1)?.head.sha).toBe(head.sha);
    expect((await reopen(number)).head.sha).toBe(sha);
    expect((await world.github.log(REPO, `pull/${number}/head`))[0]?.sha).toBe(sha);
  });

  it("works after the branch was deleted and restored as it was", async () => {
    const { number, head } = await opened();
    await world.github.deleteBranch({ ...BEN, branch: head.branch });
    await expect(reopen(number)).rejects.toMatchObject({
      details: { errors: [{ message: `state cannot be changed. The ${head.branch} branch has been deleted.` }] },
    });
    await world.ask("POST", `/repos/${REPO}/git/refs`, { body: { ref: `refs/heads/${head.branch}`, sha: head.sha } });
    expect((await reopen(number)).state.kind).toBe("open");
  });

  it("is refused when the branch was force-pushed or made anew", async () => {
    const { number, head } = await opened();
    await world.github.deleteBranch({ ...BEN, branch: head.branch });
    await push(head.branch, { other: "1" });
    await expect(reopen(number)).rejects.toMatchObject({
      details: { errors: [{ message: expect.stringContaining("was force-pushed or recreated") as unknown }] },
    });
  });

  it("is refused when another one is open for the branch, or the base is gone", async () => {
    const { number, head } = await opened();
    await close(number);
    const twin = await world.github.openPull({ ...BEN, branch: head.branch, title: "Twin" });
    await expect(reopen(number)).rejects.toThrow("Validation Failed");
    await close(twin.number);
    await push("elsewhere", { e: "1" });
    const onto = await world.github.openPull({ ...BEN, branch: head.branch, title: "Onto", base: "elsewhere" });
    await world.github.deleteBranch({ ...BEN, branch: "elsewhere" });
    expect(world.github.pulls(REPO).at(-1)?.state).toMatchObject({ kind: "closed", by: { login: "ben" } });
    await expect(reopen(onto.number)).rejects.toMatchObject({
      details: { errors: [{ message: expect.stringContaining("The elsewhere branch has been deleted") as unknown }] },
    });
  });
});

describe("another base", () => {
  it("is told with the old one, and refused when a twin is there, nothing is new, or it is closed", async () => {
    const { number, head } = await opened();
    await push("next", { next: "1" });
    const heard = await heardDuring(() => world.github.editPull({ ...BEN, number, base: "next" }));
    expect(heard).toMatchObject([
      { action: "edited", changes: { base: { ref: { from: "main" } } }, pull_request: { base: { ref: "next" } } },
    ]);
    await world.github.openPull({ ...BEN, branch: head.branch, title: "Twin" });
    const refused = (base: string) =>
      expect(world.github.editPull({ ...BEN, number, base })).rejects.toThrow("Validation Failed");
    await refused("main");
    await push(head.branch, { all: "1" });
    await world.github.push({ ...BEN, branch: "ahead", from: head.branch, files: { z: "1" }, message: "z" });
    await refused("ahead");
    await world.github.editPull({ ...BEN, number, state: "closed" });
    await refused("ahead");
  });
});

describe("closed pull requests", () => {
  it("are listed by their last change, page by page; talk is a change too", async () => {
    const first = await opened();
    const second = await opened();
    for (const { number } of [first, second]) {
      world.clock.at += 1000;
      await world.github.editPull({ ...BEN, number, state: "closed" });
    }
    world.clock.at += 1000;
    world.github.comment({ ...ANA, number: first.number, body: "Why?" });
    const page = await world.ask("GET", `${PULLS}?state=closed&sort=updated&direction=desc&per_page=1`);
    expect(page.json).toMatchObject([{ number: first.number, state: "closed", merged_at: null }]);
    const next = await world.ask("GET", `${PULLS}${new URL(linked(page, "next") ?? "").search}`);
    expect(next.json).toMatchObject([{ number: second.number }]);
  });
});

describe("the Revert button", () => {
  it.each(["merge", "squash"] as const)("takes a merge back in a pull request of its own (%s)", async (method) => {
    const { number, title } = await opened({ "app.yaml": `image: shop:${method}\n` });
    const before = await file("app.yaml");
    const landed = await world.github.mergePull({ ...ANA, number, method });
    await push("main", { "later.txt": method });
    const revert = await world.github.revert({ ...ANA, number });
    expect(revert).toMatchObject({
      title: `Revert "${title}"`,
      body: `Reverts ${REPO}#${number}`,
      head: { branch: `revert-${number}-b${number}` },
      base: { branch: "main" },
      author: { login: "ana" },
    });
    const [commit] = await world.github.log(REPO, revert.head.branch);
    expect(commit?.message).toContain(`This reverts commit ${landed}`);
    expect(commit?.files).toEqual([{ status: "modified", path: "app.yaml" }]);
    expect(await read(`/repos/${REPO}/commits/${commit?.sha ?? ""}`)).toMatchObject({
      commit: { verification: { verified: true } },
    });
    await world.github.mergePull({ ...ANA, number: revert.number });
    expect(await file("app.yaml")).toBe(before);
    expect(await file("later.txt")).toBe(method);
  });

  it("takes all commits of a rebase back", async () => {
    const { number, head } = await opened({ "one.txt": "1\n" });
    await push(head.branch, { "two.txt": "2\n" });
    await world.github.mergePull({ ...ANA, number, method: "rebase" });
    const revert = await world.github.revert({ ...ANA, number });
    const [commit] = await world.github.log(REPO, revert.head.branch);
    expect(commit?.files.map(({ path }) => path)).toEqual(["one.txt", "two.txt"]);
  });

  it("is refused on a conflict, when nothing is left to take back, and before the merge", async () => {
    const { number } = await opened({ "app.yaml": "image: shop:conflict\n" });
    const words = "couldn't be reverted automatically";
    await expect(world.github.revert({ ...ANA, number })).rejects.toThrow("Validation Failed");
    await world.github.mergePull({ ...ANA, number });
    await push("main", { "app.yaml": "image: shop:since\n" });
    await expect(world.github.revert({ ...ANA, number })).rejects.toThrow(words);
    const again = await opened({ "again.txt": "1\n" });
    await world.github.mergePull({ ...ANA, number: again.number });
    await world.github.push({ ...BEN, branch: "main", files: { "again.txt": undefined }, message: "Away" });
    await expect(world.github.revert({ ...ANA, number: again.number })).rejects.toThrow(words);
  });
});

describe("the Update branch button", () => {
  it("merges the base into the head, signed by GitHub", async () => {
    const { number, head } = await opened();
    await push("main", { "news.txt": "1" });
    const [base] = await world.github.log(REPO, "main");
    const heard = await heardDuring(() => world.github.updateBranch({ ...ANA, number }));
    expect(heard).toMatchObject([{ action: "synchronize", before: head.sha, sender: { login: "ana" } }]);
    expect((await world.github.log(REPO, head.branch))[0]).toMatchObject({
      parents: [head.sha, base?.sha],
      message: `Merge branch 'main' into ${head.branch}`,
      committer: { name: "GitHub" },
    });
    await expect(world.github.updateBranch({ ...ANA, number })).rejects.toThrow("no new commits on the base branch");
  });

  it("is refused on a conflict", async () => {
    const { number } = await opened({ "app.yaml": "image: shop:left\n" });
    await push("main", { "app.yaml": "image: shop:right\n" });
    await expect(world.github.updateBranch({ ...ANA, number })).rejects.toThrow("merge conflict between base and head");
  });
});
