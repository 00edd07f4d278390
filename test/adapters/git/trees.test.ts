import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/adapters/git/environment.ts";
import { changedPaths, forkOf, readCommit } from "../../../src/adapters/git/history.ts";
import { repositoryAt } from "../../../src/adapters/git/repository.ts";
import { listFiles } from "../../../src/adapters/git/tree.ts";
import { treesOf } from "../../../src/adapters/git/trees.ts";
import type { Objects } from "../../../src/adapters/git/objects.ts";
import { sha, type Sha } from "../../../src/core/names.ts";
import { UNHURRIED } from "../../support/patience.ts";
import { bareRemote, type FileAt } from "../../support/remote.ts";

const IDENTITY = { name: "tidegate[bot]", email: "tidegate[bot]@users.noreply.github.com" };
const remote = bareRemote();
afterAll(remote.remove);
const place = { directory: remote.directory, environment: environmentOf(remote.url, process.env), timeoutMs: 60_000 };
const repository = () => repositoryAt(place, IDENTITY);
const begin = sha(remote.git("rev-parse", "main"));

function branchFrom(name: string, from: Sha): void {
  remote.git("update-ref", `refs/heads/${name}`, from);
}

const file: fc.Arbitrary<FileAt | undefined> = fc.constantFrom(
  undefined,
  "1",
  "2",
  { mode: "100755", text: "1" },
  { mode: "120000", text: "a" },
  { mode: "160000", text: "1".repeat(40) },
);
const path = fc.constantFrom("a", "a-b", "a.b", "a/c", "a/c/d", "a/e", "b/c/d", "b/ü", "z");
const change = fc.tuple(path, file);

/** Paths that are one another's folders cannot both be files: the later one stays. */
function filesOf(changes: readonly (readonly [string, FileAt | undefined])[]): Record<string, FileAt | undefined> {
  return Object.fromEntries(changes.toReversed().filter(([one], index, all) => isFree(one, all.slice(0, index))));
}

function isFree(one: string, others: readonly (readonly [string, unknown])[]): boolean {
  return others.every(([other]) => !`${one}/`.startsWith(`${other}/`) && !`${other}/`.startsWith(`${one}/`));
}

describe("folders", () => {
  it("differ where git says so, and hold what git lists", UNHURRIED, async () => {
    const changes = fc.array(change, { maxLength: 6 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(changes, changes, async (first, second) => {
        count += 1;
        branchFrom(`one-${count}`, begin);
        const before = remote.commit(`one-${count}`, filesOf(first));
        const after = remote.commit(`one-${count}`, filesOf(second));
        const said = remote.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after);
        expect(await changedPaths(repository(), before, after)).toEqual(said.split("\0").filter(Boolean).toSorted());
        const listed = remote
          .git("ls-tree", "-r", "-z", after)
          .split("\0")
          .filter((line) => line.startsWith("100"));
        expect(await listFiles(repository(), after, "")).toEqual(listed.map((line) => line.slice(53)).toSorted());
      }),
      { numRuns: 12 },
    );
  });

  it("that hold one another many times over are refused, not followed", async () => {
    const blob = remote.git("hash-object", "-w", "--stdin");
    const mktree = (input: string) =>
      execFileSync("git", [`--git-dir=${remote.directory}`, "mktree"], { input, encoding: "utf8" }).trim();
    let tree = mktree(`100644 blob ${blob}\tfile\n`);
    for (let depth = 0; depth < 12; depth += 1)
      tree = mktree(Array.from({ length: 20 }, (_, at) => `040000 tree ${tree}\tf${at}\n`).join(""));
    const who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"];
    const bomb = sha(remote.git(...who, "commit-tree", tree, "-p", begin, "-m", "Fill"));
    await expect(changedPaths(repository(), begin, bomb)).rejects.toThrow(/more than \d+ files/);
    await expect(listFiles(repository(), bomb, "")).rejects.toThrow(/more than \d+ files/);
  });
});

