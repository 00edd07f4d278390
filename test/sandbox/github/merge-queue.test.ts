import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APP, REPO, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";
import type { Listener } from "../../support/listener.ts";

const BEN = { repo: REPO, user: "ben" };
const GATE = "tidegate/gate";

type Group = {
  readonly action: string;
  readonly reason?: string;
  readonly merge_group: { readonly head_sha: string; readonly head_ref: string; readonly base_sha: string };
};

describe("a merge queue", () => {
  let world: TestGitHub;
  let listener: Listener;
  beforeEach(async () => {
    world = await testGitHub();
    listener = await listen();
    world.github.setWebhookUrl(listener.url);
    world.github.configure(REPO, {
      mergeQueue: true,
      mergeMethods: ["squash"],
      requiredChecks: [{ name: GATE, appId: APP.id }],
    });
  });
  afterEach(async () => {
    await world.close();
    await listener.close();
  });

  const report = async (sha: string, conclusion: string) => {
    const body = { name: GATE, head_sha: sha, conclusion };
    expect((await world.ask("POST", `/repos/${REPO}/check-runs`, { body })).status).toBe(201);
    await world.github.settled();
  };
  const opened = async (files?: Readonly<Record<string, string>>) => {
    const { github } = world;
    const at = github.pulls(REPO).length + 1;
    const order = { ...BEN, branch: `b${at}`, title: `Bump ${at}`, files: files ?? { [`f${at}`]: "x" } };
    const pull = await github.openPull(order);
    await report(pull.head.sha, "success");
    return pull;
  };
  const enqueued = async (files?: Readonly<Record<string, string>>) => {
    const pull = await opened(files);
    await world.github.enqueue({ ...BEN, number: pull.number });
    await world.github.settled();
    return pull;
  };
  const groups = () =>
    listener.heard.filter(({ event }) => event === "merge_group").map(({ body }) => JSON.parse(body) as Group);
  const wanted = () => groups().findLast(({ action }) => action === "checks_requested")?.merge_group;
  const tip = async () => (await world.github.log(REPO, "main"))[0];
  const states = () => world.github.pulls(REPO).map(({ state }) => state.kind);

  it("wants the checks on the commit that would land, and lands it when they are green", async () => {
    const before = await tip();
    const { number, title } = await enqueued();
    const group = wanted();
    expect(group).toMatchObject({
      head_ref: `refs/heads/gh-readonly-queue/main/pr-${number}-${before?.sha}`,
      base_sha: before?.sha,
      base_ref: "refs/heads/main",
      head_commit: { id: group?.head_sha, message: `${title} (#${number})` },
    });
    expect(await tip()).toEqual(before);
    await report(group?.head_sha ?? "", "success");
    expect((await tip())?.sha).toBe(group?.head_sha);
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({
      merged: true,
      merge_commit_sha: group?.head_sha,
      merged_by: { login: "github-merge-queue[bot]", type: "Bot" },
    });
    expect(groups().at(-1)).toMatchObject({ action: "destroyed", reason: "merged" });
    const ref = (group?.head_ref ?? "").replace("refs/", "");
    expect((await world.ask("GET", `/repos/${REPO}/git/ref/${ref}`)).status).toBe(404);
  });

  it("builds each entry on the one before, and lands them in order", async () => {
    await enqueued();
    const first = wanted();
    await enqueued();
    const second = wanted();
    expect(second?.base_sha).toBe(first?.head_sha);
    await report(second?.head_sha ?? "", "success");
    expect(states()).toEqual(["open", "open"]);
    await report(first?.head_sha ?? "", "success");
    expect(states()).toEqual(["merged", "merged"]);
    expect((await tip())?.sha).toBe(second?.head_sha);
  });

  it("puts out what is red, and builds what stood behind it anew", async () => {
    const before = await tip();
    await enqueued();
    const first = wanted();
    await enqueued();
    await report(first?.head_sha ?? "", "failure");
    expect(groups().map(({ action, reason }) => reason ?? action)).toEqual([
      "checks_requested",
      "checks_requested",
      "dequeued",
      "invalidated",
      "checks_requested",
    ]);
    expect(wanted()?.base_sha).toBe(before?.sha);
    await report(wanted()?.head_sha ?? "", "success");
    expect(states()).toEqual(["open", "merged"]);
  });

  it("builds anew when the base moved another way, and puts out what then conflicts or was changed", async () => {
    const { github } = world;
    await enqueued({ "app.yaml": "image: shop:queued\n" });
    const conflicting = wanted();
    const { head, number } = await enqueued();
    await github.push({ ...BEN, branch: "main", files: { "app.yaml": "image: shop:pushed\n" }, message: "Past it" });
    await report(conflicting?.head_sha ?? "", "success");
    expect(wanted()?.base_sha).toBe((await tip())?.sha);
    expect(wanted()?.head_ref).toContain(`pr-${number}-`);
    await github.push({ ...BEN, branch: head.branch, files: { late: "1" }, message: "Late" });
    await report(wanted()?.head_sha ?? "", "success");
    expect(states()).toEqual(["open", "open"]);
    expect((await tip())?.message).toBe("Past it");
  });

  it("is the only way in, but for those who may pass the rules by", async () => {
    const { number } = await opened();
    const merge = () => world.ask("PUT", `/repos/${REPO}/pulls/${number}/merge`, { body: { merge_method: "squash" } });
    expect(await merge()).toMatchObject({
      status: 405,
      json: { message: "Changes must be made through the merge queue" },
    });
    world.github.configure(REPO, { bypass: "pullRequests" });
    expect((await merge()).status).toBe(200);
  });

  it("takes nobody in who is not ready, nor twice, nor where there is none", async () => {
    const { github } = world;
    const enter = (number: number) => github.enqueue({ ...BEN, number });
    const red = await opened();
    await report(red.head.sha, "failure");
    await expect(enter(red.number)).rejects.toThrow(`Required status check "${GATE}" is failing.`);
    const draft = await opened();
    github.convertToDraft({ ...BEN, number: draft.number });
    await expect(enter(draft.number)).rejects.toThrow("still a draft");
    const conflicting = await opened({ "app.yaml": "image: shop:2\n" });
    await github.push({ ...BEN, branch: "main", files: { "app.yaml": "image: shop:3\n" }, message: "Other" });
    await expect(enter(conflicting.number)).rejects.toThrow("not mergeable");
    const { number } = await enqueued();
    await expect(enter(number)).rejects.toThrow("already in the queue");
    github.configure(REPO, { mergeQueue: false });
    await expect(enter(red.number)).rejects.toThrow("no merge queue");
  });

  it("without required checks lands at once", async () => {
    world.github.configure(REPO, { requiredChecks: [] });
    await enqueued();
    expect(states()).toEqual(["merged"]);
  });
});
