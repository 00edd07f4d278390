import { Webhooks } from "@octokit/webhooks";
import { afterEach, describe, expect, it } from "vitest";
import type { HookEvent } from "../../../src/sandbox/github/webhooks.ts";
import { APP, REPO, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";
import type { Listener } from "../../support/listener.ts";

describe("a webhook", () => {
  let world: TestGitHub;
  let listener: Listener;

  async function start(status?: number | "never", options: Parameters<typeof testGitHub>[0] = {}): Promise<void> {
    listener = await listen(status);
    world = await testGitHub(options);
    await world.github.settled();
    world.github.setWebhookUrl(listener.url);
  }

  afterEach(async () => {
    await world.close();
    await listener.close();
  });

  const openPull = (branch = "b") =>
    world.github.openPull({ repo: REPO, user: "ben", branch, files: { [branch]: "1" }, title: "Bump" });

  const comment = (body: string) => world.github.comment({ repo: REPO, user: "ana", number: 1, body });

  async function events(): Promise<readonly string[]> {
    await world.github.settled();
    return listener.heard.map(({ event, body }) =>
      [event, (JSON.parse(body) as { action?: string }).action].filter(Boolean).join("."),
    );
  }

  describe("what is told", () => {
    it("is every change of a pull request's life, in order", async () => {
      await start();
      const { number } = await openPull();
      const where = { repo: REPO, user: "ana", number };
      await world.github.editPull({ ...where, title: "New title" });
      await world.github.push({ repo: REPO, user: "ben", branch: "b", files: { c: "1" }, message: "More" });
      await world.github.editPull({ ...where, state: "closed" });
      await world.github.editPull({ ...where, state: "open" });
      await world.github.mergePull(where);
      expect(await events()).toEqual([
        "push",
        "pull_request.opened",
        "pull_request.edited",
        "push",
        "pull_request.synchronize",
        "pull_request.closed",
        "pull_request.reopened",
        "pull_request.closed",
        "push",
      ]);
    });

    it("is each comment and each check", async () => {
      await start();
      const { head } = await openPull();
      const { id } = comment("/hold");
      world.github.editComment({ repo: REPO, user: "ana", id, body: "/resume" });
      world.github.deleteComment({ repo: REPO, user: "ana", id });
      const actions = [{ label: "Promote", description: "Go on", identifier: "promote" }];
      const body = { name: "tidegate/gate", head_sha: head.sha, status: "in_progress", actions };
      const { json } = await world.ask("POST", `/repos/${REPO}/check-runs`, { body });
      const { id: check } = json as { id: number };
      await world.ask("PATCH", `/repos/${REPO}/check-runs/${check}`, { body: { conclusion: "success" } });
      world.github.pressButton({ repo: REPO, user: "ana", check, identifier: "promote" });
      world.github.rerequest({ repo: REPO, user: "ana", check });
      expect((await events()).slice(2)).toEqual([
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
        "check_run.created",
        "check_run.completed",
        "check_run.requested_action",
        "check_run.rerequested",
      ]);
      const bodies = listener.heard.map((heard): unknown => JSON.parse(heard.body));
      expect(bodies[2]).toMatchObject({
        issue: { number: 1, pull_request: {} },
        comment: { id, body: "/hold", user: { login: "ana" } },
        sender: { login: "ana" },
      });
      expect(bodies[3]).toMatchObject({ changes: { body: { from: "/hold" } }, comment: { body: "/resume" } });
      expect(bodies[7]).toMatchObject({
        requested_action: { identifier: "promote" },
        sender: { login: "ana" },
        check_run: { id: check },
      });
    });

    it("does not tell the App of buttons that are another's", async () => {
      await start();
      const { head } = await openPull();
      const check = await world.github.reportCheck({
        repo: REPO,
        app: "ci",
        sha: head.sha,
        name: "build",
        conclusion: "failure",
      });
      world.github.rerequest({ repo: REPO, user: "ana", check });
      expect((await events()).slice(2)).toEqual(["check_run.created", "check_run.completed"]);
    });

    it("carries who, where and what", async () => {
      await start();
      const { head } = await openPull();
      await world.github.settled();
      const [push, opened] = listener.heard.map((heard): unknown => JSON.parse(heard.body));
      const installation = { id: world.github.installationId(REPO) };
      const where = { repository: { full_name: REPO }, installation, sender: { login: "ben", type: "User" } };
      expect(push).toMatchObject({
        ...where,
        ref: "refs/heads/b",
        before: "0".repeat(40),
        after: head.sha,
        created: true,
        forced: false,
        commits: [{ id: head.sha, message: "Bump", added: ["b"], modified: [], removed: [] }],
        head_commit: { id: head.sha },
      });
      expect(opened).toMatchObject({
        ...where,
        number: 1,
        pull_request: { title: "Bump", head: { sha: head.sha }, merged: false, commits: 1, changed_files: 1 },
      });
    });

    it("tells of an installation and of each further repository", async () => {
      await start();
      await world.github.createRepo("other/infra", { a: "1" });
      await world.github.createRepo("other/more", { a: "1" });
      expect(await events()).toEqual(["installation.created", "installation_repositories.added"]);
    });

    it("tells of a force push and of a deletion", async () => {
      await start();
      const { head } = await openPull();
      const first = (await world.github.log(REPO, "main"))[0]?.sha ?? "";
      await world.ask("PATCH", `/repos/${REPO}/git/refs/heads/b`, { body: { sha: first, force: true } });
      await world.github.deleteBranch({ repo: REPO, user: "ben", branch: "b" });
      await world.github.settled();
      const pushes = listener.heard
        .filter(({ event }) => event === "push")
        .map((heard): unknown => JSON.parse(heard.body));
      expect(pushes.slice(1)).toMatchObject([
        {
          before: head.sha,
          after: first,
          forced: true,
          deleted: false,
          commits: [],
          sender: { login: "tidegate[bot]" },
        },
        { before: first, after: "0".repeat(40), deleted: true, head_commit: null },
      ]);
    });
  });

  describe("how it is told", () => {
    it("is signed over the bytes that are sent", async () => {
      await start();
      await openPull();
      comment("grüße, 日本 🎉");
      await world.github.settled();
      const { verify } = new Webhooks({ secret: APP.webhookSecret });
      expect(listener.heard).toHaveLength(3);
      for (const { headers, body } of listener.heard) {
        const signature = String(headers["x-hub-signature-256"]);
        expect(await verify(body, signature)).toBe(true);
        expect(await verify(`${body} `, signature)).toBe(false);
        expect(headers["x-github-hook-installation-target-id"]).toBe(String(APP.id));
        expect(headers["x-github-delivery"]).toMatch(/^[0-9a-f-]{36}$/);
      }
      expect(new Set(listener.heard.map(({ headers }) => headers["x-github-delivery"])).size).toBe(3);
    });

    it("is logged with the answer, and can be repeated under the same id", async () => {
      await start(503);
      await openPull();
      await world.github.settled();
      const [first] = world.github.deliveries();
      expect(first).toMatchObject({ event: "push", status: 503, redelivery: false });
      expect(await world.github.redeliver(first?.guid ?? "")).toBe(true);
      expect(world.github.deliveries().at(-1)).toMatchObject({ guid: first?.guid, event: "push", redelivery: true });
      expect(listener.heard.at(-1)?.headers["x-github-delivery"]).toBe(first?.guid);
      expect(await world.github.redeliver("unknown")).toBe(false);
    });

    it("gives up on a listener that does not answer", async () => {
      await start("never", { webhookTimeoutMs: 30 });
      await openPull();
      await world.github.settled();
      expect(world.github.deliveries()).toMatchObject([
        { status: undefined, error: expect.stringContaining("Timeout") as unknown },
        { event: "pull_request", status: undefined },
      ]);
    });

    it("does not mind when nobody listens", async () => {
      await start();
      await listener.close();
      const { number } = await openPull();
      expect((await world.ask("PUT", `/repos/${REPO}/pulls/${number}/merge`)).status).toBe(200);
      await world.github.settled();
      expect(world.github.deliveries().map(({ status }) => status)).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });
  });

  describe("fate", () => {
    const ofComments =
      (fate: ReturnType<NonNullable<Parameters<typeof world.github.setFate>[0]>>) =>
      ({ event }: HookEvent) =>
        event === "issue_comment" ? fate : ({ kind: "once" } as const);

    it("may drop an event", async () => {
      await start();
      await openPull();
      world.github.setFate(ofComments({ kind: "drop" }));
      comment("lost");
      expect(await events()).toEqual(["push", "pull_request.opened"]);
    });

    it("may repeat it under one id", async () => {
      await start();
      await openPull();
      world.github.setFate(ofComments({ kind: "repeat", times: 3 }));
      comment("thrice");
      expect((await events()).slice(2)).toEqual(Array.from({ length: 3 }, () => "issue_comment.created"));
      expect(new Set(listener.heard.slice(2).map(({ headers }) => headers["x-github-delivery"])).size).toBe(1);
    });

    it("may let it come late, after what followed it", async () => {
      await start();
      await openPull();
      const { promise, resolve } = Promise.withResolvers<undefined>();
      world.github.setFate(ofComments({ kind: "late", until: promise }));
      comment("late");
      await openPull("c");
      while (listener.heard.length < 4) await new Promise(setImmediate);
      resolve(undefined);
      expect((await events()).slice(2)).toEqual(["push", "pull_request.opened", "issue_comment.created"]);
    });
  });
});
