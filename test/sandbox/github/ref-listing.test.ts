import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packet } from "../../../src/sandbox/github/pkt-line.ts";
import { moveRefFile } from "../../../src/sandbox/github/ref-files.ts";
import { advertisementLike, listingFor } from "../../../src/sandbox/github/ref-listing.ts";
import { NO_SHA, commitFiles, createGitRepo, moveRefs, refTip } from "../../../src/sandbox/github/repo.ts";
import { git, tryGit } from "../../../src/sandbox/github/run-git.ts";

const root = await mkdtemp(join(tmpdir(), "refs-"));
const repo = await createGitRepo({ dir: join(root, "a.git"), path: process.env["PATH"] ?? "" }, "main");
afterAll(async () => {
  repo.objects.close();
  await rm(root, { recursive: true, force: true });
});

const by = { name: "ana", email: "ana@example.com", at: 1_700_000_000_000 };
const first = await commitFiles(repo, undefined, { files: { a: "1" }, message: "One", by });
const second = await commitFiles(repo, first, { files: { a: "2" }, message: "Two", by });
const at = (ref: string, after: string, before = NO_SHA) => ({ ref, before, after });
for (const ref of ["refs/heads/main", "refs/heads/tidegate/a/b", "refs/heads/tidegate/a-b", "refs/pull/7/head"])
  await moveRefs(repo, [at(ref, ref.includes("pull") ? second : first)]);

const HEAD = packet("command=ls-refs\n") + packet("agent=git/2.40.0") + packet("object-format=sha1");
const request = (...lines: readonly string[]) =>
  Buffer.from(`${HEAD}0001${lines.map((line) => packet(`${line}\n`)).join("")}0000`);

async function asGitLists(input: Buffer): Promise<string> {
  const args = ["upload-pack", "--stateless-rpc", repo.dir];
  return (await tryGit(repo, args, { input, env: { GIT_PROTOCOL: "version=2" } })).stdout.toString();
}

async function asGitTells(): Promise<Buffer> {
  return (await tryGit(repo, ["receive-pack", "--stateless-rpc", "--advertise-refs", repo.dir])).stdout;
}

describe("the list of refs", () => {
  it.each([
    ["all of them", []],
    ["as a fetch asks", ["peel", "symrefs", "ref-prefix refs/heads/", "ref-prefix refs/pull/"]],
    ["as a clone asks", ["peel", "symrefs", "unborn", "ref-prefix refs/heads/", "ref-prefix HEAD"]],
    ["one that is not there", ["ref-prefix refs/heads/none"]],
  ])("is git's own: %s", async (_, lines) => {
    expect(listingFor(repo.dir, request(...lines))).toBe(await asGitLists(request(...lines)));
  });

  it.each([
    ["another command", Buffer.from(`${packet("command=fetch\n")}00010000`)],
    ["an argument that nobody knows", request("peel", "sort")],
    ["half a request", request("peel").subarray(0, -6)],
  ])("is left to git for %s", (_, body) => {
    expect(listingFor(repo.dir, body)).toBeUndefined();
  });

  it("before a push is git's own, and follows what moved", async () => {
    const said = await asGitTells();
    expect(advertisementLike(repo.dir, said)).toBe(said.toString());
    await moveRefs(repo, [at("refs/heads/later", second)]);
    expect(advertisementLike(repo.dir, said)).toBe((await asGitTells()).toString());
    await moveRefs(repo, [at("refs/heads/later", NO_SHA, second)]);
  });
});

describe("a ref", () => {
  it("moves from where it is said to be, and from nowhere else", async () => {
    expect(await moveRefs(repo, [at("refs/heads/x/y", first)])).toBe("moved");
    expect(await moveRefs(repo, [at("refs/heads/x/y", second)])).toBe("lost");
    expect(await moveRefs(repo, [at("refs/heads/x/y", second, second)])).toBe("lost");
    expect(await moveRefs(repo, [at("refs/heads/x/y", second, first)])).toBe("moved");
    expect(await refTip(repo, "refs/heads/x/y")).toBe(second);
    expect(await git(repo, ["for-each-ref", "--format=%(objectname)", "refs/heads/x"])).toBe(`${second}\n`);
    expect(await moveRefs(repo, [at("refs/heads/x", first)])).toBe("lost");
    expect(await moveRefs(repo, [at("refs/heads/x/y/z", first)])).toBe("lost");
    expect(await moveRefs(repo, [at("refs/heads/x/y", NO_SHA, second)])).toBe("moved");
    expect(await moveRefs(repo, [at("refs/heads/x", first)])).toBe("moved");
    expect(await moveRefs(repo, [at("refs/heads/x", NO_SHA, first)])).toBe("moved");
    expect(await refTip(repo, "refs/heads/x")).toBeUndefined();
  });

  it("that is locked, or packed, is left to git", async () => {
    await moveRefs(repo, [at("refs/heads/locked", first)]);
    const lock = moveRefFile(repo.dir, at("refs/heads/locked.lock", first));
    expect(lock).toBe("moved");
    expect(moveRefFile(repo.dir, at("refs/heads/locked", second, first))).toBeUndefined();
    expect(await moveRefs(repo, [at("refs/heads/locked", second, first)])).toBe("lost");
    await rm(join(repo.dir, "refs/heads/locked.lock"));
    await git(repo, ["pack-refs", "--all"]);
    expect(moveRefFile(repo.dir, at("refs/heads/locked", second, first))).toBeUndefined();
    expect(listingFor(repo.dir, request())).toBeUndefined();
    expect(await moveRefs(repo, [at("refs/heads/locked", second, first)])).toBe("moved");
    expect(await refTip(repo, "refs/heads/locked")).toBe(second);
  });
});
