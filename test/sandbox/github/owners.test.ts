import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APP, NOON, REPO, linked, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";
import { listen } from "../../support/listener.ts";
import { PATIENT } from "../../support/patience.ts";

const ISSUE = { repo: REPO, user: "ben" };

describe("an organisation", () => {
  let world: TestGitHub;
  beforeEach(async () => {
    world = await testGitHub();
  });
  afterEach(() => world.close());

  const opened = () => world.github.openPull({ ...ISSUE, branch: "b", files: { a: "1" }, title: "Bump" });
  const asApp = (method: string, path: string) =>
    world.ask(method, path, { headers: { authorization: `Bearer ${world.jwt()}` } });
  const member = (team: string, login: string) => world.ask("GET", `/orgs/${team}/memberships/${login}`);

  describe("has teams", () => {
    it("whose members are known by any case, and nobody else is", async () => {
      world.github.setTeam("acme/payments", ["ana"]);
      expect(await member("acme/teams/payments", "ana")).toMatchObject({
        status: 200,
        json: { state: "active", role: "member" },
      });
      expect((await member("Acme/teams/Payments", "ANA")).status).toBe(200);
      expect((await member("acme/teams/payments", "ben")).status).toBe(404);
      expect((await member("acme/teams/absent", "ana")).status).toBe(404);
      expect((await member("other/teams/payments", "ana")).status).toBe(404);
      world.github.setTeam("acme/payments", []);
      expect((await member("acme/teams/payments", "ana")).status).toBe(404);
    });

    it("that only an App with members: read may ask about", async () => {
      world.github.setTeam("acme/payments", ["ana"]);
      world.github.permit(REPO, "members", undefined);
      expect(await member("acme/teams/payments", "ana")).toMatchObject({
        status: 403,
        json: { message: "Resource not accessible by integration" },
      });
    });
  });

  it("gives roles, which are told beside the coarse permission", async () => {
    world.github.setRole(REPO, "dan", "maintain");
    const of = async (login: string) =>
      (await world.ask("GET", `/repos/${REPO}/collaborators/${login}/permission`)).json;
    expect(await of("dan")).toMatchObject({ permission: "write", role_name: "maintain" });
    world.github.setRole(REPO, "dan", "triage");
    expect(await of("dan")).toMatchObject({ permission: "read", role_name: "triage" });
  });

  it("loses people: what they wrote is nobody's, and they may do nothing more", async () => {
    const { number } = await opened();
    world.github.setTeam("acme/payments", ["ben"]);
    const { id } = world.github.comment({ ...ISSUE, number, body: "/promote" });
    world.github.deleteUser("ben");
    expect((await world.ask("GET", `/repos/${REPO}/issues/comments/${id}`)).json).toMatchObject({
      user: null,
      body: "/promote",
    });
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({ user: { login: "ghost" } });
    expect((await world.ask("GET", `/repos/${REPO}/collaborators/ben/permission`)).status).toBe(404);
    expect((await member("acme/teams/payments", "ben")).status).toBe(404);
    expect(() => world.github.comment({ ...ISSUE, number, body: "x" })).toThrow("no user");
    // the same login again is somebody else
    world.github.setRole(REPO, "ben", "read");
    expect((await world.ask("GET", `/repos/${REPO}/issues/comments/${id}`)).json).toMatchObject({ user: null });
  });

  describe("takes from the App", () => {
    it("a permission, which ends for the tokens that had it", async () => {
      const { number } = await opened();
      const say = () => world.ask("POST", `/repos/${REPO}/issues/${number}/comments`, { body: { body: "x" } });
      expect((await say()).status).toBe(201);
      world.github.permit(REPO, "issues", "read");
      expect(await say()).toMatchObject({ status: 403, json: { message: "Resource not accessible by integration" } });
      expect((await world.ask("GET", `/repos/${REPO}/issues/${number}/comments`)).status).toBe(200);
      expect((await asApp("GET", `/repos/${REPO}/installation`)).json).toMatchObject({
        permissions: { issues: "read", contents: "write" },
      });
      expect((await asApp("GET", "/app")).json).toMatchObject({ permissions: { issues: "write" } });
      world.github.permit(REPO, "issues", "write");
      expect((await say()).status).toBe(201);
    });

    it("everything, while it is suspended: tokens, new tokens, and webhooks", async () => {
      const listener = await listen();
      world.github.setWebhookUrl(listener.url);
      const token = await world.token();
      world.github.suspend(REPO);
      const path = `/app/installations/${world.github.installationId(REPO)}`;
      expect(await world.ask("GET", `/repos/${REPO}`, { headers: { authorization: `Bearer ${token}` } })).toMatchObject(
        {
          status: 403,
          json: { message: "This installation has been suspended" },
        },
      );
      expect((await asApp("POST", `${path}/access_tokens`)).status).toBe(403);
      expect((await asApp("GET", path)).json).toMatchObject({
        suspended_at: "2026-11-20T12:00:00Z",
        suspended_by: { login: "acme" },
      });
      const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
      const advertised = `${world.github.gitUrl(REPO)}/info/refs?service=git-upload-pack`;
      expect((await fetch(advertised, { headers: { authorization: `Basic ${basic}` } })).status).toBe(403);
      await opened();
      world.github.unsuspend(REPO);
      expect((await world.ask("GET", `/repos/${REPO}`)).status).toBe(200);
      await world.github.settled();
      expect(
        listener.heard.map(({ event, body }) => `${event} ${(JSON.parse(body) as { action: string }).action}`),
      ).toEqual(["installation suspend", "installation unsuspend"]);
      await listener.close();
    });

    it("its tokens, before their hour is over", async () => {
      expect((await world.ask("GET", `/repos/${REPO}`)).status).toBe(200);
      world.github.revokeTokens(REPO);
      expect(await world.ask("GET", `/repos/${REPO}`)).toMatchObject({
        status: 401,
        json: { message: "Bad credentials" },
      });
    });
  });
});

