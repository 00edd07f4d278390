import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { realGit } from "../../support/git.ts";
import type { GitOutput } from "../../support/git.ts";
import { REPO, testGitHub } from "../../support/github.ts";

const world = await testGitHub();
const folder = await mkdtemp(join(tmpdir(), "git-http-"));
const clone = join(folder, "clone");
const address = withToken(await world.token());
await git(folder, "clone", "--quiet", address, clone);

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  world.github.setFaults(undefined);
  world.github.configure(REPO, { protectsDefaultBranch: false });
  await git(clone, "fetch", "--quiet", "origin");
  await git(clone, "checkout", "--quiet", "--detach", "origin/main");
});

function withToken(token: string): string {
  return world.github.gitUrl(REPO).replace("http://", `http://x-access-token:${token}@`);
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await realGit(cwd, ...args);
  expect(err).toBe(code === 0 ? err : "");
  return out;
}

async function commit(message: string, text = message): Promise<string> {
  await writeFile(join(clone, "file.txt"), text);
  await git(clone, "add", "file.txt");
  await git(clone, "commit", "--quiet", "--message", message);
  return git(clone, "rev-parse", "HEAD");
}

const tip = async (branch: string) => (await world.github.log(REPO, branch))[0]?.sha;

describe("a clone", () => {
  it.each([0, 1, 2])("works in protocol %i", async (version) => {
    const target = join(folder, `clone-${version}`);
    await git(folder, "-c", `protocol.version=${version}`, "clone", "--quiet", address, target);
    expect(await git(target, "rev-parse", "HEAD")).toBe(await tip("main"));
  });

  it("may be shallow, partial and bare", async () => {
    const target = join(folder, "partial.git");
    await git(folder, "clone", "--quiet", "--bare", "--depth=1", "--filter=blob:none", address, target);
    expect(await git(target, "show", "main:app.yaml")).toBe("image: shop:1");
  });

  it.each([
    ["without a token", () => world.github.gitUrl(REPO)],
    ["with a wrong token", () => withToken("ghs_wrong")],
    ["of an unknown repository", () => address.replace("gitops", "absent")],
  ])("is refused %s", async (_, url) => {
    expect((await realGit(folder, "clone", "--quiet", url(), join(folder, "none"))).code).not.toBe(0);
  });

  it("is asked for credentials by 401", async () => {
    const answer = await fetch(`${world.github.gitUrl(REPO)}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("Basic");
  });

  it("may send its request gzipped", async () => {
    const headers = {
      authorization: `Basic ${Buffer.from(`x-access-token:${await world.token()}`).toString("base64")}`,
      "git-protocol": "version=2",
    };
    const body = gzipSync("0014command=ls-refs\n00010000");
    const answer = await fetch(`${world.github.gitUrl(REPO)}/git-upload-pack`, {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip" },
      body,
    });
    expect(await answer.text()).toContain("refs/heads/main");
  });

  it("answers 403 to other services", async () => {
    const headers = {
      authorization: `Basic ${Buffer.from(`x-access-token:${await world.token()}`).toString("base64")}`,
    };
    expect((await fetch(`${world.github.gitUrl(REPO)}/info/refs`, { headers })).status).toBe(403);
  });
});

describe("a push", () => {
  it("creates a branch, moves it and deletes it", async () => {
    const one = await commit("One");
    await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/step/one");
    expect(await tip("step/one")).toBe(one);
    const two = await commit("Two");
    await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/step/one");
    expect(await tip("step/one")).toBe(two);
    await git(clone, "push", "--quiet", "origin", ":refs/heads/step/one");
    expect(await tip("step/one")).toBeUndefined();
  });

  it("moves the head of an open pull request", async () => {
    await commit("Head");
    await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/moving");
    const body = { title: "Moving", head: "moving", base: "main" };
    const { number } = (await world.ask("POST", `/repos/${REPO}/pulls`, { body })).json as { number: number };
    const sha = await commit("Moved");
    await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/moving");
    expect((await world.ask("GET", `/repos/${REPO}/pulls/${number}`)).json).toMatchObject({
      head: { sha },
      commits: 2,
    });
    await git(clone, "fetch", "--quiet", "origin", `refs/pull/${number}/head`);
    expect(await git(clone, "rev-parse", "FETCH_HEAD")).toBe(sha);
  });

  it("that is not a fast forward must be forced", async () => {
    await commit("Left");
    await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/forced");
    await git(clone, "reset", "--quiet", "--hard", "origin/main");
    const right = await commit("Right");
    expect((await push("HEAD:refs/heads/forced")).code).not.toBe(0);
    await git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/forced");
    expect(await tip("forced")).toBe(right);
  });

  it("can be larger than what git sends in one piece", async () => {
    const noise = Array.from({ length: 40_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296).join("\n");
    const sha = await commit("Large", noise);
    await git(clone, "-c", "http.postBuffer=65536", "push", "--quiet", "origin", "HEAD:refs/heads/large");
    expect(await tip("large")).toBe(sha);
  });

  it("cannot touch the refs of pull requests", async () => {
    await commit("Pull");
    const { code, err } = await push("HEAD:refs/pull/1/head");
    expect(code).not.toBe(0);
    expect(err).toContain("deny updating a hidden ref");
  });

  it("to a protected default branch is declined, other refs of the push are not", async () => {
    world.github.configure(REPO, { protectsDefaultBranch: true });
    const sha = await commit("Straight");
    const { code, err } = await push("HEAD:refs/heads/main", "HEAD:refs/heads/aside");
    expect(code).not.toBe(0);
    expect(err).toContain("GH006: Protected branch update failed for refs/heads/main.");
    expect(await tip("main")).not.toBe(sha);
    expect(await tip("aside")).toBe(sha);
  });

  it("needs the permission to write", async () => {
    const path = `/app/installations/${world.github.installationId(REPO)}/access_tokens`;
    const asked = await world.ask("POST", path, {
      body: { permissions: { contents: "read" } },
      headers: { authorization: `Bearer ${world.jwt()}` },
    });
    await commit("Read only");
    const { token } = asked.json as { token: string };
    expect((await realGit(clone, "push", "--quiet", withToken(token), "HEAD:refs/heads/readonly")).code).not.toBe(0);
    expect(await tip("readonly")).toBeUndefined();
  });
});

describe("faults", () => {
  const onPush = (fault: Parameters<typeof world.github.setFaults>[0]) => world.github.setFaults(fault);
  const isPush = ({ method, route }: { readonly method: string; readonly route: string }) =>
    method === "POST" && route.endsWith("git-receive-pack");

  it.each(["drop", "respond"] as const)("before the push leave nothing behind (%s)", async (kind) => {
    onPush((request) => (isPush(request) ? { kind, when: "before", status: 502 } : undefined));
    await commit(`Before ${kind}`);
    expect((await push(`HEAD:refs/heads/before-${kind}`)).code).not.toBe(0);
    expect(await tip(`before-${kind}`)).toBeUndefined();
  });

  it.each(["drop", "respond"] as const)(
    "after the push leave it done though it seems to have failed (%s)",
    async (kind) => {
      onPush((request) => (isPush(request) ? { kind, when: "after", status: 502 } : undefined));
      const sha = await commit(`After ${kind}`);
      expect((await push(`HEAD:refs/heads/after-${kind}`)).code).not.toBe(0);
      expect(await tip(`after-${kind}`)).toBe(sha);
      onPush(undefined);
      expect((await push(`HEAD:refs/heads/after-${kind}`)).code).toBe(0);
    },
  );
});

function push(...refs: readonly string[]): Promise<GitOutput> {
  return realGit(clone, "push", "--quiet", "origin", ...refs);
}
