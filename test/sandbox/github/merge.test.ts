import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { REPO, testGitHub } from "../../support/github.ts";

const world = await testGitHub();
afterAll(() => world.close());
beforeEach(() => {
  world.clock.at += 60_000;
  world.github.configure(REPO, {
    mergeMethods: ["merge", "squash", "rebase"],
    requiredChecks: [],
    deletesBranchOnMerge: false,
  });
});

async function opened(files?: Readonly<Record<string, string>>, draft = false) {
  const at = world.github.pulls(REPO).length + 1;
  const order = { repo: REPO, user: "ben", branch: `b${at}`, title: `Bump ${at}`, draft };
  return world.github.openPull({ ...order, files: files ?? { [`f${at}.txt`]: "x\n" } });
}

const push = (branch: string, files: Readonly<Record<string, string>>, message: string) =>
  world.github.push({ repo: REPO, user: "ben", branch, files, message });

const merge = (number: number, body?: object) =>
  world.ask("PUT", `/repos/${REPO}/pulls/${number}/merge`, body === undefined ? {} : { body });

const tip = async () => (await world.github.log(REPO, "main"))[0];

const MERGED = { merged: true, message: "Pull Request successfully merged" };

describe("a merge", () => {
  it("commits both histories with GitHub as the committer, at the sandbox's time", async () => {
    const before = await tip();
    const { number, head, title } = await opened();
    const answer = await merge(number);
    const after = await tip();
    expect(answer).toMatchObject({ status: 200, json: { ...MERGED, sha: after?.sha } });
    const date = new Date(world.clock.at).toISOString().replace(".000Z", "Z");
    expect(after).toMatchObject({
      parents: [before?.sha, head.sha],
      message: `Merge pull request #${number} from acme/${head.branch}\n\n${title}`,
      author: { name: "tidegate[bot]", date },
      committer: { name: "GitHub", email: "noreply@github.com", date },
    });
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({
      state: "closed",
      merged: true,
      merged_at: date,
      merge_commit_sha: after?.sha,
      merged_by: { login: "tidegate[bot]" },
      mergeable: null,
      commits: 1,
      changed_files: 1,
    });
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}/merge`)).status).toBe(204);
  });

  it("takes the words it is given", async () => {
    const { number } = await opened();
    await merge(number, { merge_method: "squash", commit_title: "Title", commit_message: "Body\n\nTrailer: yes" });
    expect(await tip()).toMatchObject({ message: "Title\n\nBody\n\nTrailer: yes", author: { name: "ben" } });
  });

  it("squashes one commit under its own words, several under the title", async () => {
    const one = await opened();
    const before = await tip();
    await merge(one.number, { merge_method: "squash" });
    expect(await tip()).toMatchObject({ parents: [before?.sha], message: `${one.title} (#${one.number})` });
    const two = await opened();
    await push(two.head.branch, { more: "1" }, "More");
    await merge(two.number, { merge_method: "squash" });
    expect(await tip()).toMatchObject({
      message: `${two.title} (#${two.number})\n\n* ${two.title}\n\n* More`,
      author: { name: "ben" },
      committer: { name: "GitHub" },
    });
  });

  it("rebases each commit onto the base", async () => {
    const { number, head, title } = await opened({ "one.txt": "1\n" });
    await push(head.branch, { "two.txt": "2\n", "one.txt": "1 changed\n" }, "Second");
    await push("main", { "elsewhere.txt": "x\n" }, "Elsewhere");
    const before = await tip();
    await merge(number, { merge_method: "rebase" });
    const log = await world.github.log(REPO, "main");
    expect(log.slice(0, 3)).toMatchObject([
      { message: "Second", author: { name: "ben" }, committer: { name: "tidegate[bot]" }, parents: [log[1]?.sha] },
      { message: title, parents: [before?.sha] },
      { message: "Elsewhere" },
    ]);
    expect(await world.github.readFile(REPO, "main", "one.txt")).toBe("1 changed\n");
    expect(await world.github.readFile(REPO, "main", "elsewhere.txt")).toBe("x\n");
  });

  it("joins changes to different parts of one file, and keeps refs/pull", async () => {
    const lines = (first: string, last: string) => `${first}\n${"same\n".repeat(8)}${last}\n`;
    await push("main", { "wide.txt": lines("a", "z") }, "Wide");
    const { number, head } = await opened({ "wide.txt": lines("A", "z") });
    await push("main", { "wide.txt": lines("a", "Z") }, "Other end");
    await merge(number, { merge_method: "squash", sha: head.sha });
    expect(await world.github.readFile(REPO, "main", "wide.txt")).toBe(lines("A", "Z"));
    expect((await world.github.log(REPO, `pull/${number}/head`))[0]).toMatchObject({ sha: head.sha });
  });

  it("deletes the branch where the repository wants it", async () => {
    world.github.configure(REPO, { deletesBranchOnMerge: true });
    const { number, head } = await opened();
    await merge(number);
    expect((await world.ask("GET", `/repos/${REPO}/git/ref/heads/${head.branch}`)).status).toBe(404);
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({ merged: true });
  });

  it("is signed by GitHub as a merge commit and as a squash; a rebase and a push are not", async () => {
    const verified = async (sha: string) => {
      const { json } = await world.ask("GET", `/repos/${REPO}/commits/${sha}`);
      return (json as { commit: { verification: object } }).commit.verification;
    };
    const { head } = await opened();
    expect(await verified(head.sha)).toMatchObject({ verified: false, reason: "unsigned", verified_at: null });
    const date = new Date(world.clock.at).toISOString().replace(".000Z", "Z");
    for (const [method, isVerified] of [
      ["merge", true],
      ["squash", true],
      ["rebase", false],
    ] as const) {
      const { number } = await opened();
      await merge(number, { merge_method: method });
      const expected = isVerified ? { verified: true, reason: "valid", verified_at: date } : { verified: false };
      expect(await verified((await tip())?.sha ?? "")).toMatchObject(expected);
    }
  });

  it("can be a person's", async () => {
    const { number } = await opened();
    const sha = await world.github.mergePull({ repo: REPO, user: "ana", number, method: "squash", title: "By hand" });
    expect(await tip()).toMatchObject({ sha, message: "By hand" });
    expect(world.github.pulls(REPO).at(-1)?.state).toMatchObject({ kind: "merged", by: { login: "ana" }, sha });
  });
});

