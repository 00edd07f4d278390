import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { looseRef } from "../../../src/sandbox/github/loose-ref.ts";
import { commitFiles, createGitRepo } from "../../../src/sandbox/github/repo.ts";
import { git, gitOnce, tryGitOnce } from "../../../src/sandbox/github/run-git.ts";

const BY = { name: "ana", email: "ana@example.com", at: 1_700_000_000_000 };
const ABSENT = "1".repeat(40);

const dir = await mkdtemp(join(tmpdir(), "refs-"));
const repo = await createGitRepo({ dir, path: process.env["PATH"] ?? "" }, "main");
const first = await commitFiles(repo, undefined, { files: { a: "1\n" }, message: "one", by: BY });
const second = await commitFiles(repo, first, { files: { a: "2\n" }, message: "two", by: BY });
afterAll(() => rm(dir, { recursive: true, force: true }));

const moveTo = (sha: string) => git(repo, ["update-ref", "refs/heads/main", sha]);

describe("looseRef", () => {
  it("follows a branch, and knows nothing of one that is packed away, is gone or is no branch", async () => {
    const main = () => looseRef(repo.dir, "refs/heads/main");
    expect(main()).toBeUndefined();
    await moveTo(first);
    expect(main()).toBe(first);
    await moveTo(second);
    expect(main()).toBe(second);
    expect(looseRef(repo.dir, "refs/scratch/commit")).toBeUndefined();
    expect(looseRef(repo.dir, "refs/heads")).toBeUndefined();
    await git(repo, ["pack-refs", "--all"]);
    expect(main()).toBeUndefined();
  });
});

describe("tryGitOnce", () => {
  it("asks once about commits by their SHAs", async () => {
    const count = ["rev-list", "--count", `${first}..${second}`];
    expect(await gitOnce(repo, count)).toBe("1\n");
    expect(await tryGitOnce(repo, count)).toBe(await tryGitOnce(repo, count));
  });

  it("asks again where a ref is named", async () => {
    await moveTo(first);
    const count = ["rev-list", "--count", "refs/heads/main"];
    expect(await gitOnce(repo, count)).toBe("1\n");
    await moveTo(second);
    expect(await gitOnce(repo, count)).toBe("2\n");
  });

  it("asks again for what was not there", async () => {
    const there = ["rev-list", "--count", ABSENT];
    expect(await tryGitOnce(repo, there)).not.toBe(await tryGitOnce(repo, there));
    await expect(gitOnce(repo, there)).rejects.toThrow(/rev-list exited with 128/);
  });
});