describe("the App", () => {
  const start = async (events?: readonly string[]) => {
    const listener = await listen();
    const world = await testGitHub();
    const { publicKey } = world.key;
    if (events === undefined) {
      world.github.setWebhookUrl(listener.url);
      return { world, listener };
    }
    await world.close();
    const app = { ...APP, publicKey, webhookUrl: listener.url, events };
    return { world: await testGitHub({ app }), listener };
  };

  it("hears only what it subscribes to, and of its installations", async () => {
    const { world, listener } = await start(["push"]);
    await world.github.openPull({ ...ISSUE, branch: "b", files: { a: "1" }, title: "Bump" });
    await world.github.settled();
    expect([...new Set(listener.heard.map(({ event }) => event))]).toEqual(["installation", "push"]);
    await world.close();
    await listener.close();
  });

  describe("its webhook", () => {
    it("tells where it goes, and pages through what was delivered by a cursor", async () => {
      const { world, listener } = await start();
      const asApp = (path: string) => world.ask("GET", path, { headers: { authorization: `Bearer ${world.jwt()}` } });
      expect((await asApp("/app/hook/config")).json).toEqual({
        content_type: "json",
        insecure_ssl: "0",
        secret: "********",
        url: listener.url,
      });
      await world.github.openPull({ ...ISSUE, branch: "b", files: { a: "1" }, title: "Bump" });
      await world.github.push({ ...ISSUE, branch: "b", files: { a: "2" }, message: "More" });
      await world.github.settled();
      const first = await asApp("/app/hook/deliveries?per_page=2");
      const installation_id = world.github.installationId(REPO);
      expect(first.json).toMatchObject([
        { event: "pull_request", action: "synchronize", status: "OK", status_code: 202, installation_id },
        { event: "push", action: null, delivered_at: "2026-11-20T12:00:00Z", redelivery: false },
      ]);
      const second = await asApp(`/app/hook/deliveries${new URL(linked(first, "next") ?? "").search}`);
      expect(second.json).toMatchObject([{ event: "pull_request", action: "opened" }, { event: "push" }]);
      expect(linked(second, "next")).toBeUndefined();
      await world.close();
      await listener.close();
    });

    it("tells what failed, and delivers it again under the same GUID, for three days", async () => {
      const { world, listener } = await start();
      const asApp = (method: string, path: string) =>
        world.ask(method, path, { headers: { authorization: `Bearer ${world.jwt()}` } });
      world.github.setWebhookUrl("http://127.0.0.1:9/nobody");
      await world.github.push({ ...ISSUE, branch: "b", files: { a: "1" }, message: "One" });
      await world.github.settled();
      const [failed] = (await asApp("GET", "/app/hook/deliveries?status=failure")).json as {
        id: number;
        guid: string;
      }[];
      expect(failed).toMatchObject({ event: "push", status: "failed to connect to host", status_code: 502 });
      world.github.setWebhookUrl(listener.url);
      expect((await asApp("POST", `/app/hook/deliveries/${failed?.id}/attempts`)).status).toBe(202);
      await expect.poll(() => listener.heard.length, PATIENT).toBe(1);
      expect(listener.heard[0]?.headers["x-github-delivery"]).toBe(failed?.guid);
      await expect
        .poll(async () => (await asApp("GET", "/app/hook/deliveries")).json, PATIENT)
        .toMatchObject([{ guid: failed?.guid, redelivery: true, status: "OK" }, { redelivery: false }]);
      expect((await asApp("GET", `/app/hook/deliveries/${failed?.id}`)).json).toMatchObject({
        guid: failed?.guid,
        request: { payload: { ref: "refs/heads/b" } },
      });
      world.clock.at = NOON + 3 * 86_400_000;
      expect((await asApp("GET", "/app/hook/deliveries")).json).toEqual([]);
      expect((await asApp("POST", `/app/hook/deliveries/${failed?.id}/attempts`)).status).toBe(404);
      await world.close();
      await listener.close();
    });
  });
});