describe("a merge is refused", () => {
  it("with 409 when the head is not the one that was judged", async () => {
    const { number, head } = await opened();
    await push(head.branch, { late: "1" }, "Late");
    const before = await tip();
    expect(await merge(number, { sha: head.sha })).toMatchObject({
      status: 409,
      json: { message: "Head branch was modified. Review and try the merge again." },
    });
    expect(await tip()).toEqual(before);
  });

  it.each(["merge", "squash", "rebase"])("with 405 on a conflict (%s)", async (merge_method) => {
    const { number } = await opened({ "app.yaml": `image: shop:${merge_method}-left\n` });
    await push("main", { "app.yaml": `image: shop:${merge_method}-right\n` }, "Right");
    const before = await tip();
    const message = merge_method === "rebase" ? "This branch can't be rebased" : "Pull Request is not mergeable";
    expect(await merge(number, { merge_method })).toMatchObject({ status: 405, json: { message } });
    expect(await tip()).toEqual(before);
  });

  it("with 405 when merged already, closed, or a draft", async () => {
    const merged = await opened();
    await merge(merged.number);
    const closed = await opened();
    await world.github.editPull({ repo: REPO, user: "ben", number: closed.number, state: "closed" });
    const draft = await opened(undefined, true);
    for (const [{ number }, message] of [
      [merged, "Pull Request is not mergeable"],
      [closed, "Pull Request is not mergeable"],
      [draft, "Pull Request is still a draft"],
    ] as const)
      expect(await merge(number)).toMatchObject({ status: 405, json: { message } });
  });

  it.each([
    ["merge", "Merge commits are not allowed on this repository."],
    ["squash", "Squash merges are not allowed on this repository."],
    ["rebase", "Rebase merges are not allowed on this repository."],
  ])("with 405 when the repository does not allow a %s", async (merge_method, message) => {
    const { number } = await opened();
    world.github.configure(REPO, { mergeMethods: [] });
    expect(await merge(number, { merge_method })).toMatchObject({ status: 405, json: { message } });
  });

  it("with 405 while a required check is missing, running, red or another App's", async () => {
    world.github.configure(REPO, { requiredChecks: [{ name: "tidegate/gate", appId: 4242 }] });
    const { number, head } = await opened();
    const report = async (body: object) =>
      world.ask("POST", `/repos/${REPO}/check-runs`, { body: { name: "tidegate/gate", head_sha: head.sha, ...body } });
    const message = async () => ((await merge(number)).json as { message: string }).message;
    expect(await message()).toBe('Required status check "tidegate/gate" is expected.');
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).status).toBe(200);
    await world.github.reportCheck({
      repo: REPO,
      app: "spoof",
      sha: head.sha,
      name: "tidegate/gate",
      conclusion: "success",
    });
    expect(await message()).toBe('Required status check "tidegate/gate" is expected.');
    await report({ status: "in_progress" });
    expect(await message()).toBe('Required status check "tidegate/gate" is pending.');
    await report({ conclusion: "failure" });
    expect(await message()).toBe('Required status check "tidegate/gate" is failing.');
    await report({ conclusion: "neutral" });
    expect(await merge(number)).toMatchObject({ status: 200 });
  });

  it("with 404 and 422 when there is nothing to merge, or the order is no order", async () => {
    expect((await merge(9999)).status).toBe(404);
    const { number } = await opened();
    expect((await merge(number, { merge_method: "octopus" })).status).toBe(422);
  });
});

describe("two merges at once", () => {
  it("land one after the other, none lost", async () => {
    const pulls = [];
    for (let at = 0; at < 6; at += 1) pulls.push(await opened({ [`race/${at}.txt`]: "x\n" }));
    const answers = await Promise.all(pulls.map(({ number }) => merge(number, { merge_method: "squash" })));
    expect(answers.map(({ status }) => status)).toEqual(pulls.map(() => 200));
    expect(await world.github.log(REPO, "main")).toEqual(
      expect.arrayContaining(
        pulls.map(({ number, title }) => expect.objectContaining({ message: `${title} (#${number})` }) as unknown),
      ),
    );
  });
});
