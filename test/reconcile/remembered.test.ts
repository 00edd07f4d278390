import { describe, expect, it } from "vitest";
import { sha, type Sha } from "../../src/core/names.ts";
import type { ForgeReader } from "../../src/ports/forge.ts";
import type { GitReader } from "../../src/ports/git.ts";
import { remembered, rememberedMerges } from "../../src/reconcile/remembered.ts";
import { commit } from "../support/member.ts";
import { modelGit } from "../simulation/git.ts";

const START = new Map([
  ["apps/a.yaml", "a: 1\n"],
  ["apps/b.yaml", "b: 1\n"],
]);

/** A reader that notes what reaches it, and the head it has. */
function watched() {
  const git = modelGit(START, 0);
  const asked: string[] = [];
  const note =
    <Given extends readonly unknown[], Answer>(name: string, ask: (...given: Given) => Promise<Answer>) =>
    (...given: Given) => {
      asked.push([name, ...given.slice(1)].join(" "));
      return ask(...given);
    };
  const reader: GitReader = {
    fetch: note("fetch", git.fetch),
    commit: note("commit", git.commit),
    read: note("read", git.read),
    entries: note("entries", git.entries),
    list: note("list", git.list),
    links: note("links", git.links),
    history: note("history", git.history),
    contains: note("contains", git.contains),
    changed: note("changed", git.changed),
    fork: note("fork", git.fork),
  };
  const head = git.refs.get("refs/heads/main");
  if (head === undefined) throw new Error("No head.");
  return { asked, head, reader };
}

describe("a reader that remembers", () => {
  it("asks git once for what cannot change, and always what is new", async () => {
    const { asked, head, reader } = watched();
    const git = remembered(reader);
    const look = async (commit: Sha) => [
      await git.fetch(),
      await git.list(commit, "apps"),
      await git.read(commit, ["apps/a.yaml", "apps/none.yaml"]),
      await git.history(commit, "apps/a.yaml", 5),
      await git.changed(commit, commit),
      await git.fork(commit, commit),
    ];
    expect(await look(head)).toEqual(await look(head));
    expect(asked).toEqual([
      "fetch",
      "list apps",
      "read apps/a.yaml,apps/none.yaml",
      "history apps/a.yaml 5",
      `changed ${head}`,
      `fork ${head}`,
      "fetch",
    ]);
  });

  it("reads only the files that it does not know", async () => {
    const { asked, head, reader } = watched();
    const git = remembered(reader);
    await git.read(head, ["apps/a.yaml"]);
    const both = await git.read(head, ["apps/a.yaml", "apps/b.yaml"]);
    expect([...both.keys()]).toEqual(["apps/a.yaml", "apps/b.yaml"]);
    expect(asked).toEqual(["read apps/a.yaml", "read apps/b.yaml"]);
  });

  it("keeps so many letters, and gives every file that it is asked for all the same", async () => {
    const { asked, head, reader } = watched();
    const text = "x".repeat(1_000_000);
    const git = remembered({
      ...reader,
      read: async (_, paths) => {
        asked.push(`${paths.length}`);
        return new Map(paths.map((path) => [path, { id: sha(path.padStart(40, "0")), text }]));
      },
    });
    const paths = Array.from({ length: 201 }, (_, at) => `${at}`);
    expect((await git.read(head, paths.slice(0, 100))).size).toBe(100);
    expect((await git.read(head, paths)).size).toBe(201);
    await git.read(head, paths.slice(1));
    await git.read(head, paths.slice(0, 1));
    expect(asked).toEqual(["100", "101", "1"]);
  });

  it("keeps so many files, and forgets those of the oldest commit first", async () => {
    const { asked, reader } = watched();
    const git = remembered({
      ...reader,
      read: async (_, paths) => {
        asked.push(`${paths.length}`);
        return new Map(paths.map((path) => [path, { id: sha("a".repeat(40)), text: path }]));
      },
    });
    const paths = Array.from({ length: 15_000 }, (_, at) => `apps/${at}.yaml`);
    const [before, after] = [commit("1"), commit("2")];
    for (const head of [before, after, after]) expect((await git.read(head, paths)).size).toBe(15_000);
    await git.read(before, paths.slice(10_000));
    await git.read(before, paths.slice(0, 10_000));
    expect(asked).toEqual(["15000", "15000", "10000"]);
  });

  it("holds a text once, however many commits have it", async () => {
    const { reader } = watched();
    let asked = 0;
    const git = remembered({
      ...reader,
      read: async (_, paths) => {
        asked += paths.length;
        return new Map(paths.map((path) => [path, { id: sha("a".repeat(40)), text: "x".repeat(1_000_000) }]));
      },
    });
    const commits = Array.from({ length: 300 }, (_, at) => sha(`${at}`.padStart(40, "0")));
    const blobs = new Set<unknown>();
    for (const commit of [...commits, ...commits]) blobs.add((await git.read(commit, ["a"])).get("a"));
    // Three hundred millions of letters would be more than are kept, and asked for again.
    expect([blobs.size, asked]).toEqual([1, 300]);
  });

  it("holds paths once, however many commits have them, and lets go of the oldest lists", async () => {
    const { reader } = watched();
    const paths = Array.from({ length: 500_000 }, () => "apps/a.yaml");
    const more = [...paths, "apps/new.yaml"];
    let asked = 0;
    const list = async (commit: Sha) => {
      asked += 1;
      return commit.startsWith("f") ? [...more] : [...paths];
    };
    const git = remembered({ ...reader, list });
    const commits = Array.from({ length: 8 }, (_, at) => sha(`${at}`.padStart(40, "0")));
    const lists = new Set<unknown>();
    for (const commit of [...commits, ...commits]) lists.add(await git.list(commit, ""));
    expect([lists.size, asked]).toEqual([1, 8]);
    expect((await git.list(sha("f".repeat(40)), "")).at(-1)).toBe("apps/new.yaml");
    await git.list(commits[7] ?? sha("0".repeat(40)), "");
    expect(asked).toBe(9);
    await git.list(commits[0] ?? sha("0".repeat(40)), "");
    expect(asked).toBe(10);
  });

  it("asks for a list again after a failure", async () => {
    const { head, reader } = watched();
    const failing = [true];
    const list: GitReader["list"] = async (commit, folder) => {
      if (failing.pop() === true) throw new Error("git is busy");
      return reader.list(commit, folder);
    };
    const git = remembered({ ...reader, list });
    await expect(git.list(head, "apps")).rejects.toThrow("busy");
    expect(await git.list(head, "apps")).toEqual(["apps/a.yaml", "apps/b.yaml"]);
  });

  it("asks again after a failure", async () => {
    const { head, reader } = watched();
    let failures = 1;
    const git = remembered({
      ...reader,
      commit: async (commit) => {
        failures -= 1;
        if (failures === 0) throw new Error("git is busy");
        return reader.commit(commit);
      },
    });
    await expect(git.commit(head)).rejects.toThrow("busy");
    expect((await git.commit(head)).sha).toBe(head);
  });
});

it("a forge that remembers asks for the pull request of a commit that was pushed without one a while, not for ever", async () => {
  const asked: string[] = [];
  const forge = rememberedMerges<Pick<ForgeReader, "pullsOf" | "mergedBy">>({
    pullsOf: async (bump) => {
      asked.push(bump);
      return [];
    },
    mergedBy: async () => undefined,
  });
  for (let look = 0; look < 100; look += 1) await forge.pullsOf(commit("b"));
  expect(await forge.pullsOf(commit("b"))).toEqual([]);
  expect(asked.length).toBe(21);
});