/** Folders by ids of one digit forty times, and how often each was read. */
function folders(sizes: Readonly<Record<string, number>>) {
  const reads: string[] = [];
  const entry = (index: number) =>
    Buffer.concat([Buffer.from(`100644 f${index}\0`), Buffer.from(String(index).padStart(40, "0"), "hex")]);
  const objects: Pick<Objects, "read"> = {
    read: async (id) => {
      const digit = id.charAt(0);
      reads.push(digit);
      const body = Buffer.concat(Array.from({ length: sizes[digit] ?? 0 }, (_, index) => entry(index)));
      return { id, kind: "tree", size: body.length, body };
    },
  };
  const trees = treesOf(objects);
  return { reads, read: (digit: string) => trees(sha(digit.repeat(40))) };
}

describe("what is kept of folders", () => {
  it("is one entry for all versions of a large one that have it", async () => {
    const { read } = folders({ 1: 101, 2: 102 });
    const [one, other] = [await read("1"), await read("2")];
    expect(one.get("f7")).toEqual({ mode: "100644", id: "7".padStart(40, "0") });
    expect(other.get("f7")).toBe(one.get("f7"));
    expect(other.size).toBe(102);
  });

  it("is the small ones, however many large ones come by, and of those the ones that are asked for", async () => {
    const { reads, read } = folders({ 0: 2, 1: 15_000, 2: 15_000, 3: 15_000 });
    for (const digit of ["0", "1", "2", "1", "3", "1", "0", "2"]) await read(digit);
    expect(reads.join("")).toBe("01232");
  });
});

describe("forks", () => {
  it("are where git finds them, after merges too", UNHURRIED, async () => {
    branchFrom("left", begin);
    const left = [remote.commit("left", { l: "1" }), remote.commit("left", { l: "2" })];
    branchFrom("right", left[0] ?? begin);
    const right = [remote.commit("right", { r: "1" }), remote.commit("right", { r: "2" })];
    const who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"];
    const [tip = begin, other = begin] = [left[1], right[0]];
    const merge = sha(remote.git(...who, "commit-tree", `${tip}^{tree}`, "-p", tip, "-p", other, "-m", "Merge"));
    branchFrom("left", merge);
    const later = remote.commit("left", { l: "3" });
    const lone = sha(remote.git(...who, "commit-tree", `${begin}^{tree}`, "-m", "Lone"));
    const all = [begin, ...left, ...right, merge, later];
    for (const one of all)
      for (const two of all)
        expect(await forkOf(repository(), one, two), `${one} ${two}`).toBe(remote.git("merge-base", one, two));
    expect(await forkOf(repository(), lone, later)).toBe(lone);
  });
});

describe("a commit", () => {
  it.each([
    [
      "with a signature",
      ["gpgsig -----BEGIN PGP SIGNATURE-----", " abc", " -----END PGP SIGNATURE-----"],
      "ana <ana@example.com>",
    ],
    ["in another encoding", ["encoding ISO-8859-1"], "Ren\u00e9 <ana@example.com>"],
    ["by nobody", [], " <>"],
    ["by somebody with much space", [], " ana   <ana@example.com>"],
  ])("%s is told as git tells it", async (_, headers, author) => {
    const tree = remote.git("rev-parse", `${begin}^{tree}`);
    const people = [`author ${author} 1700000000 +0130`, "committer ben <ben@example.com> 1700000001 -0200"];
    const text = [`tree ${tree}`, `parent ${begin}`, ...people, ...headers, "", "Say \u00fc", "", "More", "", ""].join(
      "\n",
    );
    const args = [`--git-dir=${remote.directory}`, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    const id = sha(
      execFileSync("git", args, {
        input: Buffer.from(text, headers.includes("encoding ISO-8859-1") ? "latin1" : "utf8"),
        encoding: "utf8",
      }).trim(),
    );
    expect(await readCommit(repository(), id)).toEqual({
      sha: id,
      parents: [begin],
      at: 1_700_000_001_000,
      author: remote.git("log", "-1", "--format=<%an>", id).slice(1, -1),
      ours: false,
      message: remote.git("log", "-1", "--format=%B", id),
    });
  });
});
