import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { history } from "../../../src/sandbox/github/history.ts";
import { plainRange } from "../../../src/sandbox/github/plain-history.ts";
import { commitFiles, countCommits, createGitRepo, mergeBase, writeCommit } from "../../../src/sandbox/github/repo.ts";
import { git } from "../../../src/sandbox/github/run-git.ts";

const root = await mkdtemp(join(tmpdir(), "history-"));
const repo = await createGitRepo({ dir: join(root, "a.git"), path: process.env["PATH"] ?? "" }, "main");
afterAll(async () => {
  repo.objects.close();
  await rm(root, { recursive: true, force: true });
});

const by = { name: "tidegate[bot]", email: "1+tidegate[bot]@users.noreply.github.com", at: 1_700_000_000_000 };
type Files = Readonly<Record<string, string | undefined>>;
function commit(minute: number, parent: string | undefined, files: Files): Promise<string> {
  const at = by.at + minute * 60_000;
  return commitFiles(repo, parent, { files, message: `Change ${minute}\n\nü`, by: { ...by, at } });
}

const first = await commit(1, undefined, { "a/b": "1", "a/c": "1", d: "1" });
const second = await commit(2, first, { "a/b": "2", "e/f": "1" });
const left = await commit(3, second, { d: undefined, "d/x": "1" });
const right = await commit(4, second, { "a/c": undefined });
const merge = await writeCommit(repo, {
  tree: (await repo.objects.read(`${left}^{tree}`))?.sha ?? "",
  parents: [left, right],
  message: "Merge",
  author: by,
  committer: { ...by, name: "GitHub", at: by.at + 3_600_000 },
});
const later = await commit(5, merge, { g: "1" });
const ALL = { first, second, left, right, merge, later };
const PAIRS = Object.entries(ALL).flatMap(([a, one]) =>
  Object.entries(ALL).map(([b, two]) => [a, b, one, two] as const),
);

/** As git says it. */
async function said(...args: readonly string[]): Promise<readonly string[]> {
  return (await git(repo, args)).split("\n").filter((line) => line !== "");
}

describe("history", () => {
  it.each(PAIRS)("of %s to %s is git's", async (_a, _b, one, two) => {
    const commits = await history(repo, [`${one}..${two}`]);
    expect(commits.map(({ sha }) => sha)).toEqual(await said("log", "--topo-order", "--format=%H", `${one}..${two}`));
    expect(await countCommits(repo, one, two)).toBe(commits.length);
    expect([await mergeBase(repo, one, two)]).toEqual(await said("merge-base", one, two));
  });

  it.each(Object.entries(ALL))("tells the commit %s as git does", async (_, sha) => {
    const format = "--format=%H%n%T%n%P%n%an%n%ae%n%at%n%cn%n%ce%n%ct%n%s";
    const [told] = await history(repo, ["--max-count=1", sha]);
    const seconds = (date = "") => String(Date.parse(date) / 1000);
    expect([
      told?.sha,
      told?.tree,
      told?.parents.join(" "),
      told?.author.name,
      told?.author.email,
      seconds(told?.author.date),
      told?.committer.name,
      told?.committer.email,
      seconds(told?.committer.date),
      told?.message.split("\n")[0],
    ]).toEqual((await git(repo, ["show", "--no-patch", format, sha])).trim().split("\n"));
    const files = told?.files.map(({ status, path }) => `${status.slice(0, 1).toUpperCase()}\t${path}`) ?? [];
    const listed = ["log", "--max-count=1", "--diff-merges=first-parent", "--no-renames", "--name-status", "--format="];
    expect(files.map((line) => line.replace(/^R/, "D")).toSorted()).toEqual((await said(...listed, sha)).toSorted());
  });

  it("is read without git where no merge is in it, and only there", async () => {
    expect((await plainRange(repo, first, left))?.map(({ sha }) => sha)).toEqual([left, second]);
    expect((await plainRange(repo, merge, later))?.map(({ sha }) => sha)).toEqual([later]);
    expect((await plainRange(repo, undefined, right))?.map(({ sha }) => sha)).toEqual([right, second, first]);
    expect(await plainRange(repo, first, later)).toBeUndefined();
    expect(await plainRange(repo, later, right)).toBeUndefined();
  });

  it("is made of objects that git finds no fault with", async () => {
    expect(await said("fsck", "--strict", "--no-dangling", later)).toEqual([]);
  });
});
